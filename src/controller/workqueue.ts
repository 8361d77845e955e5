import type { Key } from '../domain/key.ts';
import type { Urgency } from '../domain/urgency.ts';
import type { Clock } from '../time/clock.ts';
import { Alarms } from './alarms.ts';
import { DueKeys } from './due-keys.ts';
import { type Lanes, Occupancy } from './lanes.ts';

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

/** What the queue goes by when a key becomes due. */
export interface Rank {
  readonly urgency: Urgency;
  readonly lanes: Lanes;
}

interface Work {
  readonly startedMs: number;
  readonly lanes: Lanes;
  /** The key was added meanwhile. */
  again: boolean;
}

/**
 * Keys and when they are due. Each key is in the queue at most once: of two times, the earlier wins. A key that is
 * being worked on is not handed out a second time; if it is added meanwhile, it is due again when its work is done.
 * What is urgent is handed out first, and nothing waits for ever. Keys that share a lane never occupy all workers, so
 * that those whose work hangs hold up nobody else.
 */
export class WorkQueue {
  readonly #due = new DueKeys();
  readonly #later: Alarms;
  readonly #active = new Map<Key, Work>();
  readonly #occupancy = new Occupancy();
  /** How many times in a row the work on a key has failed; keys whose work succeeded are not in it. */
  readonly #retries = new Map<Key, number>();
  /** Workers that wait for a key. */
  readonly #waiting: ((key: Key | undefined) => void)[] = [];
  readonly #rank: (key: Key) => Rank;
  readonly #meter: QueueMeter;
  readonly #clock: Clock;
  #closed = false;

  /** `rank` is asked whenever a key is added that is due, or becomes due. */
  constructor(rank: (key: Key) => Rank, meter: QueueMeter, clock: Clock) {
    this.#rank = rank;
    this.#meter = meter;
    this.#clock = clock;
    this.#later = new Alarms(clock, (key) => this.add(key));
  }

  /** Makes a key due now, or in `inMs` milliseconds. */
  add(key: Key, inMs = 0): void {
    if (this.#closed) return;
    if (inMs > 0) return this.#addLater(key, inMs);
    this.#later.clear(key);
    const active = this.#active.get(key);
    if (active !== undefined) {
      active.again = true;
      return;
    }
    if (!this.#due.has(key)) this.#meter.added();
    this.#due.add({ key, sinceMs: this.#clock.monotonicMs(), ...this.#rank(key) });
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
    this.#occupancy.leave(active.lanes);
    this.#meter.finished(this.#clock.monotonicMs() - active.startedMs);
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
    return Math.max(0, ...[...this.#active.values()].map(({ startedMs }) => now - startedMs));
  }

  /** Hands out no more keys. The work on keys that were handed out may still be ended. */
  close(): void {
    this.#closed = true;
    this.#later.close();
    this.#due.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #addLater(key: Key, inMs: number): void {
    const atMs = this.#clock.monotonicMs() + inMs;
    const known = this.#later.atMs(key);
    if (this.#due.has(key) || this.#active.get(key)?.again === true || (known !== undefined && known <= atMs)) return;
    this.#later.set(key, atMs);
  }

  #hand(): void {
    while (this.#waiting.length > 0) {
      if (this.#closed) return this.close();
      const next = this.#due.take((lanes) => this.#occupancy.full(lanes, this.#waiting.length));
      if (next === undefined) break;
      const { key, lanes, sinceMs } = next;
      const startedMs = this.#clock.monotonicMs();
      this.#active.set(key, { startedMs, lanes, again: false });
      this.#occupancy.enter(lanes);
      this.#meter.taken(startedMs - sinceMs);
      this.#waiting.shift()?.(key);
    }
    this.#meter.depth(this.#due.size);
  }
}
