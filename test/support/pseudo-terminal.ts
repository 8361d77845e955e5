import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Whether pseudo-terminals can be made here: by util-linux's `script`. */
export const hasPseudoTerminals = spawnSync('script', ['--version']).status === 0;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** How the plugin ended. */
export interface Ending {
  /** The exit code. */
  readonly code: number | null;
  /** Whether the settings of the terminal (`stty -g`) were as before. */
  readonly isTerminalAsBefore: boolean;
}

/** The plugin at a terminal of its own. */
export interface Sitting {
  /** All that was written to the terminal, with its control sequences. */
  readonly written: () => string;
  /** The lines of the picture that was drawn last. */
  readonly picture: () => readonly string[];
  /** All that was written to the terminal, without control sequences; lines end with a line feed. */
  readonly text: () => string;
  readonly type: (keys: string) => void;
  readonly ctrlC: () => void;
  readonly ended: Promise<Ending>;
}

/** Runs dist/kubectl-acr_replication.mjs in a pseudo-terminal of this size. */
export function sitting(
  words: readonly string[],
  { columns, rows }: TerminalSize,
  env: Readonly<Record<string, string>>,
): Sitting {
  return atTerminal([process.execPath, resolve('dist/kubectl-acr_replication.mjs'), ...words], { columns, rows }, env);
}

/** The same of any program. */
export function atTerminal(
  command: readonly string[],
  { columns, rows }: TerminalSize,
  env: Readonly<Record<string, string>>,
): Sitting {
  const quoted = command.map((word) => `'${word}'`);
  const dir = mkdtempSync(join(tmpdir(), 'acr-sitting-'));
  const [before, after] = [join(dir, 'before'), join(dir, 'after')];
  // The shell outlives Ctrl-C; what it runs gets that signal as ever.
  const line = `stty rows ${rows} cols ${columns}; trap : INT; stty -g > ${before}; ${quoted.join(' ')}; code=$?; stty -g > ${after}; exit $code`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { ...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', TERM: 'xterm', ...env },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    written: () => text,
    picture: () => stripVTControlCharacters(text.split('\u001b[H').at(-1) ?? '').split('\r\n'),
    text: () => stripVTControlCharacters(text).replaceAll('\r\n', '\n'),
    type: (keys) => void child.stdin.write(keys),
    ctrlC: () => void child.stdin.write('\u0003'),
    ended: new Promise((done) => {
      child.on('close', (code) => {
        const isTerminalAsBefore = readFileSync(before, 'utf8') === readFileSync(after, 'utf8');
        rmSync(dir, { recursive: true });
        done({ code, isTerminalAsBefore });
      });
    }),
  };
}
