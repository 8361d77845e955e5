import { expect, test } from 'vitest';
import { createThrottle } from '../../../../src/azure/limits/throttle.ts';
import { type Failure, failed, type Outcome, ok } from '../../../../src/domain/failure.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import type { NewReplica, RegistryRef } from '../../../../src/domain/replication.ts';
import type { Urgency } from '../../../../src/domain/urgency.ts';
import type { ReplicationApi } from '../../../../src/ports/azure.ts';
import { actual, minutesAfter, noon, registry, replica } from '../../../support/builders.ts';
import { clockAt } from '../../../support/clock.ts';

const signal = AbortSignal.timeout(60_000);
const known = registry();
const japan: NewReplica = {
  region: regionOf('japaneast'),
  name: 'japaneast',
  routing: undefined,
  zoneRedundancy: undefined,
  tags: {},
};
const refOf = (index: number, subscriptionId = 's'): RegistryRef => ({
  subscriptionId,
  resourceGroup: 'registries',
  name: `registry${index}`,
});

/** An Azure that takes every call, until `failure` is set, and a clock that the test turns. */
function world(share = 0.8) {
  const state = { now: noon, failure: undefined as Failure | undefined };
  const calls: string[] = [];
  const metered: string[] = [];
  const called = <T>(name: string, value: T) => {
    calls.push(name);
    return Promise.resolve(state.failure === undefined ? ok(value) : failed(state.failure));
  };
  const api: ReplicationApi = {
    observe: (ref) => called(`observe ${ref.name}`, actual()),
    readRegistry: (ref) => called(`read ${ref.name}`, known),
    get: (ref, name) => called(`get ${ref.name} ${name}`, undefined),
    create: (ref, { name }) => called(`create ${ref.name} ${name}`, replica(name)),
    update: (ref, name) => called(`update ${ref.name} ${name}`, replica(name)),
    remove: (ref, name) => called(`remove ${ref.name} ${name}`, undefined),
    readEndpoints: (ref) => called(`endpoints ${ref.name}`, true),
  };
  const throttle = createThrottle({
    clock: clockAt(() => state.now),
    share,
    meter: {
      throttled: (kind) => metered.push(`throttled ${kind}`),
      throttleWaited: (kind, ms) => metered.push(`${kind} waited ${ms}`),
    },
  });
  const as = (principal: string, urgency: Urgency = 'edited') => throttle.guard(principal, api, urgency);
  return { state, calls, metered, throttle, api: as('operator'), look: as('operator', 'steady'), other: as('other') };
}

type Call = (api: ReplicationApi, index: number, subscriptionId?: string) => Promise<Outcome<unknown>>;
const endpoints: Call = async (api, index) => (await api.readEndpoints?.(refOf(index), signal)) ?? ok(undefined);
const list: Call = (api, index, subscription) => api.observe(refOf(index, subscription), known, signal);
const create: Call = (api, index, subscription) => api.create(refOf(index, subscription), japan, signal);
const remove: Call = (api, index, subscription) => api.remove(refOf(index, subscription), 'japaneast', signal);

/** Calls for one registry after the other until one is put off; how many went, and the failure. */
async function drain(
  call: (index: number) => Promise<Outcome<unknown>>,
): Promise<{ readonly count: number; readonly failure: Failure }> {
  for (let count = 0; ; count++) {
    const outcome = await call(count);
    if (!outcome.ok) return { count, failure: outcome.failure };
  }
}

