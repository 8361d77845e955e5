import { describe, expect, test } from 'vitest';
import { condition, replicaOf, type Scene, scene, sharedWorld } from '../../support/registry-scene.ts';
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

describe('the registry is deleted and made anew with another home', () => {
  for (const [what, asks] of [
    ['and a person asks to look', (it: Scene) => it.lookNow()],
    ['and the interval passes', () => Promise.resolve()],
  ] as const) {
    test(`its real home is never deleted, ${what}`, async () => {
      const it = await scene(world(), `a8${what.includes('interval') ? 'interval' : 'asked'}`, {
        zoneRedundancy: 'Enabled',
      });
      await it.apply({ ...regions('eastus'), interval: '30s' });
      await it.untilReady();
      await world().azure.control.recreateRegistry({
        registry: it.name,
        location: 'westeurope',
        zoneRedundancy: 'Enabled',
      });
      await asks(it);
      const isMoved = await soon(
        world(),
        it,
        'the new home in status',
        ({ status }) => status?.registry?.homeRegion === 'westeurope' && status.phase === 'Ready',
        50_000,
      ).catch(async (error: unknown) => {
        await expectAtMost(it, 'DELETE westeurope', 0, 'it is the home region of the registry as it is now');
        throw error;
      });
      expect(replicaOf(isMoved, 'westeurope')?.managed).toBe('Home');
      await expectWrites(it, ['PUT eastus'], 'the old home is an ordinary region now, and the new one is never ours');
      expect(await it.locations()).toEqual(['eastus', 'westeurope']);
    });
  }
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
      expect(await it.locations()).toEqual(['eastus', 'northeurope', 'uksouth', 'westeurope']);
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
