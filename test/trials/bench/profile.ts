import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../../support/run.ts';
import type { Contender } from './contender.ts';
import {
  type CpuProfile,
  cpuByGroup,
  groupOf,
  type HeapSnapshot,
  heapByKind,
  modulesOf,
  type Share,
} from './profile-groups.ts';

const program = 'operator.mjs';
/** Lines of each list. */
const shownShares = 24;

/** Our own operator, made so that each of its processes leaves a profile in the folder. Figures are then worth less. */
export async function profiled(ours: Contender, folder: string): Promise<Contender> {
  const file = join(folder, program);
  const { code, err } = await run(process.execPath, ['start.mjs', 'build.ts', '--readable', file]);
  if (code !== 0) throw new Error(`the operator could not be built: ${err}`);
  const options = [
    '--cpu-prof',
    `'--cpu-prof-dir=${folder}'`,
    '"--cpu-prof-name=$BENCH_RUN.$$.cpuprofile"',
    '--heapsnapshot-signal=SIGUSR2',
    `'--diagnostic-dir=${folder}'`,
  ];
  return { ...ours, command: `'${process.execPath}' ${options.join(' ')} '${file}'`, snapshots: folder };
}

/** Has a process write down what its heap holds; resolves when that is done, which takes it seconds. */
export async function takeHeapSnapshot(pid: number, folder: string): Promise<void> {
  const there = async () => (await readdir(folder)).filter((name) => name.endsWith('.heapsnapshot')).length;
  const before = await there();
  process.kill(pid, 'SIGUSR2');
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(200)) {
    if ((await there()) > before && (await heapIsWhole(folder))) return;
  }
  throw new Error('the operator wrote no heap snapshot within 60 s');
}

async function heapIsWhole(folder: string): Promise<boolean> {
  const file = await newestSnapshot(folder);
  return file !== undefined && (await readFile(file, 'utf8')).trimEnd().endsWith('}');
}

async function newestSnapshot(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.heapsnapshot'));
  return names.length === 0 ? undefined : join(folder, names.toSorted().at(-1) ?? '');
}

/** What the profiles of a folder say: processor time by group for each kind of run, then the newest heap by kind. */
export async function profileLines(folder: string): Promise<readonly string[]> {
  const moduleAt = modulesOf(await readFile(join(folder, program), 'utf8'));
  const kinds = Map.groupBy(
    (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')),
    (name) => name.split('.')[0] ?? '',
  );
  const lines: string[] = [];
  for (const [kind, names] of kinds) {
    const all = await Promise.all(
      names.map(async (name) => {
        const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
        return cpuByGroup(profile, groupOf(moduleAt));
      }),
    );
    lines.push('', `Time of ${kind} by group, ${names.length} ${names.length === 1 ? 'process' : 'processes'}`);
    lines.push(...listed(together(all), () => ''));
  }
  const snapshot = await newestSnapshot(folder);
  if (snapshot === undefined) return lines;
  const heap = heapByKind(JSON.parse(await readFile(snapshot, 'utf8')) as HeapSnapshot);
  const kib = (bytes: number) =>
    `${Math.round(bytes / 1_024)
      .toLocaleString('en')
      .padStart(10)} KiB  `;
  return [...lines, '', 'Heap in rest, by kind', ...listed(heap, kib)];
}

function together(all: readonly (readonly Share[])[]): readonly Share[] {
  const groups = Map.groupBy(all.flat(), ({ name }) => name);
  return [...groups]
    .map(([name, shares]) => ({ name, amount: shares.reduce((sum, { amount }) => sum + amount, 0) }))
    .sort((a, b) => b.amount - a.amount);
}

/** Shares of the whole. Those of time say no more: a sample counts also while the process waits for a processor. */
function listed(shares: readonly Share[], shown: (amount: number) => string): readonly string[] {
  const total = shares.reduce((sum, { amount }) => sum + amount, 0);
  const line = (name: string, amount: number) =>
    `  ${name.padEnd(60)} ${shown(amount)}${((100 * amount) / total).toFixed(1).padStart(5)} %`;
  const rest = shares.slice(shownShares).reduce((sum, { amount }) => sum + amount, 0);
  return [
    ...shares.slice(0, shownShares).map(({ name, amount }) => line(name, amount)),
    ...(rest > 0 ? [line('all others', rest)] : []),
    line('together', total),
  ];
}
