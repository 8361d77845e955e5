import { describe, expect, test } from 'vitest';
import type { FaultEffect, FaultMatch } from '../sandbox/emulator/fault-rules.ts';
import {
  condition,
  ownReplica,
  replicaOf,
  resourceGroup,
  type Scene,
  said,
  scene,
  sharedWorld,
  unreadForMinutes,
} from '../support/registry-scene.ts';

/** Subscriptions that lose something. */
const lost = [1, 2, 3].map((n) => `11111111-0000-0000-0000-00000000000${n}`);
const world = sharedWorld({
  registries: lost.map((subscriptionId, i) => ({
    name: `seed${i}0`,
    resourceGroup,
    location: 'eastus',
    subscriptionId,
  })),
  subscriptions: [{ id: '00000000-0000-0000-0000-000000000000' }, ...lost.map((id) => ({ id }))],
});
const write = 'Microsoft.ContainerRegistry/registries/replications/write';

interface Refusal {
  readonly name: string;
  readonly effect: FaultEffect;
  readonly reason: string;
  readonly says: RegExp;
}

const refusals: readonly Refusal[] = [
  {
    name: 'a ReadOnly lock',
    effect: { kind: 'lock', level: 'ReadOnly' },
    reason: 'Locked',
    says: /^japaneast: A lock forbids the change, it is on .*\/registries\/\w+\. Remove the lock/,
  },
  {
    name: 'a policy',
    effect: { kind: 'policy', assignment: 'eu-only' },
    reason: 'PolicyDenied',
    says: /^japaneast: The policy assignment "eu-only" denies it\. Ask the owner/,
  },
  {
    name: 'a quota',
    effect: { kind: 'respond', status: 403, code: 'QuotaExceeded', message: 'The limit of replications is reached.' },
    reason: 'QuotaExceeded',
    says: /^japaneast: .*The limit of replications is reached\. Ask Azure for a higher quota/,
  },
  {
    name: 'a missing role, which may be on its way for five minutes',
    effect: { kind: 'deny', action: write },
    reason: 'Retrying',
    says: /^japaneast: Azure forbids client .* the action Microsoft\.ContainerRegistry\/registries\/replications\/write on .* Grant/,
  },
  {
    name: 'a provider that is not registered',
    effect: { kind: 'respond', status: 409, code: 'MissingSubscriptionRegistration' },
    reason: 'ProviderNotRegistered',
    says: /^japaneast: .*not registered.* az provider register --namespace Microsoft\.ContainerRegistry/,
  },
  {
    name: 'a code nobody has heard of',
    effect: { kind: 'respond', status: 400, code: 'MoonPhaseInvalid', message: 'Not tonight.' },
    reason: 'Rejected',
    says: /^japaneast: Azure answered MoonPhaseInvalid: Not tonight\. Azure does not accept this change/,
  },
];

describe('a create refused by Azure is said plainly, tried again slowly, keeps nothing else back, and ends well', () => {
  for (const [index, { name, effect, reason, says }] of refusals.entries()) {
    test(name, async () => {
      const it = await scene(world(), `refusal${index}`);
      const end = await it.fault(effect, { verb: 'PUT', region: 'japaneast' });
      await it.apply({ regions: [{ location: 'japaneast' }, { location: 'uksouth' }] });
      const object = await it.until('the other region to be made', (o) => replicaOf(o, 'uksouth')?.status === 'Ready');
      expect(condition(object, 'Ready')).toMatchObject({ status: 'False', reason });
      expect(condition(object, 'Ready')?.message).toMatch(says);
      expect(replicaOf(object, 'japaneast')?.error?.message).toBe(said(object, 'Ready').replace('japaneast: ', ''));
      await end();
      await it.lookNow();
      const ready = await it.untilReady();
      expect(replicaOf(ready, 'japaneast')?.error).toBeUndefined();
      expect(await it.writes()).not.toContain('DELETE uksouth');
    });
  }
});

