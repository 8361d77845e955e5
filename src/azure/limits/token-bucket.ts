/** `size` calls at once, then `perSecond`. */
export interface Limit {
  readonly size: number;
  readonly perSecond: number;
}

/** What is left of a limit at a moment. Plain arithmetic: the time is always an argument, in milliseconds since 1970. */
export interface Bucket {
  /** Below zero when Azure says that others have taken what is meant to be left to them. */
  readonly level: number;
  readonly atMs: number;
  /** Nothing comes in until then. */
  readonly pausedUntilMs: number;
}

/** The same bucket at `nowMs`. A clock that was set back loses nothing but the time in between, and a pause is no longer for it. */
export function refill(bucket: Bucket, { size, perSecond }: Limit, nowMs: number): Bucket {
  const setBackMs = Math.max(0, bucket.atMs - nowMs);
  const pausedUntilMs = bucket.pausedUntilMs - setBackMs;
  const openMs = Math.max(0, nowMs - Math.max(bucket.atMs, pausedUntilMs));
  return { level: Math.min(size, bucket.level + (openMs / 1_000) * perSecond), atMs: nowMs, pausedUntilMs };
}

/** At most this is left. */
export function lower(bucket: Bucket, level: number): Bucket {
  return { ...bucket, level: Math.min(bucket.level, level) };
}

/** Emptied, and shut until then. */
export function shut(bucket: Bucket, untilMs: number): Bucket {
  return { ...lower(bucket, 0), pausedUntilMs: Math.max(bucket.pausedUntilMs, untilMs) };
}

/** When a bucket that nobody draws from, and that does not run over, would hold so many; in whole milliseconds. */
export function holdsAtMs(bucket: Bucket, { perSecond }: Limit, level: number): number {
  const missing = Math.max(0, level - bucket.level);
  return Math.ceil(Math.max(bucket.atMs, bucket.pausedUntilMs) + (missing / perSecond) * 1_000);
}
