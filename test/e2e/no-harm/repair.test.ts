import { describe, expect, test } from 'vitest';
import { condition, replicaOf, type Scene, scene, sharedWorld } from '../../support/registry-scene.ts';
import {
  eventually,
  expectAtMost,
  expectWrites,
  fromNow,
  looks,
  regions,
  remembering,
  soon,
  struck,
} from './scenes.ts';

/** A PUT of what a Failed replica is heals it here: what has no setting to change is repaired so. */
const world = sharedWorld({ putOfFailed: 'heals' });
const serving = 'it served and may hold terabytes: it is repaired in place, and never deleted';

/** Its failure was seen, and there was time for what would be done at once. */
async function seenFailed(it: Scene): Promise<void> {
  const isBroken = (state: string | undefined) => state === 'Failed' || state === 'Canceled' || state === 'Deleting';
  await soon(world(), it, 'japaneast is broken', (o) => isBroken(replicaOf(o, 'japaneast')?.provisioningState));
  await it.callsWithin(4_000);
}

describe('a wanted replica that serves, and whose update is accepted and fails', () => {
  for (const leaves of ['Failed', 'Canceled'] as const) {
    for (const keeps of [false, true]) {
      test(`${leaves}, its new values ${keeps ? 'kept' : 'taken back'}, is healed by its own settings`, async () => {
        const it = await scene(world(), `a1${leaves.toLowerCase()}${keeps ? 'kept' : 'back'}`, {
          replicas: [{ location: 'japaneast' }, { location: 'uksouth' }],
        });
        await it.apply(regions('japaneast', 'uksouth'));
        await it.untilReady();
        await it.fault({ kind: 'operationFails', leaves, keeps }, { verb: 'PATCH', region: 'japaneast' }, 1);
        await it.apply({ ...regions('japaneast', 'uksouth'), tags: { team: 'platform' } });
        await seenFailed(it);
        await expectAtMost(it, 'DELETE japaneast', 0, serving);
        await it.lookNow(); // it is repaired at once for who asks, else after a pause
        await it.untilReady();
        await expectAtMost(it, 'DELETE japaneast', 0, serving);
        await expectAtMost(it, 'PUT japaneast', keeps ? 1 : 0, 'nothing was missing');
        await expectAtMost(it, 'PATCH japaneast', 3, 'once for the tags, and for its repair');
        const replicas = await world().azure.control.replicas(it.name);
        expect(replicas.map((r) => [r.location, r.properties.provisioningState, r.tags['team']])).toEqual([
          ['eastus', 'Succeeded', undefined],
          ['japaneast', 'Succeeded', 'platform'],
          ['uksouth', 'Succeeded', 'platform'],
        ]);
      });
    }
  }

  test('one that this object created is no exception', async () => {
    const it = await scene(world(), 'a1created');
    await it.apply(regions('japaneast'));
    await it.untilReady();
    await it.fault({ kind: 'operationFails' }, { verb: 'PATCH' }, 1);
    await it.apply({ regions: [{ location: 'japaneast', routing: 'Disabled' }] });
    await seenFailed(it);
    await expectAtMost(it, 'DELETE japaneast', 0, serving);
    await it.lookNow();
    expect(replicaOf(await it.untilReady(), 'japaneast')?.routing).toBe('Disabled');
    await expectAtMost(it, 'DELETE japaneast', 0, serving);
    await expectAtMost(it, 'PUT japaneast', 1, 'it was created once');
  });
});

describe('a replica that serves and fails by itself', () => {
  test('again and again is not deleted again and again', async () => {
    const it = await scene(world(), 'a2again');
    // Syncing keeps the operator looking, as it does for hours in a registry of some size.
    await it.fault({ kind: 'stuckSyncing' });
    await it.fault({ kind: 'failsLater', afterMs: 3_000 });
    await it.apply(regions('japaneast'));
    const repaired = () => struck(world(), it, 'failsLater');
    await eventually('a2again to be made, and repaired once', repaired, (times) => times >= 2);
    await soon(world(), it, 'seen Failed again', (o) => replicaOf(o, 'japaneast')?.provisioningState === 'Failed');
    expect(await it.callsWithin(6_000)).toBeLessThan(8);
    await expectAtMost(it, 'DELETE japaneast', 0, serving);
    await expectAtMost(it, 'PUT japaneast', 2, 'it was created, and repaired once: the next repair waits a minute');
  });

  test('and had three repairs is left to people, though it was Succeeded for a look', async (t) => {
    const syncing = { location: 'japaneast', name: 'japaneast', provisioningState: 'Succeeded', status: 'Syncing' };
    const { world: own, it } = await remembering(t, {
      spec: regions('japaneast'),
      replicas: { replicas: [{ location: 'japaneast' }] },
      entries: [{ ...syncing, managed: 'Created', provisioned: true, attempts: 3, since: fromNow(-20_000) }],
    });
    const { control } = own.azure;
    await control.alterReplica({ registry: it.name, region: 'japaneast', displayStatus: 'Syncing' });
    await own.start();
    await looks(it, 2);
    await control.alterReplica({ registry: it.name, region: 'japaneast', provisioningState: 'Failed' });
    const object = await soon(own, it, 'RepairExhausted', (o) => condition(o, 'Stalled')?.reason === 'RepairExhausted');
    expect(condition(object, 'Stalled')?.message).toMatch(/^japaneast: .*recreate/);
    await expectWrites(it, [], 'three repairs were made, and ten minutes of health did not pass');
  });
});

describe('a replica that never served', () => {
  test('is still repaired by deleting and creating it', async () => {
    const it = await scene(world(), 'a1never');
    await it.fault({ kind: 'operationFails' }, { verb: 'PUT' }, 1);
    await it.apply(regions('japaneast'));
    await it.untilReady();
    await expectWrites(it, ['PUT japaneast', 'DELETE japaneast', 'PUT japaneast'], 'it can hold nothing');
  });
});
