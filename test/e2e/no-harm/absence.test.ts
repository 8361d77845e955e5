import { describe, expect, test } from 'vitest';
import type { FaultEffect } from '../../sandbox/emulator/fault-rules.ts';
import { DEFAULTS } from '../../sandbox/emulator/settings.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { condition, replicaOf, type Scene, scene, sharedWorld } from '../../support/registry-scene.ts';
import { eventsOf, eventually, expectAtMost, expectWrites, looks, regions, soon, soonMs, struck } from './scenes.ts';

const world = sharedWorld();
const two = regions('japaneast', 'uksouth');

async function ready(name: string, spec = two): Promise<Scene> {
  const it = await scene(world(), name);
  await it.apply(spec);
  await it.untilReady();
  return it;
}

/** The deletion waits: the object is there, and its message says how to let go of the replicas. */
async function waits(own: OperatorWorld, it: Scene, why: string): Promise<void> {
  await own
    .until(
      it.name,
      `${it.name}: Deleting, and Retain named`,
      (o) => o.status?.phase === 'Deleting' && /Retain/.test(condition(o, 'Ready')?.message ?? ''),
      soonMs,
    )
    .catch(async (error: unknown) => {
      const there = await own.get(it.name);
      const left = await it.locations();
      if (there === undefined) throw new Error(`${why}: the object is gone, and Azure has ${left.join(', ')}`);
      throw error;
    });
  await expectWrites(it, ['PUT japaneast', 'PUT uksouth'], why);
}

describe('an object that is being deleted does not let go on a 404 that proves nothing', () => {
  test('one LIST that says ResourceNotFound: both replicas go, and then the object', async () => {
    const it = await ready('a4once');
    const message = `The Resource 'Microsoft.ContainerRegistry/registries/${it.name}' under resource group 'registries' was not found.`;
    await it.fault({ kind: 'respond', status: 404, code: 'ResourceNotFound', message }, { kind: 'replications' }, 1);
    await world().cluster.kube.delete(world().path(it.name));
    await world().cluster.kube.waitForGone(world().path(it.name), { deadlineMs: 60_000 });
    expect(await it.locations(), 'the object is gone, and left behind what it created').toEqual(['eastus']);
  });

  for (const form of ['SubscriptionNotFound', 'empty'] as const) {
    test(`a lasting 404 ${form}: it waits, and lets go with Retain`, async () => {
      const it = await ready(`a4${form.toLowerCase().slice(0, 5)}`);
      const end = await it.fault({ kind: 'notFound', form });
      await world().cluster.kube.delete(world().path(it.name));
      await waits(world(), it, `404 ${form} is no proof that the registry is gone`);
      await it.apply({ ...two, deletionPolicy: 'Retain' });
      await it.untilGone();
      await end();
      expect(await it.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);
    });
  }

  test('a GET of one replica that is 404 without a code: the object stays until it is proven', async () => {
    const it = await ready('a4get');
    const end = await it.fault({ kind: 'notFound', form: 'empty' }, { kind: 'replication', region: 'japaneast' });
    await world().cluster.kube.delete(world().path(it.name));
    await eventually(
      'a GET of japaneast',
      () => struck(world(), it, 'notFound'),
      (times) => times > 0,
    );
    await it.callsWithin(3_000);
    expect(await world().get(it.name), 'an empty 404 let the object go').toBeDefined();
    await end();
    await it.untilGone();
    expect(await it.locations()).toEqual(['eastus']);
  });

  test('another AZURE_SUBSCRIPTION_ID than that of the registry which status names: nothing is left behind unsaid', async (t) => {
    const other = '44444444-0000-0000-0000-000000000000';
    const own = await operatorWorld(t, {
      subscriptions: [{ id: DEFAULTS.subscriptionId }, { id: other, resourceGroups: ['registries'] }],
    });
    const it = await scene(own, 'a4moved');
    const first = await own.start();
    await it.apply(two);
    await it.untilReady();
    await first.stop();
    await own.start({ AZURE_SUBSCRIPTION_ID: other });
    await own.cluster.kube.delete(own.path(it.name));
    await waits(own, it, 'the registry is not in the subscription that was asked');
  });
});

test('an object whose registry is no longer Premium is deleted with its replicas', async () => {
  const it = await ready('a14basic');
  await world().azure.control.alterRegistry({ registry: it.name, sku: 'Basic' });
  await it.lookNow();
  await it.untilReason('SkuNotPremium');
  await world().cluster.kube.delete(world().path(it.name));
  await world()
    .cluster.kube.waitForGone(world().path(it.name), { deadlineMs: soonMs })
    .catch(async () => {
      const stalled = (await world().get(it.name))?.status?.conditions;
      throw new Error(`the SKU holds up the deletion, for which it is no reason: ${JSON.stringify(stalled)}`);
    });
  expect(await it.locations()).toEqual(['eastus']);
});

describe('what Azure does not show yet, or leaves out', () => {
  const lag: readonly FaultEffect[] = [{ kind: 'notFound' }, { kind: 'notFound', form: 'empty' }];
  for (const [index, notFound] of lag.entries()) {
    test(`just after a PUT is lag: no second PUT, no repair (${JSON.stringify(notFound)})`, async () => {
      const it = await scene(world(), `a5lag${index}`);
      const { control } = world().azure;
      const match = { registry: it.name };
      await control.addFault({ match, effect: { kind: 'listOmits', region: 'japaneast' }, afterWriteMs: 8_000 });
      await control.addFault({
        match: { ...match, kind: 'replication', region: 'japaneast' },
        effect: notFound,
        afterWriteMs: 8_000,
      });
      await it.apply(regions('japaneast'));
      const object = await soon(world(), it, 'Ready', (o) => o.status?.phase === 'Ready', 40_000);
      await expectWrites(it, ['PUT japaneast'], 'the live replica was overwritten, or taken for one that vanished');
      expect(replicaOf(object, 'japaneast')?.attempts, 'a repair was counted').toBeUndefined();
      expect((await eventsOf(world(), object)).filter((e) => /gave up|Failed/.test(e))).toEqual([]);
    });
  }

  test('an empty LIST at first contact: a GET comes first, and tags and routing stay as they are', async () => {
    const tags = { 'cost-center': '42' };
    const it = await scene(world(), 'a10empty', {
      replicas: [{ location: 'japaneast', tags, regionEndpointEnabled: false }],
    });
    const ends = [
      await it.fault({ kind: 'listOmits', region: 'japaneast' }),
      await it.fault({ kind: 'listOmits', region: 'eastus' }),
    ];
    await it.apply(regions('japaneast'));
    await looks(it, 1);
    await soon(world(), it, 'a look at the object', ({ status }) => status?.observedGeneration !== undefined);
    for (const end of ends) await end();
    await it.lookNow();
    await it.untilReady();
    await expectAtMost(it, 'PUT japaneast', 0, 'it was there');
    const replica = (await world().azure.control.replicas(it.name)).find(({ location }) => location === 'japaneast');
    expect(replica).toMatchObject({ tags, properties: { regionEndpointEnabled: false } });
  });
});
