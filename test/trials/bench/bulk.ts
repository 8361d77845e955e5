import { setTimeout as delay } from 'node:timers/promises';
import { auditMark, trafficSince } from './audit.ts';
import { armCalls } from './emulator-process.ts';
import {
  applyAtOnce,
  type Bench,
  createObjects,
  type Entrant,
  type Lab,
  measureCpu,
  range,
  start,
  startLab,
} from './lab.ts';
import { watchReady } from './ready-watch.ts';
import { costFigures, cpuSample, type Figure, figure, inTurn, joined, type Sample, type Section } from './section.ts';

const times = { operationMs: 5_000, syncMs: 2_000, latencyMs: 20 };
const regions = ['japaneast', 'westeurope', 'brazilsouth'];
const settleMs = 5_000;

export const bulkFigures: readonly Figure[] = [
  figure('wallS', 'first apply → last Ready', 's'),
  figure('appliedS', 'of it, until all were applied', 's'),
  figure('armCalls', 'calls to ARM', ''),
  ...costFigures,
  figure('restMiB', `resident, ${settleMs / 1_000} s later`, 'MiB'),
];

/** Many new objects at once, with three new regions each. Each run has a lab of its own. */
export async function measureBulk(bench: Bench, objects: number): Promise<Section> {
  const { runs } = bench;
  const all: Section['results'][] = [];
  for (let run = 0; run < runs; run++) {
    await using lab = await startBulkLab(bench, objects);
    const what = `${objects} new objects${runs > 1 ? ` (${run + 1} of ${runs})` : ''}`;
    all.push(await inTurn(lab, { runs: 1, what }, (entrant) => bulkOf(lab, entrant, { objects, pace: bench.pace })));
  }
  return {
    id: `bulk.${objects}`,
    title: `${objects.toLocaleString('en')} new objects of ${regions.length} regions, operation 5 s + sync 2 s, 20 ms latency`,
    figures: bulkFigures,
    results: joined(all),
    legend: [
      `The operator runs and has made one object Ready; the objects come ${applyAtOnce} at a time. Calls, writes and CPU until`,
      `${settleMs / 1_000} s after the last Ready. All share the processors of this machine.`,
    ],
  };
}

export function startBulkLab(bench: Bench, objects: number): Promise<Lab> {
  const { pace } = bench;
  const { operationMs, syncMs, latencyMs } = times;
  return startLab(bench, {
    operationMs: operationMs * pace,
    syncMs: syncMs * pace,
    latencyMs,
    registries: objects + 1,
  });
}

interface Bulk extends Pick<Bench, 'pace'> {
  readonly objects: number;
  readonly processes?: number;
}

/** One run, by one process or by several that share the objects by label: process i looks after those of label shard=i. */
export async function bulkOf(lab: Lab, entrant: Entrant, { objects, pace, processes = 1 }: Bulk): Promise<Sample> {
  const { control } = lab.azure;
  await using watch = await watchReady(lab.plane, entrant);
  const label = (index: number) => shardLabel(index, processes);
  await using parts = new AsyncDisposableStack();
  const operators = [];
  for (const env of shardEnvironments(processes)) {
    const operator = await start(lab, entrant, { run: 'bulk', env });
    parts.defer(() => operator.stop());
    operators.push(operator);
  }
  await createObjects(lab, entrant, [objects], regions.slice(0, 1), label);
  await watch.reached(1, 60_000);
  await control.resetCounters();
  const mark = auditMark(lab.plane);
  const used = measureCpu(lab, operators);
  const began = performance.now();
  await createObjects(lab, entrant, range(objects), regions, label);
  const appliedAt = performance.now();
  const readyAt = await watch.reached(objects + 1, 60_000 + objects * 100);
  const memory = operators.map((operator) => operator.memory());
  await delay(settleMs * pace);
  const cpu = used(operators);
  const rest = operators.map((operator) => operator.memory());
  const traffic = trafficSince(lab.plane, mark, entrant);
  return {
    wallS: (readyAt - began) / 1_000,
    appliedS: (appliedAt - began) / 1_000,
    armCalls: (await armCalls(control)).total,
    kubeWrites: traffic.writes,
    kubeEvents: traffic.events,
    ...cpuSample(cpu),
    peakMiB: sum(memory.map(({ peak }) => peak)),
    peakPrivateMiB: sum(memory.map(({ peakPrivate }) => peakPrivate)),
    restMiB: sum(rest.map(({ now }) => now)),
  };
}

export function shardLabel(index: number, processes: number): Readonly<Record<string, string>> {
  return processes === 1 ? {} : { shard: String(index % processes) };
}

export function shardEnvironments(processes: number): readonly Readonly<Record<string, string>>[] {
  return processes === 1 ? [{}] : range(processes).map((shard) => ({ WATCH_SELECTOR: `shard=${shard}` }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
