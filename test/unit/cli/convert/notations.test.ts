import fc from 'fast-check';
import { dump, load } from 'js-yaml';
import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../../src/api/registryreplication.ts';
import { registriesOf } from '../../../../src/cli/convert/declared.ts';
import { readFile } from '../../../../src/cli/convert/documents.ts';
import { convertedOf } from '../../../../src/cli/convert/manifest.ts';
import { manifestOf } from '../../../../src/cli/import/manifest.ts';
import { desiredOf } from '../../../../src/domain/desired.ts';
import { plan } from '../../../../src/domain/plan.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import type { Replica } from '../../../../src/domain/replication.ts';
import { actual, replica, resource, situation } from '../../../support/builders.ts';

const ref = { subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'registries', name: 'contoso' };
const groupId = `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}`;
const id = `${groupId}/providers/Microsoft.ContainerRegistry/registries/${ref.name}`;
const home = 'eastus';

/** One way to write down a registry with replicas. */
type Notation = (replicas: readonly Replica[]) => unknown;

const asoObject = (kind: string, name: string, spec: object) => ({
  apiVersion: 'containerregistry.azure.com/v20251101',
  kind,
  metadata: { name, namespace: 'azure' },
  spec,
});
const serviceOperator: Notation = (replicas) => ({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    ...replicas.map(({ region, name, routing, zoneRedundancy, tags }, i) =>
      asoObject('RegistryReplication', `replica-${i}`, {
        azureName: name,
        location: region,
        owner: { name: 'acr' },
        regionEndpointEnabled: routing === 'Enabled',
        zoneRedundancy,
        tags,
      }),
    ),
    asoObject('Registry', 'acr', {
      azureName: ref.name,
      location: home,
      sku: { name: 'Premium' },
      owner: { armId: groupId },
    }),
  ],
});

const state = (type: string, values: object, ...others: readonly object[]) => ({
  format_version: '1.0',
  values: { root_module: { resources: [{ address: `${type}.acr`, mode: 'managed', type, values }, ...others] } },
});
/** azurerm calls every replica as its region. */
const azurerm =
  (routingArgument: string): Notation =>
  (replicas) =>
    state('azurerm_container_registry', {
      id,
      location: home,
      sku: 'Premium',
      georeplications: replicas.map(({ region, routing, zoneRedundancy, tags }) => ({
        location: region,
        [routingArgument]: routing === 'Enabled',
        zone_redundancy_enabled: zoneRedundancy === 'Enabled',
        tags,
      })),
    });
const azapi: Notation = (replicas) =>
  state(
    'azapi_resource',
    {
      type: 'Microsoft.ContainerRegistry/registries@2025-11-01',
      id,
      location: home,
      body: { sku: { name: 'Premium' } },
    },
    ...replicas.map(({ region, name, routing, zoneRedundancy, tags }, i) => ({
      address: `azapi_resource.replica[${i}]`,
      mode: 'managed',
      type: 'azapi_resource',
      values: {
        type: 'Microsoft.ContainerRegistry/registries/replications@2025-11-01',
        parent_id: id,
        name,
        location: region,
        body: { properties: { regionEndpointEnabled: routing === 'Enabled', zoneRedundancy } },
        tags,
      },
    })),
  );

const registryResource = {
  type: 'Microsoft.ContainerRegistry/registries',
  name: "[parameters('name')]",
  location: home,
  sku: { name: 'Premium' },
};
const replicationType = 'Microsoft.ContainerRegistry/registries/replications';
const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
const name = { type: 'string', defaultValue: ref.name };
const template: Notation = (replicas) => ({
  $schema: schema,
  parameters: { name },
  resources: [
    registryResource,
    ...replicas.map((one) => ({
      type: replicationType,
      name: `[concat(parameters('name'), '/${one.name}')]`,
      location: one.region,
      tags: one.tags,
      properties: { regionEndpointEnabled: one.routing === 'Enabled', zoneRedundancy: one.zoneRedundancy },
    })),
  ],
});
const turn = "parameters('replicas')[copyIndex()]";
const loop: Notation = (replicas) => ({
  $schema: schema,
  languageVersion: '2.0',
  parameters: { name, replicas: { type: 'array', defaultValue: replicas } },
  resources: {
    acr: registryResource,
    replica: {
      copy: { name: 'replica', count: "[length(parameters('replicas'))]" },
      type: replicationType,
      name: `[format('{0}/{1}', parameters('name'), ${turn}.name)]`,
      location: `[${turn}.region]`,
      tags: `[${turn}.tags]`,
      properties: {
        regionEndpointEnabled: `[equals(${turn}.routing, 'Enabled')]`,
        zoneRedundancy: `[${turn}.zoneRedundancy]`,
      },
    },
  },
});

