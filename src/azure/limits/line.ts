/** A caller that waits; all times in milliseconds since 1970. */
interface Place {
  /** Requests that the caller's call makes. */
  readonly cost: number;
  readonly sinceMs: number;
  /** The place is given up when its caller has not come back by then. */
  readonly leavesMs: number;
}

/** The callers that wait for a quota, first come, first served. */
export interface Line {
  /** Requests of all callers that stand before this one; of everybody, for a caller that has no place yet. */
  costAhead(caller: string, nowMs: number): number;
  /** Gives the caller a place at the end, or keeps the one it has; its turn comes at `untilMs`. */
  join(caller: string, cost: number, untilMs: number, nowMs: number): void;
  /** Takes the caller out and gives for how long it waited, in milliseconds; undefined when it had no place. */
  leave(caller: string, nowMs: number): number | undefined;
}

/**
 * A caller that stays away this long after its turn loses its place, because its object may be gone. Longer than a line
 * for reads takes.
 */
const graceMs = 120_000;

export function createLine(): Line {
  const places = new Map<string, Place>(); // in the order they came
  return {
    costAhead(caller, nowMs) {
      let cost = 0;
      for (const [name, place] of places) {
        if (name === caller) break;
        if (place.leavesMs < nowMs) places.delete(name);
        else cost += place.cost;
      }
      return cost;
    },
    join(caller, cost, untilMs, nowMs) {
      const sinceMs = places.get(caller)?.sinceMs ?? nowMs;
      places.set(caller, { cost, sinceMs, leavesMs: untilMs + graceMs });
    },
    leave(caller, nowMs) {
      const place = places.get(caller);
      places.delete(caller);
      return place === undefined ? undefined : nowMs - place.sinceMs;
    },
  };
}
