import { describe, expect, test } from 'vitest';
import type { RegistryReplication, Spec } from '../../../src/api/registryreplication.ts';
import { controlPlane } from '../../support/cluster.ts';
import { startLyingProxy } from '../../support/lying-proxy.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { replicaOf, type Scene, scene, sharedWorld } from '../../support/registry-scene.ts';
import { eventually, expectAtMost, isCurrent, looks, regions, soon, struck } from './scenes.ts';

const world = sharedWorld();
const both = regions('japaneast', 'uksouth');

/** The operator has the newest version of every object: it has answered a request that was written after them. */
async function operatorHasSeenAll(probe: Scene): Promise<void> {
  await probe.lookNow();
  await probe.untilReady();
}

/** Ready with japaneast and uksouth; the next GET of japaneast, which precedes a DELETE, waits. */
async function held(name: string, readies: Spec['regions']) {
  const replicas = readies.map(({ location }) => ({ location }));
  const it = await scene(world(), name, { replicas });
  const probe = await scene(world(), `${name}probe`, { replicas: [{ location: 'uksouth' }] });
  await probe.apply(regions('uksouth'));
  await probe.untilReady();
  await it.apply({ regions: readies });
  await it.untilReady();
  const release = await it.fault({ kind: 'hold' }, { verb: 'GET', kind: 'replication', region: 'japaneast' });
  return {
    it,
    probe,
    release,
    untilHeld: () =>
      eventually(
        `a GET of japaneast of ${name} before its DELETE`,
        () => struck(world(), it, 'hold'),
        (n) => n > 0,
      ),
  };
}

describe('an edit that lands between the GET and the DELETE of a pass wins', () => {
  const edits: Readonly<Record<string, Partial<Spec>>> = {
    'the region is listed again': both,
    'the object is suspended': { ...regions('uksouth'), suspend: true },
    'prune is None': { ...regions('uksouth'), prune: 'None' },
    'mode is Observe': { ...regions('uksouth'), mode: 'Observe' },
  };
  for (const [index, [what, after]] of Object.entries(edits).entries()) {
    test(what, async () => {
      const { it, probe, release, untilHeld } = await held(`a3edit${index}`, both.regions);
      await it.apply(regions('uksouth'));
      await untilHeld();
      await it.apply({ ...both, ...after });
      await operatorHasSeenAll(probe);
      await release();
      await soon(world(), it, 'a status about the newest spec', isCurrent);
      await expectAtMost(it, 'DELETE japaneast', 0, `the spec that asked for it is over: ${what}`);
      expect(await it.locations()).toContain('japaneast');
    });
  }

  test('the object is being deleted, and Retain is set', async () => {
    const japaneast = regions('japaneast');
    const { it, probe, release, untilHeld } = await held('a3retain', japaneast.regions);
    await world().cluster.kube.delete(world().path(it.name));
    await untilHeld();
    await it.apply({ ...japaneast, deletionPolicy: 'Retain' });
    await operatorHasSeenAll(probe);
    await release();
    await it.untilGone();
    await expectAtMost(it, 'DELETE japaneast', 0, 'Retain was set before it was sent');
    expect(await it.locations()).toContain('japaneast');
  });
});

test('a spec that is older than the API server’s deletes nothing: the watch is silent, and the region was listed again', async (t) => {
  const cluster = controlPlane();
  const proxy = await startLyingProxy(cluster);
  t.onTestFinished(() => proxy[Symbol.asyncDispose]());
  const own: OperatorWorld = await operatorWorld(t, {}, { cluster, seen: proxy.cluster });
  await own.start();
  const replicas = both.regions.map(({ location }) => ({ location }));
  const it = await scene(own, 'a3silent', { replicas });
  await it.apply(both);
  await it.untilReady();
  // Made before it is broken: japaneast stays until brazilsouth is there.
  const goesOn = await it.fault({ kind: 'stuckCreating' }, { region: 'brazilsouth' });
  await it.apply(regions('uksouth', 'brazilsouth'));
  await soon(own, it, 'brazilsouth Creating', (o) => replicaOf(o, 'brazilsouth')?.provisioningState === 'Creating');
  proxy.lie({ event: () => [] });
  const { metadata } = await it.apply(regions('japaneast', 'uksouth', 'brazilsouth'));
  await goesOn();
  const statusOf = async (location: string) =>
    (await own.azure.control.replicas(it.name)).find((r) => r.location === location)?.properties.status;
  const isReady = (status: object | undefined) =>
    status !== undefined && 'displayStatus' in status && status.displayStatus === 'Ready';
  await eventually('brazilsouth to be Ready', () => statusOf('brazilsouth'), isReady);
  await looks(it, 1);
  await eventually(
    'the operator to be done with the spec that it knows',
    () => it.callsWithin(3_000),
    (calls) => calls === 0,
  );
  await expectAtMost(it, 'DELETE japaneast', 0, 'the API server has a newer spec, which lists it');
  proxy.lie();
  proxy.endWatches('break');
  const isNewest = (o: RegistryReplication) =>
    o.status?.phase === 'Ready' && o.status.observedGeneration === metadata.generation;
  await soon(own, it, 'Ready by the newest spec', isNewest);
  expect(await it.locations()).toEqual(['brazilsouth', 'eastus', 'japaneast', 'uksouth']);
});
