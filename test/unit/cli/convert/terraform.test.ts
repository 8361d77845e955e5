import { describe, expect, test } from 'vitest';
import { isOfTerraform, readTerraform } from '../../../../src/cli/convert/terraform.ts';
import type { Fields } from '../../../../src/cli/plan/applying.ts';

const subscriptionId = '00000000-0000-0000-0000-000000000000';
const group = `/subscriptions/${subscriptionId}/resourceGroups/registries`;
const id = `${group}/providers/Microsoft.ContainerRegistry/registries/contoso`;

const resource = (type: string, name: string, values: object, more: object = {}) => ({
  address: `${type}.${name}`,
  mode: 'managed',
  type,
  name,
  values,
  ...more,
});
const registry = (values: object = {}) =>
  resource('azurerm_container_registry', 'main', {
    id,
    name: 'contoso',
    resource_group_name: 'registries',
    location: 'eastus',
    sku: 'Premium',
    tags: { env: 'prod' },
    georeplications: [],
    ...values,
  });
const state = (...resources: readonly object[]): Fields => ({
  format_version: '1.0',
  terraform_version: '1.13.4',
  values: { root_module: { resources } },
});
const read = (document: Fields) => readTerraform('state.json', document);
const block = (location: string, more: object = {}) => ({
  location,
  tags: {},
  zone_redundancy_enabled: false,
  ...more,
});

describe('azurerm_container_registry', () => {
  const spellings: readonly (readonly [string, object, string | undefined])[] = [
    ['azurerm 3 and 4', { regional_endpoint_enabled: true }, 'Enabled'],
    ['azurerm 3 and 4, not routed', { regional_endpoint_enabled: false }, 'Disabled'],
    ['azurerm 5', { global_endpoint_routing_enabled: true }, 'Enabled'],
    ['azurerm 5, not routed', { global_endpoint_routing_enabled: false }, 'Disabled'],
    ['nothing said', {}, undefined],
  ];
  test.each(spellings)('routing by %s', (_, setting, routing) => {
    const { registries, notes } = read(state(registry({ georeplications: [block('uksouth', setting)] })));
    expect(registries).toMatchObject([
      { replicas: [{ location: 'uksouth', name: undefined, routing, zoneRedundancy: 'Disabled' }] },
    ]);
    expect(notes).toEqual([]);
  });

  test('place, home, zones and tags', () => {
    const blocks = [block('japaneast', { zone_redundancy_enabled: true, tags: { team: 'a' } })];
    expect(read(state(registry({ georeplications: blocks }))).registries).toMatchObject([
      {
        name: 'contoso',
        resourceGroup: 'registries',
        subscriptionId,
        home: 'eastus',
        sku: 'Premium',
        replicas: [{ location: 'japaneast', zoneRedundancy: 'Enabled', tags: { team: 'a' } }],
        holders: [{ kind: 'terraform-blocks', address: 'azurerm_container_registry.main' }],
      },
    ]);
  });

  test('azurerm 2 has the regions alone in a list, and blocks in both', () => {
    const only = registry({ georeplication_locations: ['uksouth', 'japaneast'] });
    expect(read(state(only)).registries[0]?.replicas.map(({ location }) => location)).toEqual(['uksouth', 'japaneast']);
    const both = registry({ georeplication_locations: ['uksouth'], georeplications: [block('uksouth')] });
    expect(read(state(both)).registries[0]?.replicas).toHaveLength(1);
  });

  test('modules in modules, and not what is only read', () => {
    const inner = {
      resources: [
        {
          ...registry({ georeplications: [block('uksouth')] }),
          address: 'module.a.module.b["x"].azurerm_container_registry.main',
        },
      ],
    };
    const document = {
      ...state({ ...registry(), mode: 'data' }),
      values: {
        root_module: { resources: [{ ...registry(), mode: 'data' }], child_modules: [{ child_modules: [inner] }] },
      },
    };
    expect(read(document).registries.map(({ by }) => by)).toEqual([
      'module.a.module.b["x"].azurerm_container_registry.main',
    ]);
  });
});

