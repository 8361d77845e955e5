import { isServing, routingIn } from './drains.ts';
import type { Refusal, Remembered } from './memory.ts';
import { isOwn, isTaggedAsBefore, isTaggedOwn, type Ownership, strangerOwning } from './ownership.ts';
import type { Region } from './region.ts';
import { maxChanges, maxRepairs, nextRepairAt, pauseAfterMs } from './repair.ts';
import {
  bareReplica,
  type Change,
  type Desired,
  isBroken,
  isBusy,
  isHomeWell,
  isReady,
  mergeTags,
  type NewReplica,
  ownerTags,
  type Replica,
  type Settings,
  type Tags,
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
  /** Azure does not show yet what it has just accepted, wanted or not. */
  | { readonly kind: 'lag'; readonly replica: Replica }
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
  /**
   * The replica is to go once GETs have confirmed it. `then`: whether it will be created again, to repair it or because a
   * person asked for it. `attempt` counts repairs, or deletions that did not last.
   */
  | {
      readonly kind: 'delete';
      readonly replica: Replica;
      readonly then: 'nothing' | 'repaired' | 'recreated';
      readonly attempt: number;
      readonly confirm: Confirmation;
    }
  /** The replica is there with other settings than `wish` states. A GET comes first: the change is made from what it shows. */
  | {
      readonly kind: 'update';
      readonly replica: Replica;
      /** What LIST shows otherwise. Empty after a drain: a GET only confirms that routing was put back. */
      readonly change: Change;
      readonly wish: Settings;
      readonly attempt: number;
      readonly confirm: Changeable;
    }
  /** A drain is to begin: a GET tells what routing is, and status says so before it is changed. */
  | { readonly kind: 'note'; readonly replica: Replica }
  /** Azure has given up a replica that may hold images: it is sent its own settings again, once a GET has confirmed that. */
  | {
      readonly kind: 'restore';
      readonly replica: Replica;
      readonly wish: Settings;
      readonly attempt: number;
      readonly confirm: Changeable;
    }
  /**
   * The replica is to go, and stays until every wanted region is ready: make before break. Or until another region is in
   * routing: while there are drains the last one is not deleted, unwanted or to be made anew.
   */
  | { readonly kind: 'hold'; readonly replica: Replica; readonly until: 'ready' | 'routed' }
  /**
   * LIST shows the replica failed, or gone in mid-course or from outside the set, and status does not yet. A GET tells;
   * until both agree nothing is done.
   */
  | { readonly kind: 'verify'; readonly replica: Replica }
  /** A change waits its turn. */
  | { readonly kind: 'pause'; readonly replica: Replica | undefined; readonly until: Date; readonly why: Pause }
  /** A person must act. */
  | { readonly kind: 'blocked'; readonly reason: 'RepairExhausted'; readonly replica: Replica | undefined }
  /** `change`: what was to be changed back; undefined: the replica was to be deleted. */
  | {
      readonly kind: 'blocked';
      readonly reason: 'Overridden';
      readonly replica: Replica;
      readonly change: Change | undefined;
    }
  | {
      readonly kind: 'blocked';
      readonly reason: 'Conflict';
      readonly replica: Replica;
      readonly owner: string;
      readonly wanted: 'deletion' | 'repair' | 'change';
    }
);

