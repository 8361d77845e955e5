import type { ReplicaStatus } from '../api/registryreplication.ts';
import type { Failure } from './failure.ts';
import { type Facts, failuresOf, isReady, type Observed, replicasAfter } from './pass.ts';
import { isBroken } from './plan.ts';
import type { Replica } from './replication.ts';

/** Polls of a running operation: 2 s at first, then a fifth of the time it has lasted, up to these. */
const firstPollMs = 2_000;
const pollShare = 1 / 5;
const slowestPollMs = { provisioning: 15_000, syncing: 60_000 } as const;

/** Backoff of failures that pass soon and of those that last: doubled with each pass that fails in a row. */
const backoffMs = { soon: { first: 2_000, last: 60_000 }, slow: { first: 30_000, last: 300_000 } } as const;

/**
 * When to look again, in milliseconds from now: the earliest of all that is awaited, the interval at the latest.
 * Undefined: only a change of the object matters. `random` from 0 to 1 spreads objects apart: the interval both ways,
 * polls to the early side, and retries to the late one, for who comes back before Azure's Retry-After is refused again.
 */
export function nextLookMs(facts: Facts, random: number): number | undefined {
  const { finding } = facts;
  if (finding.kind === 'suspended') return undefined;
  if (finding.kind === 'invalid') return undefined; // nothing but an edit can help
  const interval = finding.desired.intervalMs * (1 + (random - 0.5) / 10);
  const polls = finding.kind === 'observed' ? pollsMs(facts, finding).map((ms) => ms * (1 - random / 25)) : [];
  const retries = failuresOf(finding).map((failure) => {
    return retryMs(failure, facts.retries, facts.now, finding.desired.intervalMs) * (1 + random / 10);
  });
  return Math.max(Math.min(interval, ...polls, ...retries), 0);
}

/** Running operations, repairs that wait their turn, and replicas that turned out to be other than LIST said. */
function pollsMs({ object, now }: Facts, finding: Observed): number[] {
  const remembered = new Map(object.status?.replicas?.map((r) => [r.location, r]));
  const after = replicasAfter(finding);
  const waits: number[] = [];
  for (const { region, kind } of finding.decisions) {
    const replica = after.get(region);
    const wanted = finding.desired.wishes.has(region);
    if (replica === undefined || (!wanted && kind === 'keep')) continue; // not there, or none of our business
    const provisioned = replica.state === 'Succeeded';
    if (provisioned && (!wanted || isReady(replica, finding.desired))) continue;
    if (isBroken(replica.state)) continue; // its decision says when
    waits.push(pollMs(replica, remembered.get(region), now));
  }
  for (const decision of finding.decisions) {
    if (decision.kind === 'pause') waits.push(decision.until.getTime() - now.getTime());
  }
  for (const [region, result] of finding.results) {
    if (result.kind !== 'found') continue;
    waits.push(result.replica === undefined ? firstPollMs : pollMs(result.replica, remembered.get(region), now));
  }
  return waits;
}

/** The longer a replica has been as it is, the later it is looked at. */
function pollMs(replica: Replica, last: ReplicaStatus | undefined, now: Date): number {
  const unchanged = last?.provisioningState === replica.state && (last.status ?? '') === replica.status;
  const ageMs = unchanged && last.since !== undefined ? now.getTime() - Date.parse(last.since) : 0;
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
