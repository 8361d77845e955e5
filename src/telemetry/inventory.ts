import type { Phase, RegistryReplication, ReplicaStatus, Status } from '../api/registryreplication.ts';
import { defaultIntervalMs, durationMs } from '../domain/desired.ts';
import { isOut } from '../domain/drains.ts';
import type { Key } from '../domain/key.ts';
import { stalledReasons as needingPerson } from '../domain/reasons.ts';
import { replicaStates } from '../domain/replication.ts';
import type { CacheChange } from '../ports/store.ts';

export const phases = [
  'Pending',
  'Syncing',
  'Ready',
  'Failed',
  'Suspended',
  'Deleting',
] as const satisfies readonly Phase[];

/**
 * The states that regions are counted by: a provisioned replica by its display status (Unknown when that is neither Ready
 * nor Syncing), any other by its provisioning state. Missing is a region that the spec lists and Azure has no replica in.
 */
export const regionStates = [
  'Ready',
  'Syncing',
  'Missing',
  ...replicaStates.filter((state) => state !== 'Succeeded'),
] as const;
export type RegionState = (typeof regionStates)[number];

/** The reasons of the Stalled condition. Unknown stands for a reason that another version of the operator wrote. */
export const stalledReasons: readonly string[] = [...needingPerson, 'Unknown'];

/** What there is in the cluster now, counted by labels from closed sets. */
export interface Inventory {
  readonly objects: Readonly<Record<Phase, number>>;
  readonly regions: Readonly<Record<RegionState, number>>;
  /** For each state, since when the region that is in it longest has been in it; a state without regions is absent. */
  readonly oldest: Readonly<Partial<Record<RegionState, Date>>>;
  /** Regions that drains keep out of routing. */
  readonly drained: number;
  /** Since when the object that has had such a region longest has had one; undefined without any. */
  readonly drainedSince: Date | undefined;
  /** How many objects are stalled, by the reason of their Stalled condition. */
  readonly stalled: ReadonlyMap<string, number>;
  /** The shortest interval after which an object is looked at again unasked; undefined when there is no such object. */
  readonly shortestIntervalMs: number | undefined;
  /** How many objects are worked on with the operator's own identity, and how many with one that they refer to. */
  readonly identities: { readonly own: number; readonly referred: number };
}

/** Counts objects as they change: a scrape looks at none of them. Keeps a number for each object and state. */
export interface Stock {
  /** Call for every change of the cache. */
  readonly noticed: (key: Key, change: CacheChange) => void;
  /** What there is now; takes 0.2 ms for ten thousand objects. */
  readonly taken: () => Inventory;
}

export function createStock(): Stock {
  const objects = zeroes(phases);
  const regions = zeroes(regionStates);
  const stalled = new Map(stalledReasons.map((reason) => [reason, 0]));
  const identities = { own: 0, referred: 0 };
  /** How many objects are looked at after so many milliseconds. */
  const intervals = new Map<number, number>();
  /** By state, since when the object has had a region in it, in milliseconds since 1970. */
  const since: Partial<Record<RegionState, Map<Key, number>>> = {};
  let drained = 0;
  /** Since when the object has had regions out of routing by a drain, in milliseconds since 1970. */
  const drainedSince = new Map<Key, number>();

  function count({ spec, status }: RegistryReplication, by: 1 | -1): void {
    objects[status?.phase ?? 'Pending'] += by;
    identities[spec.credentialsRef === undefined ? 'own' : 'referred'] += by;
    for (const replica of status?.replicas ?? []) regions[stateOf(replica)] += by;
    drained += by * (status?.replicas ?? []).filter(isOut).length;
    const reason = stalledReasonOf(status);
    if (reason !== undefined) stalled.set(reason, (stalled.get(reason) ?? 0) + by);
    if (spec.suspend === true || reason === 'InvalidSpec') return; // only an edit brings the next pass
    const intervalMs = spec.interval === undefined ? defaultIntervalMs : durationMs(spec.interval);
    intervals.set(intervalMs, (intervals.get(intervalMs) ?? 0) + by);
    if (intervals.get(intervalMs) === 0) intervals.delete(intervalMs);
  }

  return {
    noticed(key, { previous, current }) {
      for (const replica of previous?.status?.replicas ?? []) since[stateOf(replica)]?.delete(key);
      for (const replica of current?.status?.replicas ?? []) {
        const sinceMs = Date.parse(replica.since ?? '');
        const known = (since[stateOf(replica)] ??= new Map());
        if (sinceMs < (known.get(key) ?? Number.POSITIVE_INFINITY)) known.set(key, sinceMs);
      }
      const out = current?.status?.conditions?.find(({ type, status }) => type === 'Drained' && status === 'True');
      if (out === undefined) drainedSince.delete(key);
      else drainedSince.set(key, Date.parse(out.lastTransitionTime));
      if (previous !== undefined) count(previous, -1);
      if (current !== undefined) count(current, 1);
    },
    taken() {
      const oldest = Object.entries(since).filter(([, times]) => times.size > 0);
      return {
        objects,
        regions,
        oldest: Object.fromEntries(oldest.map(([state, times]) => [state, new Date(least(times.values()))])),
        drained,
        drainedSince: drainedSince.size === 0 ? undefined : new Date(least(drainedSince.values())),
        stalled,
        shortestIntervalMs: intervals.size === 0 ? undefined : least(intervals.keys()),
        identities,
      };
    },
  };
}

function zeroes<T extends string>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
}

function least(numbers: Iterable<number>): number {
  let found = Number.POSITIVE_INFINITY;
  for (const number of numbers) if (number < found) found = number;
  return found;
}

function stalledReasonOf(status: Status | undefined): string | undefined {
  const reason = status?.conditions?.find(({ type, status: is }) => type === 'Stalled' && is === 'True')?.reason;
  return reason === undefined || stalledReasons.includes(reason) ? reason : 'Unknown';
}

function stateOf({ provisioningState, status }: ReplicaStatus): RegionState {
  if (provisioningState === undefined) return 'Missing';
  const azure = provisioningState === 'Succeeded' ? status : provisioningState;
  return regionStates.find((state) => state === azure) ?? 'Unknown';
}
