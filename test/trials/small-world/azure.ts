import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { type Failure, failed, type Outcome, ok } from '../../../src/domain/failure.ts';
import type { Region } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { registry } from '../../support/builders.ts';
import { type Fault, home, replicaIn, type World } from './world.ts';

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

const rejected: Failure = {
  kind: 'terminal',
  reason: 'Rejected',
  code: 'InvalidResourceLocation',
  message: 'The resource already exists in another location.',
};
const gone: Failure = { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: 'NotFound', message: 'Not found.' };
/** Azure for the length of one pass. */
export interface PassAzure {
  readonly api: ReplicationApi;
  readonly calls: readonly Call[];
  /** What Azure has after the calls so far. */
  readonly replicas: ReadonlyMap<Region, Replica>;
  /** What LIST and GET have shown. */
  readonly told: ReadonlyMap<Region, Replica>;
}

/**
 * Azure as it is in `world`, with at most one fault. It stands apart from the model of Azure in test/support on purpose:
 * it has no clock, because the exploration itself chooses when and how every operation ends, and it writes down every
 * call beside the truth, which the properties are about.
 */
export function azureOf(
  world: World,
  fault: Fault | undefined,
  stored: () => RegistryReplication | undefined,
): PassAzure {
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
        return ok({ registry: registry(), replicas: shown });
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
