/** The time as an argument, so that tests can set it. */
export interface Clock {
  /** Wall-clock time. Somebody may set it, so that differences of it may be wrong. */
  now(): Date;
}
