import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiVersion, kind, type RegistryReplication, type Spec } from '../../src/api/registryreplication.ts';
import { controlPlane } from '../support/cluster.ts';

const cluster = controlPlane();
let namespace: string;
beforeAll(async () => {
  namespace = await cluster.kube.createNamespace('admission');
});
afterAll(() => cluster.close());

const registry = { name: 'contoso', resourceGroup: 'registries' };
const regions = [{ location: 'japaneast' }];
const manifest = (name: string, spec: unknown) => ({ apiVersion, kind, metadata: { name, namespace }, spec });

const tagsOf = (count: number, prefix = 'tag') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, String(i)]));

/** The API server's answer, without storing anything when it is accepted. */
async function answer(name: string, spec: unknown): Promise<string> {
  try {
    await cluster.kube.request(
      'POST',
      `/apis/${apiVersion}/namespaces/${namespace}/registryreplications`,
      manifest(name, spec),
      { query: { dryRun: 'All', fieldValidation: 'Strict' } },
    );
    return 'accepted';
  } catch (error) {
    return String(error);
  }
}

const accepted: readonly { readonly name: string; readonly as?: string; readonly spec: Spec }[] = [
  { name: 'the least there can be', spec: { registry, regions } },
  { name: 'the longest name that fits the owner tag', as: 'n'.repeat(128), spec: { registry, regions } },
  {
    name: '64 regions',
    spec: { registry, regions: Array.from({ length: 64 }, (_, i) => ({ location: `region${i}` })) },
  },
  {
    name: '64 regions with a name and 48 tags each',
    spec: {
      registry,
      regions: Array.from({ length: 64 }, (_, i) => {
        return { location: `region${i}`, name: `replica${i}`, tags: tagsOf(48) };
      }),
      tags: tagsOf(48),
    },
  },
  {
    name: '64 regions with 48 tags each, whose names have 100 characters',
    spec: {
      registry,
      regions: Array.from({ length: 64 }, (_, i) => ({ location: `region${i}`, tags: tagsOf(48, 't'.repeat(98)) })),
    },
  },
  {
    name: '64 regions with 20 tags each, whose names have 512 characters',
    spec: {
      registry,
      regions: Array.from({ length: 64 }, (_, i) => ({ location: `region${i}`, tags: tagsOf(20, 't'.repeat(510)) })),
    },
  },
  {
    name: 'replicas named as the regions of each other are not by default',
    spec: {
      registry,
      regions: [
        { location: 'Japan East', name: 'japaneast' },
        { location: 'uksouth', name: 'London' },
      ],
    },
  },
  {
    name: 'tags that have a reserved word later',
    spec: { registry, regions, tags: { 'my-azure': 'x', awindows: 'y' } },
  },
  { name: 'odd but legal resource groups', spec: { registry: { ...registry, resourceGroup: 'Größe-_.(1)' }, regions } },
  {
    name: 'every field',
    spec: {
      registry: { ...registry, subscriptionId: '00000000-0000-0000-0000-00000000ABCD' },
      regions: [{ location: 'Japan East', name: 'tokyo' }],
      interval: '1h30m',
      suspend: true,
      deletionPolicy: 'Retain',
      readyWhen: 'Provisioned',
      tags: { team: 'platform' },
      prune: 'Owned',
      mode: 'Observe',
      credentialsRef: { name: 'azure-contoso' },
      drains: [{ location: 'Japan East', until: '2026-12-01T15:00:00+09:00', reason: 'INC-4711: packets are lost' }],
    },
  },
  {
    name: '8 drains',
    spec: {
      registry,
      regions,
      drains: Array.from({ length: 8 }, (_, i) => {
        return { location: `region${i}`, until: '2026-12-01T06:00:00Z', reason: 'r'.repeat(200) };
      }),
    },
  },
];

describe('the API server accepts', () => {
  for (const { name, as = 'good', spec } of accepted) {
    test(name, async () => expect(await answer(as, spec)).toBe('accepted'));
  }

  test('the samples', async () => {
    await cluster.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'platform' } });
    await cluster.kube.applyFile('deploy/samples/contoso.yaml');
    await cluster.kube.delete(`/apis/${apiVersion}/namespaces/platform/registryreplications/contoso`);
  });
});

