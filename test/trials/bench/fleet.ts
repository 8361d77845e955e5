import { setTimeout as delay } from 'node:timers/promises';
import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import { auditMark, trafficSince } from './audit.ts';
import { shardEnvironments, shardLabel } from './bulk.ts';
import { armCalls } from './emulator-process.ts';
import {
  type Bench,
  createObjects,
  type Entrant,
  type Lab,
  measureCpu,
  type Running,
  range,
  start,
  startLab,
  until,
} from './lab.ts';
import { takeHeapSnapshot } from './profile.ts';
import { watchReady } from './ready-watch.ts';
import { costFigures, cpuSample, figure, inTurn, type Sample, type Section } from './section.ts';

/** After so long an object that is Ready may count as being at rest, which some operators look at in another way. */
const atRestMs = 125_000;

export const fleetRegions = ['japaneast', 'westeurope', 'brazilsouth'];

/**
 * A lab with so many converged objects of each contender: their replicas are there from the start with the object's owner
 * tags, and the contender has made all of them Ready, which takes no write to Azure, two minutes ago. Labels of two shards are
 * on all.
 */
export async function startFleet(bench: Bench, objects: number): Promise<Lab> {
  const lab = await startLab(bench, {
    registries: objects,
    replicas: fleetRegions,
    operationMs: 100,
    journalSize: objects * 20 + 10_000,
  });
  try {
    for (const entrant of lab.entrants) await converge(lab, entrant, objects);
    bench.say(`waiting until ${objects === 1 ? 'the object is' : 'all objects are'} at rest`);
    await delay(atRestMs * bench.pace);
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

async function converge(lab: Lab, entrant: Entrant, objects: number): Promise<void> {
  lab.say(`${objects} objects of ${entrant.name}: being created`);
  await createObjects(lab, entrant, range(objects), fleetRegions, (index) => shardLabel(index, 2));
  await using watch = await watchReady(lab.plane, entrant);
  const tell = () => lab.say(`${watch.count()} of ${objects} objects of ${entrant.name}: Ready for the first time`);
  const telling = setInterval(tell, 1_000);
  const operator = await start(lab, entrant, { run: 'first' });
  try {
    await Promise.race([watch.reached(objects, 60_000 + objects * 60), ended(operator)]);
  } finally {
    clearInterval(telling);
    await operator.stop();
  }
}

/** Rejects when the operator ends by itself. */
async function ended(operator: Running): Promise<never> {
  for (;;) {
    operator.mustRun();
    await delay(500, undefined, { ref: false });
  }
}

/** Restarts of the operator over converged objects: how long it takes to look at each, and what is left in rest. */
export async function measureFleet(
  lab: Lab,
  objects: number,
  { runs, settleMs }: { readonly runs: number; readonly settleMs: number },
): Promise<readonly [restart: Section, idle: Section]> {
  const results = await inTurn(lab, { runs, what: `restart over ${objects} objects` }, (entrant) =>
    restart(lab, entrant, objects, { settleMs }),
  );
  const shown = objects.toLocaleString('en');
  return [
    {
      id: `restart.${objects}`,
      title: `Restart over ${shown} converged ${objects === 1 ? 'object' : 'objects'} until each was looked at`,
      figures: restartFigures,
      results,
      legend: [
        'From the making of the process to the moment in which the replications of the last registry were listed; no latency.',
        'Calls and writes until the end of the rest; CPU until the last was listed.',
      ],
    },
    {
      id: `idle.${objects}`,
      title: `In rest over ${shown} converged ${objects === 1 ? 'object' : 'objects'}`,
      figures: [
        figure('restMiB', 'resident', 'MiB'),
        figure('restPrivateMiB', 'private', 'MiB'),
        figure('restPeakMiB', 'resident, peak since the start', 'MiB'),
        figure('restPeakPrivateMiB', 'private, peak since the start', 'MiB'),
        figure('restCpuPercent', 'CPU in rest, of one processor', '%'),
        figure('objectBytes', 'one object as etcd holds it, in bytes', ''),
      ],
      results,
      legend: [
        `${settleMs / 1_000} s after the last was looked at, in the same runs as the restart. CPU: of the second half of these.`,
      ],
    },
  ];
}

export const restartFigures = [
  figure('wallS', 'process start → the last was looked at', 's'),
  figure('armCalls', 'calls to ARM', ''),
  figure('graphCalls', 'of them, answered by Resource Graph', ''),
  figure('armWrites', 'of them, writes', ''),
  ...costFigures,
];

export async function restart(
  lab: Lab,
  entrant: Entrant,
  objects: number,
  { settleMs, processes = 1 }: { readonly settleMs: number; readonly processes?: number },
): Promise<Sample> {
  const { control } = lab.azure;
  await forget(control);
  const mark = auditMark(lab.plane);
  const used = measureCpu(lab);
  await using parts = new AsyncDisposableStack();
  const operators: Running[] = [];
  for (const env of shardEnvironments(processes)) {
    const operator = await start(lab, entrant, { run: 'restart', env });
    parts.defer(() => operator.stop());
    operators.push(operator);
  }
  const lastAt = await lookedAt(control, objects, operators);
  const cpu = used(operators);
  const memory = operators.map((operator) => operator.memory());
  const cpuS = () => sum(operators.map((operator) => operator.cpuS()));
  await delay(settleMs / 2);
  const before = cpuS();
  await delay(settleMs / 2);
  const inRestS = cpuS() - before;
  const rest = operators.map((operator) => operator.memory());
  const traffic = trafficSince(lab.plane, mark, entrant);
  const calls = await armCalls(control);
  const stored = await lab.plane.kube.get(`${entrant.path}/${entrant.subject(0, []).name}`);
  if (entrant.snapshots !== undefined) for (const { pid } of operators) await takeHeapSnapshot(pid, entrant.snapshots);
  return {
    wallS: (lastAt - (operators[0]?.startedDate ?? Number.NaN)) / 1_000,
    armCalls: calls.total,
    graphCalls: sum(Object.entries(calls.byVerb).map(([name, count]) => (/graph/i.test(name) ? count : 0))),
    armWrites: sum(
      Object.entries(calls.byVerb).map(([name, count]) => (/^(PUT|PATCH|DELETE) /.test(name) ? count : 0)),
    ),
    kubeWrites: traffic.writes,
    kubeEvents: traffic.events,
    ...cpuSample(cpu),
    peakMiB: sum(memory.map(({ peak }) => peak)),
    peakPrivateMiB: sum(memory.map(({ peakPrivate }) => peakPrivate)),
    restMiB: sum(rest.map(({ now }) => now)),
    restPrivateMiB: sum(rest.map((m) => m.private)),
    restPeakMiB: sum(rest.map(({ peak }) => peak)),
    restPeakPrivateMiB: sum(rest.map(({ peakPrivate }) => peakPrivate)),
    restCpuPercent: (inRestS / (settleMs / 2_000)) * 100,
    objectBytes: JSON.stringify(stored).length,
  };
}

/** Empties journal and counters. */
export async function forget(control: EmulatorControl): Promise<void> {
  await control.clearJournal();
  await control.resetCounters();
}

/** The moment, since 1970, at which the replications of so many registries had been listed. */
async function lookedAt(control: EmulatorControl, objects: number, running: readonly Running[]): Promise<number> {
  const deadlineMs = 60_000 + objects * 30;
  const what = `each of ${objects} registries to be looked at`;
  await until(async () => (await looks(control)) >= objects || undefined, { what, deadlineMs, running, everyMs: 100 });
  const all = async () => {
    const first = await firstLooks(control);
    return first.size < objects ? undefined : Math.max(...first.values());
  };
  return until(all, { what, deadlineMs, running, everyMs: 500 });
}

/** Number of lists of a registry's replications, by the provider or by Resource Graph. */
export async function looks(control: EmulatorControl): Promise<number> {
  const counters = Object.entries(await control.counters());
  return sum(counters.map(([name, count]) => (name.startsWith('LIST replications') ? count : 0)));
}

/** When each registry's replications were first listed. */
export async function firstLooks(control: EmulatorControl): Promise<ReadonlyMap<string, number>> {
  const lists = await control.journal({ verb: 'LIST' });
  return firstCalls(lists.filter(({ kind }) => kind.startsWith('replications')));
}

/** When each registry was first named by a call. */
export function firstCalls(
  calls: readonly { readonly at: number; readonly registry?: string }[],
): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { at, registry } of calls) if (registry !== undefined && !first.has(registry)) first.set(registry, at);
  return first;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
