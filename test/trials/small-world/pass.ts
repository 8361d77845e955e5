import type { RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import type { reconcile } from '../../../src/controller/reconcile.ts';
import { type Failure, failed, type Outcome, ok } from '../../../src/domain/failure.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import type { Facts } from '../../../src/domain/pass.ts';
import type { Region } from '../../../src/domain/region.ts';
import { ownerOf, type Registry, type Replica } from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { clockAt } from '../../support/clock.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { type Actor, type Fault, home, objectOf, replicaIn, specOf, type Tries, type World } from './world.ts';

export type Reconcile = typeof reconcile;

/** One call to Azure, as an onlooker sees it. */
export interface Call {
  readonly verb: 'LIST' | 'GET' | 'PUT' | 'PATCH' | 'DELETE';
  readonly name: string;
  /** The region spoken of: where the replica of that name is, or for a PUT is to be. */
  readonly region: Region | undefined;
  /** Every replica as it really was when the call arrived. */
  readonly truth: ReadonlyMap<Region, Replica>;
  readonly carriedOut: boolean;
  readonly answered: boolean;
  /** What a GET said. */
  readonly told: Replica | undefined;
  /** The object as stored when the call was made. */
  readonly stored: RegistryReplication | undefined;
}

/** One pass of one object, from outside. */
export interface Step {
  readonly key: Key;
  readonly before: World;
  readonly after: World;
  readonly actor: Actor;
  readonly calls: readonly Call[];
  /** The status written, if any. */
  readonly status: Status | undefined;
  /** Writes to Kubernetes. */
  readonly stores: number;
  readonly facts: Facts | undefined;
}

const registry: Registry = {
  id: '/subscriptions/s/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso',
  loginServer: 'contoso.azurecr.io',
  home,
  sku: 'Premium',
};

const rejected: Failure = {
  kind: 'terminal',
  reason: 'Rejected',
  code: 'InvalidResourceLocation',
  message: 'The resource already exists in another location.',
};
const gone: Failure = { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: 'NotFound', message: 'Not found.' };
const idle = objectOf(specOf([home], { mode: 'Observe' }), 'neighbour');
const { signal } = new AbortController();

/** The real pass over one world, with at most one fault. */
export async function runPass(
  world: World,
  key: Key,
  fault: Fault | undefined,
  reconcile: Reconcile,
): Promise<Step | undefined> {
  const actor = world.actors.get(key);
  if (actor === undefined) return undefined;
  let written: Status | undefined;
  let facts: Facts | undefined;
  const keys = [...world.actors.keys()];
  const store = memoryStore([idle, ...[...world.actors.values()].map(({ object }) => object)], (_object, status) => {
    written = status;
  });
  const { api, calls, replicas, told } = azureOf(world, fault, () => store.get(key));
  const next = await reconcile(
    key,
    actor.retries,
    {
      store,
      azure: { as: async () => ok(api) },
      namesakes: () => keys.flatMap((k) => store.get(k) ?? []),
      clock: clockAt(() => new Date(world.now)),
      random: () => 0,
      observer: (seen) => {
        facts = seen;
      },
      announce: () => {},
      settings: { clusterName: 'test', subscriptionId: undefined, maxConcurrentWrites: 8, seesAllOf: () => true },
    },
    signal,
  );
  const actors = new Map(world.actors);
  const object = store.get(key);
  if (object === undefined) actors.delete(key);
  else {
    const retries = next.kind === 'look' && next.failed ? Math.min(actor.retries + 1, 4) : 0;
    actors.set(key, { object, retries, ...remember(actor, calls, told) });
  }
  const after = { ...world, actors, replicas };
  return { key, before: world, after, actor, calls, status: written, stores: store.writes(), facts };
}

/** Azure for the length of one pass: what happens to `replicas` is in them afterwards. */
function azureOf(world: World, fault: Fault | undefined, stored: () => RegistryReplication | undefined) {
  const replicas = new Map(world.replicas);
  const calls: Call[] = [];
  const told = new Map<Region, Replica>();
  const named = (name: string) => {
    for (const replica of replicas.values()) if (replica.name === name) return replica;
    return undefined;
  };
  const call = async <T>(verb: Call['verb'], name: string, place: Region | undefined, carryOut: () => Outcome<T>) => {
    const fails = fault?.kind === 'call' && fault.nth === calls.length ? fault : undefined;
    const truth = verb === 'GET' || verb === 'LIST' ? replicas : new Map(replicas);
    const region = place ?? named(name)?.region;
    const outcome = fails?.lost === false ? undefined : carryOut();
    const answered = fails === undefined && outcome?.ok === true;
    const said = verb === 'GET' && answered ? (outcome.value as Replica | undefined) : undefined;
    if (said !== undefined) told.set(said.region, said);
    calls.push({ verb, name, region, truth, carriedOut: outcome?.ok === true, answered, told: said, stored: stored() });
    return fails === undefined && outcome !== undefined ? outcome : failed(fails?.failure ?? gone);
  };
  const api: ReplicationApi = {
    observe: () =>
      call('LIST', '', undefined, () => {
        const shown = new Map(replicas);
        if (fault?.kind === 'omit') shown.delete(fault.region);
        if (fault?.kind === 'stale') shown.set(fault.replica.region, fault.replica);
        if (fault?.kind !== 'call' || fault.nth > 0) for (const [region, replica] of shown) told.set(region, replica);
        return ok({ registry, replicas: shown });
      }),
    get: (_ref, name) => call('GET', name, undefined, () => ok(named(name))),
    create: (_ref, { region, name, tags, routing = 'Enabled', zoneRedundancy = 'Disabled' }) =>
      call('PUT', name, region, () => {
        const taken = named(name) ?? replicas.get(region);
        if (taken !== undefined && (taken.region !== region || taken.name !== name)) return failed(rejected);
        const replica: Replica = { ...replicaIn(region, 'Creating', 'none', name), tags, routing, zoneRedundancy };
        replicas.set(region, replica);
        if (!replicas.has(home)) replicas.set(home, replicaIn(home, 'Succeeded', 'none'));
        return ok(replica);
      }),
    update: (_ref, name, change) =>
      call('PATCH', name, undefined, () => {
        const replica = named(name);
        if (replica === undefined) return failed(gone);
        const updated: Replica = { ...replica, ...change, state: 'Updating' };
        replicas.set(replica.region, updated);
        return ok(updated);
      }),
    remove: (_ref, name) =>
      call('DELETE', name, undefined, () => {
        const replica = named(name);
        if (replica !== undefined) replicas.set(replica.region, { ...replica, state: 'Deleting', status: '' });
        return ok(undefined);
      }),
  };
  return { api, calls, replicas, told };
}

/** What the onlooker keeps after a pass. */
function remember(actor: Actor, calls: readonly Call[], told: ReadonlyMap<Region, Replica>) {
  if (calls.length === 0) return { listed: actor.listed, tries: actor.tries };
  const wanted = actor.object.spec.regions.map(({ location }) => location as Region);
  const ours = [...told.values()].filter((replica) => ownerOf(replica) === `test/${keyOf(actor.object)}`);
  const known = [...wanted, ...ours.map(({ region }) => region)];
  const listed = known.every((region) => actor.listed.has(region))
    ? actor.listed
    : new Set([...actor.listed, ...known]);
  const tries = new Map<Region, Tries>();
  for (const region of wanted) {
    if (region === home) continue;
    const { state } = told.get(region) ?? {};
    const fine = state === 'Succeeded' || state === 'Updating';
    const before = fine ? undefined : actor.tries.get(region);
    let { creations, deletions, unanswered } = before ?? { creations: 0, deletions: 0, unanswered: false };
    if (unanswered && told.has(region)) {
      creations += 1;
      unanswered = false;
    }
    for (const { verb, region: where, carriedOut, answered } of calls) {
      if (where !== region || !carriedOut) continue;
      if (verb === 'PUT' && answered) creations += 1;
      if (verb === 'PUT') unanswered = !answered;
      if (verb === 'DELETE') deletions += 1;
    }
    if (creations + deletions > 0 || unanswered) tries.set(region, { creations, deletions, unanswered });
  }
  return { listed, tries };
}
