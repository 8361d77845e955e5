/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** From 0 to 1. */
  next(): number;
  /** From 0 to below `end`. */
  below(end: number): number;
  pick<T>(values: readonly T[]): T;
  chance(share: number): boolean;
}

/** Mulberry32: 32 bits of state, good enough to choose actions. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick: (values) => {
      if (values.length === 0) throw new Error('nothing to pick from');
      return values[below(values.length)] as (typeof values)[number];
    },
  };
}
