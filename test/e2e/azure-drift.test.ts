import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { condition, ownReplica, replicaOf, scene, sharedWorld } from '../support/registry-scene.ts';

const world = sharedWorld();

describe('routing that somebody disabled by hand', () => {
  test('is left alone while the spec is silent', async () => {
    const it = await scene(world(), 'silent', { replicas: [{ location: 'japaneast' }] });
    await it.apply({ regions: [{ location: 'japaneast' }] });
    await it.untilReady();
    await world().azure.control.alterReplica({ registry: it.name, region: 'japaneast', regionEndpointEnabled: false });
    await it.lookNow();
    expect(replicaOf(await it.untilReady(), 'japaneast')?.routing).toBe('Disabled');
    expect(await it.writes()).toEqual([]);
  });

  test('is restored, by one PATCH that changes nothing else, while the spec says Enabled', async () => {
    const tags = { 'cost-center': '42' };
    const it = await scene(world(), 'stated', { replicas: [{ location: 'japaneast', tags }] });
    await it.apply({ regions: [{ location: 'japaneast', routing: 'Enabled' }] });
    await it.untilReady();
    await world().azure.control.alterReplica({ registry: it.name, region: 'japaneast', regionEndpointEnabled: false });
    await it.lookNow();
    expect(replicaOf(await it.untilReady(), 'japaneast')?.routing).toBe('Enabled');
    expect((await it.calls('PATCH')).map(({ body }) => body)).toEqual([
      { properties: { regionEndpointEnabled: true } },
    ]);
    const [, replica] = await world().azure.control.replicas(it.name);
    expect(replica).toMatchObject({ tags, properties: { regionEndpointEnabled: true } });
  });
});

test('Syncing for hours is never made again, polled ever more slowly, and shows since when', async () => {
  const it = await scene(world(), 'slowsync', { replicas: [{ location: 'japaneast' }] });
  const spec = { regions: [{ location: 'japaneast' }] };
  const { metadata } = await it.apply({ ...spec, suspend: true });
  await it.until('Suspended', (o) => o.status?.phase === 'Suspended');
  await world().azure.control.alterReplica({ registry: it.name, region: 'japaneast', displayStatus: 'Syncing' });
  // As it was left three hours ago.
  const since = `${new Date(Date.now() - 3 * 3_600_000).toISOString().slice(0, 19)}Z`;
  const replica = {
    location: 'japaneast',
    name: 'japaneast',
    provisioningState: 'Succeeded',
    status: 'Syncing',
    since,
  };
  await world().cluster.kube.patch(`${world().path(it.name)}/status`, {
    status: { observedGeneration: metadata.generation, replicas: [replica] },
  });
  await it.apply(spec);
  const object = await it.untilReason('Syncing');
  expect(replicaOf(object, 'japaneast')).toMatchObject({ status: 'Syncing', since });
  expect(condition(object, 'Reconciling')?.message).toMatch(/^japaneast: provisioned; Azure reports Syncing\.$/);
  expect(await it.callsWithin(7_000)).toBeLessThan(3); // at a pace of 2 s it would be three
  expect(await it.writes()).toEqual([]);
  await world().azure.control.alterReplica({ registry: it.name, region: 'japaneast', displayStatus: 'Ready' });
  await it.lookNow();
  await it.untilReady();
});

test('replicas that somebody deletes, adds and alters in a tight loop are put right at our own pace', async () => {
  const it = await scene(world(), 'vandal', { replicas: [{ location: 'japaneast' }, { location: 'uksouth' }] });
  const { control } = world().azure;
  let changes = 0;
  const vandal = { stopped: false };
  const vandalise = async () => {
    while (!vandal.stopped) {
      const there = new Set(await it.locations());
      const change = changes++ % 3;
      if (change === 0 && there.has('japaneast'))
        await control.deleteReplica({ registry: it.name, region: 'japaneast' });
      if (change === 1 && !there.has('brazilsouth'))
        await control.createReplica({ registry: it.name, ...ownReplica(world(), it.name, 'brazilsouth') });
      if (change === 2 && there.has('uksouth'))
        await control.alterReplica({ registry: it.name, region: 'uksouth', regionEndpointEnabled: false });
      await delay(20);
    }
  };
  const looping = vandalise();
  await it.apply({ regions: [{ location: 'japaneast' }, { location: 'uksouth', routing: 'Enabled' }] });
  expect(await it.callsWithin(10_000)).toBeLessThan(40); // a look every 2 s at the most, with up to six calls
  vandal.stopped = true;
  await looping;
  expect(changes).toBeGreaterThan(100);
  expect((await it.writes()).length).toBeGreaterThan(0);
  expect((await it.writes()).length).toBeLessThan(20);
  await it.lookNow();
  // A create that was accepted less than a minute ago is not sent again.
  await world().until(it.name, 'vandal: Ready again', ({ status }) => status?.phase === 'Ready', 80_000);
  expect(await it.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);
});
