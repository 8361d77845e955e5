import {
  type Condition,
  type RegistryReplication,
  type ReplicaStatus,
  recreate,
  requestedAt,
  type Status,
} from '../api/registryreplication.ts';
import { alteredIn } from './plan-lines.ts';
import { type FailureReason, failureReasons } from './reasons.ts';
import { type Region, regionOf } from './region.ts';
import { vanishedCode } from './repair.ts';
import { type Registry, type ReplicaState, replicaStates, type Switch } from './replication.ts';
import { truncated } from './text.ts';

/** What status says of one region. */
export interface Remembered {
  readonly region: Region;
  /** Resource name of the replica; undefined when none was seen yet. */
  readonly name: string | undefined;
  readonly managed: ReplicaStatus['managed'];
  /** Undefined when there was no replica. */
  readonly state: ReplicaState | undefined;
  /** displayStatus; empty when Azure gave none. */
  readonly status: string;
  readonly routing: Switch | undefined;
  /** When the replica came to be as it is, RFC 3339 in whole seconds. */
  readonly since: string | undefined;
  /** When the replica was first seen provisioned; undefined when it never was. */
  readonly provisionedTime: string | undefined;
  /**
   * The moment before which the replica is not changed. One that is past holds nothing up: it tells that notice was
   * given, or belongs to attempts that are still counted.
   */
  readonly notBefore: Date | undefined;
  /** Repairs, and changes that did not last, since the replica was last healthy. */
  readonly attempts: number;
  /** Until when the region is drained, and what routing was before; undefined when it is not, or routing was put back. */
  readonly drained: { readonly until: Date; readonly before: Switch } | undefined;
  /** What is worth knowing of the region, for people; empty when there is nothing. */
  readonly note: string;
  /** What Azure refused; undefined when it did not. */
  readonly refusal: Refusal | undefined;
  /** The error that tells of a replica which vanished while it was being created. */
  readonly vanished: ReplicaStatus['error'];
}

/** A change that Azure refused, as status tells it. */
export interface Refusal {
  readonly code: string;
  readonly reason: FailureReason;
  readonly message: string;
  /** Since when Azure has been answering so. */
  readonly since: Date | undefined;
}

/** What an object's status says, parsed once for each pass. Status is the only memory there is. */
export interface Memory {
  /** The status itself; undefined when nobody has looked at the object yet. */
  readonly status: Status | undefined;
  readonly regions: ReadonlyMap<Region, Remembered>;
  /** Regions of which other settings than the spec's were already known. */
  readonly altered: ReadonlySet<Region>;
  /** Home, id and SKU of the registry; undefined when status lacks one of them. */
  readonly registry: Registry | undefined;
  /** Whether the registry has regional endpoints; undefined when status knows nothing of the registry. */
  readonly hasEndpoints: boolean | undefined;
  readonly conditions: ReadonlyMap<string, Condition>;
  /** Status speaks of the spec as it is now. */
  readonly current: boolean;
  /** Somebody asked to look now since status was written. */
  readonly asked: boolean;
  /** Somebody edited the object since status was written, or asked to look now: repairs count anew. */
  readonly newlyAsked: boolean;
  /** Regions whose replicas a person asked to have made anew, and that were not deleted for it yet. */
  readonly recreate: ReadonlySet<Region>;
  /** While the object is being deleted: looks in a row that found no registry. */
  readonly absence: { readonly looks: number; readonly last: Date } | undefined;
  /** Why the last look could not read Azure, and since when; undefined when it could, or did not try. */
  readonly readError: { readonly code: string; readonly since: Date } | undefined;
  /** While the object is being deleted: status names every region of the set that may be left, a GET showed the others gone. */
  readonly leftKnown: boolean;
}

