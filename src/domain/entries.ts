import { isDeleting, type ReplicaStatus, type Status } from '../api/registryreplication.ts';
import { type Account, isFoundGone, isProvenGone, isPutBack, isUnconfirmed } from './account.ts';
import { waitingText } from './drains.ts';
import { waitsItsTurn } from './failure.ts';
import type { Refusal, Remembered } from './memory.ts';
import { isOwn, type Ownership } from './ownership.ts';
import type { Facts, Finding, Observed } from './pass.ts';
import { judgedFailure, refusalPauseMs, refusedSince } from './refusal.ts';
import { type Region, regionOf } from './region.ts';
import { regionalHost } from './regional-host.ts';
import { isHealthy, isSpent, maxChanges, maxRepairs, pauseAfterMs, vanishedCode, vanishedText } from './repair.ts';
import { bareReplica, isBroken, isProvisioned, type Registry, type Replica } from './replication.ts';
import { stamp } from './stamp.ts';

/** status.replicas after a pass that saw Azure: one entry per replica that is there or asked for, home included, sorted. */
export function entriesOf(facts: Facts, { accounts, registry }: Observed): ReplicaStatus[] {
  const deleting = isDeleting(facts.object);
  return accounts.flatMap((account) => {
    const shown = isBelieved(account) ? account.replica : undefined;
    const replica = shown ?? (account.isHome ? homeReplica(account.region) : undefined);
    if (replica === undefined && !isLeft(account, deleting)) return [];
    return [entryOf(facts, account, replica, registry)];
  });
}

/** That a replica failed is not believed before a GET says so; until then status says what it said. */
function isBelieved(account: Account): boolean {
  return account.decision?.kind !== 'verify' || !isUnconfirmed(account) || account.before?.state === undefined;
}

/**
 * Azure lists the home region only once there are others. The registry lives there all the same: a registry that
 * answers is provisioned and serves from home.
 */
function homeReplica(region: Region): Replica {
  return { ...bareReplica(region, region, 'Succeeded'), status: 'Ready' };
}

/**
 * What stays in status without a replica: the regions of the set, and what may still be there although LIST leaves it out.
 * While the object is being deleted, a region that is proven to be gone is not asked again.
 */
function isLeft(account: Account, deleting: boolean): boolean {
  const { wish, decision, result } = account;
  if (deleting) return decision !== undefined && !isProvenGone(account);
  if (wish !== undefined || (decision?.kind === 'verify' && result?.kind === 'failed')) return true;
  return isContradicted(account, deleting) && account.before !== undefined;
}

/** Whether LIST shows a replica that is to go, and a GET does not. */
function isContradicted(account: Account, deleting: boolean): boolean {
  return (deleting || account.wish === undefined) && account.isListed && isFoundGone(account);
}

function entryOf(facts: Facts, account: Account, replica: Replica | undefined, registry: Registry): ReplicaStatus {
  const deleting = isDeleting(facts.object);
  const isKept = replica === undefined && isUnproven(account, deleting);
  const since = isKept ? account.before?.since : sinceOf(account, replica, facts.now);
  const attempts = attemptsOf(facts, account);
  const notBefore = notBeforeOf(facts, account, attempts);
  const error = entryError(facts, account);
  const drained = drainedOf(account);
  const endpoint = replica !== undefined || isKept ? endpointOf(registry, account.region) : undefined;
  return {
    location: account.region,
    ...(replica === undefined ? recordOf(account, isKept) : shownBy(facts, account, replica)),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(since === undefined ? {} : { since }),
    ...(notBefore === undefined ? {} : { notBefore: stamp(notBefore) }),
    ...(attempts === 0 ? {} : { attempts }),
    ...(drained === undefined ? {} : { drained: { until: stamp(drained.until), before: drained.before } }),
    ...(error === undefined ? {} : { error }),
  };
}

function endpointOf(registry: Registry, region: Region): string | undefined {
  return registry.regionalEndpoints === true ? regionalHost(registry, region) : undefined;
}

