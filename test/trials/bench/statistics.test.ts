import { expect, test } from 'vitest';
import { median, percentile, summaryOf } from './statistics.ts';

test.each([
  { values: [3, 1, 2], then: 2 },
  { values: [4, 1, 2, 3], then: 2.5 },
  { values: [7], then: 7 },
  { values: [], then: Number.NaN },
])('the median of $values is $then', ({ values, then }) => expect(median(values)).toBe(then));

test.each([
  { share: 0.99, then: 99 },
  { share: 0.5, then: 50 },
  { share: 1, then: 100 },
  { share: 0, then: 1 },
])('the percentile at $share of 1 to 100 is $then', ({ share, then }) => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(values, share)).toBe(then);
});

test('the 99th percentile of a few is the largest, an edit without an answer included', () => {
  expect(percentile([1, 2, Number.POSITIVE_INFINITY], 0.99)).toBe(Number.POSITIVE_INFINITY);
});

test('a summary leaves out the runs that could not take the figure', () => {
  expect(summaryOf([3, Number.NaN, 1])).toEqual({ runs: 2, median: 2, min: 1, max: 3 });
});

test('there is no summary of what no run could take', () => expect(summaryOf([Number.NaN])).toBeUndefined());
