import { type Bucket, holdsAtMs, type Limit, lower, refill, shut } from './token-bucket.ts';

/** Whether a caller may call Azure now. */
export type Admission =
  /** `waitedMs` since it was refused first; undefined when it never was. */
  | { readonly kind: 'go'; readonly waitedMs: number | undefined }
  /** It keeps its place in the line until some time after `untilMs`, when it is its turn. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/** One of Azure's limits and the line of those that wait for it. All times in milliseconds since 1970. */
export interface Quota {
  /** `caller` is whoever comes back for the same call; `cost` the requests that its call makes. */
  ask(caller: string, cost: number, nowMs: number): Admission;
  /** Azure says how many requests are left to all who share the limit. */
  heard(remaining: number, nowMs: number): void;
  /** A call ended with anything but a 429. */
  passed(nowMs: number): void;
  /** Azure answered 429, with a Retry-After or without one. Gives the caller a place in the line; says when its turn is. */
  refused(caller: string, cost: number, retryAfterMs: number | undefined, nowMs: number): number;
}

/** Who does not come when it is its turn loses its place: its object may be gone. More than a line for a read takes. */
const graceMs = 120_000;
/** The pause after a 429 without Retry-After, doubled with each that follows. */
const pauseMs = { first: 5_000, last: 300_000 } as const;
/** Of Azure's limit: what is left when Azure says how much is left to all, less if the share leaves less. */
const leftToOthers = 0.2;
/** For what sums of fractions lose. */
const tolerance = 1e-6;

interface Place {
  readonly cost: number;
  readonly sinceMs: number;
  readonly leavesMs: number;
}

/**
 * `share` of Azure's limit. Starts half full, because the operator that ran here before may just have used it up. First
 * come, first served: who is behind others goes when there is enough for those too. At most half the bucket is kept
 * for those ahead, so that what they don't come for is not lost.
 */
export function createQuota(azures: Limit, share: number, nowMs: number): Quota {
  const limit: Limit = { size: azures.size * share, perSecond: azures.perSecond * share };
  const untouched = azures.size * Math.min(1 - share, leftToOthers);
  const line = new Map<string, Place>(); // in the order they came
  let bucket: Bucket = { level: limit.size / 2, atMs: nowMs, pausedUntilMs: 0 };
  let pauses = 0; // in a row

  function costAhead(caller: string, now: number): number {
    let cost = 0;
    for (const [name, place] of line) {
      if (name === caller) break;
      if (place.leavesMs < now) line.delete(name);
      else cost += place.cost;
    }
    return cost;
  }

  function queue(caller: string, cost: number, ahead: number, now: number): number {
    const untilMs = Math.max(holdsAtMs(bucket, limit, ahead + cost), now + 1);
    const sinceMs = line.get(caller)?.sinceMs ?? now;
    line.set(caller, { cost, sinceMs, leavesMs: untilMs + graceMs });
    return untilMs;
  }

  return {
    ask(caller, cost, now) {
      bucket = refill(bucket, limit, now);
      const ahead = costAhead(caller, now);
      const place = line.get(caller);
      const kept = Math.min(ahead, (limit.size - cost) / 2);
      if (bucket.level >= kept + cost - tolerance) {
        line.delete(caller);
        bucket = lower(bucket, bucket.level - cost);
        return { kind: 'go', waitedMs: place === undefined ? undefined : now - place.sinceMs };
      }
      return { kind: 'wait', untilMs: queue(caller, cost, ahead, now) };
    },
    heard(remaining, now) {
      bucket = lower(refill(bucket, limit, now), remaining - untouched);
    },
    passed(now) {
      if (now >= bucket.pausedUntilMs) pauses = 0;
    },
    refused(caller, cost, retryAfterMs, now) {
      const news = now >= bucket.pausedUntilMs; // else it was sent before the pause began
      const ownPauseMs = Math.min(pauseMs.first * 2 ** pauses, pauseMs.last);
      bucket = shut(refill(bucket, limit, now), retryAfterMs ?? (news ? now + ownPauseMs : now));
      if (news) pauses += 1;
      return queue(caller, cost, costAhead(caller, now), now);
    },
  };
}
