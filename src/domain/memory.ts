import {
  type Condition,
  type RegistryReplication,
  type ReplicaStatus,
  requestedAt,
  type Status,
} from '../api/registryreplication.ts';
import { alteredIn } from './plan-lines.ts';
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
  /** Repairs since the replica was last provisioned. */
  readonly attempts: number;
  /** The error that tells of a replica which vanished while it was being created. */
  readonly vanished: ReplicaStatus['error'];
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
  readonly conditions: ReadonlyMap<string, Condition>;
  /** Status speaks of the spec as it is now. */
  readonly current: boolean;
  /** Somebody asked to look now since status was written. */
  readonly asked: boolean;
  /** Somebody edited the object since status was written, or asked to look now: repairs count anew. */
  readonly newlyAsked: boolean;
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
    conditions: new Map(status?.conditions?.map((condition) => [condition.type, condition])),
    current,
    asked,
    newlyAsked: asked || !current,
    leftKnown: status?.phase === 'Deleting' && current && status.replicas !== undefined,
  };
}

/** The annotation that asks to look now, as much of it as the status takes; empty when there is none. */
export function requestOf({ metadata }: RegistryReplication): string {
  return truncated(metadata.annotations?.[requestedAt] ?? '', 1_024);
}

/** What a status says of each region. */
export function rememberedIn(status: Status | undefined): ReadonlyMap<Region, Remembered> {
  return new Map(status?.replicas?.map(remembered).map((entry) => [entry.region, entry]));
}

function remembered(entry: ReplicaStatus): Remembered {
  const { location, name, managed, provisioningState, status = '', routing, since, attempts = 0, error } = entry;
  return {
    region: regionOf(location),
    name,
    managed,
    state: provisioningState === undefined ? undefined : stateIn(provisioningState),
    status,
    routing,
    since,
    attempts,
    vanished: error?.code === vanishedCode ? error : undefined,
  };
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
