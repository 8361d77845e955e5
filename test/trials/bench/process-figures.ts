import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Memory of a process in MiB. */
export interface Memory {
  /** Resident, with the pages of its program, which the kernel may drop. */
  readonly now: number;
  /** The most that was ever resident. */
  readonly peak: number;
  /** What it has for itself alone: resident pages that belong to no file. */
  readonly private: number;
}

/** Reads /proc/PID/status. What is not in the text is NaN. */
export function parseMemory(status: string): Memory {
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 'NaN') / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM'), private: field('RssAnon') };
}

/** Ticks of processor time since the start, in user and kernel mode, by the text of /proc/PID/stat. NaN of another text. */
export function parseTicks(stat: string): number {
  // The second field, the program's name in parentheses, may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 'NaN') + Number(fields[12] ?? 'NaN');
}

/** Ticks in which any processor worked for anybody, by the text of /proc/stat. Waiting for disks is no work. */
export function parseBusyTicks(stat: string): number {
  const [user, nice, system, , , irq, softirq] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
  return [user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + (ticks ?? Number.NaN), 0);
}

/** Memory in MiB. NaN without /proc (anything but Linux). */
export function residentMiB(pid: number): Memory {
  return parseMemory(read(`/proc/${pid}/status`));
}

/** Memory of a process and of all that it started, together. */
export function treeMiB(pid: number): Memory {
  const all = processTree(pid).map(residentMiB);
  const sum = (pick: (one: Memory) => number) => all.reduce((total, one) => total + pick(one), 0);
  return { now: sum((m) => m.now), peak: sum((m) => m.peak), private: sum((m) => m.private) };
}

/** Seconds of processor time since the start of the process, in user and kernel mode. NaN without /proc. */
export function cpuSeconds(pid: number): number {
  return parseTicks(read(`/proc/${pid}/stat`)) / ticksPerSecond();
}

/** Processor time of a process and of all that it started and that still runs. */
export function treeCpuSeconds(pid: number): number {
  return processTree(pid).reduce((total, one) => total + cpuSeconds(one), 0);
}

/** Seconds of processor time that all programs of the machine have used since it was started. NaN without /proc. */
export function machineCpuSeconds(): number {
  return parseBusyTicks(read('/proc/stat')) / ticksPerSecond();
}

/** The process and all below it, as far as the kernel tells (CONFIG_PROC_CHILDREN, on by default). */
function processTree(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '');
  return [pid, ...children.map(Number).flatMap(processTree)];
}

let ticks: number | undefined;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