describe('a delete that Azure refuses', () => {
  const spec = { regions: [{ location: 'uksouth' }] };

  test('for a lock leaves the replica and says what is locked', async () => {
    const replicas = ['japaneast', 'uksouth'].map((location) => ownReplica(world(), 'lockeddelete', location));
    const it = await scene(world(), 'lockeddelete', { replicas });
    const end = await it.fault({ kind: 'lock' });
    await it.apply(spec);
    const object = await it.untilReason('Locked');
    expect(condition(object, 'Stalled')?.message).toMatch(/^japaneast: A lock forbids the change/);
    expect(object.status?.plan).toEqual(['-japaneast']);
    await end();
    await it.lookNow();
    await it.untilReady();
    expect(await it.locations()).toEqual(['eastus', 'uksouth']);
  });

  for (const [name, effect, reason] of [
    ['for a lock', { kind: 'lock' }, 'Locked'],
    ['for a missing role', { kind: 'deny', action: write.replace('write', 'delete') }, 'Retrying'],
  ] as const) {
    test(`${name} keeps a deleted object, which says how to let go of the replicas`, async () => {
      const it = await scene(world(), `keeps${reason.toLowerCase()}`);
      await it.apply(spec);
      await it.untilReady();
      const end = await it.fault(effect, { verb: 'DELETE' });
      await world().cluster.kube.delete(world().path(it.name));
      const object = await it.untilReason(reason);
      expect(object.status?.phase).toBe('Deleting');
      expect(condition(object, 'Ready')?.message).toMatch(/spec\.deletionPolicy: Retain/);
      await end();
      await it.lookNow();
      await it.untilGone();
      expect(await it.locations()).toEqual(['eastus']);
    });
  }
});

describe('deleted under a living object', () => {
  const ways: readonly (readonly [string, (it: Scene, subscriptionId: string) => Promise<void>])[] = [
    ['registry', (it) => world().azure.control.deleteRegistry(it.name)],
    [
      'resource group',
      (_, subscriptionId) => world().azure.control.deleteResourceGroup({ subscriptionId, name: resourceGroup }),
    ],
    ['subscription', (_, subscriptionId) => world().azure.control.deleteSubscription(subscriptionId)],
  ];
  for (const [index, [what, vanish]] of ways.entries()) {
    const isProof = what !== 'subscription';
    const end = isProof ? 'after three looks' : 'for Retain only: it may be out of reach';
    test(`a ${what} is RegistryNotFound, and the deletion of the object completes ${end}`, async () => {
      const subscriptionId = lost[index] ?? '';
      const it = await scene(world(), `gone${index}`, { subscriptionId });
      await it.apply({ regions: [{ location: 'japaneast' }] });
      const { status } = await it.untilReady();
      await vanish(it, subscriptionId);
      await it.lookNow();
      await unreadForMinutes(world(), it.name);
      const object = await it.untilReason('RegistryNotFound');
      expect(condition(object, 'Stalled')?.message).toContain(`There is no ${what} `);
      expect(object.status?.replicas).toEqual(status?.replicas); // as last known
      const path = world().path(it.name);
      await world().cluster.kube.delete(path);
      if (!isProof) {
        await it.until('Deleting', (o) => o.status?.phase === 'Deleting' && said(o, 'Ready').includes('Retain'));
        await world().cluster.kube.patch(path, { spec: { deletionPolicy: 'Retain' } });
      }
      await world().cluster.kube.waitForGone(path, { deadlineMs: 90_000 });
      expect(await it.writes()).toEqual(['PUT japaneast']);
    });
  }
});

