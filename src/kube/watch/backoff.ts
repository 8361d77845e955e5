/** Pauses between failed attempts: half to the whole of `firstMs`, then of twice as much, and so on up to `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

export interface Failures {
  /** How many attempts have failed in a row, at least 1. */
  readonly count: number;
  /** The pause that the server asked for with the last refusal; 0 when it asked for none. */
  readonly askedMs: number;
}

/**
 * Milliseconds until the next attempt. The server's wish counts, up to `maxMs`. `random`, from 0 to 1, spreads clients
 * apart.
 */
export function pauseAfter({ count, askedMs }: Failures, { firstMs, maxMs }: Backoff, random: number): number {
  const backoffMs = Math.min(maxMs, firstMs * 2 ** Math.min(count - 1, 16)) * (0.5 + random / 2);
  return Math.max(backoffMs, Math.min(askedMs, maxMs));
}
