import type { ReplicaStatus } from '../api/registryreplication.ts';
import type { Region } from './region.ts';
import {
  type Actual,
  bareReplica,
  type Change,
  type Desired,
  isProvisioned,
  mergeTags,
  ownerOf,
  type Replica,
  type Wish,
} from './replication.ts';

/** What to do about one region; `keep`: Azure has what is wanted. Calls, status and the next look are read off this. */
export type Decision = { readonly region: Region } & (
  | { readonly kind: 'keep'; readonly replica: Replica }
  /** Azure is busy with the replica, wanted or not. */
  | { readonly kind: 'wait'; readonly replica: Replica }
  /**
   * Not in LIST, which may be wrong. With `doubted` a GET must confirm that no replica of that name is there, for a PUT
   * would overwrite its tags and routing. `attempt` counts repairs.
   */
  | { readonly kind: 'create'; readonly wish: Wish; readonly doubted?: string; readonly attempt: number }
  /** To be deleted once a GET confirms what LIST said. `repair`: it will be created again. */
  | { readonly kind: 'delete'; readonly replica: Replica; readonly repair: boolean; readonly attempt: number }
  /** There, with other settings than the spec states. */
  | { readonly kind: 'update'; readonly replica: Replica; readonly change: Change }
  /** Unwanted, and stays until every wanted region is provisioned: make before break. */
  | { readonly kind: 'hold'; readonly replica: Replica }
  /** LIST shows it failed, or gone in mid-course, and status does not yet. A GET tells; nothing is done before both agree. */
  | { readonly kind: 'verify'; readonly replica: Replica }
  /** A repair that waits its turn. */
  | { readonly kind: 'pause'; readonly replica: Replica | undefined; readonly until: Date }
  /** A person must act. */
  | { readonly kind: 'blocked'; readonly reason: 'RepairExhausted'; readonly replica: Replica | undefined }
  | { readonly kind: 'blocked'; readonly reason: 'Conflict'; readonly replica: Replica; readonly owner: string }
);

/** Everything a plan is made from. */
export interface Situation {
  readonly desired: Desired;
  readonly actual: Actual;
  /** What status says of each region: the only memory there is. */
  readonly memory: ReadonlyMap<Region, ReplicaStatus>;
  /** The object is being deleted: the set's replicas go, the others are left alone. */
  readonly deleting: boolean;
  /** While deleting: a region that neither LIST nor memory shows was found to be gone. */
  readonly leftKnown: boolean;
  /** It has never asked Azure for a replica: a LIST that shows none at all may be believed. */
  readonly untouched: boolean;
  /** The spec changed since status was written, or somebody asked to look now: repairs start to count anew. */
  readonly newlyAsked: boolean;
  /** This object's owner tag. */
  readonly owner: string;
  /** Whether the object another owner tag names may still exist. */
  readonly ownerAlive: (owner: string) => boolean;
  readonly now: Date;
}

/** Code of the status error of a replica that was being created and is gone. Ours: Azure says nothing then. */
export const vanishedCode = 'Vanished';
export const vanishedText =
  "Azure gave up creating the replica and removed it. A known cause is a private endpoint's subnet without a free IP address: each replica needs one.";

/** How long a replica must have been broken before repair 1, 2 and 3; there is no fourth. */
const repairPausesMs = [0, 60_000, 300_000] as const;
export const maxRepairs = repairPausesMs.length;

/** Pure and total: equal inputs give equal decisions, one per region, sorted. */
export function plan(situation: Situation): readonly Decision[] {
  const { desired, actual, deleting } = situation;
  const regions = new Set<Region>(desired.wishes.keys());
  if (!deleting) for (const region of actual.replicas.keys()) regions.add(region);
  const { home } = actual.registry; // the registry itself lives there: never ours to create or delete
  const sorted = [...regions].sort();
  if (deleting) return sorted.flatMap((region) => (region === home ? [] : release(situation, region)));
  const complete = sorted.every(
    (region) => !desired.wishes.has(region) || region === home || isProvisioned(actual.replicas.get(region)),
  );
  return sorted.flatMap((region): Decision | readonly Decision[] => {
    const wish = desired.wishes.get(region);
    const replica = actual.replicas.get(region);
    if (region === home) return tendHome(wish, replica);
    if (wish === undefined) return replica === undefined ? [] : prune(situation, replica, complete);
    return replica === undefined ? createMissing(situation, wish) : tend(situation, wish, replica);
  });
}

/** A wanted region without a replica. */
function createMissing(situation: Situation, wish: Wish): Decision {
  const { region } = wish;
  const last = situation.memory.get(region);
  const tried = attemptsSoFar(situation, region);
  const state = last?.provisioningState;
  // Failed and now gone: a repair's DELETE, after which the operator died, or a person's. Creating and now gone: Azure
  // rolls back a first provisioning that fails.
  if (state === 'Creating' || (isBroken(state) && tried < maxRepairs)) {
    return { kind: 'verify', region, replica: bareReplica(region, last?.name ?? wish.name, state) };
  }
  const vanished = last?.error?.code === vanishedCode;
  if (vanished) {
    if (tried >= maxRepairs) return { kind: 'blocked', reason: 'RepairExhausted', region, replica: undefined };
    const until = pauseEnd(last, tried);
    if (until > situation.now) return { kind: 'pause', region, replica: undefined, until };
  }
  const attempt = vanished ? tried + 1 : tried;
  // A registry without replicas lists none at all, home included; a list that shows any may have left this one out.
  // So may one that is read after a call whose answer, or whose sender, was lost.
  const doubted = situation.untouched && situation.actual.replicas.size === 0 ? undefined : (last?.name ?? wish.name);
  return { kind: 'create', region, wish, attempt, ...(doubted === undefined ? {} : { doubted }) };
}

