import { type Failure, failed, ok } from '../../src/domain/failure.ts';
import type { Region } from '../../src/domain/region.ts';
import { bareReplica, type Replica } from '../../src/domain/replication.ts';
import type { ReplicationApi } from '../../src/ports/azure.ts';
import { registry } from './builders.ts';

/** What happens to one call. `lost`: carried out, but the answer never arrives. */
export type Fault = { readonly failure: Failure; readonly lost: boolean };

/** One step that a replica has still to take: at the time `at` it becomes `then`, or goes when that is undefined. */
interface Course {
  readonly at: number;
  readonly then: Replica | undefined;
}

export interface ModelAzure extends ReplicationApi {
  readonly replicas: ReadonlyMap<Region, Replica>;
  /** Calls so far by verb. */
  readonly calls: Record<'GET' | 'LIST' | 'PUT' | 'PATCH' | 'DELETE', number>;
  /** Faults for the next calls: each call takes one from the front; undefined lets it through. */
  readonly faults: (Fault | undefined)[];
  /** How the next creations in a region end. */
  readonly fates: Map<Region, ('Failed' | 'vanish')[]>;
  /** Somebody else changes Azure. */
  put(replica: Replica): void;
  drop(region: Region): void;
  /** The steps that each replica has still to take, in order. */
  readonly courses: ReadonlyMap<Region, readonly Course[]>;
  /** Brings `replicas` up to the present; calls do so by themselves. */
  settle(): void;
  /** Whether a replica is on its way. */
  isBusy(): boolean;
}

const times = { createMs: 10_000, syncMs: 5_000, deleteMs: 8_000, updateMs: 500 } as const;

/**
 * One registry at home in eastus, for passes in memory: operations take their time, which is the caller's, and the home
 * replica appears by itself with the first other one and cannot be created or deleted. It is the Azure of the convergence
 * tests and, watched by a judge, of the crash trials; the emulator says more, but speaks HTTPS and needs real time.
 * `underWay` is copied.
 */
export function modelAzure(
  now: () => number,
  initial: readonly Replica[] = [],
  underWay: Pick<ModelAzure, 'courses' | 'fates'> = { courses: new Map(), fates: new Map() },
): ModelAzure {
  const replicas = new Map(initial.map((r) => [r.region, r]));
  const courses = new Map([...underWay.courses].map(([region, steps]) => [region, [...steps]]));
  const calls = { GET: 0, LIST: 0, PUT: 0, PATCH: 0, DELETE: 0 };
  const faults: (Fault | undefined)[] = [];
  const fates = new Map([...underWay.fates].map(([region, ends]) => [region, [...ends]]));
  const { home } = registry();

  function settle(): void {
    for (const [region, steps] of courses) {
      for (let step = steps[0]; step !== undefined && step.at <= now(); step = steps[0]) {
        steps.shift();
        if (step.then === undefined) replicas.delete(region);
        else replicas.set(region, step.then);
      }
    }
  }

  /** One call: the fault in front of the queue, if any, and what the call does. */
  async function call<T>(verb: keyof typeof calls, carryOut: () => T) {
    calls[verb] += 1;
    settle();
    const fault = faults.shift();
    if (fault?.lost === false) return failed(fault.failure);
    const value = carryOut();
    return fault === undefined ? ok(value) : failed(fault.failure);
  }

  return {
    replicas,
    calls,
    faults,
    fates,
    courses,
    settle,
    isBusy: () => [...courses.values()].some((steps) => steps.length > 0),
    put: (replica) => {
      replicas.set(replica.region, replica);
      courses.delete(replica.region);
    },
    drop: (region) => {
      replicas.delete(region);
      courses.delete(region);
    },
    observe: () => call('LIST', () => ({ registry: registry(), replicas: new Map(replicas) })),
    get: (_ref, name) => call('GET', () => [...replicas.values()].find((r) => r.name === name)),
    create: (_ref, { region, name, tags, routing = 'Enabled', zoneRedundancy = 'Disabled' }) =>
      call('PUT', () => {
        if (region === home) throw new Error('the home region was created');
        const replica: Replica = { ...bareReplica(region, name, 'Creating'), tags, routing, zoneRedundancy };
        const existing = replicas.get(region);
        if (existing?.state === 'Succeeded') return existing; // PUT on an existing replica changes nothing here
        replicas.set(region, replica);
        const fate = fates.get(region)?.shift();
        const made = now() + times.createMs;
        courses.set(
          region,
          fate === undefined
            ? [
                { at: made, then: { ...replica, state: 'Succeeded', status: 'Syncing' } },
                { at: made + times.syncMs, then: { ...replica, state: 'Succeeded', status: 'Ready' } },
              ]
            : [{ at: made, then: fate === 'vanish' ? undefined : { ...replica, state: 'Failed' } }],
        );
        replicas.set(home, { ...replica, region: home, name: home, state: 'Succeeded', status: 'Ready', tags: {} });
        return replica;
      }),
    update: (_ref, name, change) =>
      call('PATCH', () => {
        const replica = [...replicas.values()].find((r) => r.name === name);
        if (replica === undefined) throw new Error('a replica that is not there was updated');
        const updated: Replica = { ...replica, ...change };
        replicas.set(replica.region, { ...updated, state: 'Updating' });
        courses.set(replica.region, [{ at: now() + times.updateMs, then: updated }]);
        return { ...updated, state: 'Updating' };
      }),
    remove: (_ref, name) =>
      call('DELETE', () => {
        const replica = [...replicas.values()].find((r) => r.name === name);
        if (replica?.region === home) throw new Error('the home region was deleted');
        if (replica === undefined) return;
        replicas.set(replica.region, { ...replica, state: 'Deleting' });
        courses.set(replica.region, [{ at: now() + times.deleteMs, then: undefined }]);
      }),
  };
}
