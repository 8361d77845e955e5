import { expect, test } from 'vitest';
import { controlPlane } from '../support/cluster.ts';
import { run } from '../trials/misuse/run.ts';
import { startWorld } from '../trials/misuse/world.ts';

test('100 random edits within and beyond the schema end as the reference model says', async (t) => {
  const cluster = controlPlane();
  t.onTestFinished(() => cluster.close());
  const world = await startWorld({ cluster, lanes: 10 });
  t.onTestFinished(() => world.end());
  const { covered, failures } = await run({
    world,
    seed: 1,
    steps: 100,
    deadlineMs: 60_000,
    signal: t.signal,
    tell: () => {},
  });
  expect(failures).toEqual([]);
  expect(covered.steps).toBe(100);
});
