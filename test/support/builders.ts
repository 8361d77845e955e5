import {
  apiVersion,
  type RegistryReplication,
  type ReplicaStatus,
  type Spec,
  type Status,
} from '../../src/api/registryreplication.ts';
import type { Situation } from '../../src/domain/plan.ts';
import { regionOf } from '../../src/domain/region.ts';
import { type Actual, bareReplica, type Desired, type Registry, type Replica } from '../../src/domain/replication.ts';

export const noon = new Date('2026-09-10T12:00:00Z');

export function minutesAfter(minutes: number): Date {
  return new Date(noon.getTime() + minutes * 60_000);
}

export function replica(region: string, changes: Partial<Replica> = {}): Replica {
  return { ...bareReplica(regionOf(region), region, 'Succeeded'), status: 'Ready', ...changes };
}

export function registry(changes: Partial<Registry> = {}): Registry {
  return {
    id: '/subscriptions/s/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso',
    loginServer: 'contoso.azurecr.io',
    home: regionOf('eastus'),
    sku: 'Premium',
    ...changes,
  };
}

export function actual(...replicas: readonly Replica[]): Actual {
  return { registry: registry(), replicas: new Map(replicas.map((r) => [r.region, r])) };
}

export function desired(regions: readonly string[], changes: Partial<Desired> = {}): Desired {
  return {
    registry: { subscriptionId: 's', resourceGroup: 'registries', name: 'contoso' },
    wishes: new Map(
      regions
        .map(regionOf)
        .map((region) => [region, { region, name: region, routing: undefined, zoneRedundancy: undefined, tags: {} }]),
    ),
    credentials: undefined,
    mode: 'Apply',
    prune: 'All',
    deletionPolicy: 'Delete',
    readyWhen: 'Synced',
    intervalMs: 300_000,
    ...changes,
  };
}

/** What status remembers of one region. */
export function entry(location: string, changes: Partial<ReplicaStatus> = {}): ReplicaStatus {
  return {
    location,
    name: location,
    managed: 'Created',
    provisioningState: 'Succeeded',
    status: 'Ready',
    since: noon.toISOString(),
    ...changes,
  };
}

export function situation(
  want: readonly string[],
  have: readonly Replica[],
  changes: Partial<Situation> & { readonly remembered?: readonly ReplicaStatus[] } = {},
): Situation {
  const { remembered = [], ...rest } = changes;
  return {
    desired: desired(want),
    actual: actual(...have),
    memory: new Map(remembered.map((e) => [regionOf(e.location), e])),
    deleting: false,
    leftKnown: false,
    untouched: remembered.length === 0,
    newlyAsked: false,
    owner: 'test/platform/contoso',
    ownerAlive: () => true,
    now: noon,
    ...rest,
  };
}

export function resource(
  regions: readonly string[],
  changes: {
    readonly spec?: Partial<Spec>;
    readonly status?: Status;
    readonly metadata?: Partial<RegistryReplication['metadata']>;
  } = {},
): RegistryReplication {
  return {
    apiVersion,
    kind: 'RegistryReplication',
    metadata: {
      namespace: 'platform',
      name: 'contoso',
      uid: 'uid-1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-09-10T11:00:00Z',
      ...changes.metadata,
    },
    spec: {
      registry: { name: 'contoso', resourceGroup: 'registries', subscriptionId: 's' },
      regions: regions.map((location) => ({ location })),
      ...changes.spec,
    },
    ...(changes.status === undefined ? {} : { status: changes.status }),
  };
}
