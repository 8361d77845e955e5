import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import type { FaultMatch } from '../sandbox/emulator/fault-rules.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { condition, ownReplica, replicaOf, resourceGroup, scene, sharedWorld } from '../support/registry-scene.ts';

/** Azure counts requests by subscription, and so does the operator: each test has one of its own. */
const subscriptions = Array.from({ length: 9 }, (_, i) => `22222222-0000-0000-0000-00000000000${i}`);
const world = sharedWorld({
  subscriptions: [{ id: '00000000-0000-0000-0000-000000000000' }, ...subscriptions.map((id) => ({ id }))],
  registries: subscriptions.map((subscriptionId, i) => ({
    name: `seed${i}0`,
    resourceGroup,
    location: 'eastus',
    subscriptionId,
  })),
});
const replicas = (object: string) => [
  { ...ownReplica(world(), object, 'japaneast'), regionEndpointEnabled: false },
  ownReplica(world(), object, 'uksouth'),
];
/** Needs every verb: one region to create, one to change, one to delete. */
const spec = { regions: [{ location: 'japaneast', routing: 'Enabled' }, { location: 'brazilsouth' }] } as const;
const done = ['brazilsouth', 'eastus', 'japaneast'];

// The longest first: the suite takes as long as this.
for (const [what, effect] of [
  ['answers 503', { kind: 'respond', status: 503, code: 'temporarily_unavailable' }],
  ['breaks connections off', { kind: 'reset' }],
] as const) {
  test(`tokens cannot be had while the identity provider ${what}; then the work begins by itself`, async (t) => {
    const world = await operatorWorld(t);
    const fault = await world.azure.control.addFault({ match: { kind: 'token' }, effect });
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
    const object = await world.until('contoso', 'Retrying', (o) => condition(o, 'Ready')?.reason === 'Retrying');
    expect(object.status?.phase).toBe('Pending');
    expect(condition(object, 'Reconciling')?.message).toMatch(/The operator tries again by itself/);
    await world.azure.control.clearFaults(fault);
    // After an answer of 5xx the identity library asks again only when a minute is over.
    const ready = (o: RegistryReplication) => {
      t.expect(condition(o, 'Stalled')).toBeUndefined(); // nobody has to correct anything
      return o.status?.phase === 'Ready';
    };
    await world.until('contoso', 'Ready', ready, 100_000);
  });
}

