import type { Remembered } from './memory.ts';
import { type Ownership, strangerOwning } from './ownership.ts';
import type { Region } from './region.ts';
import { maxRepairs, nextRepairAt } from './repair.ts';
import {
  bareReplica,
  type Change,
  type Desired,
  isBroken,
  isBusy,
  isProvisioned,
  mergeTags,
  type NewReplica,
  ownerOf,
  ownerTags,
  type Replica,
  type Wish,
} from './replication.ts';
import type { Situation } from './situation.ts';

/**
 * What to do about one region. Calls, status and the next look are read off a decision, and it carries all that must be
 * confirmed before its call: LIST can be wrong.
 */
export type Decision = {
  readonly region: Region;
} /** Azure has what is wanted, or what is none of this object's business. */ & (
  | { readonly kind: 'keep'; readonly replica: Replica }
  /** Azure is busy with the replica, wanted or not. */
  | { readonly kind: 'wait'; readonly replica: Replica }
  /**
   * The region has no replica in LIST. A GET of each name in `absent` must show none first, for a PUT would overwrite the
   * tags and the routing of one that is there. `attempt` counts repairs.
   */
  | {
      readonly kind: 'create';
      readonly replica: NewReplica;
      readonly absent: readonly string[];
      readonly attempt: number;
    }
  /** The replica is to go once GETs have confirmed it. `repair`: it will be created again, for the `attempt`th time. */
  | {
      readonly kind: 'delete';
      readonly replica: Replica;
      readonly repair: boolean;
      readonly attempt: number;
      readonly confirm: Confirmation;
    }
  /** The replica is there with other settings than the spec states. */
  | { readonly kind: 'update'; readonly replica: Replica; readonly change: Change }
  /** The replica is unwanted and stays until every wanted region is provisioned: make before break. */
  | { readonly kind: 'hold'; readonly replica: Replica }
  /** LIST shows the replica failed, or gone in mid-course, and status does not yet. A GET tells; until both agree nothing is done. */
  | { readonly kind: 'verify'; readonly replica: Replica }
  /** A repair waits its turn. */
  | { readonly kind: 'pause'; readonly replica: Replica | undefined; readonly until: Date }
  /** A person must act. */
  | { readonly kind: 'blocked'; readonly reason: 'RepairExhausted'; readonly replica: Replica | undefined }
  | { readonly kind: 'blocked'; readonly reason: 'Conflict'; readonly replica: Replica; readonly owner: string }
);

export type Deletion = Decision & { readonly kind: 'delete' };

/** What must hold right before a DELETE is sent. */
export interface Confirmation {
  /** The states in which a GET must show the replica: given up by Azure, or anything but being deleted already. */
  readonly state: 'broken' | 'present';
  /** For whom it is deleted: it must belong to no other living object. */
  readonly owner: Ownership;
  /** Replicas of the set, each of which must serve by a GET of its own. */
  readonly serving: readonly Replica[];
}

/** Whether the replica that a GET shows is one that the decision may delete. */
export function confirms({ region, confirm }: Deletion, fresh: Replica): boolean {
  if (fresh.region !== region || strangerOwning(fresh, confirm.owner) !== undefined) return false;
  return confirm.state === 'broken' ? isBroken(fresh.state) : fresh.state !== 'Deleting';
}

/** Pure and total: equal inputs give equal decisions, at most one per region, sorted. */
export function plan(situation: Situation): readonly Decision[] {
  const { desired, actual, deleting } = situation;
  const { home } = actual.registry; // the registry itself lives there: never ours to create or delete
  const regions = new Set<Region>(desired.wishes.keys());
  if (!deleting) for (const region of actual.replicas.keys()) regions.add(region);
  const sorted = [...regions].sort();
  if (deleting) return sorted.flatMap((region) => (region === home ? [] : releaseRegion(situation, region)));
  const set = [...desired.wishes.keys()].filter((region) => region !== home);
  const serving = set.flatMap((region) => actual.replicas.get(region) ?? []);
  const complete = serving.length === set.length && serving.every(({ state }) => isProvisioned(state));
  return sorted.flatMap((region): Decision | readonly Decision[] => {
    const wish = desired.wishes.get(region);
    const replica = actual.replicas.get(region);
    if (region === home) return tendHome(wish, replica);
    if (wish === undefined)
      return replica === undefined ? [] : prune(situation, replica, complete ? serving : undefined);
    return replica === undefined ? createMissing(situation, wish) : tend(situation, wish, replica);
  });
}

/** A wanted region without a replica. */
function createMissing(situation: Situation, wish: Wish): Decision {
  const { region } = wish;
  const last = situation.memory.regions.get(region);
  const tried = attemptsSoFar(situation, last);
  // Failed and now gone: a repair's DELETE, after which the operator died, or a person's. Creating and now gone: Azure
  // rolls back a first provisioning that fails.
  if (last?.state === 'Creating' || (isBroken(last?.state) && tried < maxRepairs)) {
    return { kind: 'verify', region, replica: bareReplica(region, last.name ?? wish.name, last.state) };
  }
  const vanished = last?.vanished !== undefined;
  if (vanished) {
    if (tried >= maxRepairs) return { kind: 'blocked', reason: 'RepairExhausted', region, replica: undefined };
    const until = nextRepairAt(last.since, tried);
    if (until > situation.now) return { kind: 'pause', region, replica: undefined, until };
  }
  const attempt = vanished ? tried + 1 : tried;
  // A registry without replicas lists none at all, home included; a list that shows any may have left this one out.
  // So may one that is read after a call whose answer, or whose sender, was lost.
  const believed = situation.untouched && situation.actual.replicas.size === 0;
  const absent = believed ? [] : [...new Set([last?.name ?? wish.name, wish.name])]; // the name it had, and is to have
  const tags = mergeTags(wish.tags, ownerTags(situation.owner.tag));
  return { kind: 'create', region, replica: { ...wish, tags }, absent, attempt };
}

