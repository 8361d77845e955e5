import { type Failure, failed, type Outcome, ok } from '../domain/failure.ts';
import type { Registry, RegistryRef, Replica } from '../domain/replication.ts';
import type { ReadWay } from '../ports/arm-request.ts';
import type { Observing, ReplicationApi } from '../ports/azure.ts';
import type { Clock } from '../time/clock.ts';
import { createGlance, type GlanceConfig } from './graph/glance.ts';
import {
  byRegion,
  hasRegionalEndpoints,
  parseRegistry,
  parseRegistryOnWire,
  parseReplica,
  parseReplicaOnWire,
} from './parse.ts';
import { isRegistryMissing, isReplicaMissing } from './refusals/absence.ts';
import { attempt, senselessAnswer } from './refusals/classify.ts';
import { premiumAdvice, type Subject } from './refusals/rules.ts';
import type { Signer } from './refusals/signer.ts';
import { usualPatienceMs, within } from './regional-endpoints.ts';
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
  /** Who makes the calls, for messages about refusals. */
  readonly signer: Signer;
  /** Asks Resource Graph before the provider where that is enough. Default: only the provider is asked. */
  readonly graph?: Omit<GlanceConfig, 'clock' | 'signer' | 'recall' | 'onRead'>;
  /** Told of each look at a registry's replicas, and by whom it was answered. */
  readonly onRead?: (way: ReadWay) => void;
  /** How long a registry's home region and SKU are believed without asking. Default: an hour. */
  readonly registryMemoryMs?: number;
}

/** Gives Azure as it is asked in one context: its activity log and the operator's log name the context by this id. */
export type ReplicationApiFor = (correlationId: string | undefined) => ReplicationApi;

/** Azure's side of the operator, over the ARM client. All contexts share one memory of registries. */
export function createReplicationApi(config: ReplicationApiConfig): ReplicationApiFor {
  const { clientFor, clock, signer, graph, onRead = () => {}, registryMemoryMs = 3_600_000 } = config;
  const memory = registryMemory(clock, registryMemoryMs);
  const recall: RegistryMemory['recall'] = (ref, known) => memory.recall(ref, known);
  const glance = graph && createGlance({ ...graph, clock, signer, onRead, recall });
  return (correlationId) => ({
    ...replicationApi({
      callsOn: registryCalls(clientFor, correlationId),
      memory,
      signer,
      now: () => clock.now(),
      onRead,
    }),
    ...(glance === undefined ? {} : { glance }),
  });
}

/** What the calls of one context share. */
interface Context {
  readonly callsOn: (ref: RegistryRef) => RegistryCalls;
  readonly memory: RegistryMemory;
  readonly signer: Signer;
  readonly now: () => Date;
  readonly onRead: (way: ReadWay) => void;
}

function replicationApi(context: Context): ReplicationApi {
  const { callsOn, memory, signer, now } = context;

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
    observe: (ref, known, signal, how) => observe(context, ref, known, signal, how),
    readRegistry: (ref, signal, how) => readRegistry(context, ref, signal, how),

    async readEndpoints(ref, signal) {
      const answer = await readBy('getRegistryPreview', context, ref, signal);
      return answer.ok ? ok(hasRegionalEndpoints(answer.value)) : answer;
    },

    async get(ref, name, signal) {
      const calls = callsOn(ref);
      const getIfThere = async (): Promise<Outcome<Replica | undefined>> => {
        try {
          return understood(parseReplica(await calls.getReplication(name, signal)));
        } catch (error) {
          if (isReplicaMissing(error, ref, name)) return ok(undefined);
          throw error;
        }
      };
      const answer = await attempt(getIfThere, { ref, signer, name }, now, signal);
      return answer.ok ? answer.value : answer;
    },

    async create(ref, replica, signal) {
      const calls = callsOn(ref);
      const { region, name } = replica;
      return acceptedReplica(
        () => calls.putReplication(replica, parseReplicaOnWire, signal),
        { ref, signer, region, name },
        signal,
      );
    },

    async update(ref, name, change, signal) {
      const calls = callsOn(ref);
      return acceptedReplica(
        () => calls.patchReplication(name, change, parseReplicaOnWire, signal),
        { ref, signer, name },
        signal,
      );
    },

    async remove(ref, name, signal) {
      const calls = callsOn(ref);
      const takeAway = async (): Promise<Outcome<undefined>> => {
        try {
          const by = await calls.deleteReplication(name, signal);
          return by === 'page' ? failed(senselessAnswer('a page where ARM accepts a DELETE')) : ok(undefined);
        } catch (error) {
          // With a registry or a group goes all that is in it.
          if (!isReplicaMissing(error, ref, name) && !isRegistryMissing(error, ref)) throw error;
          return ok(undefined);
        }
      };
      const answer = await attempt(takeAway, { ref, signer, name }, now, signal);
      // Azure knows another home region than the one that is remembered.
      if (!answer.ok && answer.failure.code === 'HomeReplicationCannotBeDeleted') memory.forget(ref);
      return answer.ok ? answer.value : answer;
    },
  };
}

