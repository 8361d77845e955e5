import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { apiVersion, plural, type RegistryReplication } from '../../../src/api/registryreplication.ts';
import { coveredRow } from '../../support/covered.ts';
import { type Lifetime, type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { cpuSeconds, residentMiB } from '../bench/process-figures.ts';
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
const warmRounds = 8;
const rounds = 3;

/** How often pages come and go; the pace with and without is compared side by side, for the machine has other work. */
const turns = 3;

interface Measured {
  /** Resident memory after each round. */
  readonly mib: readonly number[];
  /** Seconds from the first edit of a round until all objects say that they saw theirs. */
  readonly seconds: readonly number[];
  /** Number of passes. */
  readonly passes: number;
  readonly cpuSeconds: number;
}

/** The machine's other work only adds: the least is the nearest to what it takes. */
const least = ({ seconds }: Measured): number => Math.min(...seconds);
/** Processor time for each pass, with all that is done meanwhile. */
const cpuMs = ({ cpuSeconds: used, passes }: Measured): number => (1_000 * used) / passes;

const registryName = (index: number) => `bench${String(index).padStart(5, '0')}`;

/** 20 registries to a subscription: Azure's request limits, which the operator keeps to, play no part. */
const registries = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: registryName(index),
    resourceGroup: 'registries',
    location: 'eastus',
    subscriptionId: `00000000-0000-4000-8000-${String(Math.floor(index / 20)).padStart(12, '0')}`,
  }));

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

async function passesIn(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  return [...text.matchAll(/^controller_runtime_reconcile_time_seconds_count(?:\{[^}]*\})? (\S+)$/gm)]
    .map(([, value]) => Number(value))
    .reduce((a, b) => a + b, 0);
}

async function measured({ world, operator }: Awaited<ReturnType<typeof fleet>>): Promise<Measured> {
  const before = { passes: await passesIn(operator.metricsUrl), cpu: cpuSeconds(operator.pid) };
  const seconds: number[] = [];
  const mib: number[] = [];
  for (let done = 0; done < rounds; done += 1) {
    seconds.push(await round(world));
    mib.push(residentMiB(operator.pid).now);
  }
  const after = { passes: await passesIn(operator.metricsUrl), cpu: cpuSeconds(operator.pid) };
  const passes = after.passes - before.passes;
  expect(passes).toBeGreaterThanOrEqual(objects * rounds);
  return {
    mib,
    seconds,
    passes,
    cpuSeconds: after.cpu - before.cpu,
  };
}

/** Several measurements as one. */
function together(all: readonly Measured[]): Measured {
  const sum = (of: (one: Measured) => number) => all.map(of).reduce((a, b) => a + b, 0);
  return {
    mib: all.flatMap(({ mib }) => mib),
    seconds: all.flatMap(({ seconds }) => seconds),
    passes: sum(({ passes }) => passes),
    cpuSeconds: sum(({ cpuSeconds: used }) => used),
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
  const on = await fleet(t, { MAP_ADDRESS: '127.0.0.1:0' });
  await warm(on);
  const [alone, watched]: [Measured[], Measured[]] = [[], []];
  let told = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    alone.push(await measured(on));
    const crowd = await openPages(t, on.operator.mapUrl ?? '');
    const before = crowd.line();
    watched.push(await measured(on));
    await expect.poll(() => crowd.line()?.open, { timeout: 10_000 }).toBe(pages);
    told = ((crowd.line()?.fewestBytes ?? 0) - (before?.fewestBytes ?? 0)) / rounds / objects;
    crowd.close();
  }
  const [unseen, seen] = [together(alone), together(watched)];
  const highest = (one: Measured | undefined) => Math.max(...(one?.mib ?? [Number.NaN]));
  const growth = watched.map((one, turn) => highest(one) - highest(alone[turn]));
  console.log(JSON.stringify({ alone, watched, told }));

  figures['MiB resident before 500 pages open'] = Math.round(highest(alone[0]));
  figures['more with them, at most'] = Math.round(Math.max(...growth));
  figures['ms of processor time a pass while nobody looks'] = tenth(cpuMs(unseen));
  figures['while each page is told of each change'] = tenth(cpuMs(seen));
  figures['s at the least until 200 edited objects are done while nobody looks'] = tenth(least(unseen));
  figures['while 500 pages look'] = tenth(least(seen));
  expect(told).toBeGreaterThan(500); // each page was told of each change, of which an object has two
  expect(Math.max(...growth)).toBeLessThan(30);
  expect(cpuMs(seen) - cpuMs(unseen)).toBeLessThan(3);
  // The pages themselves, and what reads their streams, take their part of this machine's processors.
  expect(least(seen)).toBeLessThan(1.25 * least(unseen));
});

function tenth(value: number): number {
  return Math.round(10 * value) / 10;
}
