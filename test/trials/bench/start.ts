import { setTimeout as delay } from 'node:timers/promises';
import { startAzure } from './emulator-process.ts';
import { withSpawnTime } from './process-figures.ts';
import { watchReady } from './ready-watch.ts';
import { measure, type Section } from './report.ts';
import { type Bench, manifest, registries, startMeasured } from './world.ts';

/** Measures the time from the start of the process to its first pass over an object that is there and in order. */
export async function measureStart(bench: Bench): Promise<Section> {
  const { cluster, runs, say } = bench;
  const namespace = await cluster.kube.createNamespace('start');
  await using azure = disposable(await startAzure({ cluster, registries: registries(1), operationMs: 100 }));
  await oneReady(bench, azure, namespace);

  const samples: { started: number; synced: number; token: number; firstCall: number }[] = [];
  for (let run = 1; run <= runs; run++) {
    say(`start, run ${run} of ${runs}`);
    await azure.control.clearJournal();
    const { value: operator, at } = await withSpawnTime(() => startMeasured(bench, azure, namespace));
    const journal = await until(async () => {
      const entries = await azure.control.journal();
      return entries.some(({ kind }) => kind === 'replications') ? entries : undefined;
    });
    const logged = (message: string) =>
      Date.parse(operator.log().find((line) => line.message === message)?.timestamp ?? '') - at;
    samples.push({
      started: logged('started'),
      synced: logged('cache complete'),
      token: (journal.find(({ kind }) => kind === 'token')?.at ?? Number.NaN) - at,
      firstCall: (journal.find(({ kind }) => kind === 'registry' || kind === 'replications')?.at ?? Number.NaN) - at,
    });
    await operator.kill();
  }
  const of = (pick: (sample: (typeof samples)[number]) => number) => samples.map(pick);
  return {
    title: 'Start',
    measures: [
      measure(
        'start.startedMs',
        "process start → 'started'",
        'ms',
        of((s) => s.started),
      ),
      measure(
        'start.firstPassMs',
        'process start → first pass',
        'ms',
        of((s) => s.synced),
        250,
      ),
      measure(
        'start.tokenMs',
        'process start → token request',
        'ms',
        of((s) => s.token),
      ),
      measure(
        'start.firstArmCallMs',
        'process start → first ARM call',
        'ms',
        of((s) => s.firstCall),
      ),
    ],
    legend: [
      'From the spawn of the process, with one Ready object in the cluster. First pass: the log line "cache complete",',
      'after which the object is taken from the queue at once. Token request and first ARM call: when they arrive at',
      'Azure. Between them lies workload identity: metadata of the issuer, then the token. Resolution 1 ms.',
    ],
  };
}

/** Makes the namespace's first object and lets an operator bring it to Ready. */
export async function oneReady(
  bench: Bench,
  azure: Parameters<typeof startMeasured>[1],
  namespace: string,
): Promise<void> {
  const { cluster } = bench;
  const watch = await watchReady(cluster, namespace);
  const operator = await startMeasured(bench, azure, namespace);
  bench.say('bringing one object to Ready');
  try {
    await cluster.kube.apply(manifest(namespace, 0, ['japaneast', 'westeurope', 'brazilsouth']));
    await watch.reached(1, 60_000);
  } finally {
    await Promise.all([watch.stop(), operator.stop()]);
  }
}

export function disposable<T extends { stop(): Promise<unknown> }>(thing: T): T & AsyncDisposable {
  return Object.assign(thing, {
    async [Symbol.asyncDispose]() {
      await thing.stop();
    },
  });
}

async function until<T>(look: () => Promise<T | undefined>, deadlineMs = 20_000): Promise<T> {
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; await delay(50)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`nothing within ${deadlineMs} ms`);
}
