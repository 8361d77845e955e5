import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import { createThrottle } from '../../../src/azure/limits/throttle.ts';
import { createController } from '../../../src/controller/controller.ts';
import { indexNamesakes } from '../../../src/controller/namesakes.ts';
import { reconcile } from '../../../src/controller/reconcile.ts';
import { failed, type Outcome, ok } from '../../../src/domain/failure.ts';
import { keyOf } from '../../../src/domain/key.ts';
import type { Actual, RegistryRef } from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { actual, registry, replica, resource } from '../../support/builders.ts';
import { memoryStore } from '../../support/memory-store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The registry with the replica that the object wants. */
function seen({ subscriptionId, name }: Pick<RegistryRef, 'subscriptionId' | 'name'>): Actual {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/${name}`;
  return { ...actual(replica('eastus'), replica('japaneast')), registry: registry({ id }) };
}
const retrying = { kind: 'retryable', pace: 'soon', reason: 'Retrying', message: 'No answer came.' } as const;
const after = async <T>(ms: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms));

/** How subscriptions answer a LIST; a call ends after 30 s at the latest, as on the wire. */
const manners = {
  fine: (ref) => after(20, ok(seen(ref))),
  slow: (ref) => after(1_000, ok(seen(ref))),
  hangs: () => after(30_000, failed({ ...retrying, code: 'ETIMEDOUT' })),
  throttles: () => after(20, failed({ kind: 'throttled', reason: 'Throttled', code: '429', message: 'Too many.' })),
} satisfies Record<string, (ref: RegistryRef) => Promise<Outcome<Actual>>>;
type Manner = keyof typeof manners;

/**
 * An operator with 32 workers over objects that Azure answers for as their subscription does; `rested` are those that an
 * operator before has looked at.
 */
function operator(
  subscriptions: Readonly<Record<string, { readonly answers: Manner; readonly objects: number }>>,
  { rested = false } = {},
) {
  const objects = Object.entries(subscriptions).flatMap(([subscription, { objects: count }]) =>
    Array.from({ length: count }, (_, i) => objectOf(subscription, i, rested)),
  );
  const manner = new Map(Object.entries(subscriptions).map(([name, { answers }]) => [idOf(name), manners[answers]]));
  const store = memoryStore(objects);
  const asked = new Map<string, number[]>();
  const running = { now: 0, most: 0 };
  const azure = {
    async observe(ref) {
      asked.set(ref.name, [...(asked.get(ref.name) ?? []), performance.now()]);
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      const outcome = await (manner.get(ref.subscriptionId) ?? manners.fine)(ref);
      running.now -= 1;
      return outcome;
    },
  } as Pick<ReplicationApi, 'observe'> as ReplicationApi;
  const throttle = createThrottle({
    clock: systemClock,
    share: 0.8,
    meter: { throttled: () => {}, throttleWaited: () => {} },
  });
  const namesakes = indexNamesakes(store);
  const quiet = () => {};
  const controller = createController({
    store,
    namesakes,
    workers: 32,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet, isDebugEnabled: () => false },
    clock: systemClock,
    meter: {
      passStarted: () => quiet,
      queue: { added: quiet, retried: quiet, depth: quiet, taken: quiet, finished: quiet },
    },
    reconcile: (key, retries, signal) => {
      const ports: Ports = {
        store,
        namesakes,
        clock: systemClock,
        azure: { as: async (_, { urgency }) => ok(throttle.guard('operator', azure, urgency)) },
        random: () => 0.5,
        observer: quiet,
        announce: quiet,
        settings: { clusterName: 'c', subscriptionId: undefined, maxConcurrentWrites: 8, seesAllOf: () => true },
      };
      return reconcile(key, retries, ports, signal);
    },
  });
  const stop = new AbortController();
  const ended = controller.run(stop.signal);
  /** Somebody edits an object; gives the milliseconds until Azure is asked about its registry. */
  async function edit(subscription: string, index: number): Promise<() => number> {
    const key = keyOf(objectOf(subscription, index));
    const object = store.get(key);
    if (object === undefined) throw new Error(`There is no ${key}.`);
    const editedMs = performance.now();
    const metadata = { ...object.metadata, generation: object.metadata.generation + 1 };
    store.set(key, { ...object, metadata });
    const { name } = object.spec.registry;
    return () => (asked.get(name)?.find((ms) => ms >= editedMs) ?? Number.POSITIVE_INFINITY) - editedMs;
  }
  return {
    asked,
    running,
    edit,
    async stop() {
      stop.abort();
      await vi.advanceTimersByTimeAsync(40_000);
      await ended;
    },
  };
}

function objectOf(subscription: string, index: number, rested = false): RegistryReplication {
  const name = `${subscription}0${index}`;
  const ref = { subscriptionId: idOf(subscription), resourceGroup: 'registries', name };
  const { id, loginServer, home, sku } = seen(ref).registry;
  const status: Status = {
    observedGeneration: 1,
    phase: 'Ready',
    registry: { id, loginServer, homeRegion: home, sku },
  };
  return resource(['japaneast'], {
    metadata: { name, uid: name },
    spec: { registry: ref, mode: 'Observe' },
    ...(rested ? { status } : {}),
  });
}

/** A subscription is called by a word here, and by an id in Azure. */
function idOf(subscription: string): string {
  return `00000000-0000-0000-0000-${Buffer.from(subscription).toString('hex').padStart(12, '0').slice(-12)}`;
}

const percentile = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1];

test('where one subscription hangs, one answers 429 for ever and one is slow, edits of the others are looked at at once', async () => {
  const world = operator({
    hangs: { answers: 'hangs', objects: 200 },
    throttles: { answers: 'throttles', objects: 200 },
    slow: { answers: 'slow', objects: 200 },
    fine: { answers: 'fine', objects: 200 },
    good: { answers: 'fine', objects: 200 },
  });
  const waits: (() => number)[] = [];
  await vi.advanceTimersByTimeAsync(30_000); // 400 reads of 200 new objects take 15 s
  for (let i = 0; i < 400; i++) {
    waits.push(await world.edit(i % 2 === 0 ? 'fine' : 'good', (i * 7) % 200));
    await vi.advanceTimersByTimeAsync(250);
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect(
    percentile(
      waits.map((ms) => ms()),
      0.99,
    ),
  ).toBeLessThan(1_000);
  for (const name of ['fine', 'good', 'slow']) {
    const looked = [...world.asked].filter(([registry]) => registry.startsWith(name));
    expect(looked, name).toHaveLength(200);
  }
  expect(world.running.most).toBeLessThanOrEqual(32);
  await world.stop();
});

test('an edit is looked at at once while ten thousand others are looked at again after a restart', async () => {
  const world = operator({ fine: { answers: 'fine', objects: 10_000 } }, { rested: true });
  const waits: (() => number)[] = [];
  for (let i = 0; i < 100; i++) {
    waits.push(await world.edit('fine', 9_999 - i * 50));
    await vi.advanceTimersByTimeAsync(200);
  }
  await vi.advanceTimersByTimeAsync(1_000);
  expect(
    percentile(
      waits.map((ms) => ms()),
      0.99,
    ),
  ).toBeLessThan(1_000);
  expect(world.asked.size).toBeGreaterThan(400); // 80 at once and 20 a second: looks go on
  await world.stop();
});
