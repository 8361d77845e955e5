import { beforeAll, expect, test, vi } from 'vitest';
import { scenarios } from './scenarios.ts';
import { baselineOf, sweep } from './sweep.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));

/**
 * One crash and a restart at once. `npm run test:crashes` tries two crashes, and restarts that come late or see
 * something old.
 */
for (const scenario of scenarios) {
  test(`${scenario.name}: a crash at any call changes nothing in the end`, { timeout: 60_000 }, async () => {
    const baseline = await baselineOf(scenario);
    expect(baseline.run.violations).toEqual([]);
    const { worse } = await sweep(baseline, { first: [{ afterMs: 1_000 }] });
    expect(worse).toEqual(new Map());
  });
}
