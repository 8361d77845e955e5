import { vi } from 'vitest';
import type { ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { createController } from '../../../src/controller/controller.ts';
import { indexNamesakes } from '../../../src/controller/namesakes.ts';
import { type Next, reconcile } from '../../../src/controller/reconcile.ts';
import { ok } from '../../../src/domain/failure.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import type { Facts, Observed } from '../../../src/domain/pass.ts';
import { ObjectCache } from '../../../src/kube/object-cache.ts';
import { createStore } from '../../../src/kube/store.ts';
import type { Log } from '../../../src/ports/log.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { crashApi } from './azure-judge.ts';
import { crashClient } from './cluster.ts';
import { beginning, carryOut, change, copyOf, type Remains, stoppedAt, type Time } from './remains.ts';
import type { CallOut, Death, Moment, Restart, Run, Sabotage, Stage, Start, WaitingCall } from './run.ts';

interface Call extends WaitingCall {
  readonly answer: (value: unknown) => void;
  readonly refuse: (error: unknown) => void;
}

const maxCalls = 1_000;
const waiting: ReadonlySet<string> = new Set([
  'create',
  'update',
  'restore',
  'delete',
  'verify',
  'note',
  'wait',
  'lag',
  'pause',
]);

/** The end of a drain that comes so soon belongs to the run, whether or not the rest after earlier stages came before. */
const awaitedMs = 4 * 3_600_000;

export interface RunOptions {
  readonly sabotage?: Sabotage;
  /** Whether to keep what every way to die would leave. Default false. */
  readonly mortal?: boolean;
}

/** The time of vitest's fake timers. */
const fakeTime: Time = { nowMs: () => Date.now(), advance: (ms) => void vi.advanceTimersByTime(ms) };

/** A run without a crash. */
export function calmRun(start: Start, stages: readonly Stage[], options: RunOptions = {}): Promise<Run> {
  return crashRun(beginning(start, stages), options);
}

/**
 * A run of the real controller and the real pass from what the last crash has left, or from the beginning, through all
 * stages until nothing moves any more. Each call of it is carried out alone, in the order in which they were made; time
 * moves only in between. Needs vitest's fake timers for setTimeout, performance and Date.
 */
export async function crashRun(
  left: Remains,
  { sabotage = (ports) => ports, mortal = false }: RunOptions = {},
): Promise<Run> {
  const calls: string[] = [];
  const deaths: Death[] = [];
  const pending: Call[] = [];
  const quiet = new Map<Key, Next['kind']>(); // their last pass changed nothing and waits for nothing
  let process = 0; // the one that lives
  let behind = false; // what it knows is old
  let isMortal = mortal;

  skip(left.time.nowMs() - Date.now());
  const clock = systemClock;
  const there = copyOf(left, fakeTime);
  const { azure, cluster, judge, told, todo, violated } = there;
  const lastCrash = there.crashes.at(-1);
  const changes = () => judge.writes() + cluster.writes();

  function boot({ stale }: Partial<Restart>): void {
    process += 1;
    const self = process;
    const isAlive = () => self === process;
    quiet.clear();
    behind = false;
    const call = ((name, isWrite, carryOut) =>
      new Promise<unknown>((answer, refuse) => {
        if (isAlive()) pending.push({ name, isWrite, carryOut, answer, refuse });
      })) as CallOut;
    const cache = new ObjectCache(log, systemClock);
    for (const object of cluster.objects.values()) cache.put(object, { kind: 'all' });
    if (stale === 'object') {
      const object = cluster.stale;
      if (object !== undefined) cache.put(object, { kind: 'all' });
      behind = true;
      setTimeout(() => catchUp(cache), 2_000);
    }
    cluster.watch((object, gone) => {
      if (!isAlive()) return;
      quiet.clear();
      if (gone) cache.remove(object);
      else cache.put(object, { kind: 'older' });
    });
    const store = createStore(crashClient(call), cache);
    const namesakes = indexNamesakes(store);
    const facts = new Map<Key, Facts>();
    const ports = sabotage(
      {
        store,
        azure: { as: async () => ok(api) },
        clock,
        namesakes,
        random: () => 0,
        observer: (seen) => facts.set(keyOf(seen.object), seen),
        announce: (_object, occurrences) => {
          for (const { reason, note } of isAlive() ? occurrences : [])
            for (const one of toldBy(reason, note)) told.add(one);
        },
        settings: { clusterName: 'test', subscriptionId: undefined, maxConcurrentWrites: 8, seesAllOf: () => true },
      },
      there,
    );
    const api = crashApi(call, clock, stale === 'list' ? judge.lagging() : undefined);
    const controller = createController({
      store,
      namesakes,
      workers: 4,
      log,
      clock,
      meter: { passStarted: () => () => {}, queue: idleMeter },
      reconcile: async (key, retries, signal) => {
        facts.delete(key);
        quiet.delete(key);
        const before = changes();
        azure.settle();
        const moving = azure.isBusy();
        const next = await reconcile(key, retries, ports, signal);
        const { finding } = facts.get(key) ?? {};
        const waits = finding?.kind === 'observed' && (moving || isWaiting(finding));
        if (isAlive() && (next.kind === 'done' || (before === changes() && !waits))) {
          quiet.set(key, next.kind);
        }
        return next;
      },
    });
    void controller.run(new AbortController().signal);
  }

  function catchUp(cache: ObjectCache): void {
    behind = false;
    for (const [key, next] of quiet) if (next === 'look') quiet.delete(key);
    for (const object of cache.list()) {
      if (!cluster.objects.has(keyOf(object))) cache.remove(object);
    }
    for (const object of cluster.objects.values()) cache.put(object, { kind: 'older' });
  }

  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message, fields) => {
      const error = fields?.['error'];
      const conflict = error instanceof Error && error.message.includes('409'); // a stale object: tried again
      if (!conflict) violated(`${message}: ${error instanceof Error ? error.stack : String(error)}`);
    },
    isDebugEnabled: () => false,
  };

  async function takeTurn(call: Call): Promise<void> {
    calls.push(call.name);
    const point = (lastCrash?.point ?? 0) + calls.length;
    const writes = pending.filter(({ isWrite }) => isWrite);
    const mayDie = (moment: Moment) => {
      if (isMortal) deaths.push({ point, moment, remains: copyOf(there, stoppedAt(Date.now())), writes });
    };
    mayDie('before');
    const stages = todo.length;
    const answer = await carryOut(call, there).then(
      (value) => () => call.answer(value),
      (error: unknown) => () => call.refuse(error),
    );
    if (todo.length < stages) quiet.clear();
    mayDie('done');
    answer();
  }

  function nextStage(): boolean {
    const [stage] = todo;
    if (stage === undefined || !(stage.when === undefined ? isSettled() : stage.when(there))) return false;
    change(there);
    quiet.clear();
    return true;
  }

  function isSettled(): boolean {
    azure.settle();
    return (
      !behind && pending.length === 0 && !azure.isBusy() && [...cluster.objects.keys()].every((key) => quiet.has(key))
    );
  }

  async function untilSettled(): Promise<void> {
    for (let idle = 0; calls.length < maxCalls && idle < maxCalls; idle += 1) {
      await drained();
      if (nextStage()) continue;
      const call = pending.shift();
      if (call !== undefined) await takeTurn(call);
      else if (todo.length === 0 && isSettled()) return;
      else if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
      else vi.advanceTimersByTime(5_000); // only Azure is busy
    }
    violated('it never settles');
  }

  if (lastCrash === undefined) todo.shift()?.change(there);
  boot(lastCrash?.restart ?? {});
  await untilSettled();
  const calmed = calls.length;
  // Repairs and changes count anew after ten minutes of health, which status says; the rest is as it was.
  isMortal = false;
  process += 1;
  skip(3_600_000);
  boot({});
  await untilSettled();
  // A process that knows nothing finds nothing to do.
  const before = { changes: changes(), calls: calls.length };
  process += 1;
  skip(3_600_000);
  boot({});
  await untilSettled();
  if (changes() !== before.changes) violated(`wrote at rest: ${calls.slice(before.calls).join()}`);
  process += 1;
  skip(0);
  return {
    calls: calls.slice(0, calmed),
    deaths,
    journal: judge.journal,
    violations: there.violations,
    told,
    end: { objects: [...cluster.objects.values()], replicas: [...azure.replicas.values()], timeMs: Date.now() },
  };
}

