import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { coveredRow } from '../../support/covered.ts';
import { scenarios } from './scenarios.ts';
import { baselineOf, restarts, sweep } from './sweep.ts';

const began = performance.now();
const sums = { scenarios: 0, calls: 0, once: { ways: 0, runs: 0 }, twice: { ways: 0, runs: 0 } };
const plain = restarts.filter(({ stale }) => stale === undefined);

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));

for (const scenario of scenarios) {
  test(`${scenario.name}: one crash at any call, or two, change nothing in the end`, async () => {
    const baseline = await baselineOf(scenario);
    expect(baseline.run.violations).toEqual([]);
    const { worse, ...counts } = await sweep(baseline, { second: plain });
    expect(worse).toEqual(new Map());
    for (const often of ['once', 'twice'] as const) {
      sums[often].ways += counts[often].ways;
      sums[often].runs += counts[often].runs;
    }
    sums.scenarios += 1;
    sums.calls += baseline.run.calls.length;
  });
}

afterAll(() => {
  vi.useRealTimers();
  const { once, twice, ...rest } = sums;
  console.log(
    coveredRow({
      what: 'Crash points',
      counts: {
        ...rest,
        'ways to crash once': once.ways,
        'runs from what they leave': once.runs,
        'ways to crash twice': twice.ways,
        'runs from what those leave': twice.runs,
      },
      held: 'the same end as without a crash; no create or delete twice, none wrong, none lost; at most three repairs',
      command: 'npm run test:crashes',
      seconds: (performance.now() - began) / 1_000,
    }),
  );
});
