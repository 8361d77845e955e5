import { randomFrom } from '../../sandbox/emulator/random.ts';

/** Choices that look random and are the same for the same seed. */
export interface Dice {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  pick<T>(values: readonly T[]): T;
  /** True with this probability. */
  chance(share: number): boolean;
}

export function diceFrom(seed: number): Dice {
  const next = randomFrom(seed);
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
