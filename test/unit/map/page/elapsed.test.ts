import { describe, expect, test } from 'vitest';
import { elapsed, roughly } from '../../../../src/map/page/elapsed.ts';

const now = new Date('2026-03-10T12:00:00Z');
const cases: readonly (readonly [string, string, string])[] = [
  ['2026-03-10T12:00:00Z', '0 s', 'less than a minute'],
  ['2026-03-10T12:00:30Z', '0 s', 'less than a minute'],
  ['2026-03-10T11:59:18Z', '42 s', 'less than a minute'],
  ['2026-03-10T11:59:00Z', '1 min 00 s', '1 minute'],
  ['2026-03-10T11:47:55Z', '12 min 05 s', '12 minutes'],
  ['2026-03-10T09:00:00Z', '3 h', '3 hours'],
  ['2026-03-10T08:40:00Z', '3 h 20 min', '3 hours'],
  ['2026-03-08T08:00:00Z', '2 d 4 h', '2 days'],
  ['not a time', '0 s', 'less than a minute'],
];

describe('the time that something lasts', () => {
  for (const [since, text, spoken] of cases)
    test(`since ${since} is ${text}, read as ${spoken}`, () => {
      expect([elapsed(since, now), roughly(since, now)]).toEqual([text, spoken]);
    });
});
