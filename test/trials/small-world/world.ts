import { apiVersion, type RegistryReplication, type Spec } from '../../../src/api/registryreplication.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import {
  bareReplica,
  ownerOf,
  ownerTags,
  type Replica,
  type ReplicaState,
  type Switch,
  type Tags,
} from '../../../src/domain/replication.ts';

/** One object, and what only the onlooker knows of it. */
export interface Actor {
  /** The object as the API server has it. */
  readonly object: RegistryReplication;
  /** What the API server had before, the latest first; empty in scopes that show nothing old. */
  readonly history: readonly RegistryReplication[];
  /** Passes in a row that met a failure: the operator's process remembers this number, and forgets it at a restart. */
  readonly retries: number;
  /** Regions that the spec named, or in which Azure showed a replica with the object's tag, in a pass that could be finished. */
  readonly listed: ReadonlySet<Region>;
  /** Creations and repairing deletions in a row, by region; see `threeRepairs`. */
  readonly tries: ReadonlyMap<Region, Tries>;
  /** Regions whose replica Azure has shown to serve, or to be broken at first sight: it may hold the images. */
  readonly provisioned: ReadonlySet<Region>;
}

export interface Tries {
  readonly creations: number;
  readonly deletions: number;
  /** A call that was carried out and not answered: it counts if Azure shows next what came of it. */
  readonly unanswered: 'creation' | 'deletion' | undefined;
}

/** One registry and the objects about it. A value: whatever happens makes a new one. */
export interface World {
  readonly now: number;
  readonly actors: ReadonlyMap<Key, Actor>;
  readonly replicas: ReadonlyMap<Region, Replica>;
  readonly registry: { readonly home: Region; readonly sku: string };
  /** The setting CLUSTER_NAME of the operator. */
  readonly cluster: string;
  /**
   * The routing that each region would have without drains: as somebody set it, or as the spec stated it, and as a drain
   * must leave it. What only the onlooker knows; a region is absent where nobody can.
   */
  readonly meant: ReadonlyMap<Region, Switch>;
  /** Who created a replica that is still there, whatever its tags say. */
  readonly made: ReadonlyMap<Region, Key>;
  /** Replicas that no read shows yet although they were accepted, and since when; time brings them to light. */
  readonly hidden: ReadonlyMap<Region, number>;
  /** Tags that a policy of effect modify writes over whatever is asked for, on everything but home. */
  readonly policy: Tags;
  /** So many versions of an object a cache can be behind. */
  readonly past: number;
  /**
   * When the operator's process read the registry last; undefined after a restart, -Infinity when it must ask again. With
   * Infinity it always knows the registry, which spares scopes in which that never changes the difference.
   */
  readonly readAt: number | undefined;
  /** What the process read then, which counts for all objects; undefined: for each what its status remembers. */
  readonly readAs: World['registry'] | undefined;
}

/** Everything that can happen. Actions that do not apply do nothing, so that any part of a trace can be left out. */
export type Action = Pass | Happening;

export interface Pass {
  readonly kind: 'pass';
  readonly key: Key;
  readonly fault?: Fault;
}

/** What happens outside a pass: Azure goes on, time goes by, people and other programs act. */
export interface Happening {
  readonly kind: 'happening';
  /** For people. */
  readonly says: string;
  /** Of what there is only so much in a scope; undefined: it goes on by itself. */
  readonly costs: Budget | undefined;
  readonly to: (world: World) => World;
}

/** What a scope has only so much of: edits of objects, hands on Azure, mishaps of Azure's own, faults in passes. */
export type Budget = 'edits' | 'hands' | 'mishaps' | 'faults';

/** What goes wrong in one pass. */
export interface Fault {
  /** For people. */
  readonly says: string;
  /** What becomes of a call; undefined: it goes as it should. */
  readonly hit?: (asked: Asked) => Hit | undefined;
  /** What a LIST shows instead of what there is. */
  readonly listed?: (real: ReadonlyMap<Region, Replica>) => ReadonlyMap<Region, Replica>;
  /** What comes of a glance; undefined: nothing does, and the provider is asked. Without any fault it shows what there is. */
  readonly glanced?: Glanced;
  /** Somebody changes the object right after the call of this number, before the operator reads its answer. */
  readonly edit?: {
    readonly after: number;
    readonly change: (object: RegistryReplication) => RegistryReplication;
    /** Whether the operator's watch tells it at once. */
    readonly seen: boolean;
  };
  /** The operator's cache shows the object as it was so many versions ago. */
  readonly behind?: number;
}

/** What Azure Resource Graph makes of a glance. */
export type Glanced =
  /** What it shows may be of any age: what was, what is not yet, and what is no more. */
  | { readonly kind: 'shows'; readonly listed: NonNullable<Fault['listed']> }
  /** The flag has no effect: the provider answers. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'later' };

export type Verb = 'REGISTRY' | 'LIST' | 'GET' | 'PUT' | 'PATCH' | 'DELETE';

/** One call before it is carried out; the first of a pass is number 0. */
export interface Asked {
  readonly nth: number;
  readonly verb: Verb;
  /** The region spoken of, if any. */
  readonly region: Region | undefined;
}

export type Hit =
  /** The answer is another than what came of the call. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly carriedOut: boolean }
  /** Accepted, and nothing comes of it. */
  | { readonly kind: 'ignored' }
  /** Accepted and carried out, and no read shows it yet. */
  | { readonly kind: 'hidden' };

/** What Azure, or the way to it, says instead of what was asked for; without a status no answer came. */
export interface Answer {
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
}

