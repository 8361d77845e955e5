import { afterEach, describe, expect, test, vi } from 'vitest';
import type * as Plan from '../../../src/domain/plan.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { explore } from './explore.ts';
import type { Reconcile } from './pass.ts';
import { reduced } from './scope.ts';
import { walk } from './walk.ts';

/** A rule left out of the plan, and the property that must notice. */
const bugs: readonly {
  readonly name: string;
  readonly notices: readonly string[];
  readonly broken: (real: typeof Plan) => Partial<typeof Plan>;
}[] = [
  {
    name: 'home is treated as any other region',
    notices: ['homeStays'],
    broken: ({ plan }) => ({
      plan: ({ actual, ...rest }) =>
        plan({ ...rest, actual: { ...actual, registry: { ...actual.registry, home: regionOf('nowhere') } } }),
    }),
  },
  {
    name: 'what is outside the set is not held until the set is there',
    notices: ['makeBeforeBreak'],
    broken: ({ plan }) => ({
      plan: (situation) =>
        plan(situation).map((decision) => {
          if (decision.kind !== 'hold') return decision;
          const { owner, desired } = situation;
          const confirm = {
            state: 'present',
            owner,
            before: undefined,
            tagged: false,
            serving: [],
            readyWhen: desired.readyWhen,
          } as const;
          return { ...decision, kind: 'delete', then: 'nothing', attempt: 0, confirm };
        }),
    }),
  },
  {
    name: 'the owner tag of another is not looked at',
    notices: ['foreignStays'],
    broken: ({ plan }) => ({
      plan: (situation) => plan({ ...situation, owner: { ...situation.owner, isAlive: () => false } }),
    }),
  },
  {
    name: 'prune None and Owned are read as All',
    notices: ['noneKeeps', 'ownedKeeps'],
    broken: ({ plan }) => ({
      plan: (situation) => plan({ ...situation, desired: { ...situation.desired, prune: 'All' } }),
    }),
  },
  {
    name: 'repairs are not counted',
    notices: ['threeRepairs', 'settledWell'],
    broken: ({ plan }) => ({
      plan: (situation) => plan({ ...situation, memory: { ...situation.memory, newlyAsked: true } }),
    }),
  },
  {
    name: 'an object goes when LIST shows nothing of its set',
    notices: ['letsGoLast'],
    broken: ({ plan }) => ({
      plan: (situation) =>
        plan(situation).filter(({ region }) => !situation.deleting || situation.actual.replicas.has(region)),
    }),
  },
  {
    name: 'a missing replica is created without asking for it by name',
    notices: ['createsOnlyMissing'],
    broken: ({ plan }) => ({
      plan: (situation) =>
        plan(situation).map((decision) => (decision.kind === 'create' ? { ...decision, absent: [] } : decision)),
    }),
  },
];

async function reconcileWith(broken: (real: typeof Plan) => Partial<typeof Plan>): Promise<Reconcile> {
  vi.resetModules();
  vi.doMock('../../../src/domain/plan.ts', async (importOriginal) => {
    const real = await importOriginal<typeof Plan>();
    return { ...real, ...broken(real) };
  });
  return (await import('../../../src/controller/reconcile.ts')).reconcile;
}

afterEach(() => {
  vi.doUnmock('../../../src/domain/plan.ts');
  vi.resetModules();
});

describe('a bug planted in the real pass', () => {
  for (const { name, notices, broken } of bugs) {
    test(`${name}: the exhaustive exploration finds it`, async () => {
      const reconcile = await reconcileWith(broken);
      let found: string | undefined;
      for (const scope of reduced) found ??= (await explore(scope, reconcile)).violation?.property;
      expect(notices).toContain(found);
    }, 60_000);

    test(`${name}: the random walk finds it, and says the shortest way there`, async () => {
      const { bug } = await walk(1, 60_000, await reconcileWith(broken));
      expect(notices).toContain(bug?.property);
      expect(bug?.trace.length).toBeLessThan(30);
    }, 60_000);
  }
});