/** Why a change waits. */
export type Pause =
  | { readonly kind: 'repair' }
  /** The last change, or deletion, did not last. */
  | { readonly kind: 'change' }
  | { readonly kind: 'deletion' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Somebody else made the replica: it stays for a while before it is deleted. */
  | { readonly kind: 'notice' };

export type Deletion = Decision & { readonly kind: 'delete' };

/** To whom a replica may belong that is to be changed: to no other living object. */
export interface Ours {
  readonly owner: Ownership;
  readonly before: Remembered | undefined;
}

/** What must hold right before a PATCH is sent. */
export interface Changeable extends Ours {
  /** Replicas of which a GET must show one in routing before this one is taken out, or goes; undefined: none need be. */
  readonly routed?: readonly Replica[] | undefined;
}

/** What must hold right before a DELETE is sent. */
export interface Confirmation extends Changeable {
  /** The states in which a GET must show the replica: given up by Azure, or anything but being deleted already. */
  readonly state: 'broken' | 'present';
  /** The replica must bear the owner tag of this object: nothing but status says that the object made it. */
  readonly tagged: boolean;
  /** Replicas of the set, each of which must be ready by a GET of its own. */
  readonly serving: readonly Replica[];
  readonly readyWhen: Desired['readyWhen'];
}

/** Whether the replica that a GET shows is one that the decision may delete. */
export function confirms({ region, confirm }: Deletion, fresh: Replica): boolean {
  if (fresh.region !== region || !isUnclaimed(fresh, confirm)) return false;
  if (confirm.tagged && !isTaggedOwn(fresh, confirm.owner, confirm.before)) return false;
  return confirm.state === 'broken' ? isBroken(fresh.state) : fresh.state !== 'Deleting';
}

/** Whether no other living object owns the replica that a GET shows. */
export function isUnclaimed(fresh: Replica, { owner, before }: Ours): boolean {
  return strangerOwning(fresh, owner, before) === undefined;
}

/** How long a replica that somebody else made stays, after it was first seen to be unwanted, before it is deleted. */
export const noticeMs = 5 * 60_000;
/** For so long after an accepted write Azure may not show what it accepted. */
const lagMs = 60_000;

/** Pure and total: equal inputs give equal decisions, at most one per region, sorted. */
export function plan(situation: Situation): readonly Decision[] {
  const { desired, actual, deleting } = situation;
  const { home } = actual.registry; // the registry itself lives there: never ours to create or delete
  if (deleting) {
    const released = toRelease(situation).flatMap((region) => releaseRegion(situation, region));
    return [...released, ...releaseHome(situation)].sort(byRegion);
  }
  const set = [...desired.wishes.keys()].filter((region) => region !== home);
  const serving = set.flatMap((region) => actual.replicas.get(region) ?? []);
  const tended = [...desired.wishes.values()].flatMap((wish): Decision | readonly Decision[] => {
    const replica = actual.replicas.get(wish.region);
    if (wish.region === home) return [];
    return replica === undefined ? createMissing(situation, wish) : tend(situation, wish, replica);
  });
  // What is about to be made anew serves no more.
  const complete =
    isHomeWell(actual.replicas.get(home)) &&
    serving.length === set.length &&
    serving.every((replica) => isReady(replica, desired)) &&
    tended.every(({ kind }) => kind !== 'delete');
  const unwanted = [...actual.replicas.values()].filter(({ region }) => region !== home && !desired.wishes.has(region));
  const pruned = unwanted.map((replica) => prune(situation, replica, complete ? serving : undefined));
  return [...tended, ...tendHome(situation), ...pruned, ...omitted(situation)].sort(byRegion);
}

function byRegion(a: Decision, b: Decision): number {
  return a.region < b.region ? -1 : 1;
}

/** A wanted region without a replica. */
function createMissing(situation: Situation, wish: Wish): Decision {
  const { region } = wish;
  const { memory, now } = situation;
  const last = memory.regions.get(region);
  const tried = attemptsSoFar(situation, last);
  if (last !== undefined && isLag(last, now)) return { kind: 'lag', region, replica: asRemembered(last, wish.name) };
  // Failed and now gone: a repair's DELETE, after which the operator died, or a person's. Creating and now gone: Azure
  // rolls back a first provisioning that fails.
  if (last?.state === 'Creating' || (isBroken(last?.state) && tried < maxRepairs)) {
    return { kind: 'verify', region, replica: bareReplica(region, last.name ?? wish.name, last.state) };
  }
  const vanished = last?.vanished !== undefined;
  if (vanished && tried >= maxRepairs)
    return { kind: 'blocked', reason: 'RepairExhausted', region, replica: undefined };
  if (vanished) {
    const until = nextRepairAt(last.since, tried);
    if (until > now) return { kind: 'pause', region, replica: undefined, until, why: { kind: 'repair' } };
  }
  const pause = pauseOf(situation, last, undefined);
  if (pause !== undefined) return { region, ...pause };
  const name = nameFor(situation, wish);
  const absent = [...new Set([last?.name ?? name, name])]; // the name it had, and is to have
  const made = { ...wish, name, tags: ownTags(wish, situation.owner) };
  return { kind: 'create', region, replica: made, absent, attempt: vanished ? tried + 1 : tried };
}

/** The tags of a replica that this object creates. */
function ownTags({ tags }: Wish, { tag }: Ownership): Tags {
  return mergeTags(tags, ownerTags(tag));
}

/** Whether Azure accepted so lately what status says of a region that LIST and GET may not show it yet. */
function isLag({ name, state, since }: Remembered, now: Date): boolean {
  if (name === undefined || since === undefined) return false;
  const isAccepted = state === 'Creating' || state === 'Updating';
  return isAccepted && now.getTime() - Date.parse(since) < lagMs;
}

function asRemembered({ region, name, state, status, routing }: Remembered, wished: string): Replica {
  const bare = bareReplica(region, name ?? wished, state ?? 'Unknown');
  return { ...bare, status, ...(routing === undefined ? {} : { routing }) };
}

/**
 * The name a replica is created under: as wished, or that of its region while a replica elsewhere has the wished name, or
 * home has it, or will with the first replica; if that is taken, too, the region's with a number. One that has to go stays
 * until this one is there, so its name is not waited for.
 */
function nameFor({ actual }: Situation, { region, name }: Wish): string {
  const names = [actual.registry.home, ...[...actual.replicas.values()].map((replica) => replica.name)];
  const taken = new Set(names.map((taken) => taken.toLowerCase()));
  const numbered = Array.from({ length: taken.size }, (_, i) => `${region}${i + 2}`);
  return [name, region, ...numbered].find((one) => !taken.has(one.toLowerCase())) ?? name;
}

/** A wanted region with a replica. */
function tend(situation: Situation, wish: Wish, replica: Replica): Decision {
  const { region, state } = replica;
  const { memory, owner, desired, drainage } = situation;
  if (isBusy(state)) return { kind: 'wait', region, replica };
  const last = memory.regions.get(region);
  const stranger = strangerOwning(replica, owner, last);
  const isAskedAnew = memory.recreate.has(region) && stranger === undefined && desired.mode === 'Apply';
  const isHeld = drainage.held.has(region);
  if (isAskedAnew && !isHeld) {
    return pausedOr(situation, replica, { kind: 'change' }, deletion(situation, replica, 'recreated', []));
  }
  if (isBroken(state)) return mend(situation, wish, replica, stranger);
  const next = adjust(
    situation,
    isTaggedAsBefore(replica, owner, last) ? { ...wish, tags: ownTags(wish, owner) } : wish,
    replica,
  );
  return isAskedAnew && next.kind === 'keep' ? { kind: 'hold', region, replica, until: 'routed' } : next;
}

/** A wanted replica that Azure has given up. */
function mend(situation: Situation, wish: Wish, replica: Replica, stranger: string | undefined): Decision {
  const { region } = replica;
  const { memory, now } = situation;
  if (stranger !== undefined) {
    return { kind: 'blocked', reason: 'Conflict', region, replica, owner: stranger, wanted: 'repair' };
  }
  const last = memory.regions.get(region);
  const tried = attemptsSoFar(situation, last);
  if (tried >= maxRepairs) return { kind: 'blocked', reason: 'RepairExhausted', region, replica };
  // Else the death of the operator in mid-repair could leave it uncounted.
  if (!isBroken(last?.state)) return { kind: 'verify', region, replica };
  const until = nextRepairAt(last?.since, tried);
  if (until > now) return { kind: 'pause', region, replica, until, why: { kind: 'repair' } };
  if (isToNote(situation, region)) return { kind: 'note', region, replica };
  const attempt = tried + 1;
  const confirm = changeable(situation, region);
  const repair: Decision =
    last?.provisionedTime === undefined
      ? { ...deletion(situation, replica, 'repaired', []), attempt }
      : { kind: 'restore', region, replica, wish, attempt, confirm };
  return pausedOr(situation, replica, { kind: 'repair' }, repair);
}

/** The home region, which Azure lists once there are others. All that may be changed of it is its routing, as stated or drained. */
function tendHome(situation: Situation): readonly Decision[] {
  const { desired, actual, drainage } = situation;
  const { home } = actual.registry;
  const course = drainage.courses.get(home);
  const wish = desired.wishes.get(home);
  const routing = wish === undefined ? routingIn(course, undefined, desired) : wish.routing;
  const replica = actual.replicas.get(home);
  if (replica === undefined)
    return course?.kind === 'end' ? [adjust(situation, { tags: {}, routing }, unlisted(situation, home))] : [];
  if (routing === undefined && course === undefined) return [];
  if (isBusy(replica.state)) return [{ kind: 'wait', region: home, replica }];
  return [adjust(situation, { tags: {}, routing }, replica)];
}

/** When the object goes, the home region stays: it comes back into routing before. It is not taken out, for the others go. */
function releaseHome(situation: Situation): readonly Decision[] {
  const { desired, actual, drainage } = situation;
  const { home } = actual.registry;
  const routing = routingIn(drainage.courses.get(home), desired.wishes.get(home)?.routing, desired);
  return drainage.courses.has(home) && routing === 'Enabled' ? tendHome(situation) : [];
}

/** A replica that serves, with the settings that `wish` states or with others. */
function adjust(situation: Situation, wish: Settings, replica: Replica): Decision {
  const { region } = replica;
  const isEnd = situation.drainage.courses.get(region)?.kind === 'end';
  const change = changeFor(wish, replica);
  if (change === undefined && !isEnd && !isToNote(situation, region)) return { kind: 'keep', region, replica };
  const before = situation.memory.regions.get(region);
  const owner = strangerOwning(replica, situation.owner, before);
  if (owner !== undefined && change === undefined && isEnd) return { kind: 'keep', region, replica };
  if (owner !== undefined) return { kind: 'blocked', reason: 'Conflict', region, replica, owner, wanted: 'change' };
  if (isToNote(situation, region)) return { kind: 'note', region, replica };
  const isAnew = isEnd && isOfDrain(situation, before);
  const tried = isAnew ? 0 : attemptsSoFar(situation, before);
  const confirm = changeable(situation, region);
  const update: Decision = { kind: 'update', region, replica, change: change ?? {}, wish, attempt: tried + 1, confirm };
  return change === undefined || isAnew ? update : lastingOr(situation, replica, tried, change, update);
}

/** Whether a drain is to begin of which status must first say what routing was. */
function isToNote({ desired, drainage }: Situation, region: Region): boolean {
  return desired.mode === 'Apply' && drainage.courses.get(region)?.kind === 'begin';
}

/** Whether what status counts are changes for a drain that is over since: they are none of putting routing back. */
function isOfDrain({ desired }: Situation, before: Remembered | undefined): boolean {
  if (before?.drained === undefined || before.notBefore === undefined || before.refusal !== undefined) return false;
  const changedAtMs = before.notBefore.getTime() - pauseAfterMs(before.attempts, desired.intervalMs);
  return before.attempts > 0 && changedAtMs < before.drained.until.getTime();
}

/** What a GET must show before a replica is changed or goes. While there are drains, the last one in routing stays there. */
function changeable({ owner, memory, drainage }: Situation, region: Region): Changeable {
  const { staying, statedOut } = drainage;
  const ours = { owner, before: memory.regions.get(region) };
  if (staying === undefined || statedOut.has(region)) return ours;
  return { ...ours, routed: staying.filter((replica) => replica.region !== region) };
}

/** What one PATCH has to change: only what the spec states and Azure has otherwise. Undefined when that is nothing. */
export function changeFor(wish: Settings, replica: Replica): Change | undefined {
  const routing = wish.routing === replica.routing ? undefined : wish.routing;
  const tags = mergeTags(replica.tags, wish.tags);
  if (routing === undefined && tags === replica.tags) return undefined;
  return { ...(routing === undefined ? {} : { routing }), ...(tags === replica.tags ? {} : { tags }) };
}

/** A replica outside the set. `serving`: the whole set, if by LIST all of it is ready. */
function prune(situation: Situation, replica: Replica, serving: readonly Replica[] | undefined): Decision {
  const { region } = replica;
  const { desired, memory, owner, now } = situation;
  const before = memory.regions.get(region);
  const managed = isOwn(replica, owner, before) ? 'Created' : before?.managed;
  if (!prunes(desired, managed)) return putBackOr(situation, replica, { kind: 'keep', region, replica });
  if (replica.state === 'Deleting') return { kind: 'wait', region, replica };
  const stranger = strangerOwning(replica, owner, before);
  if (stranger !== undefined) {
    return { kind: 'blocked', reason: 'Conflict', region, replica, owner: stranger, wanted: 'deletion' };
  }
  const until = managed === 'Created' || managed === 'Adopted' ? undefined : noticeUntil(situation, before);
  if (until !== undefined && until > now) return { kind: 'pause', region, replica, until, why: { kind: 'notice' } };
  if (isBusy(replica.state)) return { kind: 'wait', region, replica };
  const { staying, isRouted } = situation.drainage;
  const isLast = isRouted && staying?.length === 0 && isServing(replica);
  if (serving === undefined || isLast) {
    const until = serving === undefined ? 'ready' : 'routed';
    return putBackOr(situation, replica, { kind: 'hold', region, replica, until });
  }
  return lastingDeletion(situation, replica, serving);
}

/** Puts routing back of a replica that has left the set drained, and stays. */
function putBackOr(situation: Situation, replica: Replica, next: Decision): Decision {
  const course = situation.drainage.courses.get(replica.region);
  if (course?.kind !== 'end' || isBusy(replica.state)) return next;
  return adjust(situation, { tags: {}, routing: course.before }, replica);
}

/** When the notice of what somebody else made ends. In mode Observe none is given, for nothing will be deleted. */
function noticeUntil({ desired, now }: Situation, before: Remembered | undefined): Date | undefined {
  if (desired.mode === 'Observe') return undefined;
  // What waits where none was seen is another change than this replica's deletion.
  if (before?.managed !== 'Unlisted' || before.notBefore === undefined) return new Date(now.getTime() + noticeMs);
  const tried = before.refusal !== undefined || before.attempts > 0; // then it says when the deletion is tried again
  return tried ? undefined : before.notBefore;
}

/** What status names outside the set, and LIST leaves out: a GET tells whether it is gone, or all that is known of it would be. */
function omitted({ desired, actual, memory, now }: Situation): readonly Decision[] {
  const known = [...memory.regions.values()].filter(
    ({ region, managed, state }) =>
      managed !== 'Home' && state !== 'Deleting' && !desired.wishes.has(region) && !actual.replicas.has(region),
  );
  return known.map((last) => ({
    kind: isLag(last, now) ? 'lag' : 'verify',
    region: last.region,
    replica: asRemembered(last, last.region),
  }));
}

/** Whether a replica outside the set is to go. */
export function prunes({ prune }: Pick<Desired, 'prune'>, managed: Remembered['managed']): boolean {
  return prune === 'All' || (prune === 'Owned' && (managed === 'Created' || managed === 'Adopted'));
}

/** While the object is being deleted: the regions of its set, those that ever were, and where it still holds what it created. */
function toRelease({ desired, actual, memory, owner }: Situation): readonly Region[] {
  // Of what was asked for without an answer status does not say whose it is; a GET tells.
  const made = [...memory.regions.values()].filter(({ managed }) => managed !== 'Home' && managed !== 'Unlisted');
  // No status may say so: the operator died before it wrote one, or LIST was wrong until now.
  const tagged = [...actual.replicas.values()].filter((replica) =>
    isTaggedOwn(replica, owner, memory.regions.get(replica.region)),
  );
  const regions = new Set([...desired.wishes.keys(), ...[...made, ...tagged].map(({ region }) => region)]);
  regions.delete(actual.registry.home);
  return [...regions].sort();
}

/** A region that the object lets go of: nothing is decided once its replica is gone. */
function releaseRegion(situation: Situation, region: Region): readonly Decision[] {
  const { actual, memory, owner } = situation;
  const before = memory.regions.get(region);
  if (memory.leftKnown && !actual.replicas.has(region) && before === undefined) return [];
  const listed = actual.replicas.get(region);
  const tagged = !situation.desired.wishes.has(region); // as a GET must show it: LIST can be wrong about tags, too
  const replica = listed ?? unlisted(situation, region);
  // No 404 proves that what Azure has just accepted is gone.
  if (listed === undefined && before !== undefined && isLag(before, situation.now)) {
    return [{ kind: 'lag', region, replica: asRemembered(before, replica.name) }];
  }
  if (replica.state === 'Deleting') return [{ kind: 'wait', region, replica }];
  if (strangerOwning(replica, owner, before) !== undefined) return [];
  const next = lastingDeletion(situation, replica, [], tagged);
  // What LIST does not show may be gone: that is asked without waiting.
  return [listed === undefined && isWaitingAgain(next) ? { kind: 'verify', region, replica } : next];
}

/** Whether a change or a deletion waits because the last one did not last. */
function isWaitingAgain(decision: Decision): boolean {
  if (decision.kind === 'blocked') return decision.reason === 'Overridden';
  return decision.kind === 'pause' && (decision.why.kind === 'change' || decision.why.kind === 'deletion');
}

/** LIST may leave a replica out, and nothing asks again once the object is gone: the GET before the delete tells. */
function unlisted({ memory, desired }: Situation, region: Region): Replica {
  const name = memory.regions.get(region)?.name ?? desired.wishes.get(region)?.name ?? region;
  return bareReplica(region, name, 'Unknown');
}

/** The deletion of a replica that is not to come again, unless earlier ones did not last. */
function lastingDeletion(
  situation: Situation,
  replica: Replica,
  serving: readonly Replica[],
  tagged = false,
): Decision {
  const tried = attemptsSoFar(situation, situation.memory.regions.get(replica.region));
  const made = deletion(situation, replica, 'nothing', serving);
  const next: Decision = { ...made, attempt: tried + 1, confirm: { ...made.confirm, tagged } };
  return lastingOr(situation, replica, tried, undefined, next);
}

function deletion(
  situation: Situation,
  replica: Replica,
  then: Deletion['then'],
  serving: readonly Replica[],
): Deletion {
  const { desired, deleting, drainage } = situation;
  const state = then === 'repaired' ? 'broken' : 'present';
  const { routed, ...ours } = changeable(situation, replica.region);
  const confirm: Confirmation = {
    ...ours,
    ...(deleting || !drainage.isRouted || routed === undefined ? {} : { routed }), // with its object all of the set goes
    state,
    tagged: false,
    serving,
    readyWhen: desired.readyWhen,
  };
  return { kind: 'delete', region: replica.region, replica, then, attempt: 0, confirm };
}

/** The change, or its pause; a person is asked for while it waits after three that did not last. */
function lastingOr(
  situation: Situation,
  replica: Replica,
  tried: number,
  change: Change | undefined,
  next: Decision,
): Decision {
  const decision = pausedOr(situation, replica, { kind: change === undefined ? 'deletion' : 'change' }, next);
  return isWaitingAgain(decision) && tried >= maxChanges
    ? { kind: 'blocked', reason: 'Overridden', region: replica.region, replica, change }
    : decision;
}

/** The change, or its pause while the region is to be left alone. */
function pausedOr(situation: Situation, replica: Replica, why: Pause, next: Decision): Decision {
  const before = situation.memory.regions.get(replica.region);
  const pause = pauseOf(situation, before, replica, why);
  return pause === undefined ? next : { region: replica.region, ...pause };
}

/** Undefined when the region need not be left alone, or when somebody has asked since. */
function pauseOf(
  { memory, now }: Situation,
  before: Remembered | undefined,
  replica: Replica | undefined,
  why: Pause = { kind: 'change' },
):
  | { readonly kind: 'pause'; readonly replica: Replica | undefined; readonly until: Date; readonly why: Pause }
  | undefined {
  const until = before?.notBefore;
  if (until === undefined || until <= now || memory.newlyAsked) return undefined;
  const refusal = before?.refusal;
  return { kind: 'pause', replica, until, why: refusal === undefined ? why : { kind: 'refused', refusal } };
}

function attemptsSoFar({ memory }: Situation, last: Remembered | undefined): number {
  return memory.newlyAsked ? 0 : (last?.attempts ?? 0);
}
