import { type Region, regionOf } from '../domain/region.ts';
import { regionalHost } from '../domain/regional-host.ts';
import { ownerTag, type Registry, type Replica, type ReplicaState, replicaStates } from '../domain/replication.ts';
import { directionMarks, plainText } from '../domain/text.ts';
import { isRecord } from './wire/arm-error.ts';

/**
 * Names that a replica can have; the name becomes part of a path. The source is ReplicationName in
 * containerregistry.json of azure-rest-api-specs, which asks for 5 characters at least.
 */
const replicaName = /^[a-zA-Z0-9]{1,50}$/;
/** Names that a region can have: as long as the CRD takes, with the parentheses of "East US 2 (Stage)". */
const regionName = /^[a-z0-9][-a-z0-9()]{0,39}$/;

/**
 * Parses a replica as the SDK gives it, with the properties beside the name. Gives undefined when name or location is
 * missing, or is one that Azure doesn't give: the answer that holds such an entry must not be believed.
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

/** Parses a replica from ARM's own body, where the properties are one level deeper than the SDK gives them. */
export function parseReplicaOnWire(body: unknown): Replica | undefined {
  if (!isRecord(body)) return undefined;
  const properties = isRecord(body['properties']) ? body['properties'] : {};
  return parseReplica({ ...properties, name: body['name'], location: body['location'], tags: body['tags'] });
}

/** The replicas by region. Should Azure ever list two in one region, the first by name is the one that counts. */
export function byRegion(replicas: readonly Replica[]): ReadonlyMap<Region, Replica> {
  const byName = replicas.toSorted((a, b) => (a.name < b.name ? 1 : -1));
  return new Map(byName.map((replica) => [replica.region, replica]));
}

/** Parses a registry as the SDK gives it; undefined when id, location or SKU is missing. */
export function parseRegistry(value: unknown): Registry | undefined {
  if (!isRecord(value)) return undefined;
  const id = plainText(textOrEmpty(value['id']), 400);
  const home = regionOf(textOrEmpty(value['location']));
  const sku = isRecord(value['sku']) ? plainText(textOrEmpty(value['sku']['name']), 40) : '';
  if (id === '' || !regionName.test(home) || sku === '') return undefined;
  return { id, home, sku, loginServer: plainText(textOrEmpty(value['loginServer']), 253) };
}

/** The same from ARM's own body, with the properties one level deeper than in the SDK's. */
export function parseRegistryOnWire(body: unknown): Registry | undefined {
  if (!isRecord(body)) return undefined;
  return parseRegistry({ ...(isRecord(body['properties']) ? body['properties'] : {}), ...body });
}

/**
 * Whether a registry has regional endpoints, by ARM's own body in a preview version of the API. The hosts that Azure lists
 * must be made as ours are: where home's is not among them, nothing is known of any.
 */
export function hasRegionalEndpoints(body: unknown): boolean {
  if (!isRecord(body) || !isRecord(body['properties'])) return false;
  const { regionalEndpoints, regionalEndpointHostNames: hosts } = body['properties'];
  const registry = parseRegistryOnWire(body);
  const home = registry && regionalHost(registry, registry.home);
  if (regionalEndpoints !== 'Enabled' || home === undefined) return false;
  return !Array.isArray(hosts) || hosts.length === 0 || hosts.includes(home);
}

/** ARM's rule: a resource without provisioningState has succeeded, one whose state nobody knows is still running. */
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

/** The tags as Azure has them, because a PATCH sends all of them back; only the owner's, which is told, is made showable. */
function tagsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter((tag): tag is [string, string] => typeof tag[1] === 'string')
      .map(([name, text]) => [name, name.toLowerCase() === ownerTag ? showable(text) : text]),
  );
}

/** Longest value that a tag can have in Azure, in characters. */
const longestTag = 256;
const unshowable = new RegExp(`[\\p{Cc}\\p{Zl}\\p{Zp}${directionMarks}]`, 'gu');

/** The text with a mark in the place of each character that no status or log may hold, so that it equals no clean one. */
function showable(text: string): string {
  return plainText(text.slice(0, longestTag).replace(unshowable, '\ufffd'), longestTag);
}
