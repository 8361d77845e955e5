import type { Clock } from '../time/clock.ts';

/** A map whose entries are forgotten after a time, and of which it keeps at most so many: the oldest goes first. */
export class ExpiringMap<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  readonly #most: number;
  readonly #clock: Clock;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** The entry of the key; undefined when there is none, or none any more. */
  get(key: string): { readonly value: T } | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.untilMs <= this.#nowMs() ? undefined : entry;
  }

  /** Keeps the value for `forMs`, in place of the key's entry before. */
  set(key: string, value: T, forMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: this.#nowMs() + forMs });
    if (this.#entries.size <= this.#most) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
