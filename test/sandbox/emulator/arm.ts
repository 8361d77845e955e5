import { listLocks, listPermissions } from './authorization.ts';
import type { Azure } from './azure.ts';
import type { AuthorisedCall, Call } from './call.ts';
import { ERRORS, fail, GRAPH_ERRORS, type Reply } from './errors.ts';
import { instanceDiscovery, managedIdentityToken, openidConfiguration, token } from './identity.ts';
import type { Registry } from './model.ts';
import { getPrivateEndpoint, listNetworkUsages } from './networks.ts';
import { operationResult, operationStatus } from './operations.ts';
import { checkPolicyRestrictions } from './policy-restrictions.ts';
import { checkName, getRegistry, listRegistries, listUsages } from './registries.ts';
import { isReply } from './replication-request.ts';
import {
  deleteReplication,
  getReplication,
  listReplications,
  patchReplication,
  putReplication,
} from './replications.ts';
import {
  getRegistryByGraph,
  getReplicationByGraph,
  listRegistriesByGraph,
  listReplicationsByGraph,
  queryResources,
} from './resource-graph.ts';
import { allows, needs } from './roles.ts';
import { isGraph, type Kind } from './route.ts';
import { same } from './seed.ts';
import {
  getProvider,
  getResourceGroup,
  getSubscription,
  listLocations,
  listResources,
  listSubscriptions,
  listTenants,
  metadata,
} from './subscriptions.ts';
import { API_VERSIONS } from './versions.ts';

type Open = (azure: Azure, call: Call) => Reply | Promise<Reply>;
type Closed = (azure: Azure, call: AuthorisedCall) => Reply;
type OfRegistry = (azure: Azure, call: AuthorisedCall, registry: Registry) => Reply;

/** The calls that need no token. */
const OPEN: Readonly<Record<string, Open>> = {
  'GET metadata': metadata,
  'GET openidConfiguration': ({ identity }, call) => openidConfiguration(identity, call),
  'GET instanceDiscovery': ({ identity }, call) => instanceDiscovery(identity, call),
  'GET keys': ({ tokens }) => ({ status: 200, body: tokens.keys }),
  'POST token': ({ identity }, call) => token(identity, call),
  'GET managedIdentityToken': ({ identity }, call) => managedIdentityToken(identity, call),
};

const CLOSED: Readonly<Record<string, Closed>> = {
  'LIST subscriptions': listSubscriptions,
  'GET subscription': getSubscription,
  'GET resourceGroup': getResourceGroup,
  'LIST tenants': listTenants,
  'LIST resources': listResources,
  'LIST locations': listLocations,
  'GET provider': getProvider,
  'LIST registries': listRegistries,
  'GET registryGraph': getRegistryByGraph,
  'LIST registriesGraph': listRegistriesByGraph,
  'GET replicationGraph': getReplicationByGraph,
  'LIST replicationsGraph': listReplicationsByGraph,
  'POST resourceGraphQuery': queryResources,
  'POST nameAvailability': checkName,
  'POST policyRestrictions': checkPolicyRestrictions,
  'GET privateEndpoint': getPrivateEndpoint,
  'LIST networkUsages': listNetworkUsages,
  'GET operationStatus': operationStatus,
  'GET operationResult': operationResult,
};

const OF_REGISTRY: Readonly<Record<string, OfRegistry>> = {
  'GET registry': getRegistry,
  'LIST usages': listUsages,
  'LIST permissions': listPermissions,
  'LIST locks': listLocks,
  'GET replication': getReplication,
  'LIST replications': listReplications,
  'PUT replication': putReplication,
  'PATCH replication': patchReplication,
  'DELETE replication': deleteReplication,
};

const UNSCOPED: ReadonlySet<Kind> = new Set(['subscriptions', 'tenants', 'resourceGraphQuery']);
const VERSIONED: ReadonlySet<Kind> = new Set([
  'registry',
  'registries',
  'usages',
  'replication',
  'replications',
  'nameAvailability',
  'operationStatus',
  'operationResult',
]);
const NESTED: ReadonlySet<Kind> = new Set(['replication']);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Answers one call: token, api-version, subscription, role, quota, faults, group, registry, and then what was asked.
 */
