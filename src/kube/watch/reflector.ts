import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import { deadline } from '../../time/deadline.ts';
import type { KubeClient } from '../http/client.ts';
import { fromStatus, KubeError, requestTitle } from '../http/error.ts';
import { type Backoff, pauseAfter } from './backoff.ts';
import { Mirror, type Seen, type Sink } from './mirror.ts';
import { type KubeObject, parseObject } from './object.ts';
import { bookmarkOf, pageOf, parseEvent } from './watch-event.ts';
import { pageQuery, reachedQuery, type Selector, watchQuery } from './watch-request.ts';

export interface ReflectorOptions<T> extends Selector {
  readonly client: KubeClient;
  /** Path of the collection: `/apis/<group>/<version>[/namespaces/<namespace>]/<plural>`. */
  readonly path: string;
  readonly sink: Sink<T>;
  readonly log: Log;
  readonly clock: Clock;
  /**
   * A watch that is silent for longer is given up. Default 90 000, because the server sends a bookmark every minute.
   */
  readonly stallMs?: number;
  /**
   * A WatchList whose initial events stop for this long without the bookmark that ends them is given up for a paged
   * list: some proxies and older servers drop that bookmark. After six times as long it is given up in any case, because
   * new objects look like initial events. Default 10 000.
   */
  readonly initialMs?: number;
  /**
   * A watch that ends later than this after the last full sync is followed by the next full sync, which finds what a
   * watch has lost and what a restore from a backup has changed. Default 600 000, which costs one list every 10 to 20
   * minutes.
   */
  readonly fullSyncMs?: number;
  /** Pauses after failures. Default 500 and 30 000. */
  readonly backoff?: Backoff;
  /** Gives numbers from 0 to 1, which spread pauses and the ends of watches over time. Default Math.random. */
  readonly random?: () => number;
  /** Called once, when the first full sync is complete. */
  readonly onSynced?: () => void;
  /** Called each time the server has accepted a watch. */
  readonly onWatching?: () => void;
  /** Called when a watch or list has failed; the next attempt follows after a pause. */
  readonly onInterrupted?: (error: unknown) => void;
}

/**
 * A session that ends sooner and has heard nothing counts as failed, even without an error. One that fails sooner
 * counts as failed again. Otherwise sessions could be a hot loop.
 */
const shortestSessionMs = 1_000;

/** The same failure is a warning again when it has lasted this long since the last one. */
const remindMs = 600_000;

/** Why a collection is not watched at the moment. */
export interface Interruption {
  readonly error: KubeError;
  /** When sessions began to fail with this status and reason, by the monotonic clock. */
  readonly sinceMs: number;
}

/** Thrown when a WatchList does not say that its initial events are over. */
class EndlessInitialEvents extends Error {
  constructor() {
    super('the initial events did not end with a bookmark');
    this.name = 'EndlessInitialEvents';
  }
}

