import { keyOf } from '../../../src/domain/key.ts';
import { ownerOf } from '../../../src/domain/replication.ts';
import { modelAzure } from '../../support/model-azure.ts';
import { azureJudge, type JudgeState } from './azure-judge.ts';
import { type ClusterState, clusterStateOf, crashCluster } from './cluster.ts';
import type { Crash, Death, Outside, Restart, Run, Stage, Start, WaitingCall } from './run.ts';

const callMs = 20;
/** How many of the other writes in flight may still be carried out after the process has died: 2³ ways to do it. */
const maxOthers = 3;

/** The time outside the process, in milliseconds since 1970. Nothing but `advance` moves it. */
export interface Time {
  readonly nowMs: () => number;
  readonly advance: (ms: number) => void;
}

export function stoppedAt(ms: number): Time {
  let nowMs = ms;
  return {
    nowMs: () => nowMs,
    advance: (more) => {
      nowMs += more;
    },
  };
}

/**
 * All that outlives a process, and what was seen of the run so far. What the next process does depends on nothing else, so
 * that a run can go on from a copy as often as there are ways to die, and need not be gone through again for each.
 */
export interface Remains extends Outside {
  readonly time: Time;
  /** The crashes so far. */
  readonly crashes: readonly Crash[];
  /** The stages that are still to come. */
  readonly todo: Stage[];
  /** Reason and region of all Events so far. */
  readonly told: Set<string>;
  readonly violations: readonly string[];
  readonly violated: (what: string) => void;
}

/** The world before any process: nothing but what `start` says, and all stages to come. */
export function beginning({ objects, replicas, timeMs }: Start, stages: readonly Stage[]): Remains {
  return assembled(stoppedAt(timeMs), {
    cluster: clusterStateOf(objects),
    azure: modelAzure(() => timeMs, replicas),
    judge: { journal: new Map(), made: madeBy(objects, replicas), last: undefined },
    crashes: [],
    todo: [...stages],
    told: new Set(),
    violations: [],
  });
}

/** Which of the objects has made which replica, by their tags: what was before is not remembered otherwise. */
function madeBy(objects: Start['objects'], replicas: Start['replicas']): JudgeState['made'] {
  const keys = new Map(objects.map((object) => [`test/${keyOf(object)}`, keyOf(object)]));
  return new Map(
    replicas.flatMap((replica) => {
      const key = keys.get(ownerOf(replica) ?? '');
      return key === undefined ? [] : [[replica.region, key] as const];
    }),
  );
}

/** A copy that nothing which happens to the original changes, with a time of its own. */
export function copyOf(remains: Remains, time: Time): Remains {
  return assembled(time, remains);
}

type Parts = Pick<Remains, 'azure' | 'crashes' | 'todo' | 'told' | 'violations'> & {
  readonly cluster: ClusterState;
  readonly judge: JudgeState;
};

function assembled(time: Time, parts: Parts): Remains {
  const { crashes } = parts;
  const violations = [...parts.violations];
  const misled = crashes.some(({ restart }) => restart.stale === 'object');
  const violated = (what: string) => {
    // Who sees an older status dates the same change anew: no harm.
    if (!misled || !what.includes('lastTransitionTime')) violations.push(what);
  };
  const azure = modelAzure(time.nowMs, [...parts.azure.replicas.values()], parts.azure);
  const cluster = crashCluster(parts.cluster, time.nowMs, violated, (object) => judge.released(object));
  const judge = azureJudge(azure, cluster, time.nowMs, violated, parts.judge);
  return {
    time,
    cluster,
    azure,
    judge,
    crashes,
    todo: [...parts.todo],
    told: new Set(parts.told),
    violations,
    violated,
  };
}

/**
 * The remains that each way to die at one of the run's calls leaves to the next process, at the moment when that
 * starts.
 */
export async function* remainsOf({ deaths }: Run, restarts: readonly Restart[]): AsyncGenerator<Remains> {
  for (const restart of restarts) {
    for (const death of deaths) {
      const ways = 1 << Math.min(death.writes.length, maxOthers);
      for (let others = 0; others < ways; others += 1) yield await remainsAfter(death, others, restart);
    }
  }
}

async function remainsAfter(
  { remains, writes, point, moment }: Death,
  others: number,
  restart: Restart,
): Promise<Remains> {
  const crashes = [...remains.crashes, { point, moment, others, restart }];
  const left = assembled(stoppedAt(remains.time.nowMs()), { ...remains, crashes });
  for (const [i, write] of writes.entries()) if ((others >> i) & 1) await carryOut(write, left).catch(() => {});
  left.time.advance(restart.afterMs);
  return left;
}

/** Carries a call out, then the next stage if that waited for it. Throws what the API server refuses. */
export async function carryOut(call: WaitingCall, there: Remains): Promise<unknown> {
  if (call.isWrite) there.time.advance(callMs);
  try {
    const value = await call.carryOut(there);
    if (there.todo[0]?.when?.(there) === true) change(there);
    return value;
  } catch (error) {
    if (error instanceof Error && error.name !== 'KubeError') there.violated(error.message);
    throw error;
  }
}

/** Makes the next stage happen. */
export function change(there: Remains): void {
  const stage = there.todo.shift();
  there.azure.settle();
  stage?.change(there);
}

/** A text that is the same for remains from which everything goes on alike. */
export function fingerprintOf({ azure, cluster, judge, time, ...rest }: Remains): string {
  azure.settle();
  const restarts = rest.crashes.map(({ restart }) => restart);
  const stale = restarts.at(-1)?.stale;
  const seen = stale === 'object' ? cluster.stale : stale === 'list' ? [...(judge.lagging() ?? [])] : undefined;
  return JSON.stringify([
    [time.nowMs(), seen, rest.todo.length, restarts],
    [...cluster.objects],
    [...azure.replicas],
    [...azure.courses],
    [[...azure.fates], [...azure.hidden], [...azure.policy]],
    [
      [...judge.journal],
      [...rest.told].sort(),
      rest.violations,
      [...cluster.everListed],
      [...cluster.everServed],
      [...judge.made],
    ],
  ]);
}
