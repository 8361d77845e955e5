import { finalizer, type RegistryReplication } from '../api/registryreplication.ts';
import { type Key, keyOf } from '../domain/key.ts';
import { requestOf } from '../domain/memory.ts';
import type { Log } from '../ports/log.ts';
import type { CacheChange, Store } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import type { Namesakes } from './namesakes.ts';
import type { Next } from './reconcile.ts';
import { type QueueMeter, WorkQueue } from './workqueue.ts';

/** How long a pass may go on after stop was asked for, so that what Azure accepted is written down. */
const graceMs = 8_000;
/** For what the other operator has in hand, as Azure takes a second to accept a request: so much does a lease leave, too. */
const takeOverMs = 5_000;
/** Between passes that end in an exception, doubled each time: a refused write to Kubernetes, or a bug. */
const backoffMs = { first: 1_000, last: 60_000 } as const;

export interface Meter {
  /** Called when a pass starts; what it returns, when it ends. */
  passStarted(): (result: 'success' | 'requeue_after' | 'error') => void;
  readonly queue: QueueMeter;
}

export interface ControllerOptions {
  readonly store: Store;
  readonly namesakes: Namesakes;
  readonly reconcile: (key: Key, retries: number, signal: AbortSignal) => Promise<Next>;
  /** Passes at once; one object is never in two. */
  readonly workers: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly meter: Meter;
}

export interface Controller {
  /**
   * Works until `signal` aborts, then finishes the passes in hand. An abort of `lost` ends these at once, too. False: some
   * were cut off. Call it once, when the cache is complete; until then nothing is done.
   */
  run(signal: AbortSignal, lost?: AbortSignal): Promise<boolean>;
  /** Soon, because something outside the object that it depends on has changed. */
  lookAt(key: Key): void;
  /** Milliseconds that the longest running pass has taken; for the liveness probe. */
  longestPassMs(): number;
}

/** Watch, queue, workers. */
export function createController(options: ControllerOptions): Controller {
  const { store, namesakes, workers, log, clock, meter } = options;
  const queue = new WorkQueue(meter.queue, clock);
  let running = false;

  store.onChange((key, change) => {
    if (!running) return; // run() looks at all of them
    if (needsPass(change)) queue.add(key, isTakenOver(change) ? takeOverMs : 0);
    if (change.current !== undefined || change.previous === undefined) return;
    // Whoever is next in line for the registry need not wait for its interval.
    for (const heir of namesakes(change.previous.spec.registry.name)) queue.add(keyOf(heir));
  });

  async function runWorker(signal: AbortSignal): Promise<void> {
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      await pass(key, signal);
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
      ended('error');
      const inMs = Math.min(backoffMs.first * 2 ** Math.min(retries, 20), backoffMs.last);
      if (!signal.aborted) log.error('pass failed', { object: key, retryInMs: inMs, error });
      queue.done(key, { failed: true, inMs });
    }
  }

  return {
    async run(signal, lost) {
      running = true;
      for (const object of store.list()) queue.add(keyOf(object));
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
      await Promise.all(Array.from({ length: workers }, () => runWorker(hard.signal)));
      return !hard.signal.aborted;
    },
    lookAt(key) {
      if (running) queue.add(key);
    },
    longestPassMs: () => queue.longestWorkMs(),
  };
}

/** Seen for the first time, and another operator has begun with it: it has got the label of this one's shard. */
function isTakenOver({ previous, current }: CacheChange): boolean {
  if (previous !== undefined || current === undefined) return false;
  return current.status !== undefined || (current.metadata.finalizers?.includes(finalizer) ?? false);
}

/** Own status writes and other bookkeeping are no reason to look. */
function needsPass({ previous, current }: CacheChange): boolean {
  if (current === undefined || previous === undefined) return true;
  return fingerprint(previous) !== fingerprint(current);
}

function fingerprint(object: RegistryReplication): string {
  const { uid, generation, deletionTimestamp } = object.metadata;
  return `${uid} ${generation} ${deletionTimestamp} ${requestOf(object)}`;
}
