import { beforeAll, expect, test, vi } from 'vitest';
import { scenarios } from './scenarios.ts';
import { baselineOf, sweep } from './sweep.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));

/** Restarts that come late or see something old, and two crashes in a row: `npm run test:crashes`. */
for (const scenario of scenarios) {
  test(`${scenario.name}: a crash at any call changes nothing in the end`, { timeout: 60_000 }, async () => {
    const baseline = await baselineOf(scenario);
    expect(baseline.run.violations).toEqual([]);
    const { worse } = await sweep(baseline, { first: [{ afterMs: 1_000 }] });
    expect(worse).toEqual(new Map());
  });
}
