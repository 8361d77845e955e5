import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import { coveredRow } from '../../support/covered.ts';
import { type Lifetime, type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { cpuSeconds, residentMiB } from '../bench/process-figures.ts';
import { registries, registryName } from '../bench/world.ts';
import type { PagesLine } from './pages.ts';

/** What the map costs the operator that serves it: memory, and the pace of its passes. */
const began = performance.now();
const figures: Record<string, number> = {};
afterAll(() => {
  const row = coveredRow({
    what: 'Open maps',
    counts: figures,
    held: 'less than 30 MiB for 500 pages, and no pass its pace',
    command: 'npm run test:sizes -- map',
    seconds: (performance.now() - began) / 1_000,
  });
  console.log(row);
});

const objects = 200;
const pages = 500;
/** Rounds before any is measured: the heap has its size then. */
const warmRounds = 4;
const rounds = 6;

interface Measured {
  /** Resident memory after the rounds, at its highest. */
  readonly mib: number;
  /** Seconds from the first edit of a round until all objects say that they saw theirs: the median. */
  readonly roundSeconds: number;
  /** Of one pass, on average. */
  readonly passMs: number;
  readonly cpuSeconds: number;
}

/** The operator, with so many objects that are all Ready. */
async function fleet(t: Lifetime, env: Readonly<Record<string, string>>) {
  const seeds = registries(objects);
  const ids = [...new Set(seeds.map(({ subscriptionId }) => subscriptionId ?? ''))];
  const world = await operatorWorld(t, {
    registries: seeds,
    subscriptions: ids.map((id) => ({ id })),
    journalSize: 1_000,
  });
  await inTurn(world, (name, subscriptionId) =>
    world.apply(name, {
      registry: { name, resourceGroup: 'registries', subscriptionId },
      regions: ['japaneast', 'westeurope', 'brazilsouth'].map((location) => ({ location })),
    }),
  );
  const operator = await world.start(env);
  await untilSeen(world, ({ status }) => status?.phase === 'Ready');
  return { world, operator };

  /** Calls for each object, sixteen at once. */
  async function inTurn(
    _: OperatorWorld,
    call: (name: string, subscriptionId: string) => Promise<unknown>,
  ): Promise<void> {
    const left = seeds.values();
    const work = async (): Promise<void> => {
      for (const { name, subscriptionId = '' } of left) await call(name, subscriptionId);
    };
    await Promise.all(Array.from({ length: 16 }, work));
  }
}

async function untilSeen(
  { cluster, namespace }: OperatorWorld,
  holds: (object: RegistryReplication) => boolean = () => true,
): Promise<void> {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
  const settled = (object: RegistryReplication) =>
    object.status?.observedGeneration === object.metadata.generation && holds(object);
  await cluster.kube.waitFor<{ readonly items: readonly RegistryReplication[] }>(
    path,
    (list) => list?.items.length === objects && list.items.every(settled),
    { deadlineMs: 120_000, what: 'all objects to be seen' },
  );
}

let edits = 0;
/** Edits all objects, each of which is then passed, and its status written. Gives the seconds until all were. */
async function round(world: OperatorWorld): Promise<number> {
  edits += 1;
  const spec = { interval: `${3_600 + edits}s` };
  const names = Array.from({ length: objects }, (_, index) => registryName(index)).values();
  const start = performance.now();
  const edit = async (): Promise<void> => {
    for (const name of names) await world.cluster.kube.patch(world.path(name), { spec });
  };
  await Promise.all(Array.from({ length: 16 }, edit));
  await untilSeen(world);
  return (performance.now() - start) / 1_000;
}

async function passTimes(metricsUrl: string): Promise<{ readonly seconds: number; readonly count: number }> {
  const text = await (await fetch(metricsUrl)).text();
  const sum = (suffix: string) =>
    [...text.matchAll(new RegExp(`^controller_runtime_reconcile_time_seconds_${suffix}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))]
      .map(([, value]) => Number(value))
      .reduce((a, b) => a + b, 0);
  return { seconds: sum('sum'), count: sum('count') };
}

async function measured({ world, operator }: Awaited<ReturnType<typeof fleet>>): Promise<Measured> {
  const before = { passes: await passTimes(operator.metricsUrl), cpu: cpuSeconds(operator.pid) };
  const seconds: number[] = [];
  const mib: number[] = [];
  for (let done = 0; done < rounds; done += 1) {
    seconds.push(await round(world));
    mib.push(residentMiB(operator.pid).now);
  }
  const after = { passes: await passTimes(operator.metricsUrl), cpu: cpuSeconds(operator.pid) };
  const passes = after.passes.count - before.passes.count;
  expect(passes).toBeGreaterThanOrEqual(objects * rounds);
  return {
    mib: Math.max(...mib),
    roundSeconds: seconds.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN,
    passMs: (1_000 * (after.passes.seconds - before.passes.seconds)) / passes,
    cpuSeconds: after.cpu - before.cpu,
  };
}

/** The pages, in a process of their own; resolves when all follow. */
async function openPages({ onTestFinished }: Lifetime, origin: string) {
  const program = fileURLToPath(new URL('pages.ts', import.meta.url));
  const child = spawn(process.execPath, [program, origin, String(pages)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => void child.kill('SIGKILL'));
  let last: PagesLine | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const line = text.trimEnd().split('\n').at(-1);
    if (line !== undefined) last = JSON.parse(line) as PagesLine;
  });
  await expect.poll(() => last?.open, { timeout: 60_000 }).toBe(pages);
  return { line: () => last, close: () => child.kill('SIGKILL') };
}

async function warm({ world }: Awaited<ReturnType<typeof fleet>>): Promise<void> {
  for (let done = 0; done < warmRounds; done += 1) await round(world);
}

test('500 open pages cost the operator less than 30 MiB, and no pass its pace, while 200 objects change', {
  timeout: 900_000,
}, async (t) => {
  const off = await fleet(t, {});
  await warm(off);
  const without = await measured(off);
  await off.operator.kill();

  const on = await fleet(t, { MAP_ADDRESS: '127.0.0.1:0' });
  await warm(on);
  const unseen = await measured(on);
  const crowd = await openPages(t, on.operator.mapUrl ?? '');
  const before = crowd.line();
  const seen = await measured(on);
  await expect.poll(() => crowd.line()?.lost).toBe(0);
  const told = ((crowd.line()?.fewestBytes ?? 0) - (before?.fewestBytes ?? 0)) / rounds / objects;
  console.log({ without, unseen, seen, told });
  crowd.close();

  figures['MiB resident without the map'] = Math.round(without.mib);
  figures['with it and nobody looking'] = Math.round(unseen.mib);
  figures['with 500 pages'] = Math.round(seen.mib);
  figures['ms a pass without the map'] = Math.round(without.passMs);
  figures['with 500 pages told of each'] = Math.round(seen.passMs);
  figures['bytes a page and change'] = Math.round(told);
  expect(told).toBeGreaterThan(500); // each page was told of each change
  expect(seen.mib - without.mib).toBeLessThan(30);
});
