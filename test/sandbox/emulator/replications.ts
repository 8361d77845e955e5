import type { Azure } from './azure.ts';
import { replicationBody } from './bodies.ts';
import type { AuthorisedCall } from './call.ts';
import { ERRORS, type Reply } from './errors.ts';
import { normalise, type Operation, type Registry, type Replica } from './model.ts';
import { begin, operationPath } from './operations.ts';
import { page } from './paging.ts';
import { scramble } from './random.ts';
import { isReply, parseReplication, type ReplicationRequest } from './replication-request.ts';
import { homeReplica, same, seedReplica } from './seed.ts';
import { breakOrHeal, running } from './store.ts';
import { API_VERSIONS } from './versions.ts';

type Handler = (azure: Azure, call: AuthorisedCall, registry: Registry) => Reply;

const NAME = /^[a-zA-Z0-9]{5,50}$/;
const VERSIONS = { 'api-supported-versions': API_VERSIONS.join(', ') };

export const getReplication: Handler = (_azure, call, registry) => {
  const replica = find(registry, call);
  return replica === undefined ? missing(call) : { status: 200, body: replicationBody(registry, replica, call.now) };
};

export const listReplications: Handler = (azure, call, registry) => {
  const at = (ago: number) => asOf(registry, call.now - ago, azure.seed);
  const items = azure.faults.replications(call, at(0), at);
  return { status: 200, headers: { 'x-ms-original-request-ids': '' }, body: page(azure, call, items) };
};

export const putReplication: Handler = (azure, call, registry) => {
  const name = call.names.replication ?? '';
  if (!NAME.test(name)) return ERRORS.badName(name);
  const there = find(registry, call);
  const asked = parseReplication(call.text);
  if (isReply(asked)) return asked;
  const request = azure.faults.modified(call, asked, there);
  if (request.location === undefined || request.location === '') return ERRORS.locationMissing();
  const location = normalise(request.location);
  if (!azure.regions.has(location)) return ERRORS.regionUnknown(request.location, [...azure.regions.keys()].join(','));
  if (registry.sku !== 'Premium') return ERRORS.notPremium(registry.name, registry.sku);
  if (location === registry.location) return putHome(call, registry);
  if (there !== undefined) return putExisting(azure, call, registry, there, { ...request, location });
  const taken = registry.replicas.find((r) => r.location === location);
  if (taken !== undefined) return ERRORS.regionTaken(registry.name, location, taken.name);
  return create(azure, call, registry, name, { ...request, location });
};

export const patchReplication: Handler = (azure, call, registry) => {
  const replica = find(registry, call);
  if (replica === undefined) return missing(call);
  const asked = parseReplication(call.text);
  if (isReply(asked)) return asked;
  const request = azure.faults.modified(call, asked, replica);
  const { tagPatch, patchOfFailed } = azure.habits;
  const { tags, regionEndpointEnabled = replica.regionEndpointEnabled } = request;
  const ofTagsAlone = tags !== undefined && regionEndpointEnabled === replica.regionEndpointEnabled;
  const atOnce = tagPatch === 'immediate' && ofTagsAlone;
  return update(azure, call, registry, replica, { request, ofFailed: patchOfFailed, atOnce });
};

export const deleteReplication: Handler = (azure, call, registry) => {
  const replica = find(registry, call);
  if (replica === undefined) return { status: 204 };
  const { now } = call;
  if (replica.location === registry.location && registry.replicas.length > 1)
    return ERRORS.homeNotDeletable(registry.name, registry.location);
  const busy = running(replica, now);
  if (busy?.kind === 'update') return ERRORS.busy(replica.name, 'Updating');
  // Deleting a replica that is stuck in Creating is the known cure: the create ends.
  if (busy?.kind === 'create') Object.assign(busy, { endsAt: now, outcome: { kind: 'canceled' } });
  const operation = busy?.kind === 'delete' ? busy : begin(azure, call, registry, replica, 'delete');
  return { status: 202, headers: { ...VERSIONS, ...poll(azure, call, operation) } };
};

function create(
  azure: Azure,
  call: AuthorisedCall,
  registry: Registry,
  name: string,
  request: ReplicationRequest & { location: string },
): Reply {
  const { now, principal } = call;
  const by = {
    createdBy: principal.objectId,
    createdByType: 'Application',
    modifiedBy: principal.objectId,
    modifiedByType: 'Application',
  } as const;
  const replica: Replica = { ...seedReplica({ ...request, name }, now), ...by };
  registry.replicas.push(replica);
  const operation = begin(azure, call, registry, replica, 'create');
  if (!registry.replicas.some((r) => r.location === registry.location))
    registry.homeDueAt ??= now + azure.times.homeDelayMs;
  return {
    status: 201,
    headers: { ...VERSIONS, ...poll(azure, call, operation) },
    body: replicationBody(registry, replica, now),
  };
}

