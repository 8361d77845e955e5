import { apiVersion, type RegistryReplication, type Spec } from '../../../src/api/registryreplication.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { bareReplica, ownerTags, type Replica, type ReplicaState, type Tags } from '../../../src/domain/replication.ts';

/** One object, and what only the onlooker knows of it. */
export interface Actor {
  readonly object: RegistryReplication;
  /** Passes in a row that met a failure: the one thing the operator's process remembers, lost with a restart. */
  readonly retries: number;
  /** Regions that the spec named in some pass, or in which Azure showed a replica with the object's tag. */
  readonly listed: ReadonlySet<Region>;
  /** Creations and repairing deletions in a row, by region; see `threeRepairs`. */
  readonly tries: ReadonlyMap<Region, Tries>;
}

export interface Tries {
  readonly creations: number;
  readonly deletions: number;
  /** A creation that was not answered: it counts once Azure shows what came of it. */
  readonly unanswered: boolean;
}

/** One registry and the objects about it. A value: whatever happens makes a new one. */
export interface World {
  readonly now: number;
  readonly actors: ReadonlyMap<Key, Actor>;
  readonly replicas: ReadonlyMap<Region, Replica>;
}

/** What goes wrong in one pass. */
export type Fault =
  /** One call fails: not carried out, or carried out and its answer lost. The first, number 0, is the LIST. */
  | { readonly kind: 'call'; readonly nth: number; readonly failure: Failure; readonly lost: boolean }
  /** LIST leaves a replica out. */
  | { readonly kind: 'omit'; readonly region: Region }
  /** LIST shows a replica as it was or never was. */
  | { readonly kind: 'stale'; readonly replica: Replica };

/** The ways in which something that Azure is busy with can end. */
export type Fate = 'well' | 'syncing' | 'Failed' | 'vanish';

/** Everything that can happen. Actions that do not apply do nothing, so that any part of a trace can be left out. */
export type Action =
  | { readonly kind: 'pass'; readonly key: Key; readonly fault?: Fault }
  | { readonly kind: 'progress'; readonly region: Region; readonly fate: Fate }
  | { readonly kind: 'later'; readonly ms: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'apply'; readonly key: Key; readonly spec: Spec }
  | { readonly kind: 'ask'; readonly key: Key }
  | { readonly kind: 'delete'; readonly key: Key }
  /** Somebody else puts a replica there, or takes it away. */
  | { readonly kind: 'hand'; readonly region: Region; readonly replica: Replica | undefined };

export const home = regionOf('eastus');
const noon = Date.parse('2026-09-10T12:00:00Z');
export const dayMs = 24 * 3_600_000;

/** The owner tags that a replica may bear: none, the object's, a living object's, a gone one's, another cluster's. */
export const owners = {
  none: undefined,
  ours: 'test/platform/contoso',
  alive: 'test/platform/neighbour',
  gone: 'test/platform/gone',
  cluster: 'other/platform/contoso',
} as const;
export type Owner = keyof typeof owners;

/** An object that exists beside those of the world, and never does anything. */
export const neighbour = 'platform/neighbour' as Key;

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

export function worldOf(objects: readonly RegistryReplication[], replicas: readonly Replica[]): World {
  const all = new Map(replicas.map((replica) => [replica.region, replica]));
  if (all.size > 0 && !all.has(home)) all.set(home, replicaIn(home, 'Succeeded', 'none'));
  return { now: noon, actors: new Map(objects.map((object) => [keyOf(object), newcomer(object)])), replicas: all };
}

export function newcomer(object: RegistryReplication): Actor {
  return { object, retries: 0, listed: new Set(), tries: new Map() };
}

export function isLeaving({ object }: Actor): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

export function wantedBy({ object }: Actor): ReadonlySet<Region> {
  return new Set(object.spec.regions.map(({ location }) => regionOf(location)));
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
