import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import { registry, replica, resource } from '../../support/builders.ts';
import { memoryWorld } from '../../support/memory-world.ts';

const minute = 60_000;
const [tokyo, london] = ['japaneast', 'uksouth'].map(regionOf) as [Region, Region];
const intervalMs = 5 * minute;
/** The interval is stretched by up to a tenth, so that looks spread. */
const longestIntervalMs = intervalMs * 1.1;

/** What somebody does to a registry whose object wants Tokyo alone, with a tag. */
const drifts: Readonly<Record<string, (of: ReturnType<typeof memoryWorld>['azure']) => void>> = {
  'the replica is removed': (azure) => azure.drop(tokyo),
  'the replica fails': (azure) => azure.put(replica(tokyo, { ...azure.replicas.get(tokyo), state: 'Failed' })),
  'another tag is set': (azure) => azure.put(replica(tokyo, { ...azure.replicas.get(tokyo), tags: { team: 'x' } })),
  'another region appears': (azure) => azure.put(replica(london)),
};

const story = fc.record({
  /** Longest age of what Resource Graph shows; each row of each answer has its own. */
  oldestMs: fc.nat({ max: 60 * minute }),
  ages: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
  restMs: fc.nat({ max: 60 * minute }),
  drift: fc.constantFrom(...Object.keys(drifts)),
});

test('whatever the age of what Resource Graph shows, a drift is read from the provider within an interval and that age', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ oldestMs, ages, restMs, drift }) => {
      const world = memoryWorld([resource(['japaneast'], { spec: { tags: { team: 'platform' } } })]);
      expect(await world.passUntil(() => world.get()?.status?.phase === 'Ready')).toBe(true);
      const { azure } = world;
      const views = [{ since: 0, replicas: new Map(azure.replicas) }];
      const note = () => views.unshift({ since: world.now().getTime(), replicas: new Map(azure.replicas) });
      let drawn = 0;
      /** Each region as it was at a moment of its own. */
      const shown = (): ReadonlyMap<Region, Replica> => {
        const rows = [tokyo, london, registry().home].flatMap((region) => {
          const ageMs = oldestMs * (ages[(drawn += 1) % ages.length] ?? 0);
          const view = views.find(({ since }) => since <= world.now().getTime() - ageMs);
          return view?.replicas.get(region) ?? [];
        });
        return new Map(rows.map((row) => [row.region, row]));
      };
      world.glanceBy(async (_ref, known) => {
        const actual = { registry: known, registryRead: 'remembered', replicas: shown() } as const;
        return { kind: 'seen', by: 'resource_graph', actual };
      });
      for (const restedAt = world.now().getTime() + restMs; world.now().getTime() < restedAt; ) await world.pass();

      note();
      drifts[drift]?.(azure);
      note();
      const driftedAt = world.now().getTime();
      const lists = azure.calls.LIST;
      const dueAt = driftedAt + oldestMs + longestIntervalMs;
      while (azure.calls.LIST === lists && world.now().getTime() <= dueAt) await world.pass();
      expect(azure.calls.LIST).toBeGreaterThan(lists);
    }),
    { numRuns: 200 },
  );
});
