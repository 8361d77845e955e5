import { expect, test } from 'vitest';
import { longestDelayMs } from './loop.ts';

const histogram = (counts: readonly number[]) =>
  ['0.01', '0.05', '0.1', '+Inf']
    .map((bound, index) => `acr_replication_event_loop_delay_seconds_bucket{le="${bound}"} ${counts[index]}`)
    .join('\n');

test('the longest delay is the bound of the highest bucket that holds one', () => {
  expect(longestDelayMs(histogram([5, 8, 8, 8]))).toBe(50);
});

test('what was before does not count', () => {
  expect(
    longestDelayMs(histogram([9, 12, 12, 12]), histogram([5, 12, 12, 12].map((n, i) => (i === 0 ? n : n - 4)))),
  ).toBe(10);
  expect(longestDelayMs(histogram([5, 8, 8, 8]), histogram([5, 8, 8, 8]))).toBe(0);
});

test('a gauge says it itself', () => {
  expect(longestDelayMs('# HELP x\nacr_replication_event_loop_delay_max_seconds 0.0123\n')).toBeCloseTo(12.3);
});

test('an operator that does not say so has no such figure', () => expect(longestDelayMs('up 1\n')).toBeNaN());