/** What status says of a drain: from before routing is changed until routing was seen to be put back. */
function drainedOf(account: Account): Remembered['drained'] {
  const { course, decision, result } = account;
  switch (course?.kind) {
    case undefined:
      return undefined;
    case 'begin': {
      const found = decision?.kind === 'note' && result?.kind === 'found' ? result.replica : undefined;
      return found && { until: course.until, before: found.routing };
    }
    case 'drained':
      return course;
    case 'end':
      return isPutBack(account) ? undefined : course;
  }
}

function shownBy({ owner, now }: Facts, account: Account, replica: Replica): Partial<ReplicaStatus> {
  const { name, state, status, message, routing } = replica;
  const note = noteOf(account, replica);
  const provisionedTime = provisionedSince(account, replica, now);
  return {
    name,
    managed: managedOf(account, replica, owner),
    provisioningState: state,
    ...(status === '' ? {} : { status }),
    ...(message === '' ? {} : { message }),
    routing,
    ...(note === undefined ? {} : { note }),
    ...(provisionedTime === undefined ? {} : { provisionedTime }),
  };
}

/**
 * Since when Azure has had the replica provisioned at least once; undefined when it never did. One that status knows
 * nothing of, and that is not being created, may have been provisioned before anybody looked.
 */
function provisionedSince(account: Account, { state }: Replica, now: Date): string | undefined {
  const { isHome, before, decision, result } = account;
  if (isHome || result?.kind === 'created') return undefined;
  if (before?.provisionedTime !== undefined) return before.provisionedTime;
  const mayHaveBeen = (before?.state === undefined && state !== 'Creating') || mayHaveServed(account, now);
  // The GET before a DELETE may have shown it so, and the deletion may fail.
  const mayBe = decision?.kind === 'delete' && decision.then !== 'repaired';
  return isProvisioned(state) || mayBe || mayHaveBeen ? stamp(now) : undefined;
}

/** A creation that ends so late may have ended well and have failed since, while nobody looked. */
const longCreationMs = 3_600_000;

function mayHaveServed({ before, replica }: Account, now: Date): boolean {
  if (before?.state !== 'Creating' || !isBroken(replica?.state)) return false;
  return now.getTime() - Date.parse(before.since ?? '') > longCreationMs;
}

/**
 * Whether nothing proves that a replica is gone which LIST does not show, or a GET does not: the call that could have told
 * failed, or waits, or LIST and GET contradict each other. The next pass asks again.
 */
function isUnproven(account: Account, deleting: boolean): boolean {
  if (account.before === undefined) return false;
  const waits = account.decision?.kind === 'pause' && account.before.state !== 'Deleting';
  return waits || isUnconfirmed(account) || isContradicted(account, deleting);
}

/** What stays on record of a replica that was not seen: all that was known, or whose it was and under which name. */
function recordOf({ before, result }: Account, isKept: boolean): Partial<ReplicaStatus> {
  if (before?.name === undefined || (!isKept && result?.kind !== 'failed')) return {};
  const { name, managed, state, status, routing, provisionedTime } = before;
  const shown = {
    ...(state === undefined ? {} : { provisioningState: state }),
    ...(status === '' ? {} : { status }),
    ...(routing === undefined ? {} : { routing }),
  };
  return {
    name,
    ...(managed === undefined ? {} : { managed }),
    ...(isKept ? shown : {}),
    ...(provisionedTime === undefined ? {} : { provisionedTime }),
  };
}

function managedOf(
  { isHome, wish, before, result }: Account,
  replica: Replica,
  owner: Ownership,
): NonNullable<ReplicaStatus['managed']> {
  if (isHome) return 'Home';
  if (result?.kind === 'created' || isOwn(replica, owner, before) || before?.managed === 'Created') return 'Created';
  return wish !== undefined || before?.managed === 'Adopted' ? 'Adopted' : 'Unlisted';
}

function noteOf(account: Account, replica: Replica): string | undefined {
  const notes = [waitingText(account.waiting), zoneNote(account, replica)].filter((note) => note !== undefined);
  return notes.length === 0 ? undefined : notes.join(' ');
}

/** Zone redundancy cannot be changed, and Azure may report Disabled where it is on: nothing is ever done about it. */
function zoneNote({ isHome, wish }: Account, { zoneRedundancy }: Replica): string | undefined {
  const wanted = wish?.zoneRedundancy;
  if (wanted === undefined || wanted === zoneRedundancy || isHome) return undefined;
  return `zoneRedundancy is ${zoneRedundancy} in Azure and ${wanted} in the spec; it counts only when a replica is created, so this one is left as it is.`;
}

