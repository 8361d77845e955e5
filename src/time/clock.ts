/** The time as an argument, so that tests can set it. */
export interface Clock {
  /** Wall-clock time. Somebody may set it, so a difference of two of its moments may be wrong. */
  readonly now: () => Date;
  /** Milliseconds on a clock that nobody sets and that stands still while the machine sleeps; only differences mean something. */
  readonly monotonicMs: () => number;
}

/** The machine's clocks. */
export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };
