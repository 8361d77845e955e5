import type * as Missing from '../../../src/azure/refusals/absence.ts';
import type * as Replications from '../../../src/azure/replications.ts';
import type * as Act from '../../../src/controller/act.ts';
import type * as Glance from '../../../src/controller/glance.ts';
import type * as Owners from '../../../src/controller/ownership.ts';
import type * as Reconcile from '../../../src/controller/reconcile.ts';
import type * as Absence from '../../../src/domain/absence.ts';
import type * as Accounts from '../../../src/domain/account.ts';
import type * as Drains from '../../../src/domain/drains.ts';
import { ok } from '../../../src/domain/failure.ts';
import type { Remembered } from '../../../src/domain/memory.ts';
import type * as Plan from '../../../src/domain/plan.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type * as Repair from '../../../src/domain/repair.ts';
import type { Registry } from '../../../src/domain/replication.ts';
import type * as Rest from '../../../src/domain/rest.ts';
import { goesBy, inHour, inReduced, inScope, inWalk, type Search } from './searches.ts';

/** One bug put into one module of the operator: what it makes of the real module's exports. */
export interface Plant {
  /** Path below src. */
  readonly module: string;
  readonly broken: (real: object) => object;
}

/** A bug, and where it must be found. */
export interface Planted {
  readonly id: string;
  readonly says: string;
  readonly plant: Plant;
  readonly searches: readonly Search[];
}

function plantIn<M extends object>(module: string, broken: (real: M) => Partial<M>): Plant {
  return { module, broken: (real) => broken(real as M) };
}

const inAct = (broken: (real: typeof Act) => Partial<typeof Act>) => plantIn('controller/act.ts', broken);
const inPlan = (broken: (real: typeof Plan) => Partial<typeof Plan>) => plantIn('domain/plan.ts', broken);

/** The scope with drains. */
const drained = 'drains of a region and of home';

/** Rules left out of the plan. */
const rules: readonly Planted[] = [
  {
    id: 'home',
    says: 'home is treated as any other region',
    plant: inPlan(({ plan }) => ({
      plan: ({ actual, ...rest }) =>
        plan({ ...rest, actual: { ...actual, registry: { ...actual.registry, home: regionOf('nowhere') } } }),
    })),
    searches: [inReduced('homeStays'), inWalk('homeStays')],
  },
  {
    id: 'hold',
    says: 'what is outside the set is not held until the set is there',
    plant: inPlan(({ plan }) => ({
      plan: (situation) =>
        plan(situation).map((decision) => {
          if (decision.kind !== 'hold') return decision;
          const { owner, desired, memory } = situation;
          const whose = { owner, before: memory.regions.get(decision.region), tagged: false };
          const confirm = { ...whose, state: 'present', serving: [], readyWhen: desired.readyWhen } as const;
          return { ...decision, kind: 'delete', then: 'nothing', attempt: 0, confirm };
        }),
    })),
    searches: [inReduced('makeBeforeBreak'), inWalk('makeBeforeBreak')],
  },
  {
    id: 'owner',
    says: 'the owner tag of another is not looked at',
    plant: inPlan(({ plan }) => ({
      plan: (situation) => plan({ ...situation, owner: { ...situation.owner, isAlive: () => false } }),
    })),
    searches: [inReduced('foreignStays'), inWalk('foreignStays')],
  },
  {
    id: 'prune',
    says: 'prune None and Owned are read as All',
    plant: inPlan(({ plan }) => ({
      plan: (situation) => plan({ ...situation, desired: { ...situation.desired, prune: 'All' } }),
    })),
    searches: [inReduced('noneKeeps', 'ownedKeeps'), inWalk('noneKeeps', 'ownedKeeps')],
  },
  {
    id: 'count',
    says: 'repairs are not counted',
    plant: inPlan(({ plan }) => ({
      plan: (situation) => plan({ ...situation, memory: { ...situation.memory, newlyAsked: true } }),
    })),
    searches: [inReduced('threeRepairs', 'settledWell'), inHour('creations fail')],
  },
  {
    id: 'gone',
    says: 'an object goes when LIST shows nothing of its set',
    plant: inPlan(({ plan }) => ({
      plan: (situation) =>
        plan(situation).filter(({ region }) => !situation.deleting || situation.actual.replicas.has(region)),
    })),
    searches: [inReduced('leavesNothing'), inWalk('leavesNothing')],
  },
  {
    id: 'absent',
    says: 'a missing replica is created without asking for it by name',
    plant: inPlan(({ plan }) => ({
      plan: (situation) =>
        plan(situation).map((decision) => (decision.kind === 'create' ? { ...decision, absent: [] } : decision)),
    })),
    searches: [inReduced('createsOnlyMissing'), inWalk('createsOnlyMissing')],
  },
];

const inDrains = (broken: (real: typeof Drains) => Partial<typeof Drains>) => plantIn('domain/drains.ts', broken);

/** The rules of drains left out. */
const drains: readonly Planted[] = [
  {
    id: 'D1',
    says: 'a drain begins before status says what routing was',
    plant: inDrains(({ drainageOf }) => ({
      drainageOf: (given) =>
        withCourses(drainageOf(given), (course) =>
          course.kind === 'begin' ? { ...course, kind: 'drained', before: 'Enabled' } : course,
        ),
    })),
    searches: [inScope(drained, ['notedFirst']), inWalk('notedFirst')],
  },
  {
    id: 'D2',
    says: 'the others are believed by LIST to be in routing',
    plant: inAct(({ act }) => ({
      act: (decisions, acting) =>
        act(
          decisions.map((one) =>
            one.kind === 'update' ? { ...one, confirm: { ...one.confirm, routed: undefined } } : one,
          ),
          acting,
        ),
    })),
    searches: [inScope(drained, ['oneStaysRouted'], goesBy(/LIST/))],
  },
  {
    id: 'D3',
    says: 'a drain whose until is past goes on',
    plant: inDrains(({ drainageOf }) => ({
      drainageOf: (given) => {
        const untils = given.desired.drains.map(({ until }) => until.getTime() - 1_000);
        return drainageOf({ ...given, now: new Date(Math.min(given.now.getTime(), ...untils)) });
      },
    })),
    searches: [inScope(drained, ['drainsWhenDue', 'settledRouting']), inWalk('drainsWhenDue', 'settledRouting')],
  },
  {
    id: 'D4',
    says: 'at the end of a drain nothing is put back',
    plant: inDrains(({ drainageOf }) => ({
      drainageOf: (given) => {
        const all = drainageOf(given);
        return { ...all, courses: new Map([...all.courses].filter(([, { kind }]) => kind !== 'end')) };
      },
    })),
    searches: [inScope(drained, ['settledRouting']), inWalk('settledRouting')],
  },
  {
    id: 'D5',
    says: 'what was out of routing before a drain comes into it after it',
    plant: inDrains(({ drainageOf }) => ({
      drainageOf: (given) =>
        withCourses(drainageOf(given), (course) =>
          course.kind === 'begin' ? course : { ...course, before: 'Enabled' },
        ),
    })),
    searches: [inScope(drained, ['settledRouting']), inWalk('settledRouting')],
  },
  {
    id: 'D6',
    says: 'a drain is over as soon as its end was asked for',
    plant: plantIn<typeof Accounts>('domain/account.ts', () => ({ isPutBack: ({ course }) => course?.kind === 'end' })),
    searches: [inScope(drained, ['settledRouting']), inWalk('settledRouting')],
  },
  {
    id: 'D7',
    says: 'of several drains all begin at once, and the last region in routing is not kept',
    plant: inDrains(({ drainageOf }) => ({
      drainageOf: (given) => {
        const all = drainageOf(given);
        const waiting = [...all.waiting].flatMap(([region, why]) => {
          const drain = given.desired.drains.find((one) => one.region === region);
          const last = given.memory.regions.get(region)?.drained;
          if (why !== 'last' || drain === undefined) return [];
          const course: Drains.Course = last ? { ...last, kind: 'drained' } : { kind: 'begin', until: drain.until };
          return [[region, course] as const];
        });
        const staying = [...given.actual.replicas.values()];
        return { ...all, courses: new Map([...all.courses, ...waiting]), waiting: new Map(), staying };
      },
    })),
    searches: [inScope(drained, ['oneStaysRouted'])],
  },
  {
    id: 'D8',
    says: 'a replica is made anew, or goes, though the drains leave it alone in routing',
    plant: inPlan(({ plan }) => ({
      plan: ({ drainage, ...rest }) =>
        plan({ ...rest, drainage: { ...drainage, staying: undefined, held: new Set() } }),
    })),
    searches: [inScope(drained, ['oneStaysThere'])],
  },
  {
    id: 'D9',
    says: 'the last one in routing is made anew because LIST shows another one',
    plant: inAct(({ act }) => ({
      act: (decisions, acting) =>
        act(
          decisions.map((one) =>
            one.kind === 'delete' ? { ...one, confirm: { ...one.confirm, routed: undefined } } : one,
          ),
          acting,
        ),
    })),
    searches: [inScope(drained, ['oneStaysThere'], goesBy(/LIST/))],
  },
  {
    id: 'D10',
    says: 'an end that does not last counts as one of the changes before it',
    plant: inDrains(({ drainageOf }) => ({
      drainageOf: (given) =>
        withCourses(drainageOf(given), (course) =>
          course.kind === 'end' ? { ...course, until: new Date('2026-09-20T12:00:00Z') } : course,
        ),
    })),
    searches: [inHour('whatever is there takes every call and stays as it is')],
  },
];