/** Creating a replica in the home region does nothing and says 200. [azure-rest-api-specs#10233] */
function putHome({ now }: AuthorisedCall, registry: Registry): Reply {
  const home = registry.replicas.find((r) => r.location === registry.location) ?? homeReplica(registry, now);
  return { status: 200, body: replicationBody(registry, home, now) };
}

function putExisting(
  azure: Azure,
  call: AuthorisedCall,
  registry: Registry,
  replica: Replica,
  request: ReplicationRequest & { location: string },
): Reply {
  const { tags = {}, regionEndpointEnabled = true, zoneRedundancy } = request;
  if (request.location !== replica.location)
    return ERRORS.locationChanged(replica.name, replica.location, request.location, registry.resourceGroup);
  if (zoneRedundancy !== undefined && zoneRedundancy !== replica.zoneRedundancy)
    return ERRORS.zoneRedundancyChanged(replica.name);
  const ofFailed = azure.habits.putOfFailed;
  const heals = ofFailed === 'heals' && replica.settled !== 'Succeeded';
  const atOnce = regionEndpointEnabled === replica.regionEndpointEnabled && !heals;
  return update(azure, call, registry, replica, { request: { tags, regionEndpointEnabled }, ofFailed, atOnce });
}

interface Update {
  readonly request: ReplicationRequest;
  /** What becomes of a replica that is Failed or Canceled. */
  readonly ofFailed: 'heals' | 'stays';
  /** Whether it is done when it is answered, with 200, or goes on as an operation after a 201. */
  readonly atOnce: boolean;
}

function update(
  azure: Azure,
  call: AuthorisedCall,
  registry: Registry,
  replica: Replica,
  { request, ofFailed, atOnce }: Update,
): Reply {
  const { now } = call;
  const body = () => replicationBody(registry, replica, now);
  if (running(replica, now) !== undefined) return ERRORS.busy(replica.name, body().properties.provisioningState);
  const before = { tags: replica.tags, regionEndpointEnabled: replica.regionEndpointEnabled };
  const hasFailed = replica.settled !== 'Succeeded';
  modify(replica, call, request);
  if (atOnce) {
    if (hasFailed && ofFailed === 'heals') {
      breakOrHeal(replica, 'Succeeded', now, '');
      azure.faults.serves(call, replica, now);
    }
    return { status: 200, body: body() };
  }
  const operation = begin(azure, call, registry, replica, 'update', before);
  if (hasFailed && ofFailed === 'stays' && operation.outcome.kind === 'succeeds') operation.leaves = replica.settled;
  return { status: 201, headers: { ...VERSIONS, ...poll(azure, call, operation) }, body: body() };
}

function modify(
  replica: Replica,
  { now, principal }: AuthorisedCall,
  { tags, regionEndpointEnabled }: ReplicationRequest,
): void {
  if (tags !== undefined) replica.tags = tags;
  if (regionEndpointEnabled !== undefined) replica.regionEndpointEnabled = regionEndpointEnabled;
  Object.assign(replica, { modifiedBy: principal.objectId, modifiedByType: 'Application', modifiedAt: now });
}

function poll(azure: Azure, call: AuthorisedCall, operation: Operation): Record<string, string> {
  const { header, path } = operationPath(operation, azure.store.registry(operation.registry));
  const url = azure.urls.sign(azure.origin, path, call.query.get('api-version') ?? '', call.now);
  return {
    [header]: url,
    ...(azure.retryAfterSeconds === undefined ? {} : { 'retry-after': `${azure.retryAfterSeconds}` }),
  };
}

/** All replicas as they were at `now`, in an order that means nothing. */
function asOf(registry: Registry, now: number, seed: number) {
  const gone = registry.removed.filter(({ at }) => at > now).map(({ replica }) => replica);
  return [...registry.replicas, ...gone]
    .filter((r) => r.createdAt <= now)
    .sort((a, b) => scramble(registry.name + a.name, seed) - scramble(registry.name + b.name, seed))
    .map((r) => replicationBody(registry, r, now));
}

function find(registry: Registry, call: AuthorisedCall): Replica | undefined {
  return registry.replicas.find((r) => same(r.name, call.names.replication ?? ''));
}

function missing({ names }: AuthorisedCall): Reply {
  return ERRORS.notFound(
    `Microsoft.ContainerRegistry/registries/${names.registry}/replications/${names.replication}`,
    names.group ?? '',
  );
}
