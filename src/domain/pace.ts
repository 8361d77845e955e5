import type { Account } from './account.ts';
import type { Failure } from './failure.ts';
import type { Remembered } from './memory.ts';
import { type Facts, failuresOf } from './pass.ts';
import { type Desired, isBroken, isReady, type Replica } from './replication.ts';

/** Polls of a running operation: 2 s at first, then a fifth of the time it has lasted, up to these. */
const firstPollMs = 2_000;
const pollShare = 1 / 5;
const slowestPollMs = { provisioning: 15_000, syncing: 60_000 } as const;

/** Backoff of failures that pass soon and of those that last: doubled with each pass that fails in a row. */
const backoffMs = { soon: { first: 2_000, last: 60_000 }, slow: { first: 30_000, last: 300_000 } } as const;

/**
 * When to look again, in milliseconds from now: the earliest of all that is awaited, the interval at the latest.
 * Undefined: only a change of the object matters. `random` from 0 to 1 spreads objects apart: the interval both ways,
 * polls to the early side, and retries to the late side, because a call before Azure's Retry-After would be refused again.
 */
export function nextLookMs(facts: Facts, random: number): number | undefined {
  const { finding, now, retries } = facts;
  if (finding.kind === 'suspended') return undefined;
  if (finding.kind === 'invalid') return undefined; // nothing but an edit can help
  const { intervalMs } = finding.desired;
  const interval = intervalMs * (1 + (random - 0.5) / 10);
  const polls =
    finding.kind === 'observed' ? finding.accounts.flatMap((account) => pollsMs(account, finding.desired, now)) : [];
  const again = failuresOf(finding).map((failure) => retryMs(failure, retries, now, intervalMs));
  const waits = [...polls.map((ms) => ms * (1 - random / 25)), ...again.map((ms) => ms * (1 + random / 10))];
  return Math.max(Math.min(interval, ...waits), 0);
}

/** Running operations, repairs that wait their turn, and replicas that turned out to be other than LIST said. */
function pollsMs({ before, wish, decision, result, replica }: Account, desired: Desired, now: Date): number[] {
  const waits: number[] = [];
  if (decision?.kind === 'pause') waits.push(decision.until.getTime() - now.getTime());
  if (result?.kind === 'found') waits.push(replica === undefined ? firstPollMs : pollMs(replica, before, now));
  const ours = wish !== undefined || decision?.kind !== 'keep'; // else it is none of our business
  if (decision === undefined || replica === undefined || !ours) return waits;
  const settled = replica.state === 'Succeeded' && (wish === undefined || isReady(replica, desired));
  // Of a broken one its decision says when.
  if (!settled && !isBroken(replica.state)) waits.push(pollMs(replica, before, now));
  return waits;
}

/** The longer a replica has been as it is, the later it is looked at. */
function pollMs(replica: Replica, before: Remembered | undefined, now: Date): number {
  const unchanged = before?.state === replica.state && before.status === replica.status;
  const ageMs = unchanged && before.since !== undefined ? now.getTime() - Date.parse(before.since) : 0;
  const slowest = replica.state === 'Succeeded' ? slowestPollMs.syncing : slowestPollMs.provisioning;
  return Math.min(Math.max(ageMs * pollShare, firstPollMs), slowest);
}

/** How long a failure is left alone. Every kind is tried again at the interval at the latest, none is given up. */
export function retryMs(failure: Failure, retries: number, now: Date, intervalMs: number): number {
  switch (failure.kind) {
    case 'throttled':
      return failure.until === undefined
        ? backoff('soon', retries)
        : Math.max(failure.until.getTime() - now.getTime(), 1_000);
    case 'retryable':
      return Math.min(backoff(failure.pace, retries), intervalMs);
    case 'terminal':
      return intervalMs;
  }
}

function backoff(pace: keyof typeof backoffMs, retries: number): number {
  const { first, last } = backoffMs[pace];
  return Math.min(first * 2 ** Math.min(retries, 20), last);
}
