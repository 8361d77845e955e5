import { expect, test } from 'vitest';
import type { Judged } from '../../../src/domain/judgement.ts';
import { refusalsOf } from '../../../src/domain/pass.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { driftsCorrected, repairsBegun } from '../../../src/telemetry/measures.ts';
import { createReadyTimes } from '../../../src/telemetry/ready-times.ts';
import { minutesAfter, resource } from '../../support/builders.ts';
import { clockAt } from '../../support/clock.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const tokyo = regionOf('japaneast');

async function readyWorld() {
  const world = memoryWorld([resource(['japaneast'])]);
  await untilReady(world);
  return world;
}

const untilReady = (world: MemoryWorld) => world.passUntil(() => world.get()?.status?.phase === 'Ready');

const total = (world: MemoryWorld, measure: (judged: Judged) => number) =>
  world.passes.reduce((sum, judged) => sum + measure(judged), 0);

test('a replica made again because somebody deleted it counts as drift, once, and as no repair', async () => {
  const world = await readyWorld();
  expect(total(world, driftsCorrected)).toBe(0);
  world.azure.drop(tokyo);
  await untilReady(world);
  expect(total(world, driftsCorrected)).toBe(1);
  expect(total(world, repairsBegun)).toBe(0);
});

test('an edit of the spec is neither drift nor repair, and so is the deletion of the object', async () => {
  const world = await readyWorld();
  world.apply(resource(['uksouth']));
  await untilReady(world);
  world.delete();
  await world.passUntil(() => world.get() === undefined);
  expect(total(world, driftsCorrected)).toBe(0);
  expect(total(world, repairsBegun)).toBe(0);
});

for (const fate of ['Failed', 'vanish'] as const) {
  test(`a replica whose creation ended ${fate} counts as one repair for each time it is made again`, async () => {
    const world = memoryWorld([resource(['japaneast'])]);
    world.azure.fates.set(tokyo, [fate, fate]);
    await untilReady(world);
    expect(total(world, repairsBegun)).toBe(2);
    expect(total(world, driftsCorrected)).toBe(0);
  });
}

test('refusals carry the reason of the failure, and calls that wait their turn are none', async () => {
  const world = await readyWorld();
  const message = 'Denied.';
  const denied = {
    kind: 'retryable',
    pace: 'slow',
    reason: 'Forbidden',
    code: 'AuthorizationFailed',
    message,
  } as const;
  const turn = {
    kind: 'throttled',
    until: minutesAfter(1),
    reason: 'Throttled',
    code: 'LocalThrottle',
    message,
  } as const;
  world.azure.faults.push({ failure: denied, lost: false }, { failure: turn, lost: false });
  await world.pass();
  await world.pass();
  const reasons = world.passes.flatMap(({ finding }) => refusalsOf(finding)).map(({ reason }) => reason);
  expect(reasons).toEqual(['Forbidden']);
});

/** How long each time took, in ms, as measured while the world went on. */
function measured(world: MemoryWorld) {
  let now = minutesAfter(0);
  const times = createReadyTimes(clockAt(() => now));
  world.store.onChange(times.noticed);
  return {
    at: (minutes: number) => {
      now = minutesAfter(minutes);
    },
    of: (passes: readonly Judged[]) => passes.flatMap((judged) => times.becameReady(judged) ?? []),
  };
}

test('a new object is timed from its creation to Ready, once', async () => {
  const object = { ...resource(['japaneast']) };
  const world = memoryWorld([]);
  const times = measured(world);
  world.apply(object);
  await untilReady(world);
  const [facts] = times.of(world.passes);
  const last = world.passes.at(-1);
  expect(facts).toBe((last?.now.getTime() ?? 0) - Date.parse(object.metadata.creationTimestamp));
  await world.pass();
  expect(times.of(world.passes)).toEqual([]);
});

test('an edit is timed from the moment it was seen, the last one counts', async () => {
  const world = await readyWorld();
  const times = measured(world);
  const before = world.passes.length;
  times.at(-20);
  world.apply(resource(['uksouth']));
  times.at(-10);
  world.apply(resource(['brazilsouth']));
  await untilReady(world);
  const ready = world.passes.at(-1)?.now.getTime() ?? 0;
  expect(times.of(world.passes.slice(before))).toEqual([ready - minutesAfter(-10).getTime()]);
});

test('a pass over the spec before the last change says nothing of that change', async () => {
  const world = await readyWorld();
  const before = world.passes.at(-1);
  const times = measured(world);
  world.apply(resource(['uksouth']));
  expect(times.of(before === undefined ? [] : [before])).toEqual([]);
  await untilReady(world);
  expect(times.of(world.passes.slice(-1))).toHaveLength(1);
});

test('what was under way when the process started is not timed, and neither is what drifted', async () => {
  const world = memoryWorld([resource(['japaneast'])]);
  await world.pass();
  const times = measured(world); // starts here
  await untilReady(world);
  world.azure.drop(tokyo);
  await world.pass();
  await untilReady(world);
  expect(times.of(world.passes)).toEqual([]);
});
