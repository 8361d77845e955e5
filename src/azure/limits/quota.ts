import { createLine } from './line.ts';
import { type Bucket, holdsAtMs, type Limit, lower, refill, shut } from './token-bucket.ts';

/** Whether a caller may call Azure now. */
export type Admission =
  /** `waitedMs` is the time since the caller was turned away first; undefined when it never was. */
  | { readonly kind: 'go'; readonly waitedMs: number | undefined }
  /** The caller's turn comes at `untilMs`; it keeps its place in the line for some time after that. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/** One of Azure's limits and the line of those that wait for it. All times in milliseconds since 1970. */
export interface Quota {
  /** `caller` names whoever comes back for the same call; `cost` is the number of requests that the call makes. */
  ask(caller: string, cost: number, nowMs: number): Admission;
  /** Takes note of what Azure says: so many requests are left to all who share the limit. */
  heard(remaining: number, nowMs: number): void;
  /** Takes note that a call ended with anything but a 429. */
  passed(nowMs: number): void;
  /** Takes note of a 429, with or without a Retry-After; gives the caller a place and says when its turn is. */
  refused(caller: string, cost: number, retryAfterMs: number | undefined, nowMs: number): number;
}

/** The pause after a 429 without Retry-After; it doubles with each 429 in a row. */
const pauseMs = { first: 5_000, last: 300_000 } as const;
/**
 * The part of Azure's limit that the operator leaves alone when Azure says how much is left to all. Smaller when the
 * operator's share leaves less than that to others.
 */
const leftToOthers = 0.2;
/** Tolerates floating-point rounding in the bucket's level. */
const tolerance = 1e-6;

/**
 * A quota of `share` of Azure's limit. The bucket starts half full, because the operator that ran here before may just
 * have used it up. First come, first served: a caller that is behind others goes when there is enough for those too. At
 * most half the bucket is kept for those ahead, so that what they don't come for is not lost.
 */
export function createQuota(azureLimit: Limit, share: number, startMs: number): Quota {
  const limit: Limit = { size: azureLimit.size * share, perSecond: azureLimit.perSecond * share };
  const untouched = azureLimit.size * Math.min(1 - share, leftToOthers);
  const line = createLine();
  let bucket: Bucket = { level: limit.size / 2, atMs: startMs, pausedUntilMs: 0 };
  let pauses = 0; // in a row

  function queue(caller: string, cost: number, ahead: number, nowMs: number): number {
    const untilMs = Math.max(holdsAtMs(bucket, limit, ahead + cost), nowMs + 1);
    line.join(caller, cost, untilMs, nowMs);
    return untilMs;
  }

  return {
    ask(caller, cost, nowMs) {
      bucket = refill(bucket, limit, nowMs);
      const ahead = line.costAhead(caller, nowMs);
      const kept = Math.min(ahead, (limit.size - cost) / 2);
      if (bucket.level >= kept + cost - tolerance) {
        bucket = lower(bucket, bucket.level - cost);
        return { kind: 'go', waitedMs: line.leave(caller, nowMs) };
      }
      return { kind: 'wait', untilMs: queue(caller, cost, ahead, nowMs) };
    },
    heard(remaining, nowMs) {
      bucket = lower(refill(bucket, limit, nowMs), remaining - untouched);
    },
    passed(nowMs) {
      if (nowMs >= bucket.pausedUntilMs) pauses = 0;
    },
    refused(caller, cost, retryAfterMs, nowMs) {
      const isNews = nowMs >= bucket.pausedUntilMs; // else the call was sent before the pause began
      const ownPauseMs = Math.min(pauseMs.first * 2 ** pauses, pauseMs.last);
      bucket = shut(refill(bucket, limit, nowMs), retryAfterMs ?? (isNews ? nowMs + ownPauseMs : nowMs));
      if (isNews) pauses += 1;
      return queue(caller, cost, line.costAhead(caller, nowMs), nowMs);
    },
  };
}
