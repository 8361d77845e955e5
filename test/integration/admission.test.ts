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

const refused: readonly { readonly name: string; readonly spec: unknown; readonly says: RegExp }[] = [
  {
    name: 'a region listed twice',
    spec: { registry, regions: [...regions, ...regions] },
    says: /Duplicate value|listed twice/,
  },
  {
    name: 'a region spelled two ways',
    spec: { registry, regions: [{ location: 'Japan East' }, { location: 'japaneast' }] },
    says: /listed twice.*Japan East/s,
  },
  {
    name: 'a registry name of 51 letters',
    spec: { registry: { ...registry, name: 'a'.repeat(51) }, regions },
    says: /spec\.registry\.name.*50/s,
  },
  {
    name: 'a registry name of 4 letters',
    spec: { registry: { ...registry, name: 'acr1' }, regions },
    says: /spec\.registry\.name.*5/s,
  },
  {
    name: 'a login server for a registry name',
    spec: { registry: { ...registry, name: 'contoso.azurecr.io' }, regions },
    says: /spec\.registry\.name/,
  },
  {
    name: 'a malformed subscription id',
    spec: { registry: { ...registry, subscriptionId: '1234' }, regions },
    says: /spec\.registry\.subscriptionId/,
  },
  {
    name: 'a resource group that ends in a period',
    spec: { registry: { ...registry, resourceGroup: 'group.' }, regions },
    says: /spec\.registry\.resourceGroup/,
  },
  { name: 'no registry', spec: { regions }, says: /spec\.registry.*Required/s },
  {
    name: 'no regions: a templating slip must not empty a registry',
    spec: { registry },
    says: /spec\.regions.*Required/s,
  },
  { name: 'an empty list of regions', spec: { registry, regions: [] }, says: /spec\.regions.*at least 1/s },
  {
    name: 'more than 64 regions',
    spec: { registry, regions: Array.from({ length: 65 }, (_, i) => ({ location: `region${i}` })) },
    says: /spec\.regions.*64/s,
  },
  {
    name: 'a region that is a path',
    spec: { registry, regions: [{ location: '../x' }] },
    says: /spec\.regions\[0\]\.location/,
  },
  { name: 'an empty region', spec: { registry, regions: [{ location: '' }] }, says: /spec\.regions\[0\]\.location/ },
  {
    name: 'a replica name with a dash',
    spec: { registry, regions: [{ location: 'japaneast', name: 'to-kyo' }] },
    says: /spec\.regions\[0\]\.name/,
  },
  {
    name: 'an interval below 30 s',
    spec: { registry, regions, interval: '29s' },
    says: /interval must be from 30s to 24h/,
  },
  {
    name: 'an interval above 24 h',
    spec: { registry, regions, interval: '24h1s' },
    says: /interval must be from 30s to 24h/,
  },
  { name: 'an interval without unit', spec: { registry, regions, interval: '300' }, says: /spec\.interval/ },
  { name: 'an unknown deletionPolicy', spec: { registry, regions, deletionPolicy: 'Orphan' }, says: /Delete.*Retain/s },
  { name: 'an unknown readyWhen', spec: { registry, regions, readyWhen: 'Later' }, says: /Synced.*Provisioned/s },
  { name: 'a misspelt field', spec: { registry, regions, suspended: true }, says: /unknown field "spec\.suspended"/ },
  {
    name: 'credentials of two kinds at once',
    spec: { registry, regions, credentialsRef: { name: 'a', serviceAccountName: 'b' } },
    says: /exactly one of name and serviceAccountName/,
  },
  {
    name: 'credentials of no kind',
    spec: { registry, regions, credentialsRef: {} },
    says: /exactly one of name and serviceAccountName/,
  },
  {
    name: 'credentials of another namespace',
    spec: { registry, regions, credentialsRef: { name: 'other/azure' } },
    says: /spec\.credentialsRef\.name/,
  },
  { name: 'an unknown prune', spec: { registry, regions, prune: 'Some' }, says: /All.*Owned.*None/s },
  { name: 'an unknown mode', spec: { registry, regions, mode: 'DryRun' }, says: /Apply.*Observe/s },
  {
    name: 'an unknown routing',
    spec: { registry, regions: [{ location: 'japaneast', routing: true }] },
    says: /spec\.regions\[0\]\.routing/,
  },
  {
    name: "the operator's own tags",
    spec: { registry, regions: [{ location: 'japaneast', tags: { 'Managed-By': 'me' } }] },
    says: /managed-by and acr-replication-owner are the operator's own/,
  },
  {
    name: 'a tag value beyond what Azure takes',
    spec: { registry, regions, tags: { a: 'x'.repeat(257) } },
    says: /spec\.tags/,
  },
];

describe('the API server refuses', () => {
  for (const { name, spec, says } of refused) test(name, async () => expect(await answer('bad', spec)).toMatch(says));
});

const accepted: readonly { readonly name: string; readonly spec: Spec }[] = [
  { name: 'the least there can be', spec: { registry, regions } },
  {
    name: '64 regions',
    spec: { registry, regions: Array.from({ length: 64 }, (_, i) => ({ location: `region${i}` })) },
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
    },
  },
];

describe('the API server accepts', () => {
  for (const { name, spec } of accepted) test(name, async () => expect(await answer('good', spec)).toBe('accepted'));

  test('the samples', async () => {
    await cluster.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'platform' } });
    await cluster.kube.applyFile('deploy/samples/contoso.yaml');
    await cluster.kube.delete(`/apis/${apiVersion}/namespaces/platform/registryreplications/contoso`);
  });
});

test('the API server refuses a name that no longer fits the owner tag (Azure allows 256 characters)', async () => {
  expect(await answer('n'.repeat(128), { registry, regions })).toBe('accepted');
  expect(await answer('n'.repeat(129), { registry, regions })).toMatch(/longer than 128 characters/);
});

describe('an object once stored', () => {
  const edits = [
    { name: 'its registry', registry: { ...registry, name: 'fabrikam' } },
    {
      name: 'a subscription that was not named',
      registry: { ...registry, subscriptionId: '00000000-0000-0000-0000-000000000000' },
    },
  ];
  for (const edit of edits) {
    test(`cannot change ${edit.name}, and the refusal says what to do instead`, async () => {
      await cluster.kube.apply(manifest('kept', { registry, regions }));
      await expect(cluster.kube.apply(manifest('kept', { registry: edit.registry, regions }))).rejects.toThrow(
        /registry is immutable: delete this object/,
      );
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
    expect(columns(1)).toEqual(['Home', 'Message', 'Last Change']);
  });
});
