import { randomFrom, shuffled } from '../../sandbox/emulator/random.ts';

/** Seeded choices. Every actor of a run has a stream of its own, so that none disturbs another's. */
export interface Chance {
  pick<T>(from: readonly [T, ...T[]]): T;
  pick<T>(from: readonly T[]): T | undefined;
  /** So many different ones, or all there are. */
  some<T>(from: readonly T[], count: number): readonly T[];
  /** A whole number, both ends included. */
  whole(least: number, most: number): number;
  /** True with this probability. */
  maybe(probability: number): boolean;
  /** A key with a probability in proportion to its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
}

export function chanceFrom(seed: number): Chance {
  const random = randomFrom(seed);
  function pick<T>(from: readonly [T, ...T[]]): T;
  function pick<T>(from: readonly T[]): T | undefined;
  function pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(random() * from.length)];
  }
  return {
    pick,
    some: (from, count) => shuffled(from, random).slice(0, count),
    whole: (least, most) => least + Math.floor(random() * (most - least + 1)),
    maybe: (probability) => random() < probability,
    weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
      const entries = Object.entries(weights) as [K, number][];
      let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new Error('no weights');
    },
  };
}
