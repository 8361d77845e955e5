import type { Key } from '../domain/key.ts';
import type { Clock } from '../time/clock.ts';

/** The longest time that Node's timers take, in milliseconds: 24.8 days. */
const longestMs = 2 ** 31 - 1;

interface Alarm {
  readonly key: Key;
  /** On the monotonic clock. */
  readonly atMs: number;
}

/**
 * Keys, each with a moment at which `ring` is called for it. All share one timer, set for the earliest.
 */
export class Alarms {
  readonly #clock: Clock;
  readonly #ring: (key: Key) => void;
  readonly #alarms = new Map<Key, Alarm>();
  /** A binary heap, the earliest first. Alarms that were cleared stay in it until they come up. */
  #heap: Alarm[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The moment for which the timer is set. */
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, ring: (key: Key) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** The moment that is set for a key. */
  atMs(key: Key): number | undefined {
    return this.#alarms.get(key)?.atMs;
  }

  /** Sets the moment for a key, in place of the one before. */
  set(key: Key, atMs: number): void {
    const alarm = { key, atMs };
    this.#alarms.set(key, alarm);
    this.#push(alarm);
    // A key that is set again and again must not fill the heap.
    if (this.#heap.length > 2 * this.#alarms.size + 100) this.#sweep();
    this.#arm();
  }

  clear(key: Key): void {
    this.#alarms.delete(key);
    if (this.#alarms.size === 0) this.close();
  }

  /** Clears all. */
  close(): void {
    this.#alarms.clear();
    this.#heap = [];
    this.#arm();
  }

  /** Sets the timer for the earliest alarm, unless it rings before that already. */
  #arm(): void {
    let first = this.#heap[0];
    while (first !== undefined && !this.#isSet(first)) {
      this.#pop();
      first = this.#heap[0];
    }
    const atMs = first?.atMs ?? Number.POSITIVE_INFINITY;
    if (first !== undefined && atMs >= this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = atMs;
    if (first === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const inMs = Math.min(Math.max(atMs - nowMs, 1), longestMs);
    this.#timer = setTimeout(() => this.#ringAll(nowMs + inMs), inMs);
  }

  /** Rings what is due within the millisecond, as finely as Node's timers go. It is `dueMs` at the least. */
  #ringAll(dueMs: number): void {
    const untilMs = Math.max(this.#clock.monotonicMs(), dueMs) + 1;
    this.#timerMs = Number.POSITIVE_INFINITY;
    for (let first = this.#heap[0]; first !== undefined && first.atMs < untilMs; first = this.#heap[0]) {
      this.#pop();
      if (!this.#isSet(first)) continue;
      this.#alarms.delete(first.key);
      this.#ring(first.key);
    }
    this.#arm();
  }

  #isSet(alarm: Alarm): boolean {
    return this.#alarms.get(alarm.key) === alarm;
  }

  /** Leaves only the alarms that are set. A sorted list is a heap. */
  #sweep(): void {
    this.#heap = [...this.#alarms.values()].sort((a, b) => a.atMs - b.atMs);
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.length;
    for (let above = (at - 1) >> 1; at > 0; at = above, above = (at - 1) >> 1) {
      const parent = heap[above];
      if (parent === undefined || parent.atMs <= alarm.atMs) break;
      heap[at] = parent;
    }
    heap[at] = alarm;
  }

  /** Takes the earliest out. */
  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const below = (heap[left + 1]?.atMs ?? Number.POSITIVE_INFINITY) < (heap[left]?.atMs ?? 0) ? left + 1 : left;
      const child = heap[below];
      if (child === undefined || child.atMs >= last.atMs) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}
