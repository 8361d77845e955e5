import { expect, test } from 'vitest';
import { changedPart } from '../../../../src/map/page/diff-lines.ts';

const same = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ sign: ' ' as const, text: `line ${from + i}` }));

test('shows changes with two lines around, and counts what is left out', () => {
  const diff = [...same(5), { sign: '+' as const, text: 'new' }, ...same(6, 5), { sign: '-' as const, text: 'old' }];
  expect(changedPart(diff)).toEqual([
    { sign: '…', count: 3 },
    ...same(2, 3),
    { sign: '+', text: 'new' },
    ...same(2, 5),
    { sign: '…', count: 2 },
    ...same(2, 9),
    { sign: '-', text: 'old' },
  ]);
});

test('shows nothing but a count where nothing changes', () => {
  expect(changedPart(same(4))).toEqual([{ sign: '…', count: 4 }]);
  expect(changedPart([])).toEqual([]);
});
