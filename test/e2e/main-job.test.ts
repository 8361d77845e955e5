import { describe, expect, test } from 'vitest';
import { finalizer } from '../../src/api/registryreplication.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { age, condition, replicaOf } from '../support/registry-scene.ts';

const regions = [{ location: 'japaneast' }, { location: 'West Europe' }, { location: 'brazilsouth' }];
const locationsOf = (object: { readonly status?: { readonly replicas?: readonly { readonly location: string }[] } }) =>
  object.status?.replicas?.map((r) => r.location);

describe('the main job', () => {
  test('an applied object becomes replicas in Azure and a Ready status', async (t) => {
    const world = await operatorWorld(t);
    const operator = await world.start();
    await world.apply('contoso', { regions });
    const { status } = await world.untilReady('contoso');
    expect(status).toMatchObject({
      summary: '3/3',
      registry: { homeRegion: 'eastus', loginServer: 'contoso.azurecr.io' },
    });
    expect(await world.locations()).toEqual(['brazilsouth', 'eastus', 'japaneast', 'westeurope']);
    expect(await world.writes()).toEqual({ PUT: 3, PATCH: 0, DELETE: 0 });
    expect(await operator.stop()).toBe('exit code 0');
  });

  test('an edited set is made before the old one is broken, and home is never touched', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
    await world.untilReady('contoso');
    await world.apply('contoso', { regions: [{ location: 'uksouth', name: 'london' }] });
    await world.untilReady('contoso');
    expect(await world.locations()).toEqual(['eastus', 'uksouth']);
    expect((await world.azure.control.replicas('contoso')).map((r) => r.name)).toEqual(['eastus', 'london']);
    const journal = await world.azure.control.journal();
    const ended = (verb: string, name: string) =>
      journal.findIndex((e) => e.method === verb && e.path.endsWith(`/replications/${name}`));
    expect(ended('PUT', 'london')).toBeGreaterThan(0);
    expect(ended('DELETE', 'japaneast')).toBeGreaterThan(ended('PUT', 'london'));
    expect(await world.writes()).toEqual({ PUT: 2, PATCH: 0, DELETE: 1 });
  });

  test('what somebody deleted behind its back is found at the interval and made again', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    await world.apply('contoso', { regions, interval: '30s' });
    await age(world, await world.untilReady('contoso'));
    await world.azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
    await world.until('contoso', 'the drift to be seen', ({ status }) => status?.plan?.includes('+japaneast') === true);
    await world.untilReady('contoso');
    expect(await world.locations()).toContain('japaneast');
  });

  test('replicas that exist are adopted under their own names without one write to Azure', async (t) => {
    const replicas = [
      { location: 'japaneast', name: 'tokyo' },
      { location: 'westeurope' },
      { location: 'brazilsouth' },
    ];
    const world = await operatorWorld(t, {
      registries: [{ name: 'contoso', resourceGroup: 'registries', location: 'eastus', replicas }],
    });
    await world.start();
    await world.apply('contoso', { regions });
    const { status } = await world.untilReady('contoso');
    expect(status?.replicas?.map((r) => `${r.location} ${r.name} ${r.managed}`)).toEqual([
      'brazilsouth brazilsouth Adopted',
      'eastus eastus Home',
      'japaneast tokyo Adopted',
      'westeurope westeurope Adopted',
    ]);
    expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
  });

  test('a deleted object takes its replicas along and is gone when they are', async (t) => {
    const world = await operatorWorld(t, { homeDelayMs: 0 });
    await world.start();
    await world.apply('contoso', { regions });
    const { metadata } = await world.untilReady('contoso');
    expect(metadata.finalizers).toEqual([finalizer]);
    await world.cluster.kube.delete(world.path('contoso'));
    await world.until('contoso', 'phase Deleting', ({ status }) => status?.phase === 'Deleting');
    await world.cluster.kube.waitForGone(world.path('contoso'));
    expect(await world.locations()).toEqual(['eastus']);
  });

  test('with Retain a deleted object goes at once and its replicas stay', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    await world.apply('contoso', { regions, deletionPolicy: 'Retain' });
    await world.untilReady('contoso');
    await world.cluster.kube.delete(world.path('contoso'));
    await world.cluster.kube.waitForGone(world.path('contoso'));
    expect(await world.locations()).toHaveLength(4);
  });

  test('a suspended object is left alone until it no longer is', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    await world.apply('contoso', { regions, suspend: true });
    await world.until('contoso', 'phase Suspended', ({ status }) => status?.phase === 'Suspended');
    expect(await world.azure.control.counters()).not.toHaveProperty('LIST replications');
    await world.apply('contoso', { regions });
    await world.untilReady('contoso');
  });

  test('readyWhen Provisioned is Ready while Azure still syncs', async (t) => {
    const world = await operatorWorld(t);
    await world.azure.control.addFault({ effect: { kind: 'stuckSyncing' } });
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }], readyWhen: 'Provisioned' });
    const { status } = await world.untilReady('contoso');
    expect(status?.replicas?.find((r) => r.location === 'japaneast')?.status).toBe('Syncing');
  });

  test('the home region may be listed and counts as there', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'East US' }] });
    const object = await world.untilReady('contoso');
    expect(object.status?.summary).toBe('1/1');
    expect(locationsOf(object)).toEqual(['eastus']);
    expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
  });
});

