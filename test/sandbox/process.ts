import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { notePid } from './abandoned.ts';

export interface ServerProcess {
  readonly pid: number;
  /** How it ended, in words; resolves when it has, never rejects. */
  readonly ended: Promise<string>;
  running(): boolean;
  /** The last lines it wrote, to stand in an error message. */
  lastLines(count?: number): string;
  /** Sends SIGTERM, and SIGKILL after `graceMs` (0: at once); resolves when the process is gone. */
  stop(graceMs?: number): Promise<void>;
  /** Kills at once, for exit handlers, which cannot wait. */
  killNow(): void;
}

/**
 * Starts a server in a process group of its own, so that Ctrl-C on the terminal reaches only its owner, who then stops
 * things in order. Its stdin stays open as long as the owner lives: a server that watches it ends with the owner.
 */
export function startServer(
  command: string,
  args: readonly string[],
  { logFile, env }: { readonly logFile: string; readonly env?: NodeJS.ProcessEnv },
): ServerProcess {
  const log = openSync(logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(command, args, { detached: true, stdio: ['pipe', log, log], ...(env === undefined ? {} : { env }) });
  } finally {
    closeSync(log);
  }
  notePid(logFile, child.pid);
  let end: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve((end ??= error.message)));
    child.once('exit', (code, signal) => resolve((end ??= signal === null ? `exit code ${code}` : signal)));
  });
  child.stdin?.on('error', () => {});
  const running = (): boolean => end === undefined;
  const kill = (signal: NodeJS.Signals): void => {
    if (running()) child.kill(signal);
  };
  return {
    pid: child.pid ?? -1,
    ended,
    running,
    lastLines(count = 15) {
      const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
      return `last lines of ${basename(logFile)}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
    },
    async stop(graceMs = 5_000) {
      if (graceMs > 0) {
        kill('SIGTERM');
        const grace = new AbortController();
        await Promise.race([ended, delay(graceMs, undefined, { signal: grace.signal }).catch(() => {})]);
        grace.abort();
      }
      kill('SIGKILL');
      await ended;
    },
    killNow: () => kill('SIGKILL'),
  };
}
