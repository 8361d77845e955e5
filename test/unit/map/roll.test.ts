import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Key } from '../../../src/domain/key.ts';
import { Roll, Slots } from '../../../src/map/roll.ts';

test('a key keeps its number', () => {
  const roll = new Roll();
  const keys = ['a/a', 'a/b', 'b/a'] as Key[];
  expect(keys.map((key) => roll.slotOf(key))).toEqual([0, 1, 2]);
  expect(roll.slotOf('a/b' as Key)).toBe(1);
  expect([roll.keyAt(1), roll.keyAt(3), roll.size]).toEqual(['a/b', undefined, 3]);
});

test('each number comes out once, however often it went in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300)), (numbers) => {
      const slots = new Slots();
      for (const one of numbers) slots.add(one);
      const wanted = [...new Set(numbers)];
      expect(slots.size).toBe(wanted.length);
      const taken = wanted.map(() => slots.take());
      expect(taken.toSorted((a = 0, b = 0) => a - b)).toEqual(wanted.toSorted((a, b) => a - b));
      expect([slots.take(), slots.size]).toEqual([undefined, 0]);
    }),
  );
});

test('a number that comes again and again does not keep the others back', () => {
  const slots = new Slots();
  for (const one of [0, 1, 31, 100, 200]) slots.add(one);
  const taken = new Set<number | undefined>();
  for (let turn = 0; turn < 8; turn += 1) {
    taken.add(slots.take());
    slots.add(0);
  }
  expect([...taken]).toEqual(expect.arrayContaining([0, 1, 31, 100, 200]));
});