export function memoryOf(object: RegistryReplication): Memory {
  const { status, metadata } = object;
  const current = status?.observedGeneration === metadata.generation;
  const asked = requestOf(object) !== (status?.lastHandledRequest ?? '');
  return {
    status,
    regions: rememberedIn(status),
    altered: alteredIn(status?.plan ?? []),
    registry: registryIn(status),
    hasEndpoints: status?.registry && (status.replicas ?? []).some(({ endpoint }) => endpoint !== undefined),
    conditions: new Map(status?.conditions?.map((condition) => [condition.type, condition])),
    current,
    asked,
    newlyAsked: asked || !current,
    recreate: recreateIn(object),
    absence: status?.absence && { looks: status.absence.looks, last: new Date(status.absence.lastTime) },
    readError: status?.readError && { code: status.readError.code, since: new Date(status.readError.startTime) },
    leftKnown: status?.phase === 'Deleting' && current && status.replicas !== undefined,
  };
}

/** The annotation that asks to look now, as much of it as the status takes; empty when there is none. */
export function requestOf({ metadata }: RegistryReplication): string {
  return truncated(metadata.annotations?.[requestedAt] ?? '', 1_024);
}

/** The annotation that asks for replicas to be made anew, as much of it as the status takes; empty when there is none. */
export function recreateOf({ metadata }: RegistryReplication): string {
  return truncated(metadata.annotations?.[recreate] ?? '', 1_024);
}

/** The regions that the annotation names and that were not deleted for it yet. */
export function recreateIn(object: RegistryReplication): ReadonlySet<Region> {
  const done = new Set(regionsIn(object.status?.lastHandledRecreate ?? ''));
  return new Set(regionsIn(recreateOf(object)).filter((region) => !done.has(region)));
}

/** The regions of a list that is separated by commas. */
export function regionsIn(list: string): readonly Region[] {
  return list
    .split(',')
    .map((location) => regionOf(location.trim()))
    .filter((region) => region !== '');
}

/** What a status says of each region. */
export function rememberedIn(status: Status | undefined): ReadonlyMap<Region, Remembered> {
  const isOld = status?.owner === undefined; // an older version wrote it, which did not say what was provisioned
  const entries = status?.replicas?.map((entry) => remembered(entry, isOld));
  return new Map(entries?.map((entry) => [entry.region, entry]));
}

function remembered(entry: ReplicaStatus, isOld: boolean): Remembered {
  const {
    location,
    name,
    managed,
    provisioningState,
    status = '',
    routing,
    since,
    attempts = 0,
    error,
    drained,
    note = '',
  } = entry;
  const state = provisioningState === undefined ? undefined : stateIn(provisioningState);
  return {
    region: regionOf(location),
    name,
    managed,
    state,
    status,
    routing,
    since,
    provisionedTime:
      entry.provisionedTime ?? (isOld && state !== undefined && state !== 'Creating' ? since : undefined),
    notBefore: entry.notBefore === undefined ? undefined : new Date(entry.notBefore),
    attempts,
    drained: drained && { until: new Date(drained.until), before: drained.before },
    note,
    refusal: error === undefined || error.code === vanishedCode ? undefined : refusalIn(error),
    vanished: error?.code === vanishedCode ? error : undefined,
  };
}

function refusalIn({ code, reason, message, since }: NonNullable<ReplicaStatus['error']>): Refusal {
  const known = failureReasons.find((failure) => failure === reason) ?? 'Retrying';
  return { code, reason: known, message, since: since === undefined ? undefined : new Date(since) };
}

/** A state that only another version of the operator knows is one of a replica that Azure is busy with. */
function stateIn(text: string): ReplicaState {
  return replicaStates.find((state) => state === text) ?? 'Unknown';
}

function registryIn(status: Status | undefined): Registry | undefined {
  const { id, loginServer, homeRegion, sku } = status?.registry ?? {};
  if (id === undefined || loginServer === undefined || homeRegion === undefined || sku === undefined) return undefined;
  return { id, loginServer, home: regionOf(homeRegion), sku };
}