/** Forgets all timers, which sets vitest's clock back, and goes on later. */
function skip(ms: number): void {
  const now = Date.now();
  vi.clearAllTimers();
  vi.setSystemTime(now + ms);
}

/** Resolves when all has gone on that can go on without a call or the passing of time. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isWaiting({ desired, accounts }: Observed): boolean {
  if (desired.mode === 'Observe') return false;
  return accounts.some(({ decision, course }) => {
    const ends = course?.kind === 'drained' && course.until.getTime() - Date.now() < awaitedMs;
    return ends || waiting.has(decision?.kind ?? 'keep');
  });
}

function toldBy(reason: string, note: string): string[] {
  if (reason === 'Stalled') return [`${reason} ${note.split(':')[0]}`];
  const sentences = note.matchAll(/([a-z0-9]+(?:, [a-z0-9]+)*): /g);
  return [...sentences].flatMap(([, regions = '']) => regions.split(', ').map((region) => `${reason} ${region}`));
}

const idleMeter = { added: () => {}, retried: () => {}, depth: () => {}, taken: () => {}, finished: () => {} };

/** What status says of a region without the times in it. */
function withoutMoments(entry: ReplicaStatus): unknown {
  const { provisionedTime, notBefore: _, error, ...rest } = entry;
  const kept = { ...rest, since: '', provisioned: provisionedTime !== undefined };
  return error === undefined ? kept : { ...kept, error: { ...error, since: '' } };
}

/** The end of a run without the times in it. */
export function withoutTimes({ objects, replicas }: Start): unknown {
  return {
    replicas: replicas.toSorted((a, b) => (a.region < b.region ? -1 : 1)),
    objects: objects.map(({ metadata, spec, status }) => ({
      key: keyOf({ metadata }),
      finalizers: metadata.finalizers,
      spec,
      status: {
        ...status,
        conditions: status?.conditions?.map((condition) => ({ ...condition, lastTransitionTime: '' })),
        replicas: status?.replicas?.map(withoutMoments),
      },
    })),
  };
}
