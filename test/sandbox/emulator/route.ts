import type { Verb } from './model.ts';

/** What is asked of Azure Resource Graph in place of the provider, by `useResourceGraph=true`. */
export type GraphKind = 'registryGraph' | 'registriesGraph' | 'replicationGraph' | 'replicationsGraph';

export type Kind =
  | 'registry'
  | 'registries'
  | 'usages'
  | 'permissions'
  | 'locks'
  | 'nameAvailability'
  | 'policyRestrictions'
  | 'privateEndpoint'
  | 'networkUsages'
  | 'replication'
  | 'replications'
  | GraphKind
  | 'resourceGraphQuery'
  | 'operationStatus'
  | 'operationResult'
  | 'provider'
  | 'subscriptions'
  | 'subscription'
  | 'locations'
  | 'resourceGroup'
  | 'tenants'
  | 'resources'
  | 'metadata'
  | 'openidConfiguration'
  | 'instanceDiscovery'
  | 'keys'
  | 'token'
  | 'managedIdentityToken'
  | 'unknown';

/** What a path means. Names are as the client wrote them; static segments are matched whatever their case. */
export interface Route {
  readonly kind: Kind;
  readonly names: Readonly<Partial<Record<Name, string>>>;
}

type Name =
  | 'subscription'
  | 'group'
  | 'registry'
  | 'replication'
  | 'operation'
  | 'location'
  | 'tenant'
  | 'endpoint'
  | 'network';

const ACR = 'providers/microsoft.containerregistry';
const GROUP = 'subscriptions/{subscription}/resourcegroups/{group}';
const REGISTRY = `${GROUP}/${ACR}/registries/{registry}`;

const PATTERNS = {
  [`${REGISTRY}/replications/{replication}`]: 'replication',
  [`${REGISTRY}/replications`]: 'replications',
  [`${REGISTRY}/replications/{replication}/operationstatuses/{operation}`]: 'operationStatus',
  [`subscriptions/{subscription}/${ACR}/locations/{location}/operationresults/{operation}`]: 'operationResult',
  [REGISTRY]: 'registry',
  [`${REGISTRY}/listusages`]: 'usages',
  [`${REGISTRY}/providers/microsoft.authorization/permissions`]: 'permissions',
  [`${REGISTRY}/providers/microsoft.authorization/locks`]: 'locks',
  [`${GROUP}/providers/microsoft.policyinsights/checkpolicyrestrictions`]: 'policyRestrictions',
  [`${GROUP}/providers/microsoft.network/privateendpoints/{endpoint}`]: 'privateEndpoint',
  [`${GROUP}/providers/microsoft.network/virtualnetworks/{network}/usages`]: 'networkUsages',
  [`${GROUP}/${ACR}/registries`]: 'registries',
  [`subscriptions/{subscription}/${ACR}/registries`]: 'registries',
  [`subscriptions/{subscription}/${ACR}/checknameavailability`]: 'nameAvailability',
  [`subscriptions/{subscription}/${ACR}`]: 'provider',
  'subscriptions/{subscription}/resources': 'resources',
  'subscriptions/{subscription}/locations': 'locations',
  [GROUP]: 'resourceGroup',
  'subscriptions/{subscription}': 'subscription',
  subscriptions: 'subscriptions',
  tenants: 'tenants',
  'providers/microsoft.resourcegraph/resources': 'resourceGraphQuery',
  'metadata/endpoints': 'metadata',
  'metadata/identity/oauth2/token': 'managedIdentityToken',
  'msi/token': 'managedIdentityToken',
  'common/discovery/instance': 'instanceDiscovery',
  '{tenant}/v2.0/.well-known/openid-configuration': 'openidConfiguration',
  '{tenant}/.well-known/openid-configuration': 'openidConfiguration',
  '{tenant}/discovery/v2.0/keys': 'keys',
  '{tenant}/oauth2/v2.0/token': 'token',
} as const satisfies Record<string, Kind>;

const GRAPH: Partial<Record<Kind, GraphKind>> = {
  registry: 'registryGraph',
  registries: 'registriesGraph',
  replication: 'replicationGraph',
  replications: 'replicationsGraph',
};
const GRAPH_KINDS: ReadonlySet<Kind> = new Set(Object.values(GRAPH));

/** Every kind of path. */
export const KINDS: readonly Kind[] = [...new Set<Kind>([...Object.values(PATTERNS), ...GRAPH_KINDS, 'unknown'])];

export function isGraph(kind: Kind): kind is GraphKind {
  return GRAPH_KINDS.has(kind);
}

/** The kind of a call with this query: the flag has an effect on what Resource Graph can answer, and none elsewhere. */
export function kindOf(method: string, kind: Kind, query: URLSearchParams): Kind {
  const isFlagged = method === 'GET' && query.get('useResourceGraph')?.toLowerCase() === 'true';
  return (isFlagged ? GRAPH[kind] : undefined) ?? kind;
}

const TABLE = Object.entries(PATTERNS).map(([pattern, kind]) => ({ kind, parts: pattern.split('/') }));
const LISTS: ReadonlySet<Kind> = new Set([
  'registries',
  'registriesGraph',
  'replications',
  'replicationsGraph',
  'usages',
  'permissions',
  'locks',
  'networkUsages',
  'subscriptions',
  'tenants',
  'resources',
  'locations',
]);
const VERBS: ReadonlySet<string> = new Set(['GET', 'PUT', 'PATCH', 'DELETE', 'POST']);

export function routeOf(path: string): Route {
  const segments = path.split('/').filter((s) => s !== '');
  const lower = path
    .toLowerCase()
    .split('/')
    .filter((s) => s !== '');
  for (const { kind, parts } of TABLE) {
    if (parts.length !== lower.length) continue;
    if (!parts.every((part, i) => part.startsWith('{') || part === lower[i])) continue;
    const names: Partial<Record<Name, string>> = {};
    parts.forEach((part, i) => {
      if (part.startsWith('{')) names[part.slice(1, -1) as Name] = decode(segments[i] ?? '');
    });
    return { kind, names };
  }
  return { kind: 'unknown', names: {} };
}

/** `GET` of a collection is a `LIST`: the counters and faults tell them apart. */
export function verbOf(method: string, kind: Kind): Verb {
  if (method === 'GET' && LISTS.has(kind)) return 'LIST';
  return VERBS.has(method) ? (method as Verb) : 'OTHER';
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