/**
 * Reads a registry and its replicas: one LIST, and before it one GET of the registry unless the memory knows it. A list
 * of replicas without the remembered home region is that of a registry that was made anew elsewhere, or a wrong one:
 * then the registry is read after it, at most once a minute.
 */
async function observe(
  context: Context,
  ref: RegistryRef,
  known: Registry | undefined,
  signal: AbortSignal,
  how?: Observing,
): ReturnType<ReplicationApi['observe']> {
  const { memory } = context;
  const remembered = memory.recall(ref, known);
  const before = remembered === undefined ? await readRegistry(context, ref, signal, how) : ok(remembered);
  if (!before.ok) return before;
  const listed = await listReplicas(context, ref, signal);
  if (!listed.ok) {
    if (listed.failure.reason === 'RegistryNotFound') memory.forget(ref);
    return listed;
  }
  context.onRead('provider');
  const replicas = byRegion(listed.value);
  const isDoubtful = replicas.size > 0 && !replicas.has(before.value.home) && !memory.isFresh(ref);
  if (remembered !== undefined && isDoubtful) {
    const read = await readRegistry(context, ref, signal, how);
    return read.ok ? ok({ registry: read.value, registryRead: 'now', replicas }) : read;
  }
  return ok({ registry: before.value, registryRead: remembered === undefined ? 'now' : 'remembered', replicas });
}

/**
 * One GET, and one more where Azure refuses the preview version of the API. Afterwards the memory knows a registry that can
 * have replicas; any other is a failure unless it may be. Whether it has regional endpoints is remembered elsewhere.
 */
async function readRegistry(
  context: Context,
  ref: RegistryRef,
  signal: AbortSignal,
  { anySku = false, endpoints = false }: Observing = {},
): Promise<Outcome<Registry>> {
  const { memory } = context;
  const read =
    (endpoints ? await readWithEndpoints(context, ref, signal) : undefined) ?? (await readStable(context, ref, signal));
  if (!read.ok) {
    if (read.failure.reason === 'RegistryNotFound') memory.forget(ref);
    return read;
  }
  const registry = read.value;
  if (isPremium(registry)) {
    const { id, loginServer, home, sku } = registry;
    memory.keep(ref, { id, loginServer, home, sku });
    return read;
  }
  memory.forget(ref);
  return anySku ? read : failed(notPremiumFailure(ref, registry));
}

async function readStable(context: Context, ref: RegistryRef, signal: AbortSignal): Promise<Outcome<Registry>> {
  const answer = await readBy('getRegistry', context, ref, signal);
  if (!answer.ok) return answer;
  const registry = parseRegistry(answer.value);
  return registry === undefined ? failed(senselessAnswer('a registry without id, location or SKU')) : ok(registry);
}

/** The registry by the preview version of the API. Undefined: only the stable one can tell. */
async function readWithEndpoints(
  context: Context,
  ref: RegistryRef,
  signal: AbortSignal,
): Promise<Outcome<Registry> | undefined> {
  const answer = await within(usualPatienceMs, signal, (limited) =>
    readBy('getRegistryPreview', context, ref, limited),
  );
  if (answer?.ok !== true) return answer?.failure.kind === 'throttled' ? answer : undefined;
  const registry = parseRegistryOnWire(answer.value);
  return registry && ok(hasRegionalEndpoints(answer.value) ? { ...registry, regionalEndpoints: true } : registry);
}

/** One GET of the registry, unparsed. */
async function readBy(
  call: 'getRegistry' | 'getRegistryPreview',
  { callsOn, signer, now }: Context,
  ref: RegistryRef,
  signal: AbortSignal,
): Promise<Outcome<unknown>> {
  const calls = callsOn(ref);
  return await attempt(() => calls[call](signal), { ref, signer }, now, signal);
}

async function listReplicas(
  { callsOn, signer, now }: Context,
  ref: RegistryRef,
  signal: AbortSignal,
): Promise<Outcome<readonly Replica[]>> {
  const pages = callsOn(ref).replicationPages(signal);
  const replicas: Replica[] = [];
  for (let count = 0; count < maxPages; count++) {
    const page = await attempt(() => pages.next(), { ref, signer }, now, signal);
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
  return { kind: 'terminal', reason: 'SkuNotPremium', code: 'SkuNotPremium', message, advice: premiumAdvice(ref) };
}
