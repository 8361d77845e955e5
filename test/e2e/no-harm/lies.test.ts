import { describe, expect, test } from 'vitest';
import { condition, replicaOf, scene, sharedWorld } from '../../support/registry-scene.ts';
import { isCurrent, regions, soon } from './scenes.ts';

const world = sharedWorld();

describe('Ready is not True while the home region, which the spec lists, does not serve', () => {
  for (const [what, change] of [
    ['Failed', { provisioningState: 'Failed' }],
    ['Canceled', { provisioningState: 'Canceled' }],
    ['Offline', { displayStatus: 'Offline' }],
  ] as const) {
    test(what, async () => {
      const it = await scene(world(), `c6${what.toLowerCase()}`, { replicas: [{ location: 'japaneast' }] });
      await it.apply(regions('eastus', 'japaneast'));
      await it.untilReady();
      const { control } = world().azure;
      await control.alterReplica({ registry: it.name, region: 'eastus', ...change });
      await it.lookNow();
      const object = await soon(world(), it, 'home in the status as it is', (o) => {
        const home = replicaOf(o, 'eastus');
        return home?.provisioningState === what || home?.status === what;
      });
      const ready = condition(object, 'Ready');
      expect(ready?.status, `Ready says: ${ready?.message}`).toBe('False');
      expect(ready?.message).toMatch(/^eastus: /);
      expect(object.status?.summary).toBe('1/2');
      expect(await it.writes(), 'home is never ours to repair').toEqual([]);
      await control.alterReplica({
        registry: it.name,
        region: 'eastus',
        provisioningState: 'Succeeded',
        displayStatus: 'Ready',
      });
      await it.lookNow();
      await it.untilReady();
    });
  }
});

test('status says what became of a replica after its DELETE, though prune was set to None meanwhile', async () => {
  const it = await scene(world(), 'c9pruned', { replicas: [{ location: 'japaneast' }, { location: 'uksouth' }] });
  await it.apply(regions('japaneast', 'uksouth'));
  await it.untilReady();
  const end = await it.fault({ kind: 'stuckDeleting' });
  await it.apply({ ...regions('uksouth'), interval: '24h' });
  await soon(world(), it, 'japaneast Deleting', (o) => replicaOf(o, 'japaneast')?.provisioningState === 'Deleting');
  await it.apply({ ...regions('uksouth'), interval: '24h', prune: 'None' });
  await soon(world(), it, 'a look at prune None', isCurrent);
  await end();
  await soon(world(), it, 'no japaneast in status, as in Azure', (o) => replicaOf(o, 'japaneast') === undefined);
});
