import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { finalizer } from '../../../src/api/registryreplication.ts';
import { registryMemory } from '../../../src/azure/registry-memory.ts';
import { holderOf } from '../../../src/domain/claims.ts';
import { type Outcome, ok } from '../../../src/domain/failure.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import {
  isBroken,
  isProvisioned,
  ownerOf,
  type Registry,
  type RegistryRef,
  type Replica,
} from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { registry } from '../../support/builders.ts';
import type { ModelAzure } from '../../support/model-azure.ts';
import type { CrashCluster } from './cluster.ts';
import type { CallOut } from './run.ts';

/** How long a LIST may lag behind a write. */
const lagMs = 3_000;

/** The writes that were carried out in Azure, by region and in order: `create`, `delete`, `update`, `repair` in place. */
export type AzureJournal = ReadonlyMap<Region, readonly string[]>;

/** What the judge remembers of the writes to Azure. */
export interface JudgeState {
  readonly journal: AzureJournal;
  /** Who created what, whatever its tags say. */
  readonly made: ReadonlyMap<Region, Key>;
  /** When the last write was carried out, and what Azure had before it. */
  readonly last: { readonly atMs: number; readonly before: ReadonlyMap<Region, Replica> } | undefined;
}

/** The writes to Azure, each judged at the moment when it is carried out. */
export interface AzureJudge extends JudgeState, Pick<ReplicationApi, 'create' | 'update' | 'remove'> {
  /** Writes to Azure since the judge was made, whatever they did. */
  writes(): number;
  /** What Azure had before the last write, while a LIST may still show it. */
  lagging(): ReadonlyMap<Region, Replica> | undefined;
  /** Judges what an object leaves behind that the operator lets go. */
  released(object: RegistryReplication): void;
}

/**
 * Judges what is written to the model of Azure; it is no Azure of its own. It goes on from `state`, which it copies.
 */
export function azureJudge(
  azure: ModelAzure,
  cluster: CrashCluster,
  nowMs: () => number,
  violated: (what: string) => void,
  state: JudgeState = { journal: new Map(), made: new Map(), last: undefined },
): AzureJudge {
  const journal = new Map(state.journal);
  const made = new Map(state.made);
  const { home } = registry();
  let { last } = state;
  let writes = 0;
  const regionNamed = (name: string) => [...azure.replicas.values()].find((r) => r.name === name)?.region;

  function judged<T>(
    verb: string,
    region: Region | undefined,
    carryOut: () => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    azure.settle();
    writes += 1;
    last = { atMs: nowMs(), before: new Map(azure.replicas) };
    for (const law of region === undefined ? [] : lawsOf(verb, region)) violated(`${verb} ${region}: ${law}`);
    const manager = managerOf(cluster);
    if (verb === 'create' && region !== undefined && manager !== undefined && !azure.replicas.has(region))
      made.set(region, keyOf(manager));
    if (region !== undefined && !(verb === 'create' && isUnknown(region))) {
      const isRepair = verb !== 'delete' && isBroken(azure.replicas.get(region)?.state);
      journal.set(region, [...(journal.get(region) ?? []), isRepair ? 'repair' : verb]);
    }
    return carryOut();
  }

  /** Whether nothing tells that a replica was created: Azure does not show it yet, and its maker died before it said so. */
  function isUnknown(region: Region): boolean {
    const told = managerOf(cluster)?.status?.replicas?.find(({ location }) => location === region);
    return nowMs() < (azure.hidden.get(region) ?? 0) && told?.name === undefined;
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
      ['is not what once served', releases || prunes || !cluster.everServed.has(region)],
      ['is nobody else’s', owner === undefined || owner === own || !isAlive(cluster, owner)],
      [
        'is what the spec lets go',
        releases ? wanted.has(region) || made.get(region) === keyOf(manager) : repairs || prunes,
      ],
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
      ['is wanted', region === home || (wantedBy(manager).has(region) && !deleting)],
      // A PUT of a replica that Azure has given up is a repair in place.
      verb === 'create'
        ? ['is not there yet', replica === undefined || isBroken(replica.state) || isUnknown(region)]
        : ['is there', replica !== undefined],
    ];
  }

  return {
    journal,
    made,
    released({ metadata, spec }) {
      if (spec.deletionPolicy === 'Retain' || spec.mode === 'Observe') return;
      azure.settle();
      const wanted = new Set(spec.regions.map(({ location }) => regionOf(location)));
      for (const [region, maker] of made) {
        const isLeft = azure.replicas.has(region) && (wanted.has(region) || spec.prune !== 'None');
        if (maker === keyOf({ metadata }) && isLeft) violated(`${region} is left behind by the object that made it`);
      }
    },
    get last() {
      return last;
    },
    writes: () => writes,
    lagging: () => (last !== undefined && nowMs() - last.atMs < lagMs ? last.before : undefined),
    create: (ref, replica, signal) => judged('create', replica.region, () => azure.create(ref, replica, signal)),
    update: (ref, name, change, signal) =>
      judged('update', regionNamed(name), () => azure.update(ref, name, change, signal)),
    remove: (ref, name, signal) =>
      judged('delete', regionNamed(name) ?? regionOf(name), () => azure.remove(ref, name, signal)),
  };
}

/** Azure as one process of the operator reaches it. Its first LIST shows `late`, if given, instead of what there is. */
export function crashApi(call: CallOut, clock: Clock, late: ReadonlyMap<Region, Replica> | undefined): ReplicationApi {
  const memory = registryMemory(clock, 3_600_000);
  let shown = late;
  async function readRegistry(ref: RegistryRef): Promise<Registry> {
    const read = await call('registry GET', false, () => registry());
    memory.keep(ref, read);
    return read;
  }
  return {
    async observe(ref, known, signal) {
      const read = memory.recall(ref, known) ?? (await readRegistry(ref));
      return call('LIST', false, async ({ azure }) => {
        const answer = await azure.observe(ref, read, signal);
        if (shown === undefined || !answer.ok) return answer;
        const replicas = shown;
        shown = undefined;
        return ok({ ...answer.value, replicas });
      });
    },
    readRegistry: async (ref) => ok(await readRegistry(ref)),
    get: (ref, name, signal) => call('GET', false, ({ azure }) => azure.get(ref, name, signal)),
    create: (ref, replica, signal) => call('PUT', true, ({ judge }) => judge.create(ref, replica, signal)),
    update: (ref, name, change, signal) => call('PATCH', true, ({ judge }) => judge.update(ref, name, change, signal)),
    remove: (ref, name, signal) => call('DELETE', true, ({ judge }) => judge.remove(ref, name, signal)),
  };
}

/** The object that may change the registry: the eldest of those that apply. */
function managerOf({ objects }: CrashCluster): RegistryReplication | undefined {
  return holderOf([...objects.values()].filter(({ spec }) => spec.mode !== 'Observe'));
}

function wantedBy({ spec }: RegistryReplication): ReadonlySet<Region> {
  return new Set(spec.regions.map(({ location }) => regionOf(location)));
}

/** Whether the object that an owner tag names manages the registry; one of another cluster is taken to do so. */
function isAlive({ objects }: CrashCluster, owner: string): boolean {
  if (!owner.startsWith('test/')) return true;
  const object = objects.get(owner.slice('test/'.length) as Key);
  return object !== undefined && object.spec.mode !== 'Observe';
}
