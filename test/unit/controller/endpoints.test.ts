import { describe, expect, test } from 'vitest';
import { type ReplicaStatus, requestedAt } from '../../../src/api/registryreplication.ts';
import { endpointMemory } from '../../../src/azure/regional-endpoints.ts';
import { type Failure, failed, type Outcome, ok } from '../../../src/domain/failure.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { stubbedApi } from '../../support/arm-stub.ts';
import { minutesAfter, noon, replica, resource } from '../../support/builders.ts';
import { clockAt } from '../../support/clock.ts';
import { memoryWorld } from '../../support/memory-world.ts';

/** A world whose object wants Japan, in an Azure that tells of regional endpoints what `answer` says. */
function endpointWorld() {
  const world = memoryWorld([resource(['japaneast'])]);
  const state = {
    answer: true as boolean | undefined,
    knownBefore: [] as (boolean | undefined)[],
    ages: [] as number[],
  };
  world.endpointsBy(async (_ref, known, maxAgeMs) => {
    state.knownBefore.push(known);
    state.ages.push(maxAgeMs);
    return state.answer;
  });
  const hosts = () => world.get()?.status?.replicas?.map(({ location, endpoint }) => [location, endpoint]);
  const untilReady = async () => {
    expect(await world.passUntil(() => world.get()?.status?.phase === 'Ready')).toBe(true);
    world.advance(20 * 60_000);
    await world.pass(); // attempts, if any, count no more
  };
  return { world, state, hosts, untilReady };
}

const regional = [
  ['eastus', 'contoso.eastus.geo.azurecr.io'],
  ['japaneast', 'contoso.japaneast.geo.azurecr.io'],
];
const none = [
  ['eastus', undefined],
  ['japaneast', undefined],
];

test('each replica, and home, has its host in status once the registry has regional endpoints', async () => {
  const { hosts, untilReady } = endpointWorld();
  await untilReady();
  expect(hosts()).toEqual(regional);
});

test('a replica has its host also while it is being created, for it is not that which says whether to use it', async () => {
  const { world } = endpointWorld();
  expect(
    await world.passUntil(
      () => world.get()?.status?.replicas?.some((r) => r.provisioningState === 'Creating') === true,
    ),
  ).toBe(true);
  const [japan] = world.get()?.status?.replicas?.filter(({ location }) => location === 'japaneast') ?? [];
  expect(japan).toMatchObject({ provisioningState: 'Creating', endpoint: 'contoso.japaneast.geo.azurecr.io' });
});

test('no host is said where the registry has none, or nobody can tell and none was known', async () => {
  for (const answer of [false, undefined]) {
    const { state, hosts, untilReady } = endpointWorld();
    state.answer = answer;
    await untilReady();
    expect(hosts()).toEqual(none);
  }
});

test('hosts stay while Azure cannot be asked, and go when it says that there are none: one write', async () => {
  const { world, state, hosts, untilReady } = endpointWorld();
  await untilReady();
  const written = world.writes();
  state.answer = undefined;
  await world.pass();
  expect(hosts()).toEqual(regional);
  expect(world.writes()).toBe(written);
  state.answer = false;
  await world.pass();
  expect(hosts()).toEqual(none);
  await world.pass();
  expect(world.writes()).toBe(written + 1);
});

test('nothing else of status, no Event and no condition, changes with them', async () => {
  const { world, state, untilReady } = endpointWorld();
  await untilReady();
  const before = world.get()?.status;
  const told = world.events.length;
  state.answer = false;
  await world.pass();
  const after = world.get()?.status;
  expect(after).toEqual({ ...before, replicas: before?.replicas?.map(withoutEndpoint) });
  expect(world.events).toHaveLength(told);
});

function withoutEndpoint(entry: ReplicaStatus): ReplicaStatus {
  const { endpoint, ...rest } = entry;
  expect(endpoint).toBeDefined();
  return rest;
}

test('what status knows is passed on, but for an object whose registry nobody has read, and for who asks to look now', async () => {
  const { world, state, untilReady } = endpointWorld();
  await untilReady();
  expect(state.knownBefore[0]).toBe(undefined);
  expect(new Set(state.knownBefore.slice(1))).toEqual(new Set([true]));
  world.annotate({ [requestedAt]: '1' });
  await world.pass();
  expect(state.knownBefore.at(-1)).toBe(undefined);
});

test('they stay in status while Azure cannot be read at all', async () => {
  const { world, hosts, untilReady } = endpointWorld();
  await untilReady();
  const outage = {
    failure: { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: '503', message: 'Unavailable.' },
    lost: false,
  } as const;
  world.azure.faults.push(...Array.from({ length: 8 }, () => outage));
  expect(await world.passUntil(() => world.get()?.status?.phase !== 'Ready', 8)).toBe(true);
  expect(hosts()).toEqual(regional);
});

test('they stay in status through a deletion outside the set, which reads the registry again', async () => {
  const { world, hosts, untilReady } = endpointWorld();
  await untilReady();
  world.azure.put(replica('uksouth'));
  expect(await world.passUntil(() => hosts()?.some(([location]) => location === 'uksouth') === true)).toBe(true);
  expect(await world.passUntil(() => hosts()?.length === 2)).toBe(true);
  expect(hosts()).toEqual(regional);
});

