import { vi } from 'vitest';
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
import { modelAzure } from '../../support/model-azure.ts';
import { type CallOut, crashAzure } from './azure.ts';
import { crashClient, crashCluster } from './cluster.ts';
import type { Crash, Memo, Outside, Restart, Run, Sabotage, Stage, Start } from './run.ts';

interface Call {
  readonly name: string;
  readonly isWrite: boolean;
  readonly carryOut: () => unknown;
  readonly answer: (value: unknown) => void;
  readonly refuse: (error: unknown) => void;
}

const callMs = 20;
const maxCalls = 1_000;
const waiting: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'verify', 'wait', 'pause']);

/**
 * One run of the real controller and the real pass from `start` through all stages until nothing moves any more. Each
 * call of it is carried out alone, in the order in which they were made; time moves only in between. Needs vitest's fake
 * timers for setTimeout, performance and Date.
 */
export async function crashRun(
  start: Start,
  stages: readonly Stage[],
  crashes: readonly Crash[] = [],
  { sabotage = (ports) => ports, memo }: { readonly sabotage?: Sabotage; readonly memo?: Memo } = {},
): Promise<Run> {
  const violations: string[] = [];
  const misled = crashes.some(({ restart }) => restart.stale === 'object');
  const violated = (what: string) => {
    // Who sees an older status dates the same change anew: no harm.
    if (!misled || !what.includes('lastTransitionTime')) violations.push(what);
  };
  const told = new Set<string>();
  const calls: { name: string; writesBeside: number }[] = [];
  const pending: Call[] = [];
  const quiet = new Map<Key, Next['kind']>(); // their last pass changed nothing and waits for nothing
  const todo = [...stages];
  let process = 0; // the one that lives
  let fingerprint: string | undefined; // once the last crash is over
  let behind = false; // what it knows is old

  skip(start.timeMs - Date.now());
  const clock = systemClock;
  const azure = modelAzure(() => Date.now(), start.replicas);
  const cluster = crashCluster(start.objects, clock.now, violated);
  const judge = crashAzure(azure, cluster, violated);
  const outside: Outside = { cluster, azure };
  const changes = () => judge.writes() + cluster.writes();

  function boot({ stale }: Pick<Restart, 'stale'>): void {
    process += 1;
    const self = process;
    const isAlive = () => self === process;
    quiet.clear();
    behind = false;
    const call = ((name, isWrite, carryOut) =>
      new Promise<unknown>((answer, refuse) => {
        if (isAlive()) pending.push({ name, isWrite, carryOut, answer, refuse });
      })) as CallOut;
    const cache = new ObjectCache(log);
    for (const object of cluster.objects.values()) cache.put(object, { kind: 'all' });
    if (stale === 'object') {
      const object = cluster.stale();
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
    const store = createStore(
      crashClient(cluster, (name, carryOut) => call(name, true, carryOut)),
      cache,
    );
    const namesakes = indexNamesakes(store);
    const facts = new Map<Key, Facts>();
    const ports = sabotage({
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
    });
    const api = judge.connect(call, clock, stale === 'list');
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

  async function carryOut(call: Call): Promise<() => void> {
    if (call.isWrite) vi.advanceTimersByTime(callMs);
    try {
      const value = await call.carryOut();
      if (todo[0]?.when !== undefined) nextStage();
      return () => call.answer(value);
    } catch (error) {
      if (error instanceof Error && error.name !== 'KubeError') violated(error.message);
      return () => call.refuse(error);
    }
  }

  async function die(call: Call, { moment, others, restart }: Crash): Promise<void> {
    const answer = moment === 'before' ? undefined : await carryOut(call);
    process += 1; // whatever it still calls is not heard
    if (moment === 'answered') answer?.();
    const writes = pending.splice(0).filter(({ isWrite }) => isWrite);
    for (const [i, other] of writes.entries()) if ((others >> i) & 1) await carryOut(other);
    await drained();
    skip(restart.afterMs);
    boot(restart);
    if (crashes.at(-1)?.point === calls.length) fingerprint = memo && fingerprintAt(restart);
  }

  function fingerprintAt({ stale }: Restart): string {
    azure.settle();
    const seen = stale === 'object' ? cluster.stale() : stale === 'list' ? [...(judge.lagging() ?? [])] : undefined;
    return JSON.stringify([
      [Date.now(), stale, seen, todo.length, crashes.map(({ restart }) => restart)],
      [...cluster.objects],
      [...azure.replicas],
      [...azure.courses],
      [...azure.fates],
      [[...judge.journal], [...told].sort(), violations, [...cluster.everListed]],
    ]);
  }

  function nextStage(): boolean {
    const [stage] = todo;
    if (stage === undefined || !(stage.when === undefined ? isSettled() : stage.when(outside))) return false;
    todo.shift();
    azure.settle();
    stage.change(outside);
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
      if (fingerprint !== undefined && memo?.has(fingerprint)) return;
      const call = pending.shift();
      if (call !== undefined) {
        calls.push({ name: call.name, writesBeside: pending.filter(({ isWrite }) => isWrite).length });
        const crash = crashes.find(({ point }) => point === calls.length);
        if (crash === undefined) (await carryOut(call))();
        else await die(call, crash);
      } else if (todo.length === 0 && isSettled()) return;
      else if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
      else vi.advanceTimersByTime(5_000); // only Azure is busy
    }
    violated('it never settles');
  }

  todo.shift()?.change(outside);
  boot({});
  await untilSettled();
  const twin = fingerprint === undefined ? undefined : memo?.get(fingerprint);
  if (twin !== undefined) return { ...twin, known: true };
  // A process that knows nothing finds nothing to do.
  const before = { changes: changes(), calls: calls.length };
  process += 1;
  skip(3_600_000);
  boot({});
  await untilSettled();
  if (changes() !== before.changes) {
    const names = calls.slice(before.calls).map(({ name }) => name);
    violated(`wrote at rest: ${names.join()}`);
  }
  process += 1;
  skip(0);
  const run: Run = {
    known: false,
    calls: calls.slice(crashes.at(-1)?.point ?? 0, before.calls),
    journal: judge.journal,
    violations,
    told,
    end: { objects: [...cluster.objects.values()], replicas: [...azure.replicas.values()], timeMs: Date.now() },
  };
  if (fingerprint !== undefined) memo?.set(fingerprint, run);
  return run;
}

/** Forgets all timers, which sets vitest's clock back, and goes on later. */
function skip(ms: number): void {
  const now = Date.now();
  vi.clearAllTimers();
  vi.setSystemTime(now + ms);
}

/** All that can go on without a call or the passing of time has gone on. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isWaiting({ desired, accounts }: Observed): boolean {
  return desired.mode !== 'Observe' && accounts.some(({ decision }) => waiting.has(decision?.kind ?? 'keep'));
}

function toldBy(reason: string, note: string): string[] {
  if (reason === 'Stalled') return [`${reason} ${note.split(':')[0]}`];
  const sentences = note.matchAll(/([a-z0-9]+(?:, [a-z0-9]+)*): /g);
  return [...sentences].flatMap(([, regions = '']) => regions.split(', ').map((region) => `${reason} ${region}`));
}

const idleMeter = { added: () => {}, retried: () => {}, depth: () => {}, taken: () => {}, finished: () => {} };

/** What an end looks like but for the times in it. */
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
        replicas: status?.replicas?.map((entry) => ({ ...entry, since: '' })),
      },
    })),
  };
}