const notations: readonly (readonly [string, Notation, 'named' | 'by region'])[] = [
  ['Azure Service Operator', serviceOperator, 'named'],
  ['azurerm 5', azurerm('global_endpoint_routing_enabled'), 'by region'],
  ['azurerm 3 and 4', azurerm('regional_endpoint_enabled'), 'by region'],
  ['azapi', azapi, 'named'],
  ['a template', template, 'named'],
  ['a template with a loop and symbolic names', loop, 'named'],
];

const place = { subscriptionId: ref.subscriptionId, resourceGroup: ref.resourceGroup };
const given = { registry: undefined, resourceGroup: ref.resourceGroup, subscriptionId: () => ref.subscriptionId };

function converted(text: string): string {
  const reading = readFile('file', text, { place, parameters: new Map(), given: new Map() });
  const registries = registriesOf(reading.registries, given);
  expect(registries).toHaveLength(1);
  return registries.map((registry) => convertedOf(registry, undefined).manifest).join();
}

const anyReplica = fc
  .record({
    region: fc.constantFrom('japaneast', 'uksouth', 'westeurope', 'koreacentral', 'brazilsouth'),
    name: fc.constantFrom('eu1', 'London01', 'japaneast', 'uksouth', 'a2345'),
    tags: fc.constantFrom({}, { Team: 'a' }, { b: '2', a: '1' }),
    routing: fc.constantFrom('Enabled' as const, 'Disabled' as const),
    zoneRedundancy: fc.constantFrom('Enabled' as const, 'Disabled' as const),
  })
  .map(({ region, ...changes }) => replica(region, changes));
/** Azure has one replica of a region, and one of a name. */
const anyReplicas = fc
  .uniqueArray(anyReplica, { selector: ({ region }) => region })
  .map((all) => all.filter((one, i) => all.findIndex((other) => other.name === one.name) === i));

const specOf = (text: string) => (load(text) as RegistryReplication).spec;

test.each(notations)('from %s comes what import says of the same replicas, with their tags', (_, notation, names) => {
  fc.assert(
    fc.property(anyReplicas, (all) => {
      const replicas = names === 'named' ? all : all.map((one) => ({ ...one, name: one.region }));
      const imported = specOf(manifestOf({ ref, actual: actual(...replicas) }, undefined));
      const tagsIn = new Map(replicas.map(({ region, tags }) => [region, tags]));
      const regions = imported.regions.map((entry) => {
        const tags = tagsIn.get(regionOf(entry.location)) ?? {};
        return Object.keys(tags).length === 0 ? entry : { ...entry, tags };
      });
      const text = JSON.stringify(notation(replicas));
      expect(specOf(converted(text))).toEqual({ ...imported, regions, mode: 'Observe' });
    }),
  );
});

test.each(notations)('from %s comes what, once the mode is taken out, finds nothing to do', (_, notation, names) => {
  fc.assert(
    fc.property(anyReplicas, (all) => {
      const replicas = names === 'named' ? all : all.map((one) => ({ ...one, name: one.region }));
      const { mode: _mode, ...spec } = specOf(converted(JSON.stringify(notation(replicas))));
      const parsed = desiredOf(resource([], { spec }), undefined);
      if (!parsed.ok) throw new Error(parsed.problems.join());
      const regions = [home, ...replicas.map(({ region }) => region)];
      const fresh = { desired: parsed.desired, remembered: [] };
      const decisions = plan(situation(regions, replicas, fresh));
      expect(decisions.filter(({ kind }) => kind !== 'keep')).toEqual([]);
    }),
  );
});

test.each(notations)('from %s come equal bytes, in whatever order and as YAML, too', (_, notation) => {
  fc.assert(
    fc.property(anyReplicas, (replicas) => {
      const text = converted(JSON.stringify(notation(replicas)));
      expect(converted(JSON.stringify(notation(replicas.toReversed())))).toBe(text);
      expect(converted(dump(notation(replicas), { noRefs: true }))).toBe(text);
    }),
  );
});
