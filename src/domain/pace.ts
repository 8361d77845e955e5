import { isDeleting } from '../api/registryreplication.ts';
import { absenceAfter, nextProofMs } from './absence.ts';
import type { Account } from './account.ts';
import { type Failure, waitsItsTurn } from './failure.ts';
import type { Remembered } from './memory.ts';
import { type Facts, type Finding, failuresOf } from './pass.ts';
import { firstPollMs, pollAfterMs } from './poll.ts';
import { judgedAnewMs, paceAfter, pauseMs, refusalPauseMs, refusedSince, unreadSince } from './refusal.ts';
import { type Desired, isBroken, isBusy, isReady, type Replica } from './replication.ts';

/** A LIST that shows what a GET does not is wrong for a while; asking more often does not mend it. */
const wrongListMs = 60_000;

/** The least pause before a call that waits its turn is made: a pass costs about a millisecond of processor time. */
const leastTurnMs = 100;

/**
 * When to look again, in milliseconds from now: the earliest of all that is awaited, the interval at the latest.
 * Undefined: only a change of the object matters. `random` from 0 to 1 spreads objects apart: the interval both ways,
 * polls to the early side, and retries to the late side, because a call before Azure's Retry-After would be refused again.
 * Calls that wait their turn are spread apart already.
 */
export function nextLookMs(facts: Facts, random: number): number | undefined {
  const { finding, now } = facts;
  if (finding.kind === 'suspended') return undefined;
  if (finding.kind === 'invalid') return undefined; // nothing but an edit can help
  const interval = finding.desired.intervalMs * (1 + (random - 0.5) / 10);
  const polls =
    finding.kind === 'observed' ? finding.accounts.flatMap((account) => pollsMs(account, finding.desired, now)) : [];
  const waits = [
    ...polls.map((ms) => ms * (1 - random / 25)),
    ...retriesMs(facts).map((ms) => ms * (1 + random / 10)),
    ...turnsMs(facts),
    ...drainsMs(finding, now), // to the moment
  ];
  return Math.max(Math.min(interval, ...waits), 0);
}

/** A drain, or a deletion, that waits for another region to come into routing. */
const drainWaitMs = 30_000;

/** When drains begin, end and are carried on. */
function drainsMs(finding: Finding, now: Date): number[] {
  if (finding.kind !== 'observed' || finding.desired.mode === 'Observe') return [];
  const toEnds = finding.desired.drains.map(({ until }) => until.getTime() - now.getTime()).filter((ms) => ms > 0);
  const steps = finding.accounts.flatMap((account) => {
    const { course, decision, result, replica, waiting } = account;
    if (waiting === 'last' || (decision?.kind === 'hold' && decision.until === 'routed')) return [drainWaitMs];
    if (decision?.kind === 'note' && result?.kind === 'found' && result.replica !== undefined) return [0];
    if (course?.kind === 'drained') return [course.until.getTime() - now.getTime()];
    const goesOn = result?.kind === 'updated' || (replica !== undefined && isBusy(replica.state));
    return course?.kind === 'end' && goesOn ? [firstPollMs] : [];
  });
  return [...toEnds, ...steps];
}

/** What was refused, in this pass or before: a read of the registry, or the change of a region at its own pace. */
function retriesMs({ finding, memory, now, retries, object }: Facts): number[] {
  if (finding.kind === 'unobserved') {
    const { failure, desired } = finding;
    if (waitsItsTurn(failure)) return [];
    const proof = isDeleting(object) ? nextProofMs(absenceAfter(failure, memory, now), now) : undefined;
    const since = unreadSince(memory, failure, now);
    return [
      retryMs(failure, { since, now, retries, intervalMs: desired.intervalMs }),
      ...(proof === undefined ? [] : [proof]),
    ];
  }
  if (finding.kind !== 'observed') return [];
  const { intervalMs } = finding.desired;
  return finding.accounts.flatMap((account) => {
    const { result } = account;
    if (result?.kind !== 'failed' || waitsItsTurn(result.failure)) return [];
    const { failure } = result;
    return [refusalPauseMs(failure, refusedSince(account, failure, now), now, intervalMs)];
  });
}

/** Calls that were not made because others of the operator come first. */
function turnsMs({ finding, now }: Facts): number[] {
  return failuresOf(finding)
    .filter(waitsItsTurn)
    .map(({ until }) => Math.max((until?.getTime() ?? 0) - now.getTime(), leastTurnMs));
}

/** Running operations, repairs that wait their turn, and replicas that turned out to be other than LIST said. */
function pollsMs(account: Account, desired: Desired, now: Date): number[] {
  const { before, wish, decision, result, replica } = account;
  const waits: number[] = [];
  if (decision?.kind === 'pause') waits.push(decision.until.getTime() - now.getTime());
  if (result?.kind === 'found') waits.push(foundMs(account, now));
  const ours = wish !== undefined || decision?.kind !== 'keep' || replica?.state === 'Deleting'; // else it is none of our business
  if (decision === undefined || replica === undefined || !ours) return waits;
  const settled =
    decision.kind !== 'lag' && replica.state === 'Succeeded' && (wish === undefined || isReady(replica, desired));
  // Of a broken one its decision says when.
  if (!settled && !isBroken(replica.state)) waits.push(pollMs(replica, before, now));
  return waits;
}

/** A GET showed something else than LIST. */
function foundMs({ replica, before, isListed }: Account, now: Date): number {
  if (replica !== undefined) return pollMs(replica, before, now);
  return isListed ? wrongListMs : firstPollMs;
}

/** The longer a replica has been as it is, the later it is looked at. */
function pollMs(replica: Replica, before: Remembered | undefined, now: Date): number {
  const unchanged = before?.state === replica.state && before.status === replica.status;
  const ageMs = unchanged && before.since !== undefined ? now.getTime() - Date.parse(before.since) : 0;
  return pollAfterMs(replica.state, ageMs);
}

/** A read that has failed. */
interface Unread {
  /** Since when it has been failing so. */
  readonly since: Date;
  readonly now: Date;
  readonly retries: number;
  readonly intervalMs: number;
}

/**
 * How long a read that failed is left alone: twice as long after each pass that fails in a row. Every kind is tried again
 * at the interval at the latest, none is given up.
 */
export function retryMs(failure: Failure, unread: Unread): number {
  const { until } = failure;
  const askedMs = until === undefined ? 0 : Math.max(until.getTime() - unread.now.getTime(), 1_000);
  return Math.max(ownPauseMs(failure, unread), askedMs);
}

function ownPauseMs(failure: Failure, { since, now, retries, intervalMs }: Unread): number {
  if (failure.kind === 'terminal') return intervalMs;
  if (failure.kind === 'throttled' && failure.until !== undefined) return 0;
  const lastsMs = now.getTime() - since.getTime();
  const { first, last } = pauseMs[paceAfter(failure, lastsMs)];
  return Math.min(first * 2 ** Math.min(retries, 20), last, judgedAnewMs(failure, lastsMs), intervalMs);
}
