import { type Failure, failed, type Outcome, ok } from '../domain/failure.ts';
import type { Region } from '../domain/region.ts';
import type { Registry, RegistryRef, Replica } from '../domain/replication.ts';
import type { ReplicationApi } from '../ports/azure.ts';
import type { Clock } from '../time/clock.ts';
import { parseRegistry, parseReplica, parseReplicaOnWire } from './parse.ts';
import { attempt, isReplicaMissing, senselessAnswer } from './refusals/classify.ts';
import type { Subject } from './refusals/rules.ts';
import { isPremium, type RegistryMemory, registryMemory } from './registry-memory.ts';
import type { ClientFor } from './wire/client.ts';
import { type RegistryCalls, registryCalls } from './wire/registry-calls.ts';

/** More pages than any registry has, for Azure has some 60 regions: beyond this a nextLink goes in circles. */
const maxPages = 100;
/** As many replicas as the object's status takes, and more than any registry has. */
const maxReplicas = 256;

export interface ReplicationApiConfig {
  readonly clientFor: ClientFor;
  readonly clock: Clock;
  /** How long a registry's home region and SKU are believed without asking. Default: an hour. */
  readonly registryMemoryMs?: number;
}

/** Gives Azure as it is asked in one context: its activity log and the operator's log name the context by this id. */
export type ReplicationApiFor = (correlationId: string | undefined) => ReplicationApi;

/** Azure's side of the operator, over the ARM client. All contexts share one memory of registries. */
export function createReplicationApi(config: ReplicationApiConfig): ReplicationApiFor {
  const { clientFor, clock, registryMemoryMs = 3_600_000 } = config;
  const memory = registryMemory(clock, registryMemoryMs);
  return (correlationId) =>
    replicationApi({ callsOn: registryCalls(clientFor, correlationId), memory, now: () => clock.now() });
}

/** What the calls of one context share. */
interface Context {
  readonly callsOn: (ref: RegistryRef) => RegistryCalls;
  readonly memory: RegistryMemory;
  readonly now: () => Date;
}

function replicationApi(context: Context): ReplicationApi {
  const { callsOn, now } = context;

  /** Makes a call that changes something; gives the replica as ARM answered it. */
  async function acceptedReplica(
    call: () => Promise<Replica | undefined>,
    subject: Subject,
    signal: AbortSignal,
  ): Promise<Outcome<Replica>> {
    const answer = await attempt(call, subject, now, signal);
    return answer.ok ? understood(answer.value) : answer;
  }

  return {
    observe: (ref, known, signal) => observe(context, ref, known, signal),

    async get(ref, name, signal) {
      const calls = callsOn(ref);
      const getIfThere = async (): Promise<Outcome<Replica | undefined>> => {
        try {
          return understood(parseReplica(await calls.getReplication(name, signal)));
        } catch (error) {
          if (isReplicaMissing(error)) return ok(undefined);
          throw error;
        }
      };
      const answer = await attempt(getIfThere, { ref, name }, now, signal);
      return answer.ok ? answer.value : answer;
    },

    async create(ref, replica, signal) {
      const calls = callsOn(ref);
      const { region, name } = replica;
      return acceptedReplica(
        () => calls.putReplication(replica, parseReplicaOnWire, signal),
        { ref, region, name },
        signal,
      );
    },

    async update(ref, name, change, signal) {
      const calls = callsOn(ref);
      return acceptedReplica(
        () => calls.patchReplication(name, change, parseReplicaOnWire, signal),
        { ref, name },
        signal,
      );
    },

    async remove(ref, name, signal) {
      const calls = callsOn(ref);
      const takeAway = async (): Promise<void> => {
        try {
          await calls.deleteReplication(name, signal);
        } catch (error) {
          if (!isReplicaMissing(error)) throw error;
        }
      };
      const answer = await attempt(takeAway, { ref, name }, now, signal);
      const isRegistryGone = !answer.ok && answer.failure.reason === 'RegistryNotFound'; // with all that was in it
      return isRegistryGone ? ok(undefined) : answer;
    },
  };
}

/** Reads a registry and its replicas: one LIST, and before it one GET of the registry unless the memory knows it. */
async function observe(
  context: Context,
  ref: RegistryRef,
  known: Registry | undefined,
  signal: AbortSignal,
): ReturnType<ReplicationApi['observe']> {
  const { memory } = context;
  let registry = memory.recall(ref, known);
  if (registry === undefined) {
    const read = await readRegistry(context, ref, signal);
    if (!read.ok) return read;
    if (!isPremium(read.value)) {
      memory.forget(ref);
      return failed(notPremiumFailure(ref, read.value));
    }
    registry = read.value;
    memory.keep(ref, registry);
  }
  const replicas = await listReplicas(context, ref, signal);
  if (!replicas.ok) {
    if (replicas.failure.reason === 'RegistryNotFound') memory.forget(ref);
    return replicas;
  }
  return ok({ registry, replicas: byRegion(replicas.value) });
}

async function readRegistry(
  { callsOn, now }: Context,
  ref: RegistryRef,
  signal: AbortSignal,
): Promise<Outcome<Registry>> {
  const calls = callsOn(ref);
  const answer = await attempt(() => calls.getRegistry(signal), { ref }, now, signal);
  if (!answer.ok) return answer;
  const registry = parseRegistry(answer.value);
  return registry === undefined ? failed(senselessAnswer('a registry without id, location or SKU')) : ok(registry);
}

async function listReplicas(
  { callsOn, now }: Context,
  ref: RegistryRef,
  signal: AbortSignal,
): Promise<Outcome<readonly Replica[]>> {
  const pages = callsOn(ref).replicationPages(signal);
  const replicas: Replica[] = [];
  for (let count = 0; count < maxPages; count++) {
    const page = await attempt(() => pages.next(), { ref }, now, signal);
    if (!page.ok) return page;
    if (page.value.done) return ok(replicas);
    for (const value of page.value.value) {
      const replica = understood(parseReplica(value));
      if (!replica.ok) return replica;
      replicas.push(replica.value);
    }
    if (replicas.length > maxReplicas) {
      return failed(senselessAnswer(`the list of replicas has more than ${maxReplicas} entries`, 'slow'));
    }
  }
  return failed(senselessAnswer(`the list of replicas has more than ${maxPages} pages`, 'slow'));
}

/** Makes a failure of a replica that could not be parsed: nothing in its answer is believed. */
function understood(replica: Replica | undefined): Outcome<Replica> {
  return replica === undefined ? failed(senselessAnswer('a replica without name or location')) : ok(replica);
}

function notPremiumFailure(ref: RegistryRef, { sku }: Registry): Failure {
  const message = `Registry ${ref.name} has SKU ${sku}.`;
  return { kind: 'terminal', reason: 'SkuNotPremium', code: 'SkuNotPremium', message };
}

/** The replicas by region. Should Azure ever list two in one region, the first by name is the one that counts. */
function byRegion(replicas: readonly Replica[]): ReadonlyMap<Region, Replica> {
  const byName = replicas.toSorted((a, b) => (a.name < b.name ? 1 : -1));
  return new Map(byName.map((replica) => [replica.region, replica]));
}