const verbs: readonly (FaultMatch & Required<Pick<FaultMatch, 'verb' | 'kind'>>)[] = [
  { verb: 'GET', kind: 'registry' },
  { verb: 'LIST', kind: 'replications' },
  { verb: 'PUT', kind: 'replication' },
  { verb: 'PATCH', kind: 'replication' },
  { verb: 'GET', kind: 'replication', region: 'japaneast' },
  { verb: 'DELETE', kind: 'replication' },
];
for (const [index, match] of verbs.entries()) {
  test(`429 with Retry-After to ${match.verb} ${match.kind} is heeded: the operator never comes back earlier`, async () => {
    const it = await scene(world(), `throttled${index}`, {
      replicas: replicas(`throttled${index}`),
      subscriptionId: subscriptions[index] ?? '',
    });
    await it.fault({ kind: 'throttle', retryAfterSeconds: 4 }, match, 1);
    await it.apply(spec);
    const object = await it.untilReason('Throttled');
    expect(condition(object, 'Reconciling')?.message).toMatch(/Azure limits the requests to subscription/);
    await it.untilReady();
    expect(await it.locations()).toEqual(done);
    const calls = (await it.calls(match.verb)).filter(
      ({ kind, region }) => kind === match.kind && (match.region === undefined || region === match.region),
    );
    const refused = calls.findIndex(({ status }) => status === 429);
    const [before, after] = [calls[refused], calls[refused + 1]];
    expect((after?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThanOrEqual(4_000);
    expect(new Set(await it.writes())).toEqual(new Set(['DELETE uksouth', 'PATCH japaneast', 'PUT brazilsouth']));
  });
}

test('storms of 429 without Retry-After on every verb are sat out, ever more slowly', async () => {
  const it = await scene(world(), 'stormy', { replicas: replicas('stormy'), subscriptionId: subscriptions[6] ?? '' });
  const end = await it.fault({ kind: 'throttle' });
  await it.apply(spec);
  await it.untilReason('Throttled');
  expect(await it.callsWithin(7_000)).toBeLessThan(4); // after 2 s, 4 s, 8 s …
  await end();
  await it.lookNow();
  await it.untilReady();
  expect(await it.locations()).toEqual(done);
});

test('429 without Retry-After, once to each verb, is come back to after a pause', async () => {
  const it = await scene(world(), 'unsaid', { replicas: replicas('unsaid'), subscriptionId: subscriptions[7] ?? '' });
  for (const verb of ['LIST', 'PUT', 'PATCH', 'DELETE'] as const) await it.fault({ kind: 'throttle' }, { verb }, 1);
  await it.apply(spec);
  await it.untilReady();
  expect(await it.locations()).toEqual(done);
  expect((await it.writes()).length).toBeLessThan(8);
});

test('in an outage of the home region what serves stays as last known, the rest waits, and it ends by itself', async () => {
  const home = 'norwayeast';
  const it = await scene(world(), 'homeless', { location: home, replicas: [{ location: 'uksouth' }] });
  await it.apply({ regions: [{ location: 'uksouth' }] });
  const before = await it.untilReady();
  const end = await world().azure.control.addFault({ match: { homeRegion: home }, effect: { kind: 'outage' } });
  await it.apply({ regions: [{ location: 'uksouth' }, { location: 'japaneast' }] });
  const during = await it.untilReason('Retrying');
  expect(during.status?.phase).toBe('Syncing');
  expect(during.status?.replicas).toEqual(before.status?.replicas);
  expect(condition(during, 'Reconciling')?.message).toMatch(/Azure is in trouble.*unavailable in the home region/);
  expect(await it.callsWithin(9_000)).toBeLessThan(5);
  await world().azure.control.clearFaults(end);
  await it.untilReady();
  expect(await it.writes()).toEqual(['PUT japaneast']);
});

test('tokens that are revoked are replaced at once: nobody notices', async (t) => {
  const world = await operatorWorld(t);
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
  await world.untilReady('contoso');
  await world.azure.control.revokeTokens();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }, { location: 'uksouth' }] });
  await world.untilReady('contoso');
  const journal = await world.azure.control.journal();
  const refused = journal.filter(({ status }) => status === 401);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(4);
});

test('tokens that expire soon are renewed before they do', async (t) => {
  const world = await operatorWorld(t, { tokenLifeSeconds: 33 }); // unusable for the last 30
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
  await world.untilReady('contoso');
  await world.apply('contoso', { regions: [{ location: 'uksouth' }] });
  await world.untilReady('contoso');
  const journal = await world.azure.control.journal();
  expect(journal.filter(({ kind }) => kind === 'token').length).toBeGreaterThan(1);
  expect(journal.filter(({ status }) => status === 401)).toEqual([]);
});

test('tokens that cannot be renewed for a while leave what is Ready as it is', async (t) => {
  const world = await operatorWorld(t, { tokenLifeSeconds: 31 });
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
  const before = await world.untilReady('contoso');
  const fault = await world.azure.control.addFault({ match: { kind: 'token' }, effect: { kind: 'reset' } });
  await world.apply('contoso', { regions: [{ location: 'japaneast' }, { location: 'uksouth' }] });
  const during = await world.until('contoso', 'Retrying', (o) => condition(o, 'Ready')?.reason === 'Retrying');
  expect(replicaOf(during, 'japaneast')).toEqual(replicaOf(before, 'japaneast'));
  await world.azure.control.clearFaults(fault);
  await world.untilReady('contoso');
  expect(await world.writes()).toEqual({ PUT: 2, PATCH: 0, DELETE: 0 });
});
