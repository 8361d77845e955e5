import { expect, test } from 'vitest';
import { crowd } from '../../support/crowd.ts';

/** The 3,000 PUTs alone take six minutes: Azure grants 8 a second. */
test("1,000 objects in one subscription stay within Azure's published request limits, and a person still gets through", async (t) => {
  const report = await crowd(t, { objects: 1_000, everyMs: 10_000, deadlineMs: 15 * 60_000 });
  const { seconds, refused, calls, person, kubeWrites, replicas } = report;
  const slowest = (call: string) => Math.max(...person.filter((p) => p.call === call).map(({ ms }) => ms));
  console.log(
    [
      `all Ready after        ${seconds.toFixed(0)} s`,
      `refused with 429       ${refused}`,
      ...Object.entries(calls).map(([name, count]) => `${name.padEnd(22)} ${count}`),
      ...Object.entries(kubeWrites).map(([name, count]) => `${name}: ${count}`),
      `a person's ${person.length} calls: GET at most ${slowest('GET')} ms, PUT at most ${slowest('PUT')} ms`,
    ].join('\n'),
  );
  expect(replicas).toBe(3_000);
  expect(refused).toBeLessThanOrEqual(5);
  for (const { call, status } of person) expect(status, call).toBeLessThan(300);
});
