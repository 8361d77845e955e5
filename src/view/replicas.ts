import type { RegistryReplication, ReplicaStatus } from '../api/registryreplication.ts';
import { progressReasons } from '../domain/reasons.ts';
import { type Region, regionOf } from '../domain/region.ts';
import { isReady, type ReplicaState } from '../domain/replication.ts';
import { plainText } from '../domain/text.ts';
import { drainIn } from './drains.ts';
import { whyGlobal } from './pull.ts';

/** How a region stands, for marks and colours. */
export type Standing = 'ready' | 'busy' | 'bad' | 'missing' | 'unlisted';

/** A region of one object: a replica that Azure has, or one that the spec asks for. Plain data, as `-o json` prints it. */
export interface ReplicaRow {
  readonly namespace: string;
  /** Name of the object. */
  readonly object: string;
  readonly registry: string;
  /** Resource name of the replica. */
  readonly name: string;
  readonly location: Region;
  /** Whether the spec asks for the region. */
  readonly wanted: boolean;
  readonly standing: Standing;
  /**
   * Azure's provisioningState. `missing`: the region is wanted and Azure has no replica there; `unknown`: Azure was not
   * read yet; `home`: the registry itself is there, and Azure lists no replica of it.
   */
  readonly provisioningState: string;
  /** Azure's displayStatus. */
  readonly status: string;
  readonly routing: string;
  /** When it last changed its state. */
  readonly since?: string;
  readonly managed: string;
  /** While a drain keeps it out of routing: until when, RFC 3339, and why. */
  readonly drained?: { readonly until: string; readonly reason: string };
  /** The host that serves from this region only. */
  readonly endpoint?: string;
  /** Why no policy of local pull sends Pods to that host; undefined: it does, in a cluster of this region. */
  readonly whyGlobal?: string;
  readonly attempts?: number;
  /** It is not changed before this moment. */
  readonly notBefore?: string;
  /** What Azure refused, or says of it, or what is worth knowing. */
  readonly message: string;
}

/** The regions of one object, sorted: those of its status, and those of its spec that no status tells of yet. */
export function rowsOf(object: RegistryReplication): readonly ReplicaRow[] {
  const wishes = new Map(object.spec.regions.map((wish) => [regionOf(wish.location), wish]));
  const entries = new Map((object.status?.replicas ?? []).map((entry) => [regionOf(entry.location), entry]));
  return [...new Set([...entries.keys(), ...wishes.keys()])]
    .sort()
    .map((region) => rowOf(object, region, entries.get(region), wishes.get(region)?.name));
}

function rowOf(
  object: RegistryReplication,
  location: Region,
  entry: ReplicaStatus | undefined,
  wishedName: string | undefined,
): ReplicaRow {
  const { metadata, spec, status } = object;
  const { since, attempts, notBefore } = entry ?? {};
  const isHome = entry?.managed === 'Home' || status?.registry?.homeRegion === location;
  const drained = drainedIn(object, location, entry);
  const wanted = spec.regions.some((wish) => regionOf(wish.location) === location);
  const absent = isHome ? 'home' : wanted && status?.registry !== undefined ? 'missing' : 'unknown';
  const row = {
    namespace: metadata.namespace,
    object: metadata.name,
    registry: spec.registry.name,
    name: plainText(entry?.name ?? wishedName ?? location, 100),
    location,
    wanted,
    provisioningState: plainText(entry?.provisioningState ?? absent, 40),
    status: plainText(entry?.status ?? '', 40),
    routing: entry?.routing ?? '',
    ...(since === undefined ? {} : { since }),
    managed: entry?.managed ?? (isHome ? 'Home' : ''),
    ...(drained === undefined ? {} : { drained }),
    ...(entry?.endpoint === undefined ? {} : pullFrom(entry.endpoint, whyGlobal(object, entry))),
    ...(attempts === undefined ? {} : { attempts }),
    ...(notBefore === undefined ? {} : { notBefore }),
    message: plainText(entry?.error?.message ?? drainedText(drained) ?? entry?.message ?? entry?.note ?? '', 2_000),
  };
  return { ...row, standing: standingOf(row, isHome, isStuck(entry?.error), spec.readyWhen ?? 'Synced') };
}

function pullFrom(host: string, why: string | undefined): Pick<ReplicaRow, 'endpoint' | 'whyGlobal'> {
  const endpoint = plainText(host, 253);
  return why === undefined ? { endpoint } : { endpoint, whyGlobal: plainText(why, 600) };
}

function drainedIn(...of: Parameters<typeof drainIn>): ReplicaRow['drained'] {
  const drain = drainIn(...of);
  return drain?.out === true ? { until: drain.until, reason: drain.reason ?? '' } : undefined;
}

function drainedText(drained: ReplicaRow['drained']): string | undefined {
  if (drained === undefined) return undefined;
  return `drained until ${drained.until}${drained.reason === '' ? '' : `: ${drained.reason}`}`;
}

/** Whether a refusal needs a person; others pass by themselves. */
function isStuck(error: ReplicaStatus['error']): boolean {
  return error !== undefined && !progressReasons.some((reason) => reason === error.reason);
}

function standingOf(
  { provisioningState: state, status, wanted }: Omit<ReplicaRow, 'standing'>,
  isHome: boolean,
  stuck: boolean,
  readyWhen: 'Synced' | 'Provisioned',
): Standing {
  if (state === 'Failed' || state === 'Canceled' || stuck) return 'bad';
  if (state === 'missing' || state === 'unknown') return 'missing';
  const isWell = state === 'home' || isReady({ state: state as ReplicaState, status }, { readyWhen });
  if (isHome && (isWell || (state === 'Succeeded' && status === ''))) return 'ready';
  if (state !== 'Succeeded') return 'busy';
  if (!wanted && !isHome) return 'unlisted';
  return isWell ? 'ready' : 'busy';
}
