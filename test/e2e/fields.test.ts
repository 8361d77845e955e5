import { expect, test } from 'vitest';
import { requestedAt } from '../../src/api/registryreplication.ts';
import type { SeedReplica } from '../sandbox/emulator/settings.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';
import { age, ownReplica } from '../support/registry-scene.ts';

const registryWith = (...replicas: readonly SeedReplica[]) => ({
  registries: [{ name: 'contoso', resourceGroup: 'registries', location: 'eastus', replicas }],
});

const reasonIs = (reason: string) => (object: Awaited<ReturnType<OperatorWorld['untilReady']>>) =>
  object.status?.observedGeneration === object.metadata.generation && object.status.conditions?.[0]?.reason === reason;

async function replicaIn(world: OperatorWorld, location: string) {
  return (await world.azure.control.replicas('contoso')).find((r) => r.location === location);
}

test('prune: None leaves what is outside the set, Owned what was never listed, All nothing but for its notice', async (t) => {
  const world = await operatorWorld(t, registryWith({ location: 'uksouth' }, { location: 'japaneast' }));
  await world.start();
  const [listed, both] = [[{ location: 'japaneast' }], [{ location: 'japaneast' }, { location: 'westeurope' }]];
  await world.apply('contoso', { regions: both, prune: 'None' });
  await world.untilReady('contoso');
  expect(await world.locations()).toEqual(['eastus', 'japaneast', 'uksouth', 'westeurope']);
  await world.apply('contoso', { regions: listed, prune: 'Owned' });
  await world.untilReady('contoso');
  expect(await world.locations()).toEqual(['eastus', 'japaneast', 'uksouth']);
  await world.apply('contoso', { regions: listed, prune: 'All' });
  const { status } = await world.until('contoso', 'Deleting', reasonIs('Deleting'));
  expect(status?.plan).toEqual(['-uksouth']);
  expect(status?.conditions?.[0]?.message).toMatch(/^uksouth: was made by somebody else; it will be deleted/);
  expect(await world.writes()).toEqual({ PUT: 1, PATCH: 0, DELETE: 1 });
});

test('routing and tags: set at creation, changed by one PATCH each, left as they are when no longer stated', async (t) => {
  const world = await operatorWorld(t);
  await world.start();
  const region = (rest: object) => [{ location: 'uksouth', ...rest }];
  await world.apply('contoso', {
    regions: region({ routing: 'Disabled', tags: { env: 'prod' } }),
    tags: { team: 'platform' },
  });
  await world.untilReady('contoso');
  const owner = {
    'managed-by': 'acr-replication-operator',
    'acr-replication-owner': `sandbox/${world.namespace}/contoso`,
  };
  expect(await replicaIn(world, 'uksouth')).toMatchObject({
    tags: { team: 'platform', env: 'prod', ...owner },
    properties: { regionEndpointEnabled: false },
  });
  expect(await world.writes()).toEqual({ PUT: 1, PATCH: 0, DELETE: 0 });

  await world.apply('contoso', {
    regions: region({ routing: 'Enabled', tags: { env: 'test' } }),
    tags: { team: 'platform' },
  });
  await world.untilReady('contoso');
  expect(await replicaIn(world, 'uksouth')).toMatchObject({
    tags: { team: 'platform', env: 'test', ...owner },
    properties: { regionEndpointEnabled: true },
  });
  expect(await world.writes()).toEqual({ PUT: 1, PATCH: 1, DELETE: 0 });

  await world.apply('contoso', { regions: region({}) });
  await world.untilReady('contoso');
  expect(await replicaIn(world, 'uksouth')).toMatchObject({ tags: { team: 'platform', env: 'test', ...owner } });
  expect(await world.writes()).toEqual({ PUT: 1, PATCH: 1, DELETE: 0 });
});

test('Observe says what would be changed and changes nothing; Apply then does just that', async (t) => {
  const world = await operatorWorld(t);
  await world.azure.control.createReplica({ registry: 'contoso', ...ownReplica(world, 'contoso', 'uksouth') });
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }], mode: 'Observe' });
  const { status, metadata } = await world.until('contoso', 'PlanPending', reasonIs('PlanPending'));
  expect(status?.plan).toEqual(['+japaneast', '-uksouth']);
  expect(status?.conditions?.map((c) => c.type)).toEqual(['Ready']);
  expect(metadata.finalizers).toBeUndefined();
  expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
  await world.apply('contoso', { regions: [{ location: 'japaneast' }], mode: 'Apply' });
  await world.untilReady('contoso');
  expect(await world.locations()).toEqual(['eastus', 'japaneast']);
});

test("a replica with another cluster's owner tag is never deleted: Conflict, until somebody settles it", async (t) => {
  const tags = { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': 'elsewhere/platform/contoso' };
  const world = await operatorWorld(t, registryWith({ location: 'uksouth', tags }));
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
  const { status } = await world.until('contoso', 'Conflict', reasonIs('Conflict'));
  expect(status?.conditions?.[0]?.message).toMatch(/^uksouth: belongs to elsewhere\/platform\/contoso/);
  expect(await world.locations()).toContain('uksouth');
  await world.apply('contoso', { regions: [{ location: 'japaneast' }, { location: 'uksouth' }] });
  await world.untilReady('contoso');
  expect(await world.writes()).toEqual({ PUT: 1, PATCH: 0, DELETE: 0 });
});

test('a new value of the annotation makes the operator look now, whatever the interval', async (t) => {
  const world = await operatorWorld(t);
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'uksouth' }], interval: '24h' });
  await age(world, await world.untilReady('contoso'));
  await world.azure.control.deleteReplica({ registry: 'contoso', region: 'uksouth' });
  await world.cluster.kube.patch(world.path('contoso'), { metadata: { annotations: { [requestedAt]: 'now' } } });
  await world.until('contoso', 'the request to be handled', ({ status }) => status?.lastHandledRequest === 'now');
  await world.untilReady('contoso');
  expect(await world.locations()).toContain('uksouth');
});