/** A wanted region with a replica. */
function tend(situation: Situation, wish: Wish, replica: Replica): Decision {
  const { region, state } = replica;
  if (isBusy(state)) return { kind: 'wait', region, replica };
  if (!isBroken(state)) return adjust(replica, changeFor(wish, replica));
  const owner = strangerOwning(replica, situation.owner);
  if (owner !== undefined) return { kind: 'blocked', reason: 'Conflict', region, replica, owner };
  const last = situation.memory.regions.get(region);
  const tried = attemptsSoFar(situation, last);
  if (tried >= maxRepairs) return { kind: 'blocked', reason: 'RepairExhausted', region, replica };
  // Else the death of the operator in mid-repair could leave it uncounted.
  if (!isBroken(last?.state)) return { kind: 'verify', region, replica };
  const until = nextRepairAt(last?.since, tried);
  if (until > situation.now) return { kind: 'pause', region, replica, until };
  const confirm: Confirmation = { state: 'broken', owner: situation.owner, serving: [] };
  return { kind: 'delete', region, replica, repair: true, attempt: tried + 1, confirm };
}

/** The home region, which Azure lists once there are others. All that may be changed of it is a stated routing. */
function tendHome(wish: Wish | undefined, replica: Replica | undefined): readonly Decision[] {
  if (wish?.routing === undefined || replica === undefined) return [];
  if (isBusy(replica.state)) return [{ kind: 'wait', region: replica.region, replica }];
  return [adjust(replica, changeFor({ ...wish, tags: {} }, replica))];
}

function adjust(replica: Replica, change: Change | undefined): Decision {
  const { region } = replica;
  return change === undefined ? { kind: 'keep', region, replica } : { kind: 'update', region, replica, change };
}

/** What one PATCH has to change: only what the spec states and Azure has otherwise. Undefined when that is nothing. */
export function changeFor(wish: Wish, replica: Replica): Change | undefined {
  const routing = wish.routing === replica.routing ? undefined : wish.routing;
  const tags = mergeTags(replica.tags, wish.tags);
  if (routing === undefined && tags === replica.tags) return undefined;
  return { ...(routing === undefined ? {} : { routing }), ...(tags === replica.tags ? {} : { tags }) };
}

/** A replica outside the set. `serving`: the whole set, if by LIST all of it serves. */
function prune(situation: Situation, replica: Replica, serving: readonly Replica[] | undefined): Decision {
  const { region } = replica;
  const managed = ownerOf(replica) === situation.owner.tag ? 'Created' : situation.memory.regions.get(region)?.managed;
  if (!prunes(situation.desired, managed)) return { kind: 'keep', region, replica };
  if (replica.state === 'Deleting') return { kind: 'wait', region, replica };
  const owner = strangerOwning(replica, situation.owner);
  if (owner !== undefined) return { kind: 'blocked', reason: 'Conflict', region, replica, owner };
  if (isBusy(replica.state)) return { kind: 'wait', region, replica };
  if (serving === undefined) return { kind: 'hold', region, replica };
  return deletion(situation, replica, serving);
}

/** Whether a replica outside the set is to go. */
export function prunes({ prune }: Desired, managed: Remembered['managed']): boolean {
  return prune === 'All' || (prune === 'Owned' && (managed === 'Created' || managed === 'Adopted'));
}

/** A region of the set while the object is being deleted: nothing, once its replica is gone. */
function releaseRegion(situation: Situation, region: Region): readonly Decision[] {
  const { actual, memory } = situation;
  if (memory.leftKnown && !actual.replicas.has(region) && !memory.regions.has(region)) return [];
  const replica = actual.replicas.get(region) ?? unlisted(situation, region);
  if (strangerOwning(replica, situation.owner) !== undefined) return [];
  if (replica.state === 'Deleting') return [{ kind: 'wait', region, replica }];
  return [deletion(situation, replica, [])];
}

/** LIST may leave a replica out, and nothing asks again once the object is gone: the GET before the delete tells. */
function unlisted({ memory, desired }: Situation, region: Region): Replica {
  const name = memory.regions.get(region)?.name ?? desired.wishes.get(region)?.name ?? region;
  return bareReplica(region, name, 'Unknown');
}

/** A replica that is not to come again. */
function deletion({ owner }: Situation, replica: Replica, serving: readonly Replica[]): Decision {
  const confirm: Confirmation = { state: 'present', owner, serving };
  return { kind: 'delete', region: replica.region, replica, repair: false, attempt: 0, confirm };
}

function attemptsSoFar({ memory }: Situation, last: Remembered | undefined): number {
  return memory.newlyAsked ? 0 : (last?.attempts ?? 0);
}
