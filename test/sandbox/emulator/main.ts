/** What `npm run emulator` and acr-emulator run. */
import './node-version.ts';
import { commandLine, HELP } from './command-line.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { recipes } from './recipes.ts';
import type { EmulatorOptions } from './settings.ts';

void main();

async function main(): Promise<void> {
  const read = await commandLine(process.argv.slice(2), process.env);
  if (read.kind === 'help') {
    process.stdout.write(HELP);
  } else if (read.kind === 'wrong') {
    process.stderr.write(`${read.problems.join('\n')}\n\nSee --help.\n`);
    process.exitCode = 2;
  } else {
    await run(read.options, read.json);
  }
}

async function run(options: EmulatorOptions, json: boolean): Promise<void> {
  let emulator: Emulator;
  try {
    emulator = await startEmulator(options);
  } catch (error) {
    process.stderr.write(`The emulator did not start: ${inWords(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const { url, caFile, identityUrl, identityHeader, imdsUrl, credentials, subscriptionId } = emulator;
  const facts = { url, caFile, identityUrl, identityHeader, imdsUrl, subscriptionId, ...credentials };
  // npm hands a Ctrl-C on that the terminal has sent already: the second one must not kill.
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= emulator.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // A reader that went away, as `| head` does, is no reason to die and leave something.
  process.stdout.on('error', () => {});
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : recipes(emulator));
}

/** What is known to go wrong when a port is taken, with what helps. */
function inWords(error: unknown): string {
  const { code, port, address } = error as {
    readonly code?: string;
    readonly port?: number;
    readonly address?: string;
  };
  const where = `${String(address)}:${String(port)}`;
  if (code === 'EADDRINUSE') return `something else listens at ${where} (EADDRINUSE); --port 0 takes a free port.`;
  if (code === 'EACCES') return `it may not listen at ${where} (EACCES); take a --port from 1024 on.`;
  if (code === 'EADDRNOTAVAIL') return `this machine has no address ${where} (EADDRNOTAVAIL); see --listen.`;
  return error instanceof Error ? error.message : String(error);
}
