import { isDeleting, type RegistryReplication, type ReplicaStatus } from '../api/registryreplication.ts';
import { isOut, waitingIn } from '../domain/drains.ts';
import { type Region, regionOf } from '../domain/region.ts';
import type { Switch } from '../domain/replication.ts';
import { plainText, shortened } from '../domain/text.ts';

/** A drain of one region, as the spec states it or status tells of it. Whether it is over is for a clock to tell. */
export interface Drain {
  /** RFC 3339; of a drain that has begun as status has it. */
  readonly until: string;
  /** Why; undefined: the spec states no drain of the region any more. */
  readonly reason?: string;
  /** Whether it keeps the region out of routing. */
  readonly out: boolean;
  /** What routing was before it. */
  readonly before?: Switch;
  /** What routing becomes when it is over: as the spec states it, or else as it was before. */
  readonly after?: Switch;
  /** Why it has not begun, as far as status tells, in a sentence. */
  readonly waits?: string;
}

/** How much is told of why a drain waits, in characters. */
const shownCharacters = 300;

/** The drain of the region, of which status has this entry; undefined: there is none. */
export function drainIn(
  object: RegistryReplication,
  region: Region,
  entry: ReplicaStatus | undefined,
): Drain | undefined {
  const { spec } = object;
  const stated = isDeleting(object) ? undefined : spec.drains?.find(({ location }) => regionOf(location) === region);
  const until = entry?.drained?.until ?? stated?.until;
  if (until === undefined) return undefined;
  const before = entry?.drained?.before;
  const after = spec.regions.find(({ location }) => regionOf(location) === region)?.routing ?? before;
  const out = entry !== undefined && isOut(entry);
  const waits = out || stated === undefined ? undefined : waitsFor(object, entry);
  return {
    until: plainText(until, 40),
    ...(stated === undefined ? {} : { reason: plainText(stated.reason, 200) }),
    out,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(waits === undefined ? {} : { waits: shortened(plainText(waits, 2_000), shownCharacters) }),
  };
}

/** What keeps a drain from beginning; undefined: nothing that status tells of. */
function waitsFor({ spec, status }: RegistryReplication, entry: ReplicaStatus | undefined): string | undefined {
  if (spec.suspend === true) return 'the object is suspended: no drain begins or ends until it is resumed.';
  if (spec.mode === 'Observe') return 'mode: Observe leaves Azure as it is.';
  return (
    waitingIn(entry?.note ?? '')?.replace('its drain waits: ', '') ??
    entry?.error?.message ??
    status?.conditions?.find(({ type, status: is }) => type === 'Stalled' && is === 'True')?.message ??
    (entry?.routing === undefined ? 'there is no replica yet to be taken out of routing.' : undefined)
  );
}
