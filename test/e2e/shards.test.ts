import { expect, test } from 'vitest';
import { apiVersion, kind, type RegistryReplication } from '../../src/api/registryreplication.ts';
import { federatedApp } from '../sandbox/operator.ts';
import { controlPlane } from '../support/cluster.ts';
import { type Lifetime, type OperatorWorld, operatorWorld } from '../support/operator-world.ts';

const ids = { a: '20000000-0000-4000-8000-00000000000a', b: '20000000-0000-4000-8000-00000000000b' } as const;
type Shard = keyof typeof ids;

/** Two deployments with disjoint selectors, each with an app registration of its own; registries one to four. */
async function shards(t: Lifetime, operationMs = 1_000) {
  const cluster = controlPlane();
  t.onTestFinished(() => cluster.close());
  const apps = await Promise.all(Object.values(ids).map((clientId) => federatedApp(cluster, { clientId })));
  const registries = ['contoso1', 'contoso2', 'contoso3', 'contoso4'].map((name) => ({
    name,
    resourceGroup: 'registries',
    location: 'eastus',
  }));
  const world = await operatorWorld(t, { apps, registries, operationMs });
  const start = (shard: Shard) => world.start({ WATCH_SELECTOR: `shard=${shard}`, AZURE_CLIENT_ID: ids[shard] });
  const operators = { a: await start('a'), b: await start('b') };
  const apply = (name: string, shard: Shard, registry: string, ...locations: readonly string[]) =>
    cluster.kube.apply<RegistryReplication>({
      apiVersion,
      kind,
      metadata: { name, namespace: world.namespace, labels: { shard } },
      spec: {
        registry: { name: registry, resourceGroup: 'registries' },
        regions: locations.map((location) => ({ location })),
      },
    });
  const writes = async (registry: string) =>
    (await world.azure.control.journal({ registry }))
      .filter(({ method }) => method !== 'GET')
      .map(({ method, region, clientId }) => `${clientId === ids.a ? 'a' : 'b'} ${method} ${region}`);
  return { world, operators, apply, writes };
}

test('two deployments with disjoint selectors do disjoint work at the same time', async (t) => {
  const { world, apply, writes } = await shards(t);
  const names = ['contoso1', 'contoso2', 'contoso3', 'contoso4'] as const;
  const shardOf = (name: string): Shard => (Number(name.at(-1)) % 2 === 0 ? 'b' : 'a');
  await Promise.all(names.map((name) => apply(name, shardOf(name), name, 'japaneast', 'uksouth')));
  await Promise.all(names.map((name) => world.untilReady(name)));
  for (const name of names) {
    const shard = shardOf(name);
    expect((await writes(name)).toSorted()).toEqual([`${shard} PUT japaneast`, `${shard} PUT uksouth`]);
  }
});

const moments: readonly { readonly when: string; readonly hasCome: (world: OperatorWorld) => Promise<boolean> }[] = [
  { when: 'its creates are on their way', hasCome: async (world) => (await world.writes()).PUT >= 3 },
  {
    when: 'its replicas are being created',
    hasCome: async ({ azure }) => (await azure.control.replicas('contoso1')).length >= 3,
  },
];
for (const { when, hasCome } of moments) {
  test(`an object that gets the other shard's label while ${when} is taken over without a second create`, async (t) => {
    const { world, apply, writes } = await shards(t, 6_000);
    const regions = ['brazilsouth', 'japaneast', 'uksouth'] as const;
    await world.azure.control.addFault({ match: { verb: 'PUT' }, effect: { kind: 'latency', ms: 1_500 } });
    await apply('contoso', 'a', 'contoso1', ...regions);
    await t.expect.poll(() => hasCome(world), { timeout: 30_000, interval: 10 }).toBe(true);
    await apply('contoso', 'b', 'contoso1', ...regions);
    await world.untilReady('contoso');
    t.expect((await writes('contoso1')).toSorted()).toEqual(regions.map((region) => `a PUT ${region}`));
    await apply('contoso', 'b', 'contoso1', 'brazilsouth');
    await t.expect.poll(() => world.locations('contoso1'), { timeout: 30_000 }).toEqual(['brazilsouth', 'eastus']);
    await world.untilReady('contoso');
    t.expect((await writes('contoso1')).slice(3).toSorted()).toEqual(['b DELETE japaneast', 'b DELETE uksouth']);
    await world.cluster.kube.delete(world.path('contoso'));
    await world.cluster.kube.waitForGone(world.path('contoso'));
    t.expect(await world.locations('contoso1')).toEqual(['eastus']);
  });
}

test('two objects on one registry, in different shards, never fight over it', async (t) => {
  const { world, operators, apply, writes } = await shards(t);
  await apply('older', 'a', 'contoso1', 'japaneast');
  await world.untilReady('older');
  await apply('younger', 'b', 'contoso1', 'uksouth');
  const younger = await world.until(
    'younger',
    'a word about the other one',
    ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Stalled' && is === 'True') ?? false,
  );
  t.expect(younger.status?.conditions?.find(({ type }) => type === 'Stalled')?.reason).toBe('RegistryClaimed');
  // However often both look.
  for (const name of ['older', 'younger', 'older', 'younger']) {
    await world.cluster.kube.patch(world.path(name), {
      metadata: { annotations: { 'acr-replication.dev/requested-at': `${name} ${Date.now()}` } },
    });
    await world.until(name, 'another look', ({ metadata, status }) => {
      const asked = metadata.annotations?.['acr-replication.dev/requested-at'];
      return status?.lastHandledRequest === asked;
    });
  }
  t.expect(await writes('contoso1')).toEqual(['a PUT japaneast']);
  t.expect([operators.a, operators.b].map((o) => o.output()).join('')).not.toMatch(/deleting replica/);
});