/** A wanted region with a replica. */
function tend(situation: Situation, wish: Wish, replica: Replica): Decision {
  const { region } = replica;
  if (isBusy(replica)) return { kind: 'wait', region, replica };
  if (replica.state === 'Succeeded') return adjust(replica, changeFor(wish, replica));
  const owner = foreignOwner(situation, replica);
  if (owner !== undefined) return { kind: 'blocked', reason: 'Conflict', region, replica, owner };
  const tried = attemptsSoFar(situation, region);
  if (tried >= maxRepairs) return { kind: 'blocked', reason: 'RepairExhausted', region, replica };
  const last = situation.memory.get(region);
  // Else the death of the operator in mid-repair could leave it uncounted.
  if (!isBroken(last?.provisioningState)) return { kind: 'verify', region, replica };
  const until = pauseEnd(last, tried);
  if (until > situation.now) return { kind: 'pause', region, replica, until };
  return { kind: 'delete', region, replica, repair: true, attempt: tried + 1 };
}

/** The home region, which Azure lists once there are others. All that may be changed of it is a stated routing. */
function tendHome(wish: Wish | undefined, replica: Replica | undefined): readonly Decision[] {
  if (wish?.routing === undefined || replica === undefined) return [];
  if (isBusy(replica)) return [{ kind: 'wait', region: replica.region, replica }];
  return [adjust(replica, changeFor({ ...wish, tags: {} }, replica))];
}

function adjust(replica: Replica, change: Change | undefined): Decision {
  const { region } = replica;
  return change === undefined ? { kind: 'keep', region, replica } : { kind: 'update', region, replica, change };
}

/** What one PATCH has to change: only what the spec states and Azure has otherwise. Undefined: nothing. */
export function changeFor(wish: Wish, replica: Replica): Change | undefined {
  const routing = wish.routing === replica.routing ? undefined : wish.routing;
  const tags = mergeTags(replica.tags, wish.tags);
  if (routing === undefined && tags === replica.tags) return undefined;
  return { ...(routing === undefined ? {} : { routing }), ...(tags === replica.tags ? {} : { tags }) };
}

/** A replica outside the set. */
function prune(situation: Situation, replica: Replica, complete: boolean): Decision {
  const { region } = replica;
  const managed = ownerOf(replica) === situation.owner ? 'Created' : situation.memory.get(region)?.managed;
  if (!prunes(situation.desired, managed)) return { kind: 'keep', region, replica };
  if (replica.state === 'Deleting') return { kind: 'wait', region, replica };
  const owner = foreignOwner(situation, replica);
  if (owner !== undefined) return { kind: 'blocked', reason: 'Conflict', region, replica, owner };
  if (isBusy(replica)) return { kind: 'wait', region, replica };
  if (!complete) return { kind: 'hold', region, replica };
  return { kind: 'delete', region, replica, repair: false, attempt: 0 };
}

/** Whether a replica outside the set is to go. */
export function prunes({ prune }: Desired, managed: ReplicaStatus['managed']): boolean {
  return prune === 'All' || (prune === 'Owned' && (managed === 'Created' || managed === 'Adopted'));
}

/** A region of the set while the object is being deleted: nothing, once its replica is gone. */
function release(situation: Situation, region: Region): readonly Decision[] {
  const { actual, memory, leftKnown } = situation;
  if (leftKnown && !actual.replicas.has(region) && !memory.has(region)) return [];
  const replica = actual.replicas.get(region) ?? unlisted(situation, region);
  if (foreignOwner(situation, replica) !== undefined) return [];
  if (replica.state === 'Deleting') return [{ kind: 'wait', region, replica }];
  return [{ kind: 'delete', region, replica, repair: false, attempt: 0 }];
}

/** LIST may leave a replica out, and nothing asks again once the object is gone: the GET before the delete tells. */
function unlisted({ memory, desired }: Situation, region: Region): Replica {
  const name = memory.get(region)?.name ?? desired.wishes.get(region)?.name ?? region;
  return bareReplica(region, name, 'Unknown');
}

/** What a GET says of a replica that LIST made us want to delete decides whether it is. */
export function mayDelete(
  decision: Decision & { readonly kind: 'delete' },
  fresh: Replica,
  situation: Situation,
): boolean {
  if (fresh.region !== decision.region || foreignOwner(situation, fresh) !== undefined) return false;
  if (fresh.state === 'Deleting') return false;
  return !decision.repair || isBroken(fresh.state);
}

/** By the state in which it is, or is remembered. */
export function isBroken(state: string | undefined): state is 'Failed' | 'Canceled' {
  return state === 'Failed' || state === 'Canceled';
}

function isBusy(replica: Replica): boolean {
  return replica.state !== 'Succeeded' && !isBroken(replica.state);
}

/** The owner of a replica that is not ours to delete. */
function foreignOwner(situation: Situation, replica: Replica): string | undefined {
  const owner = ownerOf(replica);
  return owner === undefined || owner === situation.owner || !situation.ownerAlive(owner) ? undefined : owner;
}

function attemptsSoFar({ memory, newlyAsked }: Situation, region: Region): number {
  return newlyAsked ? 0 : (memory.get(region)?.attempts ?? 0);
}

function pauseEnd(last: ReplicaStatus | undefined, tried: number): Date {
  const since = last?.since === undefined ? 0 : Date.parse(last.since);
  return new Date(since + (repairPausesMs[tried] ?? 0));
}