/** When the replica came to be as it is: as remembered, or as Azure says of one that was found, or now. */
function sinceOf({ before, result }: Account, replica: Replica | undefined, now: Date): string | undefined {
  const same = before?.state === replica?.state && before?.status === (replica?.status ?? '');
  if (before !== undefined && same) return before.since;
  const found = before === undefined && result === undefined && replica !== undefined && replica.changedAt !== '';
  return stamp(found ? new Date(replica.changedAt) : now);
}

/** Repairs, and changes that did not last, since the replica was last healthy. */
function attemptsOf({ memory, now }: Facts, account: Account): number {
  const { wish, before, decision, result, replica, isHome } = account;
  const called =
    result?.kind === 'created' ||
    result?.kind === 'updated' ||
    result?.kind === 'deleting' ||
    isSpentRepair(account, now);
  if (called && decision !== undefined && 'attempt' in decision) return Math.min(decision.attempt, mostCounted);
  const tried = memory.newlyAsked ? 0 : (before?.attempts ?? 0);
  const isLeftAsItIs = decision?.kind === 'keep' || (isHome && decision === undefined);
  if (isLeftAsItIs && isProvisioned(replica?.state)) {
    return isHealthy([dateOf(before?.since), before?.notBefore], now) ? 0 : tried;
  }
  const begun = wish !== undefined && hasBegun(before, isFoundGone(account) ? 'gone' : replica?.state);
  return begun ? Math.min(tried + 1, maxRepairs) : tried;
}

/** Whether a replica was to be restored, and Azure refused that for good: another way may be tried, but not this one for ever. */
function isSpentRepair(account: Account, now: Date): boolean {
  const { decision, result } = account;
  if (decision?.kind !== 'restore' || result?.kind !== 'failed' || result.atWrite !== true) return false;
  if (result.failure.busy === true) return false; // however long that lasts, the same may be accepted afterwards
  return isSpent(judgedFailure(result.failure, refusedSince(account, result.failure, now), now).reason);
}

/** Beyond this all pauses are as long, and what is told is the same. */
const mostCounted = maxChanges + 1;

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

/** A repair that no status counts: the operator died between the call that began it and the status. */
function hasBegun(before: Remembered | undefined, now: Replica['state'] | 'gone' | undefined): boolean {
  if (isBroken(before?.state)) return now === 'Deleting' || now === 'gone' || now === 'Updating';
  return before?.vanished !== undefined && now !== undefined;
}

/** The moment before which the replica is not changed. A past one stays while it tells that notice was given, or counts attempts. */
function notBeforeOf({ now, memory, finding }: Facts, account: Account, attempts: number): Date | undefined {
  const { before, decision, result } = account;
  const intervalMs = finding.kind === 'observed' ? finding.desired.intervalMs : 0;
  if (result?.kind === 'failed' && isActedOn(account)) {
    if (waitsItsTurn(result.failure)) {
      if (isStranger(account)) return before?.notBefore;
      // Who has asked need not wait for more than the turn.
      return memory.newlyAsked ? undefined : later(before?.notBefore, now);
    }
    const since = refusedSince(account, result.failure, now);
    return new Date(now.getTime() + refusalPauseMs(result.failure, since, now, intervalMs));
  }
  // A replica that is deleted to be made anew is created as soon as it is gone.
  const lasting = result?.kind === 'deleting' && decision?.kind === 'delete' && decision.then === 'nothing';
  if ((lasting || result?.kind === 'updated') && attempts > 0)
    return new Date(now.getTime() + pauseAfterMs(attempts, intervalMs));
  if (decision?.kind === 'pause' && decision.why.kind === 'notice') return decision.until;
  // Of what somebody else made it tells that notice was given, which counts no more once the replica is left alone.
  if (isStranger(account)) return isLeftAlone(account, finding) ? undefined : before?.notBefore;
  if (attempts > 0) return before?.notBefore; // until they count anew, it tells when the last change was
  return memory.newlyAsked && decision?.kind !== 'pause' ? undefined : later(before?.notBefore, now);
}

