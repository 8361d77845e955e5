import {
  apiVersion,
  type RegistryReplication,
  type ReplicaStatus,
  type Spec,
  type Status,
} from '../../src/api/registryreplication.ts';
import { accountsOf, type Result } from '../../src/domain/account.ts';
import { type Judged, judge } from '../../src/domain/judgement.ts';
import { type Memory, memoryOf } from '../../src/domain/memory.ts';
import type { Ownership } from '../../src/domain/ownership.ts';
import type { Finding } from '../../src/domain/pass.ts';
import { plan } from '../../src/domain/plan.ts';
import { regionOf } from '../../src/domain/region.ts';
import {
  type Actual,
  bareReplica,
  type Desired,
  type Registry,
  type Replica,
  type Wish,
} from '../../src/domain/replication.ts';
import { type Situation, situationOf } from '../../src/domain/situation.ts';
import { stamp } from '../../src/domain/stamp.ts';

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
  return { registry: registry(), registryRead: 'remembered', replicas: new Map(replicas.map((r) => [r.region, r])) };
}

export function desired(regions: readonly string[], changes: Partial<Desired> = {}): Desired {
  return {
    registry: { subscriptionId: 's', resourceGroup: 'registries', name: 'contoso' },
    wishes: new Map(
      regions
        .map(regionOf)
        .map((region) => [region, { region, name: region, routing: undefined, zoneRedundancy: undefined, tags: {} }]),
    ),
    drains: [],
    credentials: undefined,
    mode: 'Apply',
    prune: 'All',
    deletionPolicy: 'Delete',
    readyWhen: 'Synced',
    intervalMs: 300_000,
    ...changes,
  };
}

/** What status remembers of one region; of a replica that is ready, also that it was provisioned once. */
export function entry(location: string, changes: Partial<ReplicaStatus> = {}): ReplicaStatus {
  const since = minutesAfter(-60).toISOString();
  const made = {
    location,
    name: location,
    managed: 'Created',
    provisioningState: 'Succeeded',
    status: 'Ready',
    since,
  } as const;
  const whole: ReplicaStatus = { ...made, ...changes };
  const served = whole.provisioningState === 'Succeeded' || whole.provisioningState === 'Updating';
  return served && whole.provisionedTime === undefined ? { ...whole, provisionedTime: since } : whole;
}

/** What status remembers of a region outside the set, in which somebody else made a replica that was seen an hour ago: its notice is over. */
export function stranger(location: string, changes: Partial<ReplicaStatus> = {}): ReplicaStatus {
  return entry(location, { managed: 'Unlisted', notBefore: minutesAfter(-55).toISOString(), ...changes });
}

/** Of the object platform/contoso, whose status does not say which owner tag its replicas bear. */
const ownership: Ownership = {
  tag: 'test/platform/contoso',
  wasOwn: (tag) => tag.endsWith('/platform/contoso'),
  isAlive: () => true,
};

export function situation(
  want: readonly string[],
  have: readonly Replica[],
  changes: Partial<Omit<Situation, 'memory' | 'owner' | 'drainage'>> &
    Partial<Pick<Memory, 'newlyAsked' | 'leftKnown' | 'recreate'>> & {
      readonly remembered?: readonly ReplicaStatus[];
      readonly ownerAlive?: (tag: string) => boolean;
    } = {},
): Situation {
  const {
    remembered = [],
    newlyAsked = false,
    leftKnown = false,
    recreate,
    ownerAlive = () => true,
    ...rest
  } = changes;
  const object = resource(want, { status: { observedGeneration: 1, owner: ownership.tag, replicas: remembered } });
  const memory = { ...memoryOf(object), newlyAsked, leftKnown, ...(recreate === undefined ? {} : { recreate }) };
  const sight = { desired: rest.desired ?? desired(want), actual: rest.actual ?? actual(...have) };
  const owner = { ...ownership, isAlive: ownerAlive };
  const now = rest.now ?? noon;
  const going =
    rest.deleting === true ? { ...object, metadata: { ...object.metadata, deletionTimestamp: stamp(now) } } : object;
  return situationOf(going, sight, { memory, owner, now });
}

/** What there is before a pass, and what comes of its calls. */
export interface PassGiven {
  /** Regions of the spec. Default: japaneast. */
  readonly want?: readonly string[];
  /** What LIST shows. */
  readonly have?: readonly Replica[];
  /** Of the status before; without both nobody has looked at the object yet. */
  readonly remembered?: readonly ReplicaStatus[] | undefined;
  readonly status?: Partial<Status> | undefined;
  readonly metadata?: Partial<RegistryReplication['metadata']> | undefined;
  readonly spec?: Partial<Spec> | undefined;
  readonly desired?: Partial<Desired> | undefined;
  /** Stated for each region of the spec. */
  readonly stated?: Partial<Wish> | undefined;
  readonly results?: Readonly<Record<string, Result>> | undefined;
  readonly now?: Date;
}

/** A pass that saw Azure, with the real plan, judged. */
export function judgedPass(given: PassGiven = {}): Judged {
  const { want = ['japaneast'], have = [], results = {}, now = noon } = given;
  const object = objectBefore(given);
  const base = desired(want, given.desired);
  const wishes = new Map([...base.wishes].map(([region, wish]) => [region, { ...wish, ...given.stated }]));
  const sight = { desired: { ...base, wishes }, actual: actual(...have) };
  const seen = situationOf(object, sight, { memory: memoryOf(object), owner: ownership, now });
  const answers = new Map(Object.entries(results).map(([region, result]) => [regionOf(region), result]));
  const accounts = accountsOf(seen, plan(seen), answers);
  const finding: Finding = { kind: 'observed', desired: sight.desired, registry: registry(), accounts };
  return judgedFinding(finding, { ...given, now });
}

/** A pass that came to this finding, judged. */
export function judgedFinding(
  finding: Finding,
  given: Omit<PassGiven, 'have' | 'results'> & { readonly retries?: number } = {},
): Judged {
  const object = objectBefore(given);
  const { retries = 0, now = noon } = given;
  return judge({ object, memory: memoryOf(object), owner: ownership, now, retries, finding });
}

function objectBefore({ want = ['japaneast'], remembered, status, metadata, spec }: PassGiven): RegistryReplication {
  const seen = remembered !== undefined || status !== undefined;
  const before = {
    observedGeneration: 1,
    owner: ownership.tag,
    ...(remembered && { replicas: remembered }),
    ...status,
  };
  return resource(want, {
    ...(seen ? { status: before } : {}),
    ...(metadata && { metadata }),
    ...(spec && { spec }),
  });
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