describe('an answer that Azure does not give, or not as it should, is tried again and nothing wrong is written', () => {
  const forms: readonly (readonly [string, FaultEffect])[] = [
    ...[500, 502, 503, 504].map((status): [string, FaultEffect] => [
      `${status}`,
      { kind: 'respond', status, code: 'ServerError' },
    ]),
    ['a reset connection', { kind: 'reset' }],
    ['a connection reset when the work was done', { kind: 'reset', late: true }],
    ['half an answer', { kind: 'body', form: 'truncated' }],
    ['an empty answer', { kind: 'body', form: 'empty' }],
    ['an empty object', { kind: 'body', form: 'braces' }],
    ['an HTML page with 502', { kind: 'body', form: 'html' }],
    ['an HTML page with 200', { kind: 'body', form: 'html', status: 200 }],
  ];
  const growing: readonly FaultMatch[] = [
    { verb: 'GET', kind: 'registry' },
    { verb: 'LIST', kind: 'replications' },
    { verb: 'PUT', kind: 'replication' },
    { verb: 'PATCH', kind: 'replication' },
  ];
  const shrinking: readonly FaultMatch[] = [
    { verb: 'GET', kind: 'replication' },
    { verb: 'DELETE', kind: 'replication' },
  ];
  const replicas = [{ location: 'japaneast', regionEndpointEnabled: false }, { location: 'uksouth' }];

  test('a refusal, too, is tried again without anybody asking, at the interval at the latest', async () => {
    const it = await scene(world(), 'byitself');
    const end = await it.fault({ kind: 'policy' });
    await it.apply({ regions: [{ location: 'japaneast' }], interval: '30s' });
    await it.untilReason('PolicyDenied');
    await end();
    await it.untilReady();
    expect(await it.writes()).toEqual(['PUT japaneast', 'PUT japaneast']);
  });

  for (const [index, [name, effect]] of forms.entries()) {
    test(`${name}, once to each verb`, async () => {
      const grows = await scene(world(), `grows${index}`, { replicas });
      for (const match of growing) await grows.fault(effect, match, 1);
      const own = replicas.map((seed) => ({ ...seed, ...ownReplica(world(), `shrinks${index}`, seed.location) }));
      const shrinks = await scene(world(), `shrinks${index}`, { replicas: own });
      for (const match of shrinking) await shrinks.fault(effect, match, 1);
      await grows.apply({
        regions: [{ location: 'japaneast', routing: 'Enabled' }, { location: 'brazilsouth' }],
        prune: 'None',
      });
      await shrinks.apply({ regions: [{ location: 'japaneast' }] });
      await Promise.all([grows.untilReady(), shrinks.untilReady()]);
      expect(await grows.locations()).toEqual(['brazilsouth', 'eastus', 'japaneast', 'uksouth']);
      expect(await shrinks.locations()).toEqual(['eastus', 'japaneast']);
      expect(new Set(await grows.writes())).toEqual(new Set(['PATCH japaneast', 'PUT brazilsouth']));
      expect(new Set(await shrinks.writes())).toEqual(new Set(['DELETE uksouth']));
      expect([...(await grows.writes()), ...(await shrinks.writes())].length).toBeLessThanOrEqual(6);
      const faults = await world().azure.control.faults();
      const struck = (it: Scene) => faults.filter((f) => f.match?.registry === it.name).map((f) => f.struck);
      expect([struck(grows), struck(shrinks)]).toEqual([
        [1, 1, 1, 1],
        [1, 1],
      ]);
    });
  }

  test("a proxy's page with 404 passes neither for a missing registry nor for a missing replica", async (t) => {
    const it = await scene(world(), 'proxypage', { replicas });
    await it.apply({ regions: [{ location: 'japaneast' }, { location: 'uksouth' }] });
    await it.untilReady();
    for (const kind of ['registry', 'replications', 'replication'] as const) {
      if (kind === 'replication') await it.fault({ kind: 'listOmits', region: 'uksouth' });
      const end = await it.fault({ kind: 'body', form: 'html', status: 404 }, { kind });
      await it.lookNow();
      const answers = async () => (await it.calls()).filter((c) => c.kind === kind && c.status === 404).length;
      await t.expect.poll(answers, { timeout: 30_000 }).toBeGreaterThan(0);
      await end();
      await it.lookNow();
      await it.untilReady();
    }
    expect(await it.writes()).toEqual([]);
  });
});