export const home = regionOf('eastus');
const noon = Date.parse('2026-09-10T12:00:00Z');
/** Asks for replicas to be made anew, by region. */
export const recreateAnnotation = 'acr-replication.dev/recreate';
export const dayMs = 24 * 3_600_000;

/** A namespace that the operator does not watch: the objects there are taken to be alive. */
export const unseen = 'unseen';

/** The owner tags that a replica may bear: none, the object's, one's that may be alive, a gone one's, another cluster's. */
export const owners = {
  none: undefined,
  ours: 'test/platform/contoso',
  alive: `test/${unseen}/neighbour`,
  gone: 'test/platform/gone',
  cluster: 'other/platform/contoso',
} as const;
export type Owner = keyof typeof owners;

export function tagsOf(owner: Owner): Tags {
  const tag = owners[owner];
  return tag === undefined ? {} : ownerTags(tag);
}

export function replicaIn(region: Region, state: ReplicaState, owner: Owner, name: string = region): Replica {
  return { ...bareReplica(region, name, state), status: state === 'Succeeded' ? 'Ready' : '', tags: tagsOf(owner) };
}

export function specOf(regions: readonly string[], changes: Partial<Spec> = {}): Spec {
  return {
    registry: { name: 'contoso', resourceGroup: 'registries', subscriptionId: 's' },
    regions: regions.map((location) => ({ location })),
    ...changes,
  };
}

export function objectOf(spec: Spec, name = 'contoso', age = 0): RegistryReplication {
  return {
    apiVersion,
    kind: 'RegistryReplication',
    metadata: {
      namespace: 'platform',
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: new Date(noon - dayMs - age * 1_000).toISOString(),
    },
    spec,
  };
}

export function worldOf(
  objects: readonly RegistryReplication[],
  replicas: readonly Replica[],
  changes: Partial<World> = {},
): World {
  const all = new Map(replicas.map((replica) => [replica.region, replica]));
  if (all.size > 0 && !all.has(home)) all.set(home, replicaIn(home, 'Succeeded', 'none'));
  return {
    now: noon,
    actors: new Map(objects.map((object) => [keyOf(object), newcomer(object)])),
    replicas: all,
    registry: { home, sku: 'Premium' },
    cluster: 'test',
    meant: new Map([...all.values()].map(({ region, routing }) => [region, routing])),
    made: new Map(
      objects.flatMap((object) =>
        replicas.flatMap((r) => (ownerOf(r) === `test/${keyOf(object)}` ? [[r.region, keyOf(object)] as const] : [])),
      ),
    ),
    hidden: new Map(),
    policy: {},
    past: 0,
    readAt: Number.POSITIVE_INFINITY,
    readAs: undefined,
    ...changes,
  };
}

export function newcomer(object: RegistryReplication): Actor {
  return { object, history: [], retries: 0, listed: new Set(), tries: new Map(), provisioned: new Set() };
}

/** The same world with other replicas: what is not there was made by nobody and is not hidden. */
export function withReplicas(world: World, replicas: ReadonlyMap<Region, Replica>): World {
  const isThere = (region: Region) => replicas.has(region);
  return {
    ...world,
    replicas,
    made: [...world.made.keys()].every(isThere)
      ? world.made
      : new Map([...world.made].filter(([region]) => isThere(region))),
    hidden: [...world.hidden.keys()].every(isThere)
      ? world.hidden
      : new Map([...world.hidden].filter(([region]) => isThere(region))),
  };
}

/** The names that the cluster of the object can have. */
export const clusterNames = ['test', 'production-1'] as const;

/** The owner tag of an object. */
export function ownTag({ cluster }: Pick<World, 'cluster'>, key: Key): string {
  return `${cluster}/${key}`;
}

export function isLeaving({ object }: Actor): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

export function wantedBy({ spec }: Pick<RegistryReplication, 'spec'>): ReadonlySet<Region> {
  return new Set(spec.regions.map(({ location }) => regionOf(location)));
}

/** What an object's status has on record of a drain in the region. */
export function drainedIn({ status }: RegistryReplication, region: Region) {
  return status?.replicas?.find(({ location }) => location === region)?.drained;
}

/** The routing that the spec states for a region. */
export function statedIn({ spec }: Pick<RegistryReplication, 'spec'>, region: Region): Switch | undefined {
  return spec.regions.find(({ location }) => regionOf(location) === region)?.routing;
}

/** Whether the spec has a drain of the region whose end has not come. */
export function isDrainDue({ spec }: Pick<RegistryReplication, 'spec'>, region: Region, now: number): boolean {
  return spec.drains?.some(({ location, until }) => regionOf(location) === region && Date.parse(until) > now) === true;
}

/** The regions for which somebody has asked, and was not heard yet, that their replica be made anew. */
export function recreatedBy({ metadata, status }: RegistryReplication): ReadonlySet<Region> {
  const asked = metadata.annotations?.[recreateAnnotation] ?? '';
  const handled = status?.lastHandledRecreate ?? '';
  return new Set(asked === handled ? [] : asked.split(',').map(regionOf));
}

export function isBusy({ state, status }: Replica): boolean {
  if (state === 'Succeeded') return status === 'Syncing';
  return state !== 'Failed' && state !== 'Canceled';
}

export function isBroken(replica: Replica | undefined): boolean {
  return replica?.state === 'Failed' || replica?.state === 'Canceled';
}

export function serves(replica: Replica | undefined): boolean {
  return replica?.state === 'Succeeded' || replica?.state === 'Updating';
}
