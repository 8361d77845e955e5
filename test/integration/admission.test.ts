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
    says: /spec\.registry\.name: .*write the registry's name without the domain: contoso$/,
  },
  {
    name: 'a registry name with a dash',
    spec: { registry: { ...registry, name: 'my-registry' }, regions },
    says: /spec\.registry\.name: .*a registry's name has letters and digits only, such as contoso/,
  },
  {
    name: 'a malformed subscription id',
    spec: { registry: { ...registry, subscriptionId: '1234' }, regions },
    says: /spec\.registry\.subscriptionId: .*write the subscription's id, not its name: `az account show/,
  },
  {
    name: 'a resource group that ends in a period',
    spec: { registry: { ...registry, resourceGroup: 'group.' }, regions },
    says: /spec\.registry\.resourceGroup: .*letters, digits and - _ \. \( \) only, and does not end in a period/,
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
    says: /spec\.regions\[0\]\.location: .*written as westeurope or "West Europe": letters and digits/,
  },
  ...[
    'west-europe',
    'West_Europe',
    '(Europe) West Europe',
    '(Europe)  west-europe',
    'West  Europe',
    ' West Europe',
  ].map((location) => ({
    name: `the region "${location}"`,
    spec: { registry, regions: [{ location }] },
    says: /location: .*written as westeurope or "West Europe", without continent and dashes: here westeurope$/,
  })),
  { name: 'an empty region', spec: { registry, regions: [{ location: '' }] }, says: /spec\.regions\[0\]\.location/ },
  {
    name: 'a replica name with a dash',
    spec: { registry, regions: [{ location: 'japaneast', name: 'to-kyo' }] },
    says: /spec\.regions\[0\]\.name: .*a replica's name has letters and digits only/,
  },
  {
    name: 'two replicas of one name, whatever its case',
    spec: {
      registry,
      regions: [
        { location: 'japaneast', name: 'primary' },
        { location: 'uksouth', name: 'Primary' },
      ],
    },
    says: /spec\.regions: .*two replicas of a registry cannot have one name/,
  },
  {
    name: "a replica named as another region's is by default",
    spec: { registry, regions: [{ location: 'Japan East' }, { location: 'uksouth', name: 'JapanEast' }] },
    says: /spec\.regions: .*cannot have one name: case doesn't matter in it, and where no name is given/,
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
  ...['300', '1d', '5 m', '5M', '1.5h', '99999999999h', 'daily'].map((interval) => ({
    name: `the interval "${interval}"`,
    spec: { registry, regions, interval },
    says: /spec\.interval: .*interval must be from 30s to 24h, in the units h, m and s: 5m, 1h30m; a day is 24h/,
  })),
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
    says: /spec\.credentialsRef\.name: .*write the name of a Secret in this object's own namespace/,
  },
  {
    name: 'a service account of another namespace',
    spec: { registry, regions, credentialsRef: { serviceAccountName: 'other/azure' } },
    says: /spec\.credentialsRef\.serviceAccountName: .*write the name of a ServiceAccount in this object's own/,
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
  ...['azure', 'Azure-Cost', 'MICROSOFTx', 'windows:os'].flatMap((tag) => [
    {
      name: `the tag ${tag}, whose prefix is Azure's`,
      spec: { registry, regions, tags: { [tag]: 'x' } },
      says: /spec\.tags: .*may not begin with azure, microsoft or windows: Azure reserves these prefixes/,
    },
    {
      name: `the tag ${tag}, whose prefix is Azure's, in a region`,
      spec: { registry, regions: [{ location: 'japaneast', tags: { [tag]: 'x' } }] },
      says: /spec\.regions\[0\]\.tags: .*may not begin with azure, microsoft or windows/,
    },
  ]),
  {
    name: 'more tags than Azure takes beside two of the operator',
    spec: { registry, regions, tags: tagsOf(49) },
    says: /spec\.tags: Too many.*48/,
  },
  {
    name: 'more tags in a region than Azure takes beside two of the operator',
    spec: { registry, regions: [{ location: 'japaneast', tags: tagsOf(49) }] },
    says: /spec\.regions\[0\]\.tags: Too many.*48/,
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
    expect(columns(1)).toEqual(['Home', 'Last Change', 'Message']);
  });
});
