import type { Key } from '../domain/key.ts';
import { turnsOf, type Urgency, urgencies } from '../domain/urgency.ts';
import type { Lanes } from './lanes.ts';

/** A key that may be worked on, and since when. */
export interface DueKey {
  readonly key: Key;
  readonly lanes: Lanes;
  readonly urgency: Urgency;
  /** On the monotonic clock. */
  readonly sinceMs: number;
}

/** Which of these lanes is full, if one is. */
type Full = (lanes: Lanes) => keyof Lanes | undefined;

/**
 * The keys that are due. Of two kinds of urgency each gets its turns, the more urgent more of them; within a kind one
 * subscription follows the other; within a subscription it is first come, first served. Adding and taking cost the same
 * for ten keys and ten thousand.
 */
export class DueKeys {
  readonly #keys = new Map<Key, DueKey>();
  /** The same keys by kind and subscription; the subscription whose turn it is comes first. */
  readonly #lines: Readonly<Record<Urgency, Map<string, Map<Key, DueKey>>>> = {
    edited: new Map(),
    moving: new Map(),
    steady: new Map(),
  };
  /**
   * Stride scheduling (Waldspurger and Weihl 1995, MIT/LCS/TM-528): each kind pays for a turn one over the number of its
   * turns, and the one that has paid least is next. A kind that was absent has saved nothing.
   */
  readonly #paid: Record<Urgency, number> = { edited: 0, moving: 0, steady: 0 };
  #leastPaid = 0;

  get size(): number {
    return this.#keys.size;
  }

  has(key: Key): boolean {
    return this.#keys.has(key);
  }

  /** Adds a key; one that is there already comes forward when it has become more urgent, and keeps its place otherwise. */
  add(due: DueKey): void {
    const known = this.#keys.get(due.key);
    if (known === undefined) return this.#put(due);
    if (urgencies.indexOf(due.urgency) >= urgencies.indexOf(known.urgency)) return;
    this.#remove(known);
    this.#put({ ...due, sinceMs: known.sinceMs });
  }

  /** Takes the next key out, of those whose lanes have room. Of each kind asks for no more lanes than are full, and one. */
  take(full: Full): DueKey | undefined {
    let next: DueKey | undefined;
    let leastPaid = Number.POSITIVE_INFINITY;
    for (const urgency of urgencies) {
      const paid = Math.max(this.#paid[urgency], this.#leastPaid);
      if (paid >= leastPaid) continue;
      const first = firstWithRoom(this.#lines[urgency], full);
      if (first === undefined) continue;
      next = first;
      leastPaid = paid;
    }
    if (next === undefined) return undefined;
    this.#leastPaid = leastPaid;
    this.#paid[next.urgency] = leastPaid + 1 / turnsOf[next.urgency];
    this.#remove(next);
    this.#sendBack(next);
    return next;
  }

  clear(): void {
    this.#keys.clear();
    for (const urgency of urgencies) this.#lines[urgency].clear();
  }

  #put(due: DueKey): void {
    this.#keys.set(due.key, due);
    const lines = this.#lines[due.urgency];
    const line = lines.get(due.lanes.subscription);
    if (line === undefined) lines.set(due.lanes.subscription, new Map([[due.key, due]]));
    else line.set(due.key, due);
  }

  #remove({ key, lanes: { subscription }, urgency }: DueKey): void {
    this.#keys.delete(key);
    const lines = this.#lines[urgency];
    const line = lines.get(subscription);
    line?.delete(key);
    if (line?.size === 0) lines.delete(subscription);
  }

  /** Lets the other subscriptions come before this one. */
  #sendBack({ lanes: { subscription }, urgency }: DueKey): void {
    const lines = this.#lines[urgency];
    const line = lines.get(subscription);
    if (line === undefined) return;
    lines.delete(subscription);
    lines.set(subscription, line);
  }
}

function firstWithRoom(lines: ReadonlyMap<string, ReadonlyMap<Key, DueKey>>, full: Full): DueKey | undefined {
  const fullIdentities = new Set<string>(); // often all lines are of one: they are not asked about one by one
  for (const line of lines.values()) {
    const first = line.values().next().value;
    if (first === undefined || fullIdentities.has(first.lanes.identity)) continue;
    const lane = full(first.lanes);
    if (lane === undefined) return first;
    if (lane === 'identity') fullIdentities.add(first.lanes.identity);
  }
  return undefined;
}
