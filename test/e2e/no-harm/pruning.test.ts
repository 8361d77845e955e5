import { describe, expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { condition, replicaOf, scene, sharedWorld } from '../../support/registry-scene.ts';
import {
  eventsOf,
  expectAtMost,
  expectWrites,
  fromNow,
  isCurrent,
  looks,
  regions,
  remembering,
  soon,
} from './scenes.ts';

const world = sharedWorld();

describe('the registry is deleted and made anew with another home, which is never deleted', () => {
  const zoned = { zoneRedundancy: 'Enabled' } as const;
  const real = 'it is the home region of the registry as it is now';

  test('and a person asks to look', async () => {
    const it = await scene(world(), 'a8asked', zoned);
    await it.apply(regions('eastus'));
    await it.untilReady();
    await world().azure.control.recreateRegistry({ registry: it.name, location: 'westeurope', ...zoned });
    await it.lookNow();
    const isMoved = (o: RegistryReplication) => o.status?.registry?.homeRegion === 'westeurope';
    const object = await soon(world(), it, 'the new home in status', isMoved);
    expect(replicaOf(object, 'westeurope')?.managed).toBe('Home');
    await expectAtMost(it, 'DELETE westeurope', 0, real);
  });

  test('and the operator, which remembers the old one, has given notice to what it takes for a stranger', async (t) => {
    const there = { provisioningState: 'Succeeded', status: 'Ready', since: fromNow(-400_000) };
    const { world: own, it } = await remembering(t, {
      spec: regions('eastus'),
      replicas: { location: 'westeurope', ...zoned },
      home: 'eastus',
      entries: [
        { location: 'eastus', name: 'eastus', managed: 'Home', ...there },
        { location: 'westeurope', name: 'westeurope', managed: 'Unlisted', ...there, notBefore: fromNow(-60_000) },
      ],
    });
    await own.start();
    const isMoved = (o: RegistryReplication) => o.status?.registry?.homeRegion === 'westeurope';
    await soon(own, it, 'the new home in status', isMoved);
    await expectAtMost(it, 'DELETE westeurope', 0, real);
    await it.untilReady();
    await expectWrites(it, ['PUT eastus'], 'the old home is an ordinary region now');
  });
});

test('a region that this object created and holds goes with the object', async () => {
  const it = await scene(world(), 'a9held');
  await it.apply(regions('japaneast', 'uksouth'));
  await it.untilReady();
  await it.fault({ kind: 'policy' }, { verb: 'PUT', region: 'brazilsouth' });
  await it.apply(regions('uksouth', 'brazilsouth'));
  await it.untilReason('PolicyDenied');
  await world().cluster.kube.delete(world().path(it.name));
  await it.untilGone();
  expect(await it.locations(), 'japaneast was created by the object that is gone').toEqual(['eastus']);
});

describe('make before break', () => {
  const moved = async (name: string, readyWhen: 'Synced' | 'Provisioned') => {
    const it = await scene(world(), name, { replicas: [{ location: 'japaneast' }] });
    await it.apply(regions('japaneast'));
    await it.untilReady();
    const end = await it.fault({ kind: 'stuckSyncing' });
    await it.apply({ ...regions('uksouth'), readyWhen });
    await soon(world(), it, 'uksouth Syncing', (o) => replicaOf(o, 'uksouth')?.status === 'Syncing');
    return { it, end };
  };

  test('with readyWhen Synced keeps the old replica until the images have arrived in the new one', async () => {
    const { it, end } = await moved('a11synced', 'Synced');
    await looks(it, 2);
    await expectAtMost(it, 'DELETE japaneast', 0, 'uksouth is still Syncing: neither would have the images');
    await end();
    await it.untilReady();
    expect(await it.locations()).toEqual(['eastus', 'uksouth']);
  });
  test('with readyWhen Provisioned does not wait for them', async () => {
    const { it, end } = await moved('a11provisioned', 'Provisioned');
    await it.untilReady();
    expect(await it.locations()).toEqual(['eastus', 'uksouth']);
    await end();
  });
});

describe("a stranger's replica", () => {
  const replicas = { replicas: [{ location: 'northeurope' }, { location: 'uksouth' }] };

  test('gets notice: it stays, and an Event and a message say what keeps it', async () => {
    const it = await scene(world(), 'a12notice', replicas);
    await it.apply(regions('westeurope'));
    await soon(world(), it, 'westeurope Ready', (o) => replicaOf(o, 'westeurope')?.status === 'Ready');
    await it.callsWithin(4_000);
    for (const region of ['northeurope', 'uksouth'])
      await expectAtMost(it, `DELETE ${region}`, 0, 'nobody was told, and five minutes have not passed');
    const object = await soon(world(), it, 'a status about the spec', isCurrent);
    expect(object.status?.plan).toEqual(['-northeurope', '-uksouth']);
    const message = condition(object, 'Ready')?.message ?? '';
    const events = await eventsOf(world(), object);
    for (const keeps of [/northeurope/, /uksouth/, /prune: Owned/, /mode: Observe/]) {
      expect(message, 'the message of Ready').toMatch(keeps);
      expect(events.join('\n'), 'the Events').toMatch(keeps);
    }
  });

  test('added by hand to an object that is Ready gets the same', async () => {
    const it = await scene(world(), 'a12added');
    await it.apply(regions('westeurope'));
    await it.untilReady();
    await world().azure.control.createReplica({ registry: it.name, location: 'uksouth' });
    await it.lookNow();
    await soon(world(), it, 'uksouth in the plan', (o) => o.status?.plan?.includes('-uksouth') === true);
    await it.lookNow();
    await it.callsWithin(4_000);
    await expectAtMost(it, 'DELETE uksouth', 0, 'asking to look does not shorten the notice');
  });

  for (const [what, spec] of [
    ['is listed', regions('northeurope', 'uksouth', 'westeurope')],
    ['is none of this object’s, by prune: Owned', { ...regions('westeurope'), prune: 'Owned' }],
  ] as const) {
    test(`that ${what} meanwhile stays`, async () => {
      const it = await scene(world(), `a12kept${what.length}`, replicas);
      await it.apply(regions('westeurope'));
      await soon(world(), it, 'westeurope Ready', (o) => replicaOf(o, 'westeurope')?.status === 'Ready');
      await it.apply(spec);
      await it.untilReady();
      await expectWrites(it, ['PUT westeurope'], 'what is kept is left as it is');
    });
  }

  test('goes when its notice is over', async (t) => {
    const there = { provisioningState: 'Succeeded', status: 'Ready', since: fromNow(-400_000) };
    const { world: own, it } = await remembering(t, {
      spec: regions('westeurope'),
      replicas: { replicas: [{ location: 'westeurope' }, { location: 'uksouth' }] },
      entries: [
        { location: 'uksouth', name: 'uksouth', managed: 'Unlisted', ...there, notBefore: fromNow(-60_000) },
        { location: 'westeurope', name: 'westeurope', managed: 'Adopted', ...there },
      ],
    });
    await own.start();
    await it.untilReady();
    await expectWrites(it, ['DELETE uksouth'], 'five minutes have passed');
  });
});