/**
 * Follows one collection for as long as the process lives. A full sync is a WatchList, or a paged list where the server
 * has none. A watch that ends or breaks goes on from the last version seen. The next full sync comes when that version
 * is gone, when something arrives that cannot be true, and now and then. Each full sync is a consistent read, which a
 * server answers from the past only after it was restored from a backup; that is believed when a second full sync says
 * the same.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #mirror: Mirror<T>;
  /** When the last full sync was complete, by the monotonic clock. */
  #syncedMs = 0;
  /** True after a session that failed: the server that answers next may be another one. */
  #interrupted = false;
  /** True after a WatchList that ended before it was complete: the next full sync is a paged list. */
  #listNext = false;
  /** True once a WatchList was refused or did not end: this server, or a proxy before it, has none. */
  #hasNoWatchList = false;
  /** Whether the server has said anything in this session. */
  #heard = false;
  #lastContact: Date | undefined;
  #interruption: Interruption | undefined;
  /** The failure that was last told as a warning, and when by the monotonic clock. */
  #told: { readonly failure: string; readonly atMs: number } | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#mirror = new Mirror(options.sink, options.log);
  }

  /** True once the collection was seen completely; stays true while disconnected. */
  isSynced(): boolean {
    return this.#mirror.isSynced;
  }

  /** When the server last said anything; that it accepts a watch says nothing, for whoever answers 200 does that. */
  lastContact(): Date | undefined {
    return this.#lastContact;
  }

  /** Why the collection is not watched at the moment. Undefined: it is, or nothing has failed yet. */
  interruption(): Interruption | undefined {
    return this.#interruption;
  }

  /**
   * Holds one session after the other, with pauses after failures. Resolves after `signal` aborts, and never rejects.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onInterrupted } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const isLong = (): boolean => clock.monotonicMs() - startedMs >= shortestSessionMs;
      let error: unknown;
      this.#heard = false;
      try {
        await this.#session(signal);
        if (this.#heard || isLong()) {
          failures = 0;
          continue;
        }
      } catch (thrown) {
        if (signal.aborted) return;
        error = thrown;
        this.#learnFrom(error);
      }
      if (error !== undefined) onInterrupted?.(error);
      failures = this.#heard && isLong() ? 1 : failures + 1;
      const nextInMs = this.#nextInMs(failures, error);
      this.#tell(error, nextInMs);
      await delay(nextInMs, undefined, { signal }).catch(() => {});
    }
  }

  /** One watch until it ends, with a full sync before it if one is due. */
  async #session(signal: AbortSignal): Promise<void> {
    const { fullSyncMs = 600_000, log, clock, path } = this.#options;
    const mirror = this.#mirror;
    if (clock.monotonicMs() - this.#syncedMs >= fullSyncMs) mirror.distrust();
    if (mirror.isCurrent && this.#interrupted) await this.#checkReached(signal);
    if (!mirror.isCurrent) {
      if (!this.#listNext && !this.#hasNoWatchList) {
        try {
          await this.#watch(undefined, signal);
          return;
        } catch (error) {
          if (!isWithoutWatchList(error) || mirror.isCurrent) throw error;
          this.#hasNoWatchList = true;
          log.info('no WatchList here, using list and watch', { path, because: String(error) });
        }
      }
      this.#listNext = false;
      await this.#list(signal);
    }
    await this.#watch(String(mirror.newest), signal);
  }

  /**
   * One GET. Throws when the server has not reached the newest version seen: it would accept a watch from that version,
   * and be silent until it reaches it.
   */
  async #checkReached(signal: AbortSignal): Promise<void> {
    const { client, clock, path } = this.#options;
    await client.call({ path, query: reachedQuery(this.#options, this.#mirror.newest) }, signal);
    this.#lastContact = clock.now();
  }

  async #watch(from: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, path, stallMs = 90_000, random = Math.random, onWatching } = this.#options;
    const request = requestTitle('WATCH', path);
    using stall = deadline(
      signal,
      stallMs,
      () => new KubeError({ request, status: 0, reason: 'Timeout', message: `silent for ${stallMs / 1000} s` }),
    );
    const query = watchQuery(this.#options, from, random());
    const endless = new AbortController();
    const events = await client.watch({ path, query }, AbortSignal.any([stall.signal, endless.signal]));
    this.#listNext = from === undefined;
    this.#interrupted = false;
    this.#interruption = undefined;
    onWatching?.();
    using initial = from === undefined ? this.#beginInitial(endless, signal) : undefined;
    for await (const line of events) {
      const { type, object } = parseEvent(line, request);
      if (type === 'ERROR') throw fromStatus(request, 0, object);
      stall.refresh();
      this.#contact();
      if (type === 'BOOKMARK') this.#reach(bookmarkOf(object, request), initial);
      else this.#take(type, object, initial);
    }
  }

  /** Begins to collect the initial events of a WatchList; `endless` is aborted when they do not end in time. */
  #beginInitial(endless: AbortController, signal: AbortSignal): InitialEvents<T> {
    const { clock, initialMs = 10_000 } = this.#options;
    const lull = deadline(signal, initialMs, () => new EndlessInitialEvents());
    lull.signal.addEventListener('abort', () => endless.abort(lull.signal.reason), { once: true });
    const endsMs = clock.monotonicMs() + 6 * initialMs;
    return {
      seen: new Map(),
      isOver: false,
      progress() {
        if (clock.monotonicMs() > endsMs) throw new EndlessInitialEvents();
        lull.refresh();
      },
      [Symbol.dispose]() {
        this.isOver = true;
        lull[Symbol.dispose]();
      },
    };
  }

  #reach({ version, annotations }: ReturnType<typeof bookmarkOf>, initial: InitialEvents<T> | undefined): void {
    if (initial === undefined || initial.isOver) this.#mirror.reached(version);
    else if (annotations['k8s.io/initial-events-end'] === 'true') {
      initial[Symbol.dispose]();
      this.#complete(initial.seen, version);
    }
  }

  /** Takes one event about an object. What has changed since the initial events may come before the end of them. */
  #take(type: string, object: unknown, initial: InitialEvents<T> | undefined): void {
    const current = this.#parse(object);
    if (current === undefined) return;
    if (initial === undefined || initial.isOver) {
      if (type === 'DELETED') this.#mirror.remove(current);
      else this.#mirror.put(current);
      return;
    }
    if (type === 'ADDED') initial.progress();
    if (type === 'DELETED') this.#mirror.uncollect(current, initial.seen);
    else this.#mirror.collect(current, initial.seen);
  }

  /** One GET per 500 objects. */
  async #list(signal: AbortSignal): Promise<void> {
    const { client, path } = this.#options;
    const request = requestTitle('LIST', path);
    const seen: Seen<T> = new Map();
    let next: string | undefined;
    do {
      const page = pageOf(await client.call({ path, query: pageQuery(this.#options, next) }, signal), request);
      this.#contact();
      for (const item of page.items) {
        const current = this.#parse(item);
        if (current !== undefined) this.#mirror.collect(current, seen);
      }
      next = page.continue;
      if (!next) this.#complete(seen, page.version);
    } while (next);
  }

  #complete(seen: Seen<T>, version: bigint): void {
    const isFirst = !this.#mirror.isSynced;
    this.#mirror.complete(seen, version);
    this.#listNext = false;
    this.#syncedMs = this.#options.clock.monotonicMs();
    if (isFirst) this.#options.onSynced?.();
  }

  #parse(raw: unknown): T | undefined {
    const parsed = parseObject(raw);
    if (parsed === undefined)
      this.#options.log.warn('watch sent something that is no object', { path: this.#options.path });
    return parsed as T | undefined;
  }

  #contact(): void {
    this.#heard = true;
    this.#told = undefined;
    this.#lastContact = this.#options.clock.now();
  }

  #learnFrom(error: unknown): void {
    this.#interrupted = true;
    if (!(error instanceof KubeError)) return;
    const before = this.#interruption;
    const isSame = before?.error.status === error.status && before.error.reason === error.reason;
    this.#interruption = { error, sinceMs: isSame ? before.sinceMs : this.#options.clock.monotonicMs() };
    if (error.versionTooLarge) this.#mirror.distrust('rewound');
    // 404 means that the CRD is gone with all its objects; one that is made anew has a history of its own.
    if (error.status === 410 || error.status === 404) this.#mirror.distrust();
  }

  /** Warns of a failure; while the same failure repeats, only now and then. */
  #tell(error: unknown, nextInMs: number): void {
    const { log, clock, path, fieldSelector } = this.#options;
    const failure = error instanceof KubeError ? `${error.status} ${error.reason}` : String(error);
    const atMs = clock.monotonicMs();
    const isRepeated = this.#told?.failure === failure && atMs - this.#told.atMs < remindMs;
    if (!isRepeated) this.#told = { failure, atMs };
    log[isRepeated ? 'debug' : 'warn']('watch interrupted, will go on', {
      path,
      fieldSelector,
      error,
      pauseMs: Math.round(nextInMs),
    });
  }

  #nextInMs(count: number, error: unknown): number {
    const { backoff = { firstMs: 500, maxMs: 30_000 }, random = Math.random } = this.#options;
    const askedMs = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    return pauseAfter({ count, askedMs }, backoff, random());
  }
}

/** The initial events of one WatchList, until the bookmark that ends them. Dispose it, or its timer stays. */
interface InitialEvents<T> extends Disposable {
  readonly seen: Seen<T>;
  isOver: boolean;
  /** An initial event has come. Throws when they have lasted for too long. */
  progress(): void;
}

/** Whether a WatchList failed because the server has none. */
function isWithoutWatchList(error: unknown): boolean {
  if (error instanceof EndlessInitialEvents) return true;
  return error instanceof KubeError && (error.status === 400 || error.status === 422);
}
