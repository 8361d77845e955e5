import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cleanAtProcessEnd } from '../leftovers.ts';
import { removeAbandoned, signOwner } from '../lock-folder.ts';
import { demo } from './demo.ts';
import { openScreen } from './screen.ts';

const help = `The main job, from a manifest to replicas: a real Kubernetes API server, an emulated Azure, and the operator as a process.

Usage: npm run demo -- [--once]

  --once    end after the last step; without it, on a terminal, all of it stays up until Ctrl-C
  --help    this text

Everything runs on free ports of 127.0.0.1 and in one temporary folder, and is gone when the demo ends. It takes a minute
and a half. The first time kube-apiserver and etcd are loaded, or, where they can't be, built with Go in four minutes more
(ACR_REPLICATION_CONTROLPLANE=download or build chooses; KUBEBUILDER_ASSETS names a folder that has them). Exit code: 0 when every step did what it says, 1 when not, 2 for wrong flags.
`;

const folderPrefix = 'acr-demo-';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the program and resolves to its exit code. */
async function main(): Promise<number> {
  let flags: { readonly once?: boolean; readonly help?: boolean };
  try {
    const options = { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
    flags = parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (flags.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const interruption = new AbortController();
  // Again and again is fine: the clean-up is under way.
  for (const signal of signals) process.on(signal, () => interruption.abort(signal));
  process.stdout.on('error', () => interruption.abort('SIGPIPE'));
  process.stderr.on('error', () => {});

  process.chdir(fileURLToPath(new URL('../../..', import.meta.url)));
  await removeAbandoned(tmpdir(), (name) => name.startsWith(folderPrefix));
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  signOwner(folder);
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forget = cleanAtProcessEnd(remove);
  process.env['TMPDIR'] = folder; // Whatever is started makes its folders in here.

  const screen = openScreen(process.stdout);
  const stayUp = flags.once !== true && process.stdout.isTTY;
  let failure: unknown;
  try {
    await demo({ screen, output: process.stdout, folder, stayUp, signal: interruption.signal });
  } catch (error) {
    failure = error;
  } finally {
    remove();
    forget();
  }
  if (interruption.signal.aborted) {
    screen.say('Stopped. No process, port or temporary folder is left behind.');
    return 128 + constants.signals[interruption.signal.reason as NodeJS.Signals];
  }
  return failure === undefined ? 0 : 1;
}

process.exitCode = await main();
