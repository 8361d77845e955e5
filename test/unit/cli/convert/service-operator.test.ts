import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { isOfServiceOperator, readServiceOperator } from '../../../../src/cli/convert/service-operator.ts';
import type { Fields } from '../../../../src/cli/plan/applying.ts';

const subscriptionId = '00000000-0000-0000-0000-000000000000';
const groupId = `/subscriptions/${subscriptionId}/resourceGroups/registries`;
const registryId = `${groupId}/providers/Microsoft.ContainerRegistry/registries/contoso`;

function samples(...names: readonly string[]): readonly Fields[] {
  return names.flatMap(
    (name) =>
      loadAll(
        readFileSync(new URL(`./samples/aso-${name}.yaml`, import.meta.url), 'utf8'),
      ) as unknown as readonly Fields[],
  );
}

const object = (kind: string, name: string, spec: object, more: object = {}): Fields => ({
  apiVersion: kind === 'ResourceGroup' ? 'resources.azure.com/v1api20200601' : 'containerregistry.azure.com/v20251101',
  kind,
  metadata: { name, namespace: 'azure' },
  spec,
  ...more,
});
const replica = (name: string, spec: object = {}, more: object = {}) =>
  object('RegistryReplication', name, { location: 'uksouth', owner: { name: 'contoso' }, ...spec }, more);
const registry = (spec: object = {}, more: object = {}) =>
  object('Registry', 'contoso', { location: 'eastus', sku: { name: 'Premium' }, owner: { name: 'rg' }, ...spec }, more);
const read = (...objects: readonly Fields[]) => readServiceOperator('aso.yaml', objects);
const place = { name: 'contoso', resourceGroup: 'registries', subscriptionId };

describe("Azure Service Operator's own samples", () => {
  test.each([
    ['v20251101', 'sampleregistryreplication', 'Enabled', 'westus2'],
    ['v1api20230701', 'replication', 'Disabled', 'westcentralus'],
  ])('%s', (version, name, routing, home) => {
    const { registries, notes } = read(...samples(`registry-${version}`, `registryreplication-${version}`));
    expect(notes).toEqual([]);
    expect(registries).toMatchObject([
      {
        name: 'sampleregistry',
        resourceGroup: undefined, // the ResourceGroup aso-sample-rg is not in the file, and may be called otherwise in Azure
        home,
        sku: 'Premium',
        replicas: [{ location: 'westeurope', name, routing, zoneRedundancy: 'Disabled' }],
      },
    ]);
  });
});

describe('where the registry is', () => {
  const cases: readonly (readonly [string, readonly Fields[], object])[] = [
    ['its id in the owner of the replica', [replica('uksouth', { owner: { armId: registryId } })], place],
    ['its id in the status of its object', [registry({}, { status: { id: registryId } }), replica('uksouth')], place],
    [
      'its id in the status of the replica',
      [replica('uksouth', {}, { status: { id: `${registryId}/replications/uksouth` } })],
      place,
    ],
    [
      'its id in the status of the replica, beside its object',
      [registry(), replica('uksouth', {}, { status: { id: `${registryId}/replications/uksouth` } })],
      place,
    ],
    ["its group's id in its owner", [registry({ owner: { armId: groupId } }), replica('uksouth')], place],
    [
      'its group in the file, by its name in Azure',
      [object('ResourceGroup', 'rg', { azureName: 'registries' }), registry(), replica('uksouth')],
      { ...place, subscriptionId: undefined },
    ],
    [
      'its group in the file, with its id',
      [
        object('ResourceGroup', 'rg', { azureName: 'registries' }, { status: { id: groupId } }),
        registry(),
        replica('uksouth'),
      ],
      place,
    ],
    [
      'its name in Azure',
      [registry({ azureName: 'contosoeu' }), replica('uksouth')],
      { name: 'contosoeu', resourceGroup: undefined },
    ],
    ['nothing', [replica('uksouth')], { name: undefined, resourceGroup: undefined, subscriptionId: undefined }],
  ];
  test.each(cases)('%s', (_, objects, expected) => {
    const { registries } = read(...objects);
    expect(registries).toMatchObject([{ ...expected, replicas: [{ location: 'uksouth' }] }]);
  });

  test('a registry of the same name in another namespace is another', () => {
    const { registries } = read(
      { ...registry(), metadata: { name: 'contoso', namespace: 'other' } },
      replica('uksouth'),
    );
    expect(registries.map(({ name, replicas }) => [name, replicas.length])).toEqual([
      ['contoso', 0],
      [undefined, 1],
    ]);
  });

  test('an id in the owner is that of the object in the file', () => {
    const { registries } = read(
      registry({}, { status: { id: registryId } }),
      replica('uksouth', { owner: { armId: registryId.toUpperCase().replace('MICROSOFT', 'Microsoft') } }),
    );
    expect(registries).toMatchObject([{ ...place, home: 'eastus', replicas: [{ location: 'uksouth' }] }]);
  });
});

