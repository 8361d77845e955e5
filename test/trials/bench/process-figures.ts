import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';

/** Resident memory now and at its highest, in MiB. NaN without /proc (anything but Linux). */
export function residentMiB(pid: number): { readonly now: number; readonly peak: number } {
  const status = read(`/proc/${pid}/status`);
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 'NaN') / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Seconds of processor time since the start of the process, in user and kernel mode. NaN without /proc. */
export function cpuSeconds(pid: number): number {
  // The second field, the program's name in parentheses, may hold blanks.
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  const [user, system] = [fields[11], fields[12]];
  if (user === undefined || system === undefined) return Number.NaN;
  return (Number(user) + Number(system)) / ticksPerSecond();
}

function ticksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Runs `start`. `at` is the moment at which it started its last process, in milliseconds since 1970: it may prepare
 * before.
 */
export async function withSpawnTime<T>(start: () => Promise<T>): Promise<{ readonly value: T; readonly at: number }> {
  let at = Number.NaN;
  const note = () => {
    at = Date.now();
  };
  subscribe('child_process', note);
  try {
    return { value: await start(), at };
  } finally {
    unsubscribe('child_process', note);
  }
}