test('an object that is being deleted asks no more', async () => {
  const { world, state, untilReady } = endpointWorld();
  await untilReady();
  const asked = state.knownBefore.length;
  world.delete();
  expect(await world.passUntil(() => world.get() === undefined)).toBe(true);
  expect(state.knownBefore).toHaveLength(asked);
});

test('they are an hour old at most, but where there were none and the object is at rest a day', async () => {
  const { world, state, untilReady } = endpointWorld();
  state.answer = false;
  await untilReady();
  expect(new Set(state.ages)).toEqual(new Set([3_600_000]));
  const [registry] = world.passes.flatMap(({ finding }) => (finding.kind === 'observed' ? [finding.registry] : []));
  if (registry === undefined) throw new Error('nothing was seen');
  world.glanceBy(async () => ({
    kind: 'seen',
    by: 'resource_graph',
    actual: { registry, registryRead: 'remembered', replicas: world.azure.replicas },
  }));
  const [lists, written] = [world.azure.calls.LIST, world.writes()];
  await world.pass();
  expect(state.ages.at(-1)).toBe(24 * 3_600_000);
  expect([world.azure.calls.LIST, world.writes()]).toEqual([lists, written]);
  state.answer = true;
  await world.pass();
  expect(state.ages.slice(-2)).toEqual([24 * 3_600_000, 3_600_000]); // and the provider, before anything is written
  expect([world.azure.calls.LIST, world.writes()]).toEqual([lists + 1, written + 1]);
  world.advance(10 * 60_000);
  await world.pass();
  expect(state.ages.at(-1)).toBe(3_600_000);
  expect([world.azure.calls.LIST, world.writes()]).toEqual([lists + 1, written + 1]);
});

test('an object that only observes what another cluster manages has all that local pull asks for, and is Ready', async () => {
  const theirs = {
    'managed-by': 'acr-replication-operator',
    'acr-replication-owner': 'other-cluster/platform/contoso',
  };
  const world = memoryWorld(
    [resource(['japaneast'], { spec: { mode: 'Observe', prune: 'None' } })],
    [replica('eastus'), replica('japaneast', { tags: theirs }), replica('uksouth', { tags: theirs })],
  );
  world.endpointsBy(async () => true);
  await world.pass();
  const { status } = world.get() ?? {};
  expect(status?.phase).toBe('Ready');
  expect(status?.replicas?.find(({ location }) => location === 'japaneast')).toMatchObject({
    provisioningState: 'Succeeded',
    status: 'Ready',
    routing: 'Enabled',
    endpoint: 'contoso.japaneast.geo.azurecr.io',
  });
  const { PUT, PATCH, DELETE } = world.azure.calls;
  expect([PUT, PATCH, DELETE]).toEqual([0, 0, 0]);
});

describe('in a day of looks Azure is asked once an hour at most, and the object stays Ready', () => {
  type Kind = { readonly kind: Failure['kind']; readonly pace?: 'soon' | 'slow'; readonly until?: Date };
  const refused = (kind: Kind): Outcome<boolean> =>
    failed({ reason: 'Rejected', code: 'x', message: 'No.', ...kind } as Failure);
  const outOfOrder = refused({ kind: 'retryable', pace: 'soon' });
  const answers: readonly (readonly [what: string, answerIn: (minute: number) => Outcome<boolean>])[] = [
    ['while it says yes', () => ok(true)],
    ['while it says no', () => ok(false)],
    ['while it refuses', () => refused({ kind: 'retryable', pace: 'slow' })],
    ['while it knows no such registry', () => refused({ kind: 'terminal' })],
    ['while it fails', () => refused({ kind: 'retryable', pace: 'soon' })],
    ['while it throttles', (minute) => refused({ kind: 'throttled', until: minutesAfter(minute + 1) })],
    ['while it says another thing each time', (minute) => ok(minute % 10 === 0)],
    ['while it says what it likes, or nothing', (minute) => [ok(true), ok(false), outOfOrder][minute % 3] ?? ok(true)],
  ];
  for (const [what, answerIn] of answers) {
    test(what, async () => {
      const { world, untilReady } = endpointWorld();
      await untilReady();
      const asked: number[] = [];
      const minute = () => Math.round((world.now().getTime() - noon.getTime()) / 60_000);
      const readEndpoints: ReplicationApi['readEndpoints'] = async () => {
        asked.push(minute());
        return answerIn(minute());
      };
      const { endpoints } = endpointMemory(clockAt(() => world.now()))({ ...stubbedApi([]).api, readEndpoints });
      if (endpoints === undefined) throw new Error('nobody asks');
      world.endpointsBy(endpoints);
      const written = world.writes();
      let passes = 0;
      for (const end = minute() + 24 * 60; minute() < end; passes++) {
        await world.pass();
        expect(world.get()?.status?.phase).toBe('Ready');
      }
      expect(passes).toBeGreaterThan(100);
      expect(asked.length).toBeGreaterThan(10);
      expect(asked.slice(1).filter((at, i) => at - (asked[i] ?? 0) < 60)).toEqual([]);
      expect(world.writes() - written).toBeLessThanOrEqual(asked.length);
    });
  }
});