const kinds: readonly { readonly name: string; readonly call: Call; readonly most: number }[] = [
  { name: 'LISTs', call: list, most: 100 },
  {
    name: 'a LIST and a GET for registries that are not remembered',
    call: (api, i) => api.observe(refOf(i), undefined, signal),
    most: 50,
  },
  { name: 'GETs', call: (api, i) => api.get(refOf(i), 'japaneast', signal), most: 100 },
  { name: 'GETs that tell of regional endpoints', call: endpoints, most: 100 },
  { name: 'PUTs', call: create, most: 80 },
  {
    name: 'PATCHes',
    call: (api, i) => api.update(refOf(i), 'japaneast', {}, signal),
    most: 80,
  },
  { name: 'DELETEs', call: remove, most: 80 },
];
for (const { name, call, most } of kinds) {
  test(`half of four fifths of Azure's limit may go at once at the start: ${name}`, async () => {
    const { api, calls } = world();
    const { count, failure } = await drain((i) => call(api, i));
    expect([count, calls.length]).toEqual([most, most]);
    expect(failure).toMatchObject({ kind: 'throttled', reason: 'Throttled', code: 'LocalThrottle' });
  });
}

test('a call that is put off fails at once with a moment of its own, at which it is made', async () => {
  const { api, calls, metered, state } = world();
  await drain((i) => create(api, i));
  const [one, two] = [await create(api, 1_001), await create(api, 1_002)];
  const until = (outcome: typeof one) =>
    !outcome.ok && outcome.failure.kind === 'throttled' ? outcome.failure.until : undefined;
  expect([until(one), until(two)]).toEqual([new Date(noon.getTime() + 250), new Date(noon.getTime() + 375)]);
  expect(calls).toHaveLength(80);
  state.now = new Date(noon.getTime() + 375);
  expect((await create(api, 1_002)).ok).toBe(true);
  expect(metered).toEqual(['throttled writes', 'throttled writes', 'throttled writes', 'writes waited 375']);
});

test('the message of a call that is put off is always the same: status must not change with each pass', async () => {
  const { api, state } = world();
  const { failure } = await drain((i) => list(api, i));
  state.now = new Date(noon.getTime() + 10);
  const again = await list(api, 100);
  expect(again).toMatchObject({ ok: false, failure: { message: failure.message } });
});

test('sixteen calls of edits go at once, however many looks wait', async () => {
  const { api, look, throttle } = world();
  expect((await drain((i) => list(look, i))).count).toBe(80);
  for (let i = 0; i < 2_000; i++) await list(look, i);
  expect(throttle.lookWaitMs()).toBeGreaterThan(90_000);
  expect((await drain((i) => list(api, 10_000 + i))).count).toBe(16);
  expect((await create(look, 0)).ok).toBe(true);
});

test('kinds, subscriptions and identities do not take from each other; the spelling of a subscription does not matter', async () => {
  const { api, other } = world();
  await drain((i) => create(api, i));
  expect((await remove(api, 0)).ok).toBe(true);
  expect((await list(api, 0)).ok).toBe(true);
  expect((await create(api, 0, 'another')).ok).toBe(true);
  expect((await create(other, 0)).ok).toBe(true);
  expect((await create(api, 1_000, 'S')).ok).toBe(false);
});

const graphLimits = [
  { kind: 'queries', most: 15, inMs: 5_000 },
  { kind: 'lists', most: 4_000, inMs: 60_000 },
] as const;
for (const { kind, most, inMs } of graphLimits) {
  test(`Resource Graph is asked for ${most} ${kind} in any ${inMs / 1_000} seconds at most, at full share`, () => {
    const { throttle, state } = world(1);
    const quota = () =>
      kind === 'queries' ? throttle.graph('operator').queries() : throttle.graph('operator').lists('s');
    quota();
    const went: number[] = [];
    for (let ms = 60_000; ms < 60_000 + 2 * inMs; ms += 5) {
      state.now = new Date(noon.getTime() + ms); // the bucket is full by then
      if (quota().ask({ caller: 'one', cost: 1, urgency: 'steady' }, state.now.getTime()).kind === 'go') went.push(ms);
    }
    const busiest = Math.max(...went.map((to, i) => i + 1 - went.findIndex((ms) => ms > to - inMs)));
    expect(busiest).toBeLessThanOrEqual(most);
    expect(busiest).toBeGreaterThan(most * 0.9);
  });
}

