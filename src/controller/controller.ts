import { finalizer, type RegistryReplication } from '../api/registryreplication.ts';
import { holdsClaim } from '../domain/claims.ts';
import { type Key, keyOf } from '../domain/key.ts';
import { recreateOf, requestOf } from '../domain/memory.ts';
import { urgencyOf } from '../domain/urgency.ts';
import type { Log } from '../ports/log.ts';
import { type CacheChange, KubernetesFailure, type Store } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import { turnOfLoop } from '../time/turn-of-loop.ts';
import { lanesOf } from './lanes.ts';
import type { Namesakes } from './namesakes.ts';
import type { Next } from './reconcile.ts';
import { type QueueMeter, type Rank, WorkQueue } from './workqueue.ts';

/** How long a running pass may go on after a stop was asked for, so that it can write down what Azure accepted. */
const graceMs = 8_000;
/**
 * How long an object that another operator has begun with is left alone, so that the other's running requests can end:
 * Azure takes about 1 s to accept one. A lease leaves as much time between its holders.
 */
const takeOverMs = 5_000;
/**
 * Pause after a pass that ended in an exception (a refused write to Kubernetes, or a bug), doubled with each in a row.
 */
const backoffMs = { first: 1_000, last: 60_000 } as const;
/** Pause after the first pass that met an edit: time for the watch to bring what was edited. */
const afterEditMs = 100;

/** Objects that are put into the queue at the start before other work is let in: about a millisecond. */
const addedAtOnce = 500;

/** Takes what the controller tells about itself, for metrics. */
export interface Meter {
  /** Called when a pass starts. The function that it returns is called when the pass ends. */
  passStarted(): (result: 'success' | 'requeue_after' | 'error') => void;
  readonly queue: QueueMeter;
}

export interface ControllerOptions {
  readonly store: Store;
  readonly namesakes: Namesakes;
  /** Makes one pass over an object; `retries` passes in a row have failed before. */
  readonly reconcile: (key: Key, retries: number, signal: AbortSignal) => Promise<Next>;
  /** How many passes run at once, each over another object. */
  readonly workers: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly meter: Meter;
}

export interface Controller {
  /**
   * Works until `signal` aborts, then lets running passes end within 8 s. An abort of `lost` stops running passes at
   * once. Resolves to false when passes were cut off. Call it once, when the cache is complete: the controller is idle
   * until then.
   */
  run(signal: AbortSignal, lost?: AbortSignal): Promise<boolean>;
  /** Asks for a pass, because something has changed that the object depends on and that is not in it. */
  lookAt(key: Key): void;
  /** Milliseconds that the longest running pass has taken so far; 0 when none is running. */
  longestPassMs(): number;
}

