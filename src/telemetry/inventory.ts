import type { Phase, RegistryReplication, ReplicaStatus } from '../api/registryreplication.ts';

export const phases = [
  'Pending',
  'Syncing',
  'Ready',
  'Failed',
  'Suspended',
  'Deleting',
] as const satisfies readonly Phase[];

/** Missing: asked for, not in Azure. Unknown: provisioned, with a display status other than Ready and Syncing. */
export const regionStates = [
  'Ready',
  'Syncing',
  'Creating',
  'Updating',
  'Deleting',
  'Failed',
  'Canceled',
  'Missing',
  'Unknown',
] as const;
export type RegionState = (typeof regionStates)[number];

/** How many there are now, by labels from closed sets. */
export interface Inventory {
  readonly objects: Readonly<Record<Phase, number>>;
  readonly regions: Readonly<Record<RegionState, number>>;
}

/** Counts the statuses as last seen. No call; about a microsecond per region. */
export function takeInventory(objects: Iterable<RegistryReplication>): Inventory {
  const count = {
    objects: Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>,
    regions: Object.fromEntries(regionStates.map((state) => [state, 0])) as Record<RegionState, number>,
  };
  for (const { status } of objects) {
    count.objects[status?.phase ?? 'Pending'] += 1;
    for (const replica of status?.replicas ?? []) count.regions[regionState(replica)] += 1;
  }
  return count;
}

function regionState({ provisioningState, status }: ReplicaStatus): RegionState {
  if (provisioningState === undefined) return 'Missing';
  const azure = provisioningState === 'Succeeded' ? status : provisioningState;
  return regionStates.find((state) => state === azure) ?? 'Unknown';
}
