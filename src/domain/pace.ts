import type { Failure } from './failure.ts';
import { type Facts, isReady, type Observed, replicasAfter } from './pass.ts';

/** Polls of a running operation: 2 s at first, then a fifth of the time it has lasted, up to these. */
const firstPollMs = 2_000;
const pollShare = 1 / 5;
const slowestPollMs = { provisioning: 15_000, syncing: 60_000 } as const;

/** Backoff of failures that pass soon and of those that last: doubled with each pass that fails in a row. */
const backoffMs = { soon: { first: 2_000, last: 60_000 }, slow: { first: 30_000, last: 300_000 } } as const;

/**
 * When to look again, in milliseconds from now: the earliest of all that is awaited, the interval at the latest.
 * Undefined: only a change of the object matters. `random` from 0 to 1 spreads objects apart by a tenth.
 */
export function nextLookMs(facts: Facts, random: number): number | undefined {
  const { finding, retries, now } = facts;
  if (finding.kind === 'suspended') return undefined;
  if (finding.kind === 'invalid') return undefined; // nothing but an edit can help
  const { intervalMs } = finding.desired;
  const waits = [intervalMs];
  if (finding.kind === 'unobserved') waits.push(retryMs(finding.failure, retries, now, intervalMs));
  if (finding.kind === 'observed') waits.push(...awaited(facts, finding));
  const jitter = 1 + (random - 0.5) / 10;
  return Math.max(Math.min(...waits), 0) * jitter;
}

function awaited({ object, now, retries }: Facts, finding: Observed): number[] {
  const since = new Map(object.status?.replicas?.map((r) => [r.location, r]));
  const waits: number[] = [];
  for (const [region, replica] of replicasAfter(finding)) {
    const provisioned = replica.state === 'Succeeded';
    const wanted = finding.desired.wishes.has(region);
    if (provisioned && (!wanted || isReady(replica, finding.desired))) continue;
    if (replica.state === 'Failed' || replica.state === 'Canceled') continue; // its decision says when
    const last = since.get(region);
    const unchanged = last?.provisioningState === replica.state && (last.status ?? '') === replica.status;
    const ageMs = unchanged && last.since !== undefined ? now.getTime() - Date.parse(last.since) : 0;
    const slowest = provisioned ? slowestPollMs.syncing : slowestPollMs.provisioning;
    waits.push(Math.min(Math.max(ageMs * pollShare, firstPollMs), slowest));
  }
  for (const decision of finding.decisions) {
    if (decision.kind === 'pause') waits.push(decision.until.getTime() - now.getTime());
  }
  for (const result of finding.results.values()) {
    if (result.kind === 'failed') waits.push(retryMs(result.failure, retries, now, finding.desired.intervalMs));
    if (result.kind === 'found') waits.push(firstPollMs);
  }
  return waits;
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