/** Puts objects that change into a queue, and lets workers make passes over them. */
export function createController(options: ControllerOptions): Controller {
  const { store, namesakes, workers, log, clock, meter } = options;
  /**
   * Ranks of objects seen before run(), while they are at hand: to read ten thousand of them again would take 0.3 s. One that
   * waits to lead keeps them, some 200 bytes each.
   */
  const early = new Map<Key, Rank>();
  const rank = (key: Key): Rank => early.get(key) ?? rankOf(store.get(key));
  const queue = new WorkQueue(rank, meter.queue, clock);
  let running = false;

  store.onChange((key, change) => {
    early.delete(key);
    if (!running) {
      if (change.current !== undefined) early.set(key, rankOf(change.current)); // run() adds all objects
      return;
    }
    if (needsPass(change)) queue.add(key, isTakenOver(change) ? takeOverMs : 0);
    if (movesClaim(change)) lookAtRivals(key, change.previous);
  });
  // Whatever changes of a claim that another operator's object has.
  store.others?.onChange((key, { previous }) => {
    if (running) lookAtRivals(key, previous);
  });

  /** The others about this one's registry may have it now, or may have lost it, and need not wait for their interval. */
  function lookAtRivals(key: Key, claimant: RegistryReplication | undefined): void {
    for (const rival of claimant === undefined ? [] : namesakes(claimant.spec.registry.name)) {
      if (keyOf(rival) !== key && store.get(keyOf(rival)) !== undefined) queue.add(keyOf(rival));
    }
  }

  /** Adds all objects, and lets other work in between: 10,000 at once would block the process for 0.1 s. */
  async function addAll(): Promise<void> {
    let added = 0;
    const keys = [...store.keys()]; // of what comes meanwhile the listener hears
    for (const key of keys) {
      queue.add(key);
      added += 1;
      if (added % addedAtOnce === 0) await turnOfLoop();
    }
    early.clear();
  }

  async function runWorker(signal: AbortSignal): Promise<void> {
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      await pass(key, signal);
      await turnOfLoop(); // thousands of passes that only wait their turn would run without any I/O in between
    }
  }

  async function pass(key: Key, signal: AbortSignal): Promise<void> {
    const ended = meter.passStarted();
    const retries = queue.retries(key);
    try {
      const next = await options.reconcile(key, retries, signal);
      const failed = next.kind === 'look' && next.failed;
      ended(failed ? 'requeue_after' : 'success');
      queue.done(key, { failed, inMs: next.kind === 'look' ? next.inMs : undefined });
    } catch (error) {
      const inMs = Math.min(backoffMs.first * 2 ** Math.min(retries, 20), backoffMs.last);
      if (isEdit(error)) {
        ended('requeue_after');
        log.debug('the object was edited during the pass', { object: key });
        return queue.done(key, { failed: true, inMs: retries === 0 ? afterEditMs : inMs });
      }
      ended('error');
      if (!signal.aborted) log.error('pass failed', { object: key, retryInMs: inMs, error });
      queue.done(key, { failed: true, inMs });
    }
  }

  return {
    async run(signal, lost) {
      running = true;
      const hard = new AbortController();
      const finishPasses = () => {
        queue.close();
        setTimeout(() => hard.abort(), graceMs).unref();
      };
      if (signal.aborted) finishPasses();
      signal.addEventListener('abort', finishPasses, { once: true });
      const dropPasses = () => {
        queue.close();
        hard.abort(lost?.reason);
      };
      if (lost?.aborted) dropPasses();
      lost?.addEventListener('abort', dropPasses, { once: true });
      await addAll(); // before the first is handed out, or a subscription that hangs and comes first would take most workers
      await Promise.all(Array.from({ length: workers }, () => runWorker(hard.signal)));
      return !hard.signal.aborted;
    },
    lookAt(key) {
      if (running) queue.add(key);
    },
    longestPassMs: () => queue.longestWorkMs(),
  };
}

function rankOf(object: RegistryReplication | undefined): Rank {
  return { urgency: urgencyOf(object), lanes: lanesOf(object) };
}

/**
 * Whether another operator had begun with an object that this one sees for the first time: somebody has given it the
 * label of this operator's shard.
 */
function isTakenOver({ previous, current }: CacheChange): boolean {
  if (previous !== undefined || current === undefined) return false;
  return current.status !== undefined || (current.metadata.finalizers?.includes(finalizer) ?? false);
}

/** Whether Kubernetes refused a write because somebody edited or deleted the object after this pass had read it. */
function isEdit(error: unknown): boolean {
  return error instanceof KubernetesFailure && (error.status === 409 || error.status === 404);
}

/** Whether a change is a reason for a pass. Own writes of the status and of labels are none. */
function needsPass({ previous, current }: CacheChange): boolean {
  if (current === undefined || previous === undefined) return true;
  return fingerprint(previous) !== fingerprint(current);
}

/** Whether an object that was there before claims its registry no more, or claims it only now. */
function movesClaim({ previous, current }: CacheChange): boolean {
  if (previous === undefined) return false;
  return current?.metadata.uid !== previous.metadata.uid || isClaim(current) !== isClaim(previous);
}

function isClaim(object: RegistryReplication): boolean {
  return object.spec.mode !== 'Observe' && holdsClaim(object);
}

/** What of an object is a reason for a pass when it changes. */
function fingerprint(object: RegistryReplication): string {
  const { uid, generation, deletionTimestamp } = object.metadata;
  return `${uid} ${generation} ${deletionTimestamp} ${requestOf(object)} ${recreateOf(object)}`;
}
