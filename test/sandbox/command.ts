import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cleanAtProcessEnd } from './leftovers.ts';

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with each line as it is printed. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface CommandEnd {
  /** Exit code, or the name of the signal that killed it. */
  readonly end: string;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, whatever its exit code. An abort, or the end of this process, kills it and all it started.
 * Rejects with ENOENT when there is no such program, and with the reason of an abort.
 */
export async function command(
  program: string,
  args: readonly string[],
  { env, cwd, signal, onLine }: CommandOptions,
): Promise<CommandEnd> {
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const killGroup = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended in this very moment.
    }
  };
  const forget = cleanAtProcessEnd(killGroup);
  signal?.addEventListener('abort', killGroup, { once: true });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (printed[stream] += text));
    if (onLine !== undefined) createInterface(child[stream]).on('line', (line) => onLine(line, stream));
  }
  try {
    const end = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killedBy) => resolve(killedBy ?? String(code)));
    });
    signal?.throwIfAborted();
    return { end, ...printed };
  } finally {
    forget();
    signal?.removeEventListener('abort', killGroup);
  }
}