test('half a share gives half of it', async () => {
  const { api } = world(0.4);
  expect((await drain((i) => create(api, i))).count).toBe(40);
});

test('a 429 holds back the calls of that kind and subscription until Retry-After, and no others', async () => {
  const { api, calls, state } = world();
  const message = 'Azure limits the requests to subscription s.';
  state.failure = { kind: 'throttled', until: minutesAfter(1), reason: 'Throttled', code: '429', message };
  expect(await create(api, 1)).toEqual({
    ok: false,
    failure: { ...state.failure, until: new Date(minutesAfter(1).getTime() + 125) },
  });
  state.failure = undefined;
  expect(await create(api, 2)).toMatchObject({
    failure: { code: 'LocalThrottle', until: new Date(minutesAfter(1).getTime() + 250) },
  });
  expect((await remove(api, 2)).ok).toBe(true);
  expect((await create(api, 2, 'another')).ok).toBe(true);
  expect(calls).toHaveLength(3);
  state.now = new Date(minutesAfter(1).getTime() + 250);
  expect((await create(api, 2)).ok).toBe(true);
});

test('a 429 without Retry-After holds them back for five seconds at first', async () => {
  const { api, state } = world();
  state.failure = { kind: 'throttled', until: undefined, reason: 'Throttled', code: '429', message: '' };
  expect(await create(api, 1)).toMatchObject({ failure: { code: '429', until: new Date(noon.getTime() + 5_125) } });
});

test('an outage with Retry-After is no request limit', async () => {
  const { api, state } = world();
  state.failure = { kind: 'throttled', until: minutesAfter(1), reason: 'Retrying', code: '503', message: '' };
  expect(await create(api, 1)).toEqual(failed(state.failure));
  state.failure = undefined;
  expect((await create(api, 1)).ok).toBe(true);
});

test('when Azure says that less is left, a fifth of the limit stays with the others', async () => {
  const { api, throttle } = world();
  throttle.heard('operator', 's', { writes: 45, reads: 16_499 });
  throttle.heard('other', 's', { deletes: 0 });
  expect((await drain((i) => create(api, i))).count).toBe(5);
  expect((await drain((i) => list(api, i))).count).toBe(100);
  expect((await remove(api, 0)).ok).toBe(true);
});

/** Mean seconds between two looks at each of so many registries, of which each is due five minutes after its last. */
async function spacing(objects: number, share: number): Promise<number> {
  const { state, look } = world(share);
  const due = Array.from({ length: objects }, (_, i) => ({
    i,
    atMs: noon.getTime() + (i * 300_000) / objects,
    looks: 0,
  }));
  const hours = 2;
  for (let second = 0; second < hours * 3_600; second++) {
    const nowMs = noon.getTime() + second * 1_000;
    state.now = new Date(nowMs);
    for (const one of due) {
      if (one.atMs > nowMs) continue;
      const seen = await list(look, one.i);
      one.atMs = seen.ok ? nowMs + 300_000 : (seen.failure.until?.getTime() ?? nowMs + 1_000);
      if (seen.ok && second >= 3_600) one.looks += 1;
    }
  }
  return ((hours - 1) * 3_600 * objects) / due.reduce((sum, { looks }) => sum + looks, 0);
}

// 25 reads a second, of which 0.8 are 6,000 in five minutes: docs/kubernetes.md. A tenth of it all, which is quicker.
test.each([
  [500, 300],
  [600, 300],
  [900, 450],
  [1_200, 600],
])(
  'of %i registries in one subscription, where 600 fit into the interval, each is looked at every %i s',
  async (objects, s) => {
    const seconds = await spacing(objects, 0.08);
    expect(seconds).toBeGreaterThan(s * 0.98);
    expect(seconds).toBeLessThan(s * 1.05);
  },
);
