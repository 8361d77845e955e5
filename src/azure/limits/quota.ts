import { type Call, createLine } from './line.ts';
import { type Bucket, holdsAtMs, type Limit, lower, refill, shut } from './token-bucket.ts';

/** Whether a caller may call Azure now. */
export type Admission =
  /** `waitedMs` is the time since the caller was turned away first; undefined when it never was. */
  | { readonly kind: 'go'; readonly waitedMs: number | undefined }
  /** The caller's turn comes at `untilMs`; it keeps its place in the line for some time after that. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/** One of Azure's limits and the line of those that wait for it. All times in milliseconds since 1970. */
export interface Quota {
  ask(call: Call, nowMs: number): Admission;
  /** Takes note of what Azure says: so many requests are left to all who share the limit. */
  heard(remaining: number, nowMs: number): void;
  /** Takes note that a call ended with anything but a 429. */
  passed(nowMs: number): void;
  /** Takes note of a 429, with or without a Retry-After; gives the caller a place and says when its turn is. */
  refused(call: Call, retryAfterMs: number | undefined, nowMs: number): number;
  /** For how long one more look would wait, in milliseconds. */
  lookWaitMs(nowMs: number): number;
}

/** The pause after a 429 without Retry-After; it doubles with each 429 in a row. */
const pauseMs = { first: 5_000, last: 300_000 } as const;
/**
 * The part of Azure's limit that the operator leaves alone when Azure says how much is left to all. Smaller when the
 * operator's share leaves less than that to others.
 */
const leftToOthers = 0.2;
/** The part of the bucket that looks leave to edits and polls, so that a whole pass finds what it needs. */
const leftToUrgent = 0.1;
/** Tolerates floating-point rounding in the bucket's level. */
const tolerance = 1e-6;

/**
 * A quota of `share` of Azure's limit. The bucket starts half full, because the operator that ran here before may just
 * have used it up. A caller that is behind others goes when there is enough for those too. At most half the bucket is kept
 * for those ahead, so that what they don't come for is not lost.
 */
export function createQuota(azureLimit: Limit, share: number, startMs: number): Quota {
  const limit: Limit = { size: azureLimit.size * share, perSecond: azureLimit.perSecond * share };
  const untouched = azureLimit.size * Math.min(1 - share, leftToOthers);
  const line = createLine();
  let bucket: Bucket = { level: limit.size / 2, atMs: startMs, pausedUntilMs: 0 };
  let pauses = 0; // in a row

  /** The level at which a call may be made, when `most` is kept for those ahead at the most. */
  function levelFor(call: Call, nowMs: number, most: number): number {
    const { cost, isUrgent } = line.ahead(call, nowMs);
    return Math.min(cost, most) + call.cost + (isUrgent ? 0 : limit.size * leftToUrgent);
  }

  function queue(call: Call, nowMs: number): number {
    const untilMs = Math.max(holdsAtMs(bucket, limit, levelFor(call, nowMs, Number.POSITIVE_INFINITY)), nowMs + 1);
    line.join(call, untilMs, nowMs);
    return untilMs;
  }

  return {
    ask(call, nowMs) {
      bucket = refill(bucket, limit, nowMs);
      const level = levelFor(call, nowMs, (limit.size - call.cost) / 2);
      if (bucket.level < level - tolerance) return { kind: 'wait', untilMs: queue(call, nowMs) };
      bucket = lower(bucket, bucket.level - call.cost);
      return { kind: 'go', waitedMs: line.serve(call, nowMs) };
    },
    heard(remaining, nowMs) {
      bucket = lower(refill(bucket, limit, nowMs), remaining - untouched);
    },
    passed(nowMs) {
      if (nowMs >= bucket.pausedUntilMs) pauses = 0;
    },
    refused(call, retryAfterMs, nowMs) {
      const isNews = nowMs >= bucket.pausedUntilMs; // else the call was sent before the pause began
      const ownPauseMs = Math.min(pauseMs.first * 2 ** pauses, pauseMs.last);
      bucket = shut(refill(bucket, limit, nowMs), retryAfterMs ?? (isNews ? nowMs + ownPauseMs : nowMs));
      if (isNews) pauses += 1;
      return queue(call, nowMs);
    },
    lookWaitMs(nowMs) {
      bucket = refill(bucket, limit, nowMs);
      const look: Call = { caller: '', cost: 1, urgency: 'steady' };
      return Math.max(0, holdsAtMs(bucket, limit, levelFor(look, nowMs, Number.POSITIVE_INFINITY)) - nowMs);
    },
  };
}
