import type { Key } from '../domain/key.ts';
import type { Clock } from '../time/clock.ts';

/** What a queue tells about itself. */
export interface QueueMeter {
  readonly added: () => void;
  readonly retried: () => void;
  /** Keys that are due and wait for a worker. */
  readonly depth: (keys: number) => void;
  readonly taken: (waitedMs: number) => void;
  readonly finished: (workedMs: number) => void;
}

/**
 * Keys and when they are due. A key is in it once: of two times the earlier wins. A key that is worked on is never
 * handed out a second time; if it is added meanwhile it comes back when its work is done.
 */
export class WorkQueue {
  readonly #ready = new Map<Key, number>(); // key → when it became due, in the order they did
  readonly #later = new Map<Key, { readonly due: number; readonly timer: NodeJS.Timeout }>();
  readonly #active = new Map<Key, { readonly started: number; again: boolean }>();
  readonly #retries = new Map<Key, number>();
  readonly #waiting: ((key: Key | undefined) => void)[] = [];
  readonly #meter: QueueMeter;
  readonly #clock: Clock;
  #closed = false;

  constructor(meter: QueueMeter, clock: Clock) {
    this.#meter = meter;
    this.#clock = clock;
  }

  /** Now, or in `inMs` milliseconds (at most 24.8 days, the longest timer). */
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

  /** The next key that is due; waits for one. Undefined once the queue is closed. */
  next(): Promise<Key | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#hand();
    });
  }

  /** Ends the work on a key; without `failed` its retries start anew. */
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

  /** Passes that failed in a row. */
  retries(key: Key): number {
    return this.#retries.get(key) ?? 0;
  }

  /** Milliseconds that the longest running work has taken; 0 when there is none. */
  longestWorkMs(): number {
    const now = this.#clock.monotonicMs();
    return Math.max(0, ...[...this.#active.values()].map(({ started }) => now - started));
  }

  /** Hands out nothing more; keys being worked on may still be ended. */
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