function withCourses(all: Drains.Drainage, change: (course: Drains.Course) => Drains.Course): Drains.Drainage {
  return { ...all, courses: new Map([...all.courses].map(([region, course]) => [region, change(course)])) };
}

/** The faults of an earlier version, each put back by itself. */
const harm: readonly Planted[] = [
  {
    id: 'A1',
    says: 'a replica whose update failed is deleted to be repaired',
    plant: inPlan(({ plan }) => ({
      plan: (situation) =>
        plan(situation).map((decision) => {
          if (decision.kind !== 'restore') return decision;
          const { region, replica, attempt } = decision;
          const { readyWhen } = situation.desired;
          const confirm = { ...decision.confirm, state: 'broken', tagged: false, serving: [], readyWhen } as const;
          return { kind: 'delete', region, replica, then: 'repaired', attempt, confirm };
        }),
    })),
    searches: [
      inScope(
        'what was accepted fails, and what serves breaks',
        ['provisionedStays'],
        goesBy(/goes on in .*(Failed|Canceled)/),
      ),
    ],
  },
  {
    id: 'A2',
    says: 'repairs count anew as soon as a replica serves for one look',
    plant: plantIn<typeof Repair>('domain/repair.ts', () => ({ isHealthy: () => true })),
    searches: [inHour('replicas break ten seconds after they came to serve')],
  },
  {
    id: 'A3a',
    says: 'a DELETE is sent although the spec has changed in mid-pass',
    plant: inAct(({ act }) => ({
      act: (decisions, acting) => {
        const asked = acting.isCurrent();
        return act(decisions, { ...acting, isCurrent: () => asked });
      },
    })),
    searches: [inScope('edits in mid-pass, and a cache that is behind', ['newestSpec'], goesBy(/applies \{/))],
  },
  {
    id: 'A3b',
    says: 'a DELETE is sent on a spec that the API server has no more',
    plant: plantIn<typeof Reconcile>('controller/reconcile.ts', ({ reconcile }) => ({
      reconcile: (key, retries, ports, signal) => {
        const store = { ...ports.store, refresh: async () => ports.store.get(key) };
        return reconcile(key, retries, { ...ports, store }, signal);
      },
    })),
    searches: [inScope('edits in mid-pass, and a cache that is behind', ['newestSpec'], goesBy(/behind/))],
  },
  {
    id: 'A3c',
    says: 'a request to make a replica anew is carried out after it was taken back',
    plant: plantIn<typeof Reconcile>('controller/reconcile.ts', ({ reconcile }) => ({
      reconcile: (key, retries, ports, signal) => {
        const object = ports.store.get(key);
        const asked = <T extends { readonly metadata: object } | undefined>(one: T): T =>
          one && object ? { ...one, metadata: { ...one.metadata, annotations: object.metadata.annotations } } : one;
        const refresh: typeof ports.store.refresh = async (...of) => asked(await ports.store.refresh(...of));
        const store = { ...ports.store, get: (of: typeof key) => asked(ports.store.get(of)), refresh };
        return reconcile(key, retries, { ...ports, store }, signal);
      },
    })),
    searches: [inScope('edits in mid-pass, and a cache that is behind', ['newestSpec'], goesBy(/annotations away/))],
  },
  {
    id: 'A4a',
    says: 'one 404 of the registry ends the deletion of an object',
    plant: plantIn<typeof Absence>('domain/absence.ts', () => ({ isAbsent: (absence) => absence !== undefined })),
    searches: [inScope('Azure says 404 of what is there', ['leavesNothing'], goesBy(/404 ResourceNotFound/))],
  },
  {
    id: 'A4b',
    says: 'a missing subscription ends the deletion of an object',
    plant: plantIn<typeof Absence>('domain/absence.ts', ({ absenceAfter }) => ({
      absenceAfter: (failure, memory, now) => {
        const isSubscription = failure.code === 'SubscriptionNotFound';
        return absenceAfter(isSubscription ? { ...failure, code: 'ResourceNotFound' } : failure, memory, now);
      },
    })),
    searches: [
      inScope(
        'Azure says 404 without end, which proves nothing',
        ['leavesNothing'],
        goesBy(/404 SubscriptionNotFound/),
      ),
    ],
  },
  {
    id: 'A4c',
    says: 'a 404 without a code is taken for a missing replica',
    plant: plantIn<typeof Missing>('azure/refusals/absence.ts', ({ isReplicaMissing }) => ({
      isReplicaMissing: (error, ...which) => {
        const { statusCode, code } = error as { readonly statusCode?: number; readonly code?: string };
        return isReplicaMissing(error, ...which) || (statusCode === 404 && code === undefined);
      },
    })),
    searches: [inScope('Azure says 404 without end, which proves nothing', ['leavesNothing'], goesBy(/404 $/))],
  },
  {
    id: 'A4d',
    says: 'a 404 with a code that speaks of something around the replica is taken for a missing replica',
    plant: plantIn<typeof Missing>('azure/refusals/absence.ts', ({ isReplicaMissing }) => ({
      isReplicaMissing: (error, ...which) => {
        const { statusCode, code = '' } = error as { readonly statusCode?: number; readonly code?: string };
        const isAround = code === 'RegistryNotFound' || code === 'InvalidResourceNamespace';
        return isReplicaMissing(error, ...which) || (statusCode === 404 && isAround);
      },
    })),
    searches: [
      inScope(
        'Azure says 404 without end, which proves nothing',
        ['leavesNothing'],
        goesBy(/404 (RegistryNotFound|InvalidResourceNamespace)/),
      ),
    ],
  },
  {
    id: 'A5',
    says: 'a replica that no read shows yet is created again',
    plant: inPlan(({ plan }) => ({
      plan: ({ memory, ...rest }) => {
        const aged = (one: Remembered) => (one.state === 'Creating' ? { ...one, since: '2000-01-01T00:00:00Z' } : one);
        const regions = new Map([...memory.regions].map(([region, one]) => [region, aged(one)]));
        return plan({ ...rest, memory: { ...memory, regions } });
      },
    })),
    searches: [
      inScope('Azure says 404 of what is there', ['createsOnlyMissing'], goesBy(/no read shows/)),
      inHour('what was created is not shown for a minute', 'createsOnlyMissing'),
    ],
  },
  {
    id: 'A6',
    says: 'what was made under another CLUSTER_NAME is left behind',
    plant: plantIn<typeof Owners>('controller/ownership.ts', ({ ownershipOf }) => ({
      ownershipOf: (object, ports) => ({ ...ownershipOf(object, ports), wasOwn: () => false }),
    })),
    searches: [inScope('tags of others, and a renamed cluster', ['leavesNothing'], goesBy(/as cluster/))],
  },
  {
    id: 'A7a',
    says: 'a PATCH sends the tags that LIST showed',
    plant: inAct(({ act }) => ({
      act: (decisions, acting) => {
        const planned = new Map(decisions.flatMap((one) => (one.kind === 'update' ? [[one.replica.name, one]] : [])));
        const update: typeof acting.azure.update = (ref, name, change, signal) =>
          acting.azure.update(ref, name, planned.get(name)?.change ?? change, signal);
        return act(decisions, { ...acting, azure: { ...acting.azure, update } });
      },
    })),
    searches: [inScope('tags of others, and a renamed cluster', ['keepsTags'])],
  },
  {
    id: 'A7b',
    says: 'a wanted replica of another living owner is changed',
    plant: inPlan(({ plan, changeFor }) => ({
      isUnclaimed: () => true,
      plan: (situation) =>
        plan(situation).map((decision) => {
          const { region } = decision;
          const wish = situation.desired.wishes.get(region);
          const isKept = decision.kind === 'blocked' && decision.reason === 'Conflict' && decision.wanted === 'change';
          const change = isKept && wish !== undefined ? changeFor(wish, decision.replica) : undefined;
          if (!isKept || wish === undefined || change === undefined) return decision;
          const confirm = { owner: situation.owner, before: situation.memory.regions.get(region) };
          return { kind: 'update', region, replica: decision.replica, change, wish, attempt: 1, confirm };
        }),
    })),
    searches: [
      inScope('tags of others, and a renamed cluster', ['foreignStays'], ({ detail }) => detail.startsWith('PATCH')),
    ],
  },
  {
    id: 'A8',
    says: 'the home region is believed without asking',
    plant: plantIn<typeof Replications>('azure/replications.ts', ({ createReplicationApi }) => ({
      createReplicationApi: (config) => (correlationId) => {
        const api = createReplicationApi(config)(correlationId);
        let believed: Registry | undefined;
        const observe: typeof api.observe = async (ref, known, ...rest) => {
          const seen = await api.observe(ref, known, ...rest);
          believed = known;
          return seen.ok && known !== undefined ? ok({ ...seen.value, registry: known }) : seen;
        };
        const readRegistry: typeof api.readRegistry = async (...asked) =>
          believed === undefined ? api.readRegistry(...asked) : ok(believed);
        return { ...api, observe, readRegistry };
      },
    })),
    searches: [inScope('a registry made again elsewhere, or of another SKU', ['homeStays'])],
  },
  {
    id: 'A9',
    says: 'a region that is held is forgotten when its object goes',
    plant: inPlan(({ plan }) => ({
      plan: (situation) =>
        plan(situation).filter(({ region }) => !situation.deleting || situation.desired.wishes.has(region)),
    })),
    searches: [
      inScope('two regions, one dropped while the other fails', ['leavesNothing'], ({ detail }) =>
        detail.endsWith('Succeeded'),
      ),
    ],
  },
  {
    id: 'A11',
    says: 'what is not wanted is deleted while the home region is broken',
    plant: inPlan(({ plan }) => ({
      plan: ({ actual, ...rest }) => {
        const { home } = actual.registry;
        const replicas = new Map([...actual.replicas].filter(([region]) => region !== home));
        return plan({ ...rest, actual: { ...actual, replicas } });
      },
    })),
    searches: [inScope('what was accepted fails, and what serves breaks', ['makeBeforeBreak'])],
  },
];

const ofAnyAge = 'what Resource Graph shows is of any age';

/** What Azure Resource Graph shows is taken for more than a reason to leave everything as it is. */
const trust: readonly Planted[] = [
  {
    id: 'G1',
    says: 'what Resource Graph shows is acted on',
    plant: plantIn<typeof Glance>('controller/glance.ts', ({ glance }) => ({
      glance: (object, way, ...rest) => {
        const { azure } = way;
        const trusted: typeof azure.glance = async (...asked) => {
          const glanced = await azure.glance?.(...asked);
          return glanced?.kind === 'seen' ? { ...glanced, by: 'provider' } : (glanced ?? { kind: 'unseen' });
        };
        return glance(object, { ...way, azure: { ...azure, glance: trusted } }, ...rest);
      },
    })),
    searches: [inScope(ofAnyAge, ['graphLeadsToNothing']), inWalk('graphLeadsToNothing')],
  },
  {
    id: 'G2',
    says: 'a drift that Resource Graph shows is passed over',
    plant: plantIn<typeof Rest>('domain/rest.ts', () => ({ leavesAsItIs: () => true })),
    searches: [inScope(ofAnyAge, ['graphHidesNothing']), inWalk('graphHidesNothing')],
  },
  {
    id: 'G3',
    says: 'what is missing in Resource Graph is passed over',
    plant: plantIn<typeof Rest>('domain/rest.ts', ({ leavesAsItIs }) => ({
      leavesAsItIs: (judged) => {
        const { finding } = judged;
        if (finding.kind !== 'observed') return leavesAsItIs(judged);
        const accounts = finding.accounts.filter(({ replica }) => replica !== undefined);
        return accounts.every(({ decision }) => decision === undefined || decision.kind === 'keep');
      },
    })),
    searches: [inScope(ofAnyAge, ['graphHidesNothing']), inWalk('graphHidesNothing')],
  },
  {
    id: 'G4',
    says: 'what Resource Graph shows is written into status',
    plant: plantIn<typeof Glance>('controller/glance.ts', ({ glance }) => ({
      glance: async (object, way, known, ports, signal) => {
        let judged: Parameters<typeof ports.observer>[0] | undefined;
        const observer: typeof ports.observer = (seen) => {
          judged = seen;
          ports.observer(seen);
        };
        const end = await glance(object, way, known, { ...ports, observer }, signal);
        const { status } = object;
        if (judged !== undefined && status !== undefined)
          await ports.store.writeStatus(object, { ...status, lastHandledRequest: judged.now.toISOString() }, signal);
        return end;
      },
    })),
    searches: [inScope(ofAnyAge, ['graphLeadsToNothing'])],
  },
  {
    id: 'G5',
    says: 'who waits for the answer of Resource Graph does not come back',
    plant: plantIn<typeof Reconcile>('controller/reconcile.ts', ({ reconcile }) => ({
      reconcile: async (key, retries, ports, signal) => {
        const next = await reconcile(key, retries, ports, signal);
        return next.kind === 'look' && next.inMs === 2_000 ? { kind: 'done' } : next;
      },
    })),
    searches: [inScope(ofAnyAge, ['graphIsAskedAgain'])],
  },
];

export const planted: readonly Planted[] = [...harm, ...rules, ...trust, ...drains];
