import { expect, test } from 'vitest';
import { crowd } from '../support/crowd.ts';

// 270 PUTs are 70 more than Azure takes at once.
test("90 objects in one subscription stay within Azure's published request limits, and a person still gets through", async (t) => {
  const { refused, replicas, calls, person } = await crowd(t, { objects: 90, everyMs: 2_000, deadlineMs: 100_000 });
  expect(replicas).toBe(270);
  expect(refused).toBeLessThanOrEqual(5);
  expect(calls['PUT replication']).toBeLessThanOrEqual(270 + person.length / 2 + refused);
  expect(person.length).toBeGreaterThan(4);
  for (const { call, status } of person) expect(status, call).toBeLessThan(300);
});
