import type { Key } from '../domain/key.ts';
import type { Clock } from '../time/clock.ts';

/** Takes what a queue tells about itself, for metrics. */
export interface QueueMeter {
  /** A key has become due. */
  readonly added: () => void;
  /** A key's work has failed. */
  readonly retried: () => void;
  /** Number of keys that are due and wait for a worker. */
  readonly depth: (keys: number) => void;
  /** A worker has taken a key, which had been due for `waitedMs`. */
  readonly taken: (waitedMs: number) => void;
  /** The work on a key has ended after `workedMs`. */
  readonly finished: (workedMs: number) => void;
}

/**
 * Keys and when they are due. Each key is in the queue at most once: of two times, the earlier wins. A key that is
 * being worked on is not handed out a second time; if it is added meanwhile, it is due again when its work is done.
 */
export class WorkQueue {
  /** Keys that are due, in the order in which they became due, and when each did. */
  readonly #ready = new Map<Key, number>();
  /** Keys that are not yet due. */
  readonly #later = new Map<Key, { readonly due: number; readonly timer: NodeJS.Timeout }>();
  /** Keys that are being worked on; `again` tells that a key was added meanwhile. */
  readonly #active = new Map<Key, { readonly started: number; again: boolean }>();
  /** How many times in a row the work on a key has failed; keys whose work succeeded are not in it. */
  readonly #retries = new Map<Key, number>();
  /** Workers that wait for a key. */
  readonly #waiting: ((key: Key | undefined) => void)[] = [];
  readonly #meter: QueueMeter;
  readonly #clock: Clock;
  #closed = false;

  constructor(meter: QueueMeter, clock: Clock) {
    this.#meter = meter;
    this.#clock = clock;
  }

  /** Makes a key due now, or in `inMs` milliseconds: at most 24.8 days, the longest timer. */
  add(key: Key, inMs = 0): void {
    if (this.#closed) return;
    if (inMs > 0) return this.#addLater(key, inMs);
    this.#cancel(key);
    const active = this.#active.get(key);
    if (active !== undefined) {
      active.again = true;
      return;
    }
    if (this.#ready.has(key)) return;
    this.#meter.added();
    this.#ready.set(key, this.#clock.monotonicMs());
    this.#hand();
  }

  /** Waits for the next key that is due and hands it out. Undefined: the queue is closed. */
  next(): Promise<Key | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#hand();
    });
  }

  /**
   * Ends the work on a key, which is due again in `inMs` if that is given. A failure adds to the key's failures in a
   * row, a success ends them.
   */
  done(key: Key, { inMs, failed }: { readonly inMs?: number | undefined; readonly failed: boolean }): void {
    const active = this.#active.get(key);
    if (active === undefined) return;
    this.#active.delete(key);
    this.#meter.finished(this.#clock.monotonicMs() - active.started);
    if (failed) {
      this.#retries.set(key, this.retries(key) + 1);
      this.#meter.retried();
    } else this.#retries.delete(key);
    if (active.again) this.add(key);
    else if (inMs !== undefined) this.add(key, Math.max(inMs, 1));
  }

  /** How many times in a row the work on a key has failed. */
  retries(key: Key): number {
    return this.#retries.get(key) ?? 0;
  }

  /** Milliseconds that the longest running work has taken; 0 when there is none. */
  longestWorkMs(): number {
    const now = this.#clock.monotonicMs();
    return Math.max(0, ...[...this.#active.values()].map(({ started }) => now - started));
  }

  /** Hands out no more keys. The work on keys that were handed out may still be ended. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#later.values()) clearTimeout(timer);
    this.#later.clear();
    this.#ready.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #addLater(key: Key, inMs: number): void {
    const due = this.#clock.monotonicMs() + inMs;
    const known = this.#later.get(key);
    if (this.#ready.has(key) || this.#active.get(key)?.again === true || (known !== undefined && known.due <= due))
      return;
    this.#cancel(key);
    this.#later.set(key, { due, timer: setTimeout(() => this.add(key), inMs) });
  }

  #cancel(key: Key): void {
    clearTimeout(this.#later.get(key)?.timer);
    this.#later.delete(key);
  }

  #hand(): void {
    while (this.#waiting.length > 0) {
      if (this.#closed) return this.close();
      const first = this.#ready.entries().next();
      if (first.done === true) break;
      const [key, due] = first.value;
      this.#ready.delete(key);
      this.#active.set(key, { started: this.#clock.monotonicMs(), again: false });
      this.#meter.taken(this.#clock.monotonicMs() - due);
      this.#waiting.shift()?.(key);
    }
    this.#meter.depth(this.#ready.size);
  }
}