describe('an operator that is killed', () => {
  test('in the middle of a create repeats no write when it is back', async (t) => {
    const world = await operatorWorld(t, { operationMs: 4_000 });
    const first = await world.start();
    await world.apply('contoso', { regions });
    await world.until('contoso', 'phase Syncing', ({ status }) => status?.phase === 'Syncing');
    await first.kill();
    await world.start();
    await world.untilReady('contoso');
    expect(await world.writes()).toEqual({ PUT: 3, PATCH: 0, DELETE: 0 });
  });

  test('right after Azure took the creates, before any status was written, repeats none either', async (t) => {
    const world = await operatorWorld(t, { operationMs: 4_000 });
    await world.azure.control.addFault({ match: { verb: 'PUT' }, effect: { kind: 'reset', late: true } });
    const first = await world.start();
    await world.apply('contoso', { regions });
    await t.expect.poll(async () => (await world.writes()).PUT, { timeout: 30_000 }).toBe(3);
    await first.kill();
    await world.azure.control.clearFaults();
    await world.start();
    await world.untilReady('contoso');
    expect(await world.writes()).toEqual({ PUT: 3, PATCH: 0, DELETE: 0 });
  });

  test('does on its return what was asked meanwhile, a deletion included', async (t) => {
    const world = await operatorWorld(t);
    const first = await world.start();
    await world.apply('contoso', { regions });
    await world.untilReady('contoso');
    expect(await first.stop()).toBe('exit code 0');
    await world.cluster.kube.delete(world.path('contoso'));
    await world.start();
    await world.cluster.kube.waitForGone(world.path('contoso'));
    expect(await world.locations()).toEqual(['eastus']);
  });
});

test('of two objects on one registry the younger waits, and takes over when the older is gone', async (t) => {
  const world = await operatorWorld(t);
  await world.start();
  await world.apply('older', { regions: [{ location: 'japaneast' }], deletionPolicy: 'Retain' });
  const { metadata } = await world.untilReady('older');
  // creationTimestamp has whole seconds; within one, the name decides.
  await world.apply('younger', {
    registry: { name: 'CONTOSO', resourceGroup: 'registries' },
    regions: [{ location: 'uksouth' }],
  });
  const { status } = await world.until(
    'younger',
    'RegistryClaimed',
    (o) => o.status?.conditions?.[0]?.reason === 'RegistryClaimed',
  );
  expect(status?.conditions?.[0]?.message).toContain(`${metadata.namespace}/older`);
  await world.cluster.kube.delete(world.path('older'));
  const taken = await world.until('younger', 'uksouth', (o) => replicaOf(o, 'uksouth')?.status === 'Ready');
  // It did not make japaneast: nothing is deleted without notice.
  expect(taken.status?.plan).toEqual(['-japaneast']);
  expect(condition(taken, 'Ready')?.message).toMatch(/^japaneast: was made by somebody else; it will be deleted/);
  expect(await world.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);
});

test('20 objects at once all become Ready, each with exactly its replicas', async (t) => {
  const names = Array.from({ length: 20 }, (_, i) => `registry${String(i + 10)}`);
  const world = await operatorWorld(t, {
    registries: names.map((name) => ({ name, resourceGroup: 'registries', location: 'eastus' })),
  });
  await world.start();
  await Promise.all(
    names.map((name) => world.apply(name, { registry: { name, resourceGroup: 'registries' }, regions })),
  );
  await Promise.all(names.map((name) => world.untilReady(name)));
  for (const name of names)
    expect(await world.locations(name)).toEqual(['brazilsouth', 'eastus', 'japaneast', 'westeurope']);
  expect(await world.writes()).toEqual({ PUT: 60, PATCH: 0, DELETE: 0 });
});
