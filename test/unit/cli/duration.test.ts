import { expect, test } from 'vitest';
import { optionMs } from '../../../src/cli/duration.ts';

const durations: readonly (readonly [string, number])[] = [
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
];
for (const [text, ms] of durations) test(`${text} is ${ms} ms`, () => expect(optionMs(text, '--since')).toBe(ms));

for (const text of ['', '5', '0s', '-1m', '1h 30m', 'soon', '1.5h']) {
  test(`${JSON.stringify(text)} is no duration`, () => {
    expect(() => optionMs(text, '--since')).toThrow(`--since ${text} is no duration such as 90s, 5m, 1h30m or 2d`);
  });
}
