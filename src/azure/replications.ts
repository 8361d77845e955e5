import type { ReplicationsCreateOptionalParams } from '@azure/arm-containerregistry';
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

/** More pages than any registry has, Azure having some 60 regions: a nextLink that goes in circles. */
const maxPages = 100;
/** More replicas than any registry has, and as many as the object's status takes. */
const maxReplicas = 256;

export interface ReplicationApiConfig {
  readonly clientFor: ClientFor;
  readonly clock: Clock;
  /** How long a registry's home region and SKU are believed without asking. Default: an hour. */
  readonly registryMemoryMs?: number;
}

/** Azure as it is asked in one context, which its activity log and the operator's name by this id. */
export type ReplicationApiFor = (correlationId: string | undefined) => ReplicationApi;

/** Azure's side of the operator, over the ARM client. */
export function createReplicationApi(config: ReplicationApiConfig): ReplicationApiFor {
  const memory = registryMemory(config.clock, config.registryMemoryMs ?? 3_600_000);
  return (correlationId) => replicationApi(config, memory, correlationId);
}

function replicationApi(
  { clientFor, clock }: ReplicationApiConfig,
  memory: RegistryMemory,
  correlationId: string | undefined,
): ReplicationApi {
  const now = (): Date => clock.now();
  // ARM takes it over into the activity log, as it does Terraform's: hashicorp/terraform-provider-azurerm pull request 3253.
  const headers = correlationId === undefined ? {} : { 'x-ms-correlation-request-id': correlationId };
  const options = (abortSignal: AbortSignal) => ({ abortSignal, requestOptions: { headers } });

  async function readRegistry(ref: RegistryRef, signal: AbortSignal): Promise<Outcome<Registry>> {
    const { registries } = clientFor(ref.subscriptionId);
    const call = () => registries.get(ref.resourceGroup, ref.name, options(signal));
    const answer = await attempt(call, { ref }, now, signal);
    if (!answer.ok) return answer;
    const registry = parseRegistry(answer.value);
    return registry === undefined ? failed(senselessAnswer('a registry without id, location or SKU')) : ok(registry);
  }

  async function listReplicas(ref: RegistryRef, signal: AbortSignal): Promise<Outcome<Replica[]>> {
    const { replications } = clientFor(ref.subscriptionId);
    const pages = replications.list(ref.resourceGroup, ref.name, options(signal)).byPage();
    const replicas: Replica[] = [];
    for (let count = 0; count < maxPages; count++) {
      const page = await attempt(() => pages.next(), { ref }, now, signal);
      if (!page.ok) return page;
      if (page.value.done) return ok(replicas);
      for (const value of page.value.value) {
        const replica = parseReplica(value);
        if (replica === undefined) return failed(malformed);
        replicas.push(replica);
      }
      if (replicas.length > maxReplicas) {
        return failed(senselessAnswer(`the list of replicas has more than ${maxReplicas} entries`, 'slow'));
      }
    }
    return failed(senselessAnswer(`the list of replicas has more than ${maxPages} pages`, 'slow'));
  }

  /** Starts an operation and gives the replica as ARM answered, without waiting for its end. */
  async function submit(
    subject: Subject,
    signal: AbortSignal,
    start: (params: ReplicationsCreateOptionalParams) => { submitted(): Promise<void> },
  ): Promise<Outcome<Replica>> {
    let body: unknown;
    const call = async (): Promise<void> => {
      const poller = start({ ...options(signal), onResponse: (response) => (body = response.parsedBody) });
      await poller.submitted(); // returning the poller would wait for the end: it is a thenable
    };
    const answer = await attempt(call, subject, now, signal);
    const replica = parseReplicaOnWire(body);
    if (replica !== undefined) return ok(replica); // even where the SDK takes its state for an error
    return answer.ok ? failed(malformed) : answer;
  }

  return {
    async observe(ref, known, signal) {
      let registry = memory.recall(ref, known);
      if (registry === undefined) {
        const read = await readRegistry(ref, signal);
        if (!read.ok) return read;
        if (!isPremium(read.value)) {
          memory.forget(ref);
          return failed(notPremiumFailure(ref, read.value));
        }
        registry = read.value;
        memory.keep(ref, registry);
      }
      const replicas = await listReplicas(ref, signal);
      if (!replicas.ok) {
        if (replicas.failure.reason === 'RegistryNotFound') memory.forget(ref);
        return replicas;
      }
      return ok({ registry, replicas: byRegion(replicas.value) });
    },

    async get(ref, name, signal) {
      const { replications } = clientFor(ref.subscriptionId);
      const call = async (): Promise<Outcome<Replica | undefined>> => {
        try {
          const replica = parseReplica(await replications.get(ref.resourceGroup, ref.name, name, options(signal)));
          return replica === undefined ? failed(malformed) : ok(replica);
        } catch (error) {
          if (isReplicaMissing(error)) return ok(undefined);
          throw error;
        }
      };
      const answer = await attempt(call, { ref, name }, now, signal);
      return answer.ok ? answer.value : answer;
    },

    async create(ref, { region, name, tags, routing, zoneRedundancy }, signal) {
      const { replications } = clientFor(ref.subscriptionId);
      const replication = {
        location: region,
        tags: { ...tags },
        ...(routing === undefined ? {} : { regionEndpointEnabled: routing === 'Enabled' }),
        ...(zoneRedundancy === undefined ? {} : { zoneRedundancy }),
      };
      return submit({ ref, region, name }, signal, (params) =>
        replications.create(ref.resourceGroup, ref.name, name, replication, params),
      );
    },

    async update(ref, name, { routing, tags }, signal) {
      const { replications } = clientFor(ref.subscriptionId);
      const change = {
        ...(routing === undefined ? {} : { regionEndpointEnabled: routing === 'Enabled' }),
        ...(tags === undefined ? {} : { tags: { ...tags } }),
      };
      return submit({ ref, name }, signal, (params) =>
        replications.update(ref.resourceGroup, ref.name, name, change, params),
      );
    },

    async remove(ref, name, signal) {
      const { replications } = clientFor(ref.subscriptionId);
      const call = async (): Promise<void> => {
        const poller = replications.delete(ref.resourceGroup, ref.name, name, options(signal));
        try {
          await poller.submitted();
        } catch (error) {
          if (!isReplicaMissing(error)) throw error;
        }
      };
      const answer = await attempt(call, { ref, name }, now, signal);
      const isRegistryGone = !answer.ok && answer.failure.reason === 'RegistryNotFound'; // with all that was in it
      return isRegistryGone ? ok(undefined) : answer;
    },
  };
}

const malformed = senselessAnswer('a replica without name or location');

function notPremiumFailure(ref: RegistryRef, { sku }: Registry): Failure {
  const message = `Registry ${ref.name} has SKU ${sku}.`;
  return { kind: 'terminal', reason: 'SkuNotPremium', code: 'SkuNotPremium', message };
}

/** Should Azure ever list two replicas in one region, the first by name is the one that counts. */
function byRegion(replicas: readonly Replica[]): ReadonlyMap<Region, Replica> {
  const byName = replicas.toSorted((a, b) => (a.name < b.name ? 1 : -1));
  return new Map(byName.map((replica) => [replica.region, replica]));
}
