import { describe, expect, test } from 'vitest';
import type { FaultEffect } from '../../sandbox/emulator/fault-rules.ts';
import { DEFAULTS } from '../../sandbox/emulator/settings.ts';
import { condition, replicaOf, scene, sharedWorld } from '../../support/registry-scene.ts';
import { expectAtMost, fromNow, regions, remembering, soon } from './scenes.ts';

/** Azure counts requests by subscription: who is throttled has one of its own. */
const busySubscription = '33333333-0000-0000-0000-000000000000';
const world = sharedWorld({ subscriptions: [{ id: DEFAULTS.subscriptionId }, { id: busySubscription }] });
const watchedMs = 12_000;

describe('an accepted write that does not stick is not repeated for ever', () => {
  const shared: FaultEffect = { kind: 'policyModifies', tags: { policytag: 'shared' } };
  const tagged = { ...regions('japaneast'), tags: { policytag: 'prod' } };

  for (const [what, effect, spec] of [
    ['tags, by a policy', shared, tagged],
    [
      'routing, by a policy',
      { kind: 'policyModifies', regionEndpointEnabled: false },
      { regions: [{ location: 'japaneast', routing: 'Enabled' }] },
    ],
    ['tags, for the operation fails', { kind: 'operationFails', leaves: 'asItWas' }, tagged],
  ] as const satisfies readonly (readonly [string, FaultEffect, object])[]) {
    test(`a PATCH: ${what}`, async () => {
      const it = await scene(world(), `b1patch${what.length}`, {
        replicas: [{ location: 'japaneast', regionEndpointEnabled: false }],
      });
      await it.fault(effect);
      await it.apply(spec);
      await it.callsWithin(watchedMs);
      expect((await it.calls('PATCH')).length, `${it.name}: nothing was tried`).toBeGreaterThan(0);
      await expectAtMost(it, 'PATCH japaneast', 2, 'they come at growing pauses');
      const object = await world().get(it.name);
      expect(condition(object ?? (await it.untilReady()), 'Ready')?.status, 'it is not as the spec says').toBe('False');
    });
  }

  test('a PATCH: after three a person is asked, who reads setting, wanted and found', async (t) => {
    const there = { provisioningState: 'Succeeded', status: 'Ready', since: fromNow(-400_000) };
    const { world: own, it } = await remembering(t, {
      spec: tagged,
      replicas: { replicas: [{ location: 'japaneast', tags: { policytag: 'shared' } }] },
      entries: [
        {
          location: 'japaneast',
          name: 'japaneast',
          managed: 'Adopted',
          ...there,
          attempts: 3,
          notBefore: fromNow(300_000),
        },
      ],
    });
    await it.fault(shared);
    await own.start();
    const object = await soon(own, it, 'Overridden', (o) => condition(o, 'Stalled')?.reason === 'Overridden');
    for (const part of [/^japaneast: /, /policytag/, /prod/, /shared/])
      expect(condition(object, 'Stalled')?.message).toMatch(part);
    await expectAtMost(it, 'PATCH japaneast', 0, 'three were made, and the next is not due');
  });

  for (const effect of [
    { kind: 'operationFails', leaves: 'asItWas' },
    { kind: 'operationFails', leaves: 'Failed' },
    { kind: 'deleteIgnored' },
  ] as const satisfies readonly FaultEffect[]) {
    const name = `b1delete${'leaves' in effect ? effect.leaves.toLowerCase() : 'ignored'}`;
    for (const going of [false, true]) {
      test(`a DELETE ${going ? 'of an object that goes' : 'outside the set'}: ${JSON.stringify(effect)}`, async () => {
        const it = await scene(world(), `${name}${going ? 'going' : ''}`, {
          replicas: [{ location: 'japaneast' }, { location: 'uksouth' }],
        });
        await it.apply(regions('japaneast', 'uksouth'));
        await it.untilReady();
        await it.fault(effect, { verb: 'DELETE', region: 'japaneast' });
        if (going) await world().cluster.kube.delete(world().path(it.name));
        else await it.apply(regions('uksouth'));
        await it.callsWithin(watchedMs);
        expect((await it.calls('DELETE')).length, `${it.name}: nothing was tried`).toBeGreaterThan(0);
        await expectAtMost(it, 'DELETE japaneast', 2, 'they come at growing pauses');
        expect(await world().get(it.name), 'the object let go of a replica that is there').toBeDefined();
      });
    }
  }
});

describe('a refused write goes at its own pace while another region is looked at every few seconds', () => {
  for (const [what, effect] of [
    ['denied by a policy', { kind: 'policy' }],
    ['503 with Retry-After', { kind: 'respond', status: 503, code: 'ServerBusy', retryAfterSeconds: 60 }],
    ['429 with Retry-After', { kind: 'throttle', retryAfterSeconds: 60 }],
    ['400 with a code nobody knows', { kind: 'respond', status: 400, code: 'MoonPhaseInvalid' }],
  ] as const satisfies readonly (readonly [string, FaultEffect])[]) {
    test(what, async () => {
      const it = await scene(
        world(),
        `b2${effect.kind}${what.length}`,
        effect.kind === 'throttle' ? { subscriptionId: busySubscription } : {},
      );
      await it.fault({ kind: 'stuckCreating' }, { region: 'japaneast' });
      await it.fault(effect, { verb: 'PUT', region: 'uksouth' });
      await it.apply(regions('japaneast', 'uksouth'));
      await soon(world(), it, 'uksouth refused', (o) => replicaOf(o, 'uksouth')?.error !== undefined);
      await it.callsWithin(watchedMs);
      await expectAtMost(it, 'PUT uksouth', 2, 'the pace of japaneast is not its own');
    });
  }
});

test('a LIST that shows what GET does not is not asked every two seconds', async () => {
  const it = await scene(world(), 'b3shows', { replicas: [{ location: 'japaneast' }, { location: 'uksouth' }] });
  await it.apply(regions('japaneast', 'uksouth'));
  await it.untilReady();
  await it.fault({ kind: 'notFound' }, { kind: 'replication', region: 'japaneast' });
  await it.apply(regions('uksouth'));
  await soon(
    world(),
    it,
    'a look at the spec',
    ({ status, metadata }) => status?.observedGeneration === metadata.generation,
  );
  const calls = await it.callsWithin(watchedMs);
  expect(calls, `b3shows: ${calls} calls in ${watchedMs / 1_000} s`).toBeLessThanOrEqual(4);
  await expectAtMost(it, 'DELETE japaneast', 0, 'its GET says that there is none');
});
