import { expect, test } from 'vitest';
import { mapOfUsed } from '../../../../src/azure/limits/used.ts';

function world() {
  const state = { nowMs: 1_000_000 };
  return { state, map: mapOfUsed<number>(() => state.nowMs, 1_000) };
}

test('an entry lasts as long as it is used, and is gone when it was not used for the time', () => {
  const { state, map } = world();
  map.set('a', 1);
  for (let i = 0; i < 5; i++) {
    state.nowMs += 1_000;
    expect(map.get('a')).toBe(1);
  }
  state.nowMs += 1_001;
  expect(map.get('a')).toBeUndefined();
});

test('a use of one entry drops the others that nobody uses', () => {
  const { state, map } = world();
  for (let i = 0; i < 100; i++) map.set(`${i}`, i);
  state.nowMs += 1_001;
  map.set('b', 2);
  expect(map.get('7')).toBeUndefined();
  expect(map.get('b')).toBe(2);
});

test('a clock that is set back keeps no entry for longer than its time', () => {
  const { state, map } = world();
  map.set('a', 1);
  state.nowMs -= 500_000;
  map.set('b', 2);
  state.nowMs += 1_001;
  expect(map.get('a')).toBeUndefined();
});

test('a deleted entry is gone', () => {
  const { map } = world();
  map.set('a', 1);
  map.delete('a');
  expect(map.get('a')).toBeUndefined();
});
