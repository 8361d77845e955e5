import { regionOf } from '../domain/region.ts';
import { type Registry, type Replica, type ReplicaState, replicaStates } from '../domain/replication.ts';
import { plainText } from '../domain/text.ts';
import { isRecord } from './wire/arm-error.ts';

/** Source: containerregistry.json of azure-rest-api-specs, ReplicationName (there from 5). It becomes part of a path. */
const replicaName = /^[a-zA-Z0-9]{1,50}$/;
/** As long as the CRD takes, and the parentheses of "East US 2 (Stage)". */
const regionName = /^[a-z0-9][-a-z0-9()]{0,39}$/;

/**
 * A replica as the SDK gives it (properties beside the name). Undefined without name or location, or with one that Azure
 * doesn't give: what such an entry means is unknown, so the answer that holds it must not be believed.
 */
export function parseReplica(value: unknown): Replica | undefined {
  if (!isRecord(value)) return undefined;
  const name = textOrEmpty(value['name']);
  const region = regionOf(textOrEmpty(value['location']));
  if (!replicaName.test(name) || !regionName.test(region)) return undefined;
  const status = isRecord(value['status']) ? value['status'] : {};
  return {
    region,
    name,
    state: parseState(value['provisioningState']),
    status: plainText(textOrEmpty(status['displayStatus']), 100), // these lengths are the longest that the CRD takes
    message: plainText(textOrEmpty(status['message']), 1024),
    changedAt: timeOf(status['timestamp']),
    tags: tagsOf(value['tags']),
    routing: value['regionEndpointEnabled'] === false ? 'Disabled' : 'Enabled', // absent: the swagger's default
    zoneRedundancy: value['zoneRedundancy'] === 'Enabled' ? 'Enabled' : 'Disabled',
  };
}

/** The same from ARM's own body, where the properties are one level deeper. */
export function parseReplicaOnWire(body: unknown): Replica | undefined {
  if (!isRecord(body)) return undefined;
  const properties = isRecord(body['properties']) ? body['properties'] : {};
  return parseReplica({ ...properties, name: body['name'], location: body['location'], tags: body['tags'] });
}

/** A registry as the SDK gives it; undefined without id, location or SKU. */
export function parseRegistry(value: unknown): Registry | undefined {
  if (!isRecord(value)) return undefined;
  const id = plainText(textOrEmpty(value['id']), 400);
  const home = regionOf(textOrEmpty(value['location']));
  const sku = isRecord(value['sku']) ? plainText(textOrEmpty(value['sku']['name']), 40) : '';
  if (id === '' || !regionName.test(home) || sku === '') return undefined;
  return { id, home, sku, loginServer: plainText(textOrEmpty(value['loginServer']), 253) };
}

/** ARM: no provisioningState is Succeeded, one that nobody knows is running. */
function parseState(value: unknown): ReplicaState {
  if (value === undefined || value === null) return 'Succeeded';
  return replicaStates.find((state) => state === value) ?? 'Unknown';
}

function textOrEmpty(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function timeOf(value: unknown): string {
  const time = value instanceof Date ? value : new Date(textOrEmpty(value));
  const text = Number.isNaN(time.getTime()) ? '' : time.toISOString();
  return /^\d{4}-/.test(text) ? text : ''; // a year of four digits, or it is no time for Kubernetes
}

function tagsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((tag): tag is [string, string] => typeof tag[1] === 'string'));
}