describe('an object once stored', () => {
  const subscriptionId = '00000000-0000-0000-0000-00000000ABCD';
  const stored = { ...registry, subscriptionId };
  const moves = [
    { name: 'its registry', from: registry, to: { ...registry, name: 'fabrikam' } },
    { name: 'its resource group', from: registry, to: { ...registry, resourceGroup: 'elsewhere' } },
    { name: 'its subscription', from: stored, to: { ...stored, subscriptionId: subscriptionId.replace('A', 'B') } },
  ];
  for (const { name, from, to } of moves) {
    test(`cannot change ${name}, and the refusal says first how the replicas stay`, async () => {
      const object = `moves-${name.replaceAll(' ', '-')}`;
      await cluster.kube.apply(manifest(object, { registry: from, regions }));
      await expect(cluster.kube.apply(manifest(object, { registry: to, regions }))).rejects.toThrow(
        /registry is immutable: .*set deletionPolicy: Retain first; then delete this object/,
      );
    });
  }

  const sames = [
    { name: 'another case of name and group', from: registry, to: { name: 'Contoso', resourceGroup: 'REGISTRIES' } },
    {
      name: 'another case of the subscription',
      from: stored,
      to: { ...stored, subscriptionId: subscriptionId.toLowerCase() },
    },
    { name: 'a subscription that was not named', from: registry, to: stored },
    { name: 'no subscription any more', from: stored, to: registry },
  ];
  for (const { name, from, to } of sames) {
    test(`may name the same registry by ${name}`, async () => {
      const object = `same-${name.replaceAll(' ', '-')}`;
      await cluster.kube.apply(manifest(object, { registry: from, regions }));
      const { spec } = await cluster.kube.apply<RegistryReplication>(manifest(object, { registry: to, regions }));
      expect(spec.registry).toEqual(to);
    });
  }

  test('shows no difference when it is applied again: no field of the spec has a default', async () => {
    const apply = () => cluster.kube.apply<RegistryReplication>(manifest('same', { registry, regions }));
    const first = await apply();
    const second = await apply();
    expect([first.spec, second.spec]).toEqual([
      { registry, regions },
      { registry, regions },
    ]);
    expect(second.metadata.generation).toBe(1);
    // Kubernetes stores the status's default with the second write of an object that nobody looked at, and that's it.
    expect((await apply()).metadata.resourceVersion).toBe(second.metadata.resourceVersion);
  });

  test('says until the operator has looked that nobody did, whatever the status in the manifest', async () => {
    const status = { observedGeneration: 1, phase: 'Ready' };
    const created = await cluster.kube.request<RegistryReplication>(
      'POST',
      `/apis/${apiVersion}/namespaces/${namespace}/registryreplications`,
      { ...manifest('new', { registry, regions }), status },
    );
    const path = await cluster.kube.pathOf(manifest('new', {}));
    const stored = await cluster.kube.get<RegistryReplication>(path);
    expect([created.status, stored?.status]).toEqual([{ observedGeneration: -1 }, { observedGeneration: -1 }]);
  });

  test('is printed in the documented columns', async () => {
    await cluster.kube.apply(manifest('printed', { registry, regions }));
    const table = await cluster.kube.request<{ columnDefinitions: { name: string; priority: number }[] }>(
      'GET',
      `/apis/${apiVersion}/namespaces/${namespace}/registryreplications?includeObject=None`,
      undefined,
      { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    );
    const columns = (priority: number) =>
      table.columnDefinitions.filter((c) => c.priority === priority).map((c) => c.name);
    expect(columns(0)).toEqual(['Name', 'Registry', 'Regions', 'Status', 'Reason', 'Age']);
    // A message may be long: what stands behind it is not seen.
    expect(columns(1)).toEqual(['Locations', 'Home', 'Drained', 'Last Change', 'Message']);
  });
});