/** Whether something was to be done about the region itself: else it was only asked for, as to confirm a deletion elsewhere. */
function isActedOn(account: Account): boolean {
  const { decision } = account;
  if (decision?.kind === 'keep' || decision?.kind === 'pause' || decision?.kind === 'blocked') return false;
  return !isDoubted(account);
}

/** Whether the region is outside the set, and its replica one that this object neither made nor ever listed. */
function isStranger({ wish, before }: Account): boolean {
  return wish === undefined && before?.managed === 'Unlisted';
}

/** Whether a stranger's replica was only asked for, because LIST leaves it out: a failure of that is none of its deletion. */
function isDoubted(account: Account): boolean {
  const { decision } = account;
  return isStranger(account) && (decision?.kind === 'verify' || decision?.kind === 'lag');
}

/** Whether nothing is about to become of an unwanted replica. */
function isLeftAlone({ decision }: Account, finding: Finding): boolean {
  if (!givesNotice(finding) || decision?.kind === 'keep') return true;
  return decision?.kind === 'blocked' && decision.reason === 'Conflict';
}

/** Whether notice of a deletion can be given, and goes on: only while passes do what they plan. */
function givesNotice(finding: Finding): boolean {
  return (finding.kind === 'observed' || finding.kind === 'unobserved') && finding.desired.mode === 'Apply';
}

function later(moment: Date | undefined, now: Date): Date | undefined {
  return moment !== undefined && moment > now ? moment : undefined;
}

function refusalError({ code, reason, message, since }: Refusal): ReplicaStatus['error'] {
  return { code, message, reason, ...(since === undefined ? {} : { since: stamp(since) }) };
}

function entryError({ now }: Facts, account: Account): ReplicaStatus['error'] {
  const { before, decision, result } = account;
  // Nothing else remembers that it vanished; what is said of this call is in the conditions.
  if (result?.kind === 'failed' && decision?.kind === 'create' && before?.vanished !== undefined)
    return before.vanished;
  if (decision?.kind === 'pause' && decision.why.kind === 'refused') return refusalError(decision.why.refusal);
  if (result?.kind === 'failed' && waitsItsTurn(result.failure)) return before?.refusal && refusalError(before.refusal);
  if (result?.kind === 'failed' && !isDoubted(account)) {
    const since = refusedSince(account, result.failure, now);
    const { code, reason, message } = judgedFailure(result.failure, since, now);
    return { code, message, reason, since: stamp(since) };
  }
  const exhausted = decision?.kind === 'blocked' && decision.reason === 'RepairExhausted';
  if (exhausted && before?.refusal !== undefined) return refusalError(before.refusal); // of the last repair
  const vanished = decision?.kind === 'verify' && before?.state === 'Creating' && isFoundGone(account);
  if (vanished) return before.vanished ?? { code: vanishedCode, message: vanishedText };
  const waits = (decision?.kind === 'pause' || decision?.kind === 'blocked') && decision.replica === undefined;
  return waits ? before?.vanished : undefined;
}

/**
 * status.replicas after a pass that did not see Azure: as last known. Repairs count anew for who asks, also then, and
 * notice begins anew once passes act again.
 */
export function entriesUnseen(facts: Facts): Status['replicas'] {
  const { memory, finding } = facts;
  return knownEntries(facts)?.map((entry) => {
    const { attempts, notBefore, ...known } = entry;
    const isForgotten = entry.managed === 'Unlisted' && !givesNotice(finding);
    return {
      ...known,
      ...(attempts === undefined || memory.newlyAsked ? {} : { attempts }),
      ...(notBefore === undefined || isForgotten ? {} : { notBefore }),
    };
  });
}

/** A status of an object that is being deleted must name all that may be left. */
function knownEntries({ object, memory }: Facts): Status['replicas'] {
  const known = memory.status?.replicas;
  if (!isDeleting(object) || memory.leftKnown) return known;
  const listed = object.spec.regions.map(({ location }) => regionOf(location));
  const unnamed = listed.filter((region) => !memory.regions.has(region)).map((location) => ({ location }));
  return [...(known ?? []), ...unnamed].sort((a, b) => (a.location < b.location ? -1 : 1));
}