test('a replica is called by azureName, else as its object', () => {
  const { registries } = read(
    registry(),
    replica('a', { azureName: 'London01' }),
    replica('japaneast', { location: 'japaneast' }),
  );
  expect(registries[0]?.replicas.map(({ name }) => name)).toEqual(['London01', 'japaneast']);
});

test('settings and tags are taken over; what is not set is not said', () => {
  const { registries } = read(
    registry(),
    replica('uksouth', { regionEndpointEnabled: false, zoneRedundancy: 'Enabled', tags: { team: 'a' } }),
    replica('japaneast', { location: 'japaneast' }),
  );
  expect(registries[0]?.replicas).toMatchObject([
    { routing: 'Disabled', zoneRedundancy: 'Enabled', tags: { team: 'a' } },
    { routing: undefined, zoneRedundancy: undefined, tags: {} },
  ]);
});

test('what is left out is told', () => {
  const gone = { metadata: { name: 'gone', namespace: 'azure', deletionTimestamp: '2026-11-27T08:00:00Z' } };
  const { registries, notes } = read(
    registry(),
    { ...replica('gone'), ...gone },
    { ...replica('new'), apiVersion: 'containerregistry.azure.com/v20270101' },
    replica('told', { location: 'japaneast', operatorSpec: { configMapExpressions: [] } }),
  );
  expect(registries[0]?.replicas.map(({ by }) => by)).toEqual(['RegistryReplication new', 'RegistryReplication told']);
  expect(notes).toEqual([
    'RegistryReplication gone is being deleted: it is left out.',
    'RegistryReplication new has version v20270101, which is not known here: it is read as v20251101.',
    'operatorSpec of RegistryReplication told is left out.',
  ]);
});

test.each([
  ['no owner', replica('uksouth', { owner: undefined }), /has no spec\.owner$/],
  ["an owner's id of something else", replica('uksouth', { owner: { armId: groupId } }), /is no id of a registry$/],
  ['no name', { ...replica('x'), metadata: {} }, /without metadata\.name$/],
])('%s is a problem', (_, wrong, message) => expect(() => read(wrong)).toThrow(message));

test('knows its own objects, and not ours of the same kind', () => {
  const kinds = (apiVersion: string, kind: string) => isOfServiceOperator({ apiVersion, kind });
  expect(kinds('containerregistry.azure.com/v1api20230701', 'RegistryReplication')).toBe(true);
  expect(kinds('containerregistry.azure.com/v1beta20210901', 'Registry')).toBe(true);
  expect(kinds('resources.azure.com/v1api20200601', 'ResourceGroup')).toBe(true);
  expect(kinds('acr-replication.dev/v1alpha1', 'RegistryReplication')).toBe(false);
  expect(kinds('containerregistry.azure.com/v20251101', 'RegistryCacheRule')).toBe(false);
});