describe('a plan', () => {
  const plan = (planned: object, unknown: object = {}): Fields => ({
    format_version: '1.2',
    terraform_version: '1.13.4',
    planned_values: { root_module: { resources: [planned] } },
    prior_state: state(registry({ georeplications: [block('westeurope')] })),
    resource_changes: [
      { address: 'azurerm_container_registry.main', change: { actions: ['update'], after_unknown: unknown } },
    ],
  });

  test('counts as it would leave things', () => {
    const { registries } = read(plan(registry({ georeplications: [block('uksouth')] })));
    expect(registries[0]?.replicas.map(({ location }) => location)).toEqual(['uksouth']);
  });

  test('of a new registry has no id yet: group and name are known', () => {
    const { registries } = read(plan(registry({ id: undefined, georeplications: [block('uksouth')] })));
    expect(registries[0]).toMatchObject({ name: 'contoso', resourceGroup: 'registries', subscriptionId: undefined });
  });

  test('that does not state the routing for azurerm before 5 is told of', () => {
    const { registries, notes } = read(
      plan(registry({ georeplications: [block('uksouth', { regional_endpoint_enabled: null })] })),
    );
    expect(registries[0]?.replicas[0]?.routing).toBeUndefined();
    expect(notes).toEqual([expect.stringContaining('does not state regional_endpoint_enabled for uksouth')]);
  });

  test.each([
    ['replicas', registry({ georeplications: undefined }), { georeplications: true }],
    [
      'a location',
      registry({ georeplications: [block('uksouth', { location: undefined })] }),
      { georeplications: [{ location: true }] },
    ],
  ])('that knows %s only after apply is a problem', (_, planned, unknown) => {
    expect(() => read(plan(planned, unknown))).toThrow(/only known after apply$/);
  });
});

describe('azapi_resource', () => {
  const type = 'Microsoft.ContainerRegistry/registries/replications@2025-11-01';
  const body = { properties: { regionEndpointEnabled: false, zoneRedundancy: 'Enabled' } };
  const values = { type, name: 'London01', parent_id: id, location: 'uksouth', tags: { team: 'a' } };
  const expected = {
    name: 'contoso',
    resourceGroup: 'registries',
    subscriptionId,
    replicas: [
      { location: 'uksouth', name: 'London01', routing: 'Disabled', zoneRedundancy: 'Enabled', tags: { team: 'a' } },
    ],
    holders: [{ kind: 'terraform-resource', address: 'azapi_resource.replica' }],
  };

  test.each([
    ['2, whose body is an object', body],
    ['1, whose body is a text', JSON.stringify(body)],
  ])('of azapi %s', (_, written) => {
    expect(read(state(resource('azapi_resource', 'replica', { ...values, body: written }))).registries).toMatchObject([
      expected,
    ]);
  });

  test('a registry tells its home', () => {
    const acr = {
      type: 'Microsoft.ContainerRegistry/registries@2025-11-01',
      name: 'contoso',
      parent_id: group,
      location: 'eastus',
      body: { sku: { name: 'Premium' } },
    };
    expect(read(state(resource('azapi_resource', 'acr', acr))).registries).toMatchObject([
      { name: 'contoso', resourceGroup: 'registries', subscriptionId, home: 'eastus', sku: 'Premium', replicas: [] },
    ]);
  });

  test('whose registry is not made yet is a problem', () => {
    const planned = state(resource('azapi_resource', 'replica', { ...values, parent_id: undefined }));
    expect(() => read(planned)).toThrow('parent_id of azapi_resource.replica is only known after apply');
  });

  test('of another type is not looked at', () => {
    const other = resource('azapi_resource', 'x', { type: 'Microsoft.App/containerApps@2025-01-01', name: 'x' });
    expect(read(state(other)).registries).toEqual([]);
  });
});

test('an empty state has no registries', () => expect(read({ format_version: '1.0' }).registries).toEqual([]));

test('is known by its form', () => {
  expect(isOfTerraform(state())).toBe(true);
  expect(isOfTerraform({ format_version: '1.0', provider_schemas: {} })).toBe(false);
  expect(isOfTerraform({ version: 4, terraform_version: '1.13.4' })).toBe(false);
});
