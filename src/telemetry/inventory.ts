import type { Phase, RegistryReplication, ReplicaStatus } from '../api/registryreplication.ts';
import { defaultIntervalMs, durationMs } from '../domain/desired.ts';
import { stalledReasons as needingPerson } from '../domain/reasons.ts';
import { replicaStates } from '../domain/replication.ts';

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
  /** How many objects are stalled, by the reason of their Stalled condition. */
  readonly stalled: ReadonlyMap<string, number>;
  /** The shortest interval after which an object is looked at again unasked; undefined when there is no such object. */
  readonly shortestIntervalMs: number | undefined;
}

/** Counts what the statuses in the cache say. Makes no call; takes about a microsecond per region. */
export function takeInventory(objects: Iterable<RegistryReplication>): Inventory {
  const count = Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>;
  const regions = Object.fromEntries(regionStates.map((state) => [state, 0])) as Record<RegionState, number>;
  const oldest: Partial<Record<RegionState, Date>> = {};
  const stalled = new Map(stalledReasons.map((reason) => [reason, 0]));
  let shortestIntervalMs: number | undefined;
  for (const { spec, status } of objects) {
    count[status?.phase ?? 'Pending'] += 1;
    const reason = status?.conditions?.find(({ type, status: is }) => type === 'Stalled' && is === 'True')?.reason;
    if (reason !== undefined) {
      const known = stalled.has(reason) ? reason : 'Unknown';
      stalled.set(known, (stalled.get(known) ?? 0) + 1);
    }
    for (const replica of status?.replicas ?? []) {
      const state = regionState(replica);
      regions[state] += 1;
      const since = new Date(replica.since ?? Number.NaN);
      if (since < (oldest[state] ?? new Date(8.64e15))) oldest[state] = since;
    }
    if (spec.suspend === true || reason === 'InvalidSpec') continue; // only an edit brings the next pass
    const intervalMs = spec.interval === undefined ? defaultIntervalMs : durationMs(spec.interval);
    if (intervalMs < (shortestIntervalMs ?? Number.POSITIVE_INFINITY)) shortestIntervalMs = intervalMs;
  }
  return { objects: count, regions, oldest, stalled, shortestIntervalMs };
}

function regionState({ provisioningState, status }: ReplicaStatus): RegionState {
  if (provisioningState === undefined) return 'Missing';
  const azure = provisioningState === 'Succeeded' ? status : provisioningState;
  return regionStates.find((state) => state === azure) ?? 'Unknown';
}
