/** How fast Azure lets somebody call: `size` calls at once, then `perSecond`. */
export interface Limit {
  readonly size: number;
  readonly perSecond: number;
}

/** What is left of a limit at a moment. Plain arithmetic: the time is an argument, in milliseconds since 1970. */
export interface Bucket {
  /** Calls that may be made at once. Negative when less is left to all than the operator means to leave to others. */
  readonly level: number;
  readonly atMs: number;
  /** The bucket does not fill before this moment. */
  readonly pausedUntilMs: number;
}

/**
 * The same bucket at `nowMs`. When the clock was set back, only the time in between is lost, and a pause ends no later
 * than it would have.
 */
export function refill(bucket: Bucket, { size, perSecond }: Limit, nowMs: number): Bucket {
  const setBackMs = Math.max(0, bucket.atMs - nowMs);
  const pausedUntilMs = bucket.pausedUntilMs - setBackMs;
  const openMs = Math.max(0, nowMs - Math.max(bucket.atMs, pausedUntilMs));
  return { level: Math.min(size, bucket.level + (openMs / 1_000) * perSecond), atMs: nowMs, pausedUntilMs };
}

/** The same bucket with at most `level` in it. */
export function lower(bucket: Bucket, level: number): Bucket {
  return { ...bucket, level: Math.min(bucket.level, level) };
}

/** The same bucket, emptied and not filling before `untilMs`. */
export function shut(bucket: Bucket, untilMs: number): Bucket {
  return { ...lower(bucket, 0), pausedUntilMs: Math.max(bucket.pausedUntilMs, untilMs) };
}

/** The moment, in whole milliseconds, at which a bucket without a size that nobody draws from holds `level`. */
export function holdsAtMs(bucket: Bucket, { perSecond }: Limit, level: number): number {
  const missing = Math.max(0, level - bucket.level);
  return Math.ceil(Math.max(bucket.atMs, bucket.pausedUntilMs) + (missing / perSecond) * 1_000);
}
