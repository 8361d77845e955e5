import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Whether pseudo-terminals can be made here: by util-linux's `script`. */
export const hasPseudoTerminals = spawnSync('script', ['--version']).status === 0;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The plugin at a terminal of its own. */
export interface Sitting {
  /** All that was written to the terminal, with its control sequences. */
  readonly written: () => string;
  /** The lines of the picture that was drawn last. */
  readonly picture: () => readonly string[];
  readonly ctrlC: () => void;
  readonly type: (keys: string) => void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

/** Runs dist/kubectl-acr_replication.mjs in a pseudo-terminal of this size. */
export function sitting(
  words: readonly string[],
  { columns, rows }: TerminalSize,
  env: Readonly<Record<string, string>>,
): Sitting {
  const quoted = [process.execPath, resolve('dist/kubectl-acr_replication.mjs'), ...words].map((word) => `'${word}'`);
  const line = `stty rows ${rows} cols ${columns}; exec ${quoted.join(' ')}`;
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
    ctrlC: () => void child.stdin.write('\u0003'),
    type: (keys) => void child.stdin.write(keys),
    ended: new Promise((done) => void child.on('close', done)),
  };
}
