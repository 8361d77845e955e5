import { Problem } from '../command.ts';
import { registryOfId } from '../import/registry-id.ts';
import { type Fields, fieldsOf } from '../plan/applying.ts';
import type { Declared, DeclaredReplica, Reading } from './declared.ts';
import { switchOf, tagsOf, textOrNone, zoneRedundancyOf } from './fields.ts';

/** A resource in what `terraform show -json` prints. https://developer.hashicorp.com/terraform/internals/json-format */
interface Resource {
  readonly address: string;
  readonly type: string;
  readonly values: Fields;
}

/** Whether a document is what `terraform show -json` prints of a state or of a plan. */
export function isOfTerraform(document: Fields): boolean {
  return typeof document['format_version'] === 'string' && !('provider_schemas' in document);
}

/** The registries that a state has, or that a plan would leave behind. */
export function readTerraform(file: string, document: Fields): Reading {
  const values = fieldsOf(document['planned_values'] ?? document['values']);
  const resources = resourcesIn(fieldsOf(values['root_module']));
  const unknown = unknownIn(document);
  const registries = resources
    .filter(({ type }) => type === 'azurerm_container_registry')
    .map((resource) => registryOf(file, resource, unknown.get(resource.address) ?? {}));
  const azapi = resources.filter(({ type }) => type === 'azapi_resource').flatMap((one) => azapiOf(file, one));
  return { registries: [...registries, ...azapi], notes: resources.flatMap(notesOf) };
}

function resourcesIn(module: Fields): readonly Resource[] {
  const own = listOf(module['resources'])
    .filter((resource) => resource['mode'] === 'managed')
    .map((resource) => ({
      address: String(resource['address']),
      type: String(resource['type']),
      values: fieldsOf(resource['values']),
    }));
  return [...own, ...listOf(module['child_modules']).flatMap(resourcesIn)];
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** What a plan knows only after apply, by the address of the resource. */
function unknownIn(document: Fields): ReadonlyMap<string, Fields> {
  const changes = listOf(document['resource_changes']);
  return new Map(
    changes.map((change) => [String(change['address']), fieldsOf(fieldsOf(change['change'])['after_unknown'])]),
  );
}

function registryOf(file: string, { address, values }: Resource, unknown: Fields): Declared {
  const ref = registryOfId(textOrNone(values['id']) ?? '');
  if (unknown['georeplications'] === true) throw afterApply(file, address, 'georeplications');
  const blocks = listOf(values['georeplications']).map((block) => replicaOf(file, address, block));
  const replicas = [...blocks, ...namedOnly(address, values, blocks)];
  return {
    file,
    by: address,
    name: ref?.name ?? textOrNone(values['name']),
    resourceGroup: ref?.resourceGroup ?? textOrNone(values['resource_group_name']),
    subscriptionId: ref?.subscriptionId,
    home: textOrNone(values['location']),
    sku: textOrNone(values['sku']),
    replicas,
    holders: replicas.length === 0 ? [] : [{ kind: 'terraform-blocks', address }],
    source: 'Terraform',
  };
}

/**
 * azurerm calls a replica as its region. Its routing is global_endpoint_routing_enabled in azurerm 5 and
 * regional_endpoint_enabled before.
 */
function replicaOf(file: string, address: string, block: Fields): DeclaredReplica {
  const location = textOrNone(block['location']);
  if (location === undefined) throw afterApply(file, address, 'the location of a replica');
  return {
    by: address,
    location,
    name: undefined,
    routing: switchOf(block['global_endpoint_routing_enabled'] ?? block['regional_endpoint_enabled']),
    zoneRedundancy: switchOf(block['zone_redundancy_enabled']),
    tags: tagsOf(block['tags']),
  };
}

/** azurerm 2 has the regions alone in a list of their own, and those of the blocks in both. */
function namedOnly(address: string, values: Fields, blocks: readonly DeclaredReplica[]): readonly DeclaredReplica[] {
  const locations = values['georeplication_locations'];
  if (!Array.isArray(locations) || blocks.length > 0) return [];
  return locations.map(String).map((location) => ({
    by: address,
    location,
    name: undefined,
    routing: undefined,
    zoneRedundancy: undefined,
    tags: {},
  }));
}

function afterApply(file: string, address: string, what: string): Problem {
  return new Problem(
    `${file}: ${what} of ${address} is only known after apply`,
    'terraform apply; terraform show -json | kubectl acr-replication convert -f -',
  );
}

const replicationType = /^Microsoft\.ContainerRegistry\/registries\/replications@/i;
const registryType = /^Microsoft\.ContainerRegistry\/registries@/i;

/** What an azapi_resource declares: a registry, or a replica of one. */
function azapiOf(file: string, { address, values }: Resource): readonly Declared[] {
  const type = String(values['type']);
  const body = bodyOf(values['body']);
  if (registryType.test(type)) {
    const [, subscriptionId, group] =
      /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)$/i.exec(textOrNone(values['parent_id']) ?? '') ?? [];
    const ref = registryOfId(textOrNone(values['id']) ?? '');
    return [
      {
        file,
        by: address,
        name: ref?.name ?? textOrNone(values['name']),
        resourceGroup: ref?.resourceGroup ?? group,
        subscriptionId: ref?.subscriptionId ?? subscriptionId,
        home: textOrNone(values['location']) ?? textOrNone(body['location']),
        sku: textOrNone(fieldsOf(body['sku'])['name']),
        replicas: [],
        holders: [],
        source: 'Terraform',
      },
    ];
  }
  if (!replicationType.test(type)) return [];
  const properties = fieldsOf(body['properties']);
  const parent = registryOfId(textOrNone(values['parent_id']) ?? '');
  const location = textOrNone(values['location']) ?? textOrNone(body['location']);
  if (location === undefined) throw afterApply(file, address, 'the location');
  if (parent === undefined) throw afterApply(file, address, 'parent_id');
  const replica = {
    by: address,
    location,
    name: textOrNone(values['name']),
    routing: switchOf(properties['regionEndpointEnabled']),
    zoneRedundancy: zoneRedundancyOf(properties['zoneRedundancy']),
    tags: tagsOf(values['tags'] ?? body['tags']),
  };
  const holder = { kind: 'terraform-resource', address } as const;
  return [
    {
      file,
      by: address,
      ...parent,
      home: undefined,
      sku: undefined,
      replicas: [replica],
      holders: [holder],
      source: 'Terraform',
    },
  ];
}

/** azapi 2 keeps the body as an object, azapi 1 as a text of JSON. */
function bodyOf(body: unknown): Fields {
  if (typeof body !== 'string') return fieldsOf(body);
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    return {};
  }
}

/** azurerm before 5 switches the routing off where a block does not state it; a plan has it as null. */
function notesOf({ address, type, values }: Resource): readonly string[] {
  if (type !== 'azurerm_container_registry') return [];
  return listOf(values['georeplications'])
    .filter((block) => block['regional_endpoint_enabled'] === null)
    .map(
      ({ location }) =>
        `${address} does not state regional_endpoint_enabled for ${String(location)}, which azurerm before 5 takes for false; the manifest leaves the routing as it is.`,
    );
}
