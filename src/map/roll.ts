import type { Key } from '../domain/key.ts';

/** Gives each key a number, so that a set of keys takes a bit each. A key keeps its number. */
export class Roll {
  readonly #slots = new Map<Key, number>();
  readonly #keys: Key[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** The number of the key; one that is new gets the next. */
  slotOf(key: Key): number {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#keys.push(key) - 1;
    this.#slots.set(key, slot);
    return slot;
  }

  keyAt(slot: number): Key | undefined {
    return this.#keys[slot];
  }
}

/** A set of small numbers, a bit each: 1.25 kB for 10,000. */
export class Slots {
  #words = new Uint32Array(0);
  #count = 0;
  /** Where the next one is looked for, so that each has its turn. */
  #cursor = 0;

  get size(): number {
    return this.#count;
  }

  add(slot: number): void {
    const index = slot >>> 5;
    if (index >= this.#words.length) this.#grow(index + 1);
    const word = this.#words[index] ?? 0;
    const bit = 1 << (slot & 31);
    if ((word & bit) !== 0) return;
    this.#words[index] = word | bit;
    this.#count += 1;
  }

  /** Takes the next one out, round and round; undefined when there is none. */
  take(): number | undefined {
    if (this.#count === 0) return undefined;
    const { length } = this.#words;
    const start = (this.#cursor >>> 5) % length;
    for (let turn = 0; turn <= length; turn += 1) {
      const index = (start + turn) % length;
      const all = this.#words[index] ?? 0;
      const word = turn === 0 ? all & (-1 << (this.#cursor & 31)) : all;
      if (word === 0) continue;
      const bit = 31 - Math.clz32(word & -word);
      this.#words[index] = all & ~(1 << bit);
      this.#count -= 1;
      this.#cursor = index * 32 + bit + 1;
      return index * 32 + bit;
    }
    return undefined;
  }

  #grow(length: number): void {
    const words = new Uint32Array(Math.max(length, this.#words.length * 2));
    words.set(this.#words);
    this.#words = words;
  }
}
