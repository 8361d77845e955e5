/** What time it is. Code takes a clock as an argument, so that tests can set the time. */
export interface Clock {
  /** Wall-clock time. Somebody may set the wall clock, so the difference of two moments may be wrong. */
  readonly now: () => Date;
  /**
   * Milliseconds on a clock that nobody sets and that stands still while the machine sleeps. Only differences mean
   * something.
   */
  readonly monotonicMs: () => number;
}

/** The machine's clocks. */
export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };
