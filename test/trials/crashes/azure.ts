import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { finalizer } from '../../../src/api/registryreplication.ts';
import { registryMemory } from '../../../src/azure/registry-memory.ts';
import { holderOf } from '../../../src/domain/claims.ts';
import { type Outcome, ok } from '../../../src/domain/failure.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { isProvisioned, ownerOf, type Replica } from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { registry } from '../../support/builders.ts';
import type { ModelAzure } from '../../support/model-azure.ts';
import type { CrashCluster } from './cluster.ts';

/** How long a LIST may lag behind a write. */
const lagMs = 3_000;

/** What was done to Azure, by region: `create`, `delete`, `update` of what really changed something. */
export type AzureJournal = Map<Region, string[]>;

/** Carries a call out when its turn has come; a write changes something outside. */
export type CallOut = <T>(name: string, isWrite: boolean, carryOut: () => T | Promise<T>) => Promise<T>;

export interface CrashAzure {
  readonly journal: AzureJournal;
  /** Writes to Azure so far, whatever they did. */
  writes(): number;
  /** What Azure had before the last write, while a LIST may still show it. */
  lagging(): ReadonlyMap<Region, Replica> | undefined;
  /** The operator's end of it, for one process. With `late`, its first LIST does not show the last write yet. */
  connect(call: CallOut, clock: Clock, late: boolean): ReplicationApi;
}

/** The model of Azure under supervision: every write is judged at the moment when it is carried out. */
export function crashAzure(azure: ModelAzure, cluster: CrashCluster, violated: (what: string) => void): CrashAzure {
  const journal: AzureJournal = new Map();
  const { home } = registry();
  let writes = 0;
  let last: { readonly atMs: number; readonly before: ReadonlyMap<Region, Replica> } | undefined;

  function judged<T>(
    verb: string,
    region: Region | undefined,
    carryOut: () => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    azure.settle();
    writes += 1;
    last = { atMs: Date.now(), before: new Map(azure.replicas) };
    for (const law of region === undefined ? [] : lawsOf(verb, region)) violated(`${verb} ${region}: ${law}`);
    if (region !== undefined) journal.set(region, [...(journal.get(region) ?? []), verb]);
    return carryOut();
  }

  function lawsOf(verb: string, region: Region): string[] {
    const replica = azure.replicas.get(region);
    const manager = managerOf(cluster);
    if (manager === undefined) return ['nobody manages the registry'];
    const deleting = manager.metadata.deletionTimestamp !== undefined;
    const guarded = manager.metadata.finalizers?.includes(finalizer) ?? false;
    const laws: [string, boolean][] = [
      ['the home region is never created or deleted', region !== home || verb === 'update'],
      ['a suspended object changes nothing', manager.spec.suspend !== true || deleting],
      ['the finalizer is on before the first write', manager.spec.deletionPolicy === 'Retain' || guarded],
      ...(verb === 'delete' ? deletionLaws(manager, region, replica) : growthLaws(verb, manager, region, replica)),
    ];
    return laws.filter(([, kept]) => !kept).map(([law]) => law);
  }

  function deletionLaws(
    manager: RegistryReplication,
    region: Region,
    replica: Replica | undefined,
  ): [string, boolean][] {
    const { spec, metadata } = manager;
    const wanted = wantedBy(manager);
    const owner = replica === undefined ? undefined : ownerOf(replica);
    const own = `test/${metadata.namespace}/${metadata.name}`;
    const owned = owner === own || cluster.everListed.has(region);
    const complete = [...wanted].every((r) => r === home || isProvisioned(azure.replicas.get(r)?.state));
    const repairs = wanted.has(region) && (replica?.state === 'Failed' || replica?.state === 'Canceled');
    const prunes = !wanted.has(region) && (spec.prune !== 'Owned' || owned) && spec.prune !== 'None';
    const releases = metadata.deletionTimestamp !== undefined;
    return [
      ['is there and not being deleted already', replica !== undefined && replica.state !== 'Deleting'],
      ['is nobody else’s', owner === undefined || owner === own || !isAlive(cluster, owner)],
      ['is what the spec lets go', releases ? wanted.has(region) : repairs || prunes],
      ['nothing goes while a wanted region is missing', releases || repairs || complete],
    ];
  }

  function growthLaws(
    verb: string,
    manager: RegistryReplication,
    region: Region,
    replica: Replica | undefined,
  ): [string, boolean][] {
    const deleting = manager.metadata.deletionTimestamp !== undefined;
    return [
      ['is wanted', wantedBy(manager).has(region) && !deleting],
      verb === 'create' ? ['is not there yet', replica === undefined] : ['is there', replica !== undefined],
    ];
  }

  function lagging(): ReadonlyMap<Region, Replica> | undefined {
    return last !== undefined && Date.now() - last.atMs < lagMs ? last.before : undefined;
  }

  return {
    journal,
    lagging,
    writes: () => writes,
    connect(call, clock, late) {
      const memory = registryMemory(clock, 3_600_000);
      let shown = late ? lagging() : undefined;
      const regionNamed = (name: string) => [...azure.replicas.values()].find((r) => r.name === name)?.region;
      return {
        async observe(ref, known, signal) {
          const read = memory.recall(ref, known) ?? (await call('registry GET', false, registry));
          memory.keep(ref, read);
          return call('LIST', false, async () => {
            const answer = await azure.observe(ref, read, signal);
            if (shown === undefined || !answer.ok) return answer;
            const replicas = shown;
            shown = undefined;
            return ok({ ...answer.value, replicas });
          });
        },
        get: (ref, name, signal) => call('GET', false, () => azure.get(ref, name, signal)),
        create: (ref, replica, signal) =>
          call('PUT', true, () => judged('create', replica.region, () => azure.create(ref, replica, signal))),
        update: (ref, name, change, signal) =>
          call('PATCH', true, () => judged('update', regionNamed(name), () => azure.update(ref, name, change, signal))),
        remove: (ref, name, signal) =>
          call('DELETE', true, () =>
            judged('delete', regionNamed(name) ?? regionOf(name), () => azure.remove(ref, name, signal)),
          ),
      };
    },
  };
}

/** Who may change the registry: of those that apply, the eldest. */
function managerOf({ objects }: CrashCluster): RegistryReplication | undefined {
  return holderOf([...objects.values()].filter(({ spec }) => spec.mode !== 'Observe'));
}

function wantedBy({ spec }: RegistryReplication): ReadonlySet<Region> {
  return new Set(spec.regions.map(({ location }) => regionOf(location)));
}

function isAlive({ objects }: CrashCluster, owner: string): boolean {
  return !owner.startsWith('test/') || [...objects.keys()].some((key) => owner === `test/${key}`);
}
