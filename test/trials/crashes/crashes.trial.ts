import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { coveredRow } from '../../support/covered.ts';
import { scenarios } from './scenarios.ts';
import { baselineOf, restarts, sweep } from './sweep.ts';

const began = performance.now();
const sums = { scenarios: 0, calls: 0, singles: 0, pairs: 0, distinct: 0 };
const plain = restarts.filter(({ stale }) => stale === undefined);

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));

for (const scenario of scenarios) {
  test(`${scenario.name}: one crash at any call, or two, change nothing in the end`, async () => {
    const baseline = await baselineOf(scenario);
    expect(baseline.run.violations).toEqual([]);
    for (const options of [{ first: restarts }, { first: plain, second: plain }]) {
      const { singles, pairs, distinct, worse } = await sweep(baseline, options);
      expect(worse).toEqual(new Map());
      if (options.second === undefined) sums.singles += singles;
      sums.pairs += pairs;
      sums.distinct += distinct;
    }
    sums.scenarios += 1;
    sums.calls += baseline.run.calls.length;
  });
}

afterAll(() => {
  vi.useRealTimers();
  const { singles, pairs, distinct, ...rest } = sums;
  console.log(
    coveredRow({
      what: 'Crash points',
      counts: { ...rest, 'runs with one crash': singles, 'runs with two': pairs, 'of them distinct': distinct },
      held: 'the same end as without a crash; no create or delete twice, none wrong, none lost; at most three repairs',
      command: 'npm run test:crashes',
      seconds: (performance.now() - began) / 1_000,
    }),
  );
});
