import type { Clock } from '../../src/time/clock.ts';

/** A clock that shows what `now` says, on both of its faces. */
export function clockAt(now: () => Date): Clock {
  return { now, monotonicMs: () => now().getTime() };
}
