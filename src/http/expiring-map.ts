import type { Clock } from '../time/clock.ts';

/** A map that forgets each entry after a time, and the oldest entries when there are too many. */
export class ExpiringMap<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  readonly #most: number;
  readonly #clock: Clock;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** The key's entry; undefined when there is none, or when its time is over. */
  get(key: string): { readonly value: T } | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.untilMs <= this.#nowMs() ? undefined : entry;
  }

  /** Keeps the value for `forMs`; the key's entry before, if there is one, is replaced. */
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
