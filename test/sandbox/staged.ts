import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endAbandoned } from './abandoned.ts';
import { openScreen, type Screen } from './demo/screen.ts';
import { cleanAtProcessEnd } from './leftovers.ts';
import { signOwner } from './lock-folder.ts';

/** What a program of the sandbox gets to run with. */
export interface Stage<Flag extends string> {
  readonly flags: Readonly<Partial<Record<Flag, boolean>>>;
  readonly screen: Screen;
  /** A temporary folder; whatever is started makes its folders in it. It is removed at the end. */
  readonly folder: string;
  /** Aborts at Ctrl-C, and when the terminal goes. */
  readonly signal: AbortSignal;
}

export interface StagedProgram<Flag extends string> {
  readonly help: string;
  /** Flags without value, besides --help. */
  readonly flags: readonly Flag[];
  /** How its temporary folder begins. */
  readonly folderPrefix: string;
  /** Tells failures itself; rejects, with all ended, when something failed or the signal aborted. */
  readonly run: (stage: Stage<Flag>) => Promise<void>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program of the sandbox on the terminal, and resolves to its exit code: 0, 1 when it failed, 2 for wrong flags, and
 * what a shell tells of a signal. Nothing is left behind, whatever ends it.
 */
export async function runStaged<Flag extends string>(program: StagedProgram<Flag>): Promise<number> {
  const { help, folderPrefix } = program;
  let flags: Stage<Flag>['flags'] & { readonly help?: boolean };
  try {
    const own = Object.fromEntries(program.flags.map((name) => [name, { type: 'boolean' as const }]));
    const { values } = parseArgs({ options: { ...own, help: { type: 'boolean', short: 'h' } } });
    flags = values as typeof flags;
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

  process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
  await endAbandoned(tmpdir(), folderPrefix);
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  signOwner(folder);
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forget = cleanAtProcessEnd(remove);
  process.env['TMPDIR'] = folder;

  const screen = openScreen(process.stdout);
  let failure: unknown;
  try {
    await program.run({ flags, screen, folder, signal: interruption.signal });
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