export async function answer(azure: Azure, call: Call): Promise<Reply> {
  const key = `${call.verb} ${call.kind}`;
  const open = OPEN[key];
  if (open !== undefined) return azure.faults.reply(call, {}) ?? (await open(azure, call));
  const { store, tokens } = azure;
  const { subscription: subscriptionId, group } = call.names;
  const subscription = subscriptionId === undefined ? undefined : store.subscription(subscriptionId);
  const { authorization } = call.headers;
  const checked = await tokens.check(
    typeof authorization === 'string' ? authorization : undefined,
    subscription?.tenantId,
    call.now,
  );
  if (isReply(checked)) return checked;
  const principal = store.app(checked.clientId);
  if (principal === undefined)
    return fail(401, 'InvalidAuthenticationToken', 'The principal of the access token is gone.');

  const wrong = wrongVersion(azure, call);
  if (wrong !== undefined) return wrong;
  if (subscriptionId !== undefined && subscription === undefined)
    return UUID.test(subscriptionId)
      ? ERRORS.subscriptionNotFound(subscriptionId)
      : ERRORS.invalidSubscription(subscriptionId);

  const { action, scope } = needs(call);
  const client = [principal.clientId, principal.objectId] as const;
  const isQuery = call.kind === 'resourceGraphQuery';
  const isOfGraph = isQuery || isGraph(call.kind);
  const taken = isOfGraph
    ? azure.graphQuota(azure.graph, isQuery, subscriptionId ?? '', principal.clientId, call.now)
    : azure.quota.take(call.verb, subscriptionId ?? '', principal.clientId, call.now);
  const limited = (reply: Reply): Reply => ({ ...reply, headers: { ...reply.headers, ...taken.headers } });
  if (taken.retryAfterSeconds !== undefined)
    return limited(
      isOfGraph
        ? GRAPH_ERRORS.throttled(call, taken.retryAfterSeconds)
        : ERRORS.throttled(taken.retryAfterSeconds, subscriptionId ?? ''),
    );
  if (
    !UNSCOPED.has(call.kind) &&
    call.kind !== 'unknown' &&
    !allows(store.state.roles, principal.clientId, action, scope)
  )
    return limited(ERRORS.forbidden(...client, action, scope));

  const registry = call.registry === undefined ? undefined : store.registry(call.registry);
  const operation = call.names.operation === undefined ? undefined : store.operation(call.names.operation);
  const fault = azure.faults.reply(call, {
    action,
    scope,
    client,
    ...(registry && { registry }),
    ...(operation && { operation }),
  });
  if (fault !== undefined) return limited(fault);

  if (group !== undefined && subscription !== undefined && !subscription.resourceGroups.some((g) => same(g, group)))
    return limited(ERRORS.groupNotFound(group));
  const authorised: AuthorisedCall = { ...call, principal, action, scope };
  const closed = CLOSED[key];
  if (closed !== undefined) return limited(closed(azure, authorised));
  const ofRegistry = OF_REGISTRY[key];
  if (ofRegistry === undefined)
    return limited(
      call.kind === 'unknown'
        ? ERRORS.typeUnknown(call.path.split('/').slice(7).join('/') || call.path)
        : ERRORS.methodNotAllowed(call.method),
    );
  const there =
    registry !== undefined &&
    same(registry.resourceGroup, group ?? '') &&
    same(registry.subscriptionId, subscriptionId ?? '');
  if (!there) {
    const name = call.names.registry ?? '';
    return limited(
      NESTED.has(call.kind)
        ? ERRORS.parentNotFound(name)
        : ERRORS.notFound(`Microsoft.ContainerRegistry/registries/${name}`, group ?? ''),
    );
  }
  if (call.verb !== 'GET' && call.verb !== 'LIST') store.remember(registry);
  const reply = ofRegistry(azure, authorised, registry);
  if (call.kind === 'replication' && call.verb !== 'GET' && reply.status < 300) azure.faults.wrote(call);
  return limited(reply);
}

function wrongVersion({ regions }: Azure, { query, kind }: Call): Reply | undefined {
  const version = query.get('api-version');
  if (version === null || version === '') return ERRORS.apiVersionMissing();
  if (!VERSIONED.has(kind) || API_VERSIONS.includes(version)) return undefined;
  const type = kind === 'replication' || kind === 'replications' ? 'registries/replications' : 'registries';
  return ERRORS.apiVersionUnknown(version, type, API_VERSIONS.join(', '), [...regions.keys()].join(', '));
}
