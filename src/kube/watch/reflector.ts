import { setTimeout as delay } from 'node:timers/promises';
import type { Key } from '../../domain/key.ts';
import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import { deadline } from '../../time/deadline.ts';
import type { KubeClient } from '../http/client.ts';
import { fromStatus, KubeError, requestTitle } from '../http/error.ts';
import { Mirror, type Sink } from './mirror.ts';
import { type KubeObject, parseObject } from './object.ts';
import { bookmark, type ListPage, parseEvent } from './watch-event.ts';

export interface ReflectorOptions<T> {
  readonly client: KubeClient;
  /** Of the collection: `/apis/<group>/<version>[/namespaces/<namespace>]/<plural>`. */
  readonly path: string;
  readonly labelSelector?: string | undefined;
  /** With `metadata.name=<name>` a Role that names the object is enough. */
  readonly fieldSelector?: string;
  readonly sink: Sink<T>;
  readonly log: Log;
  readonly clock: Clock;
  /** A watch that says nothing for so long is given up. Default 90 000: the server sends a bookmark every minute. */
  readonly stallMs?: number;
  /**
   * A watch that ends later than this after the last full sync is followed by the next one, which finds what a watch
   * has lost or a server restored from a backup has changed behind it. Default 600 000: costs one list every 10 to 20 min.
   */
  readonly fullSyncMs?: number;
  /** Pauses after failures: half to the whole of first, 2 × first, … up to max. Default 500 and 30 000. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  /** From 0 to 1: spreads pauses and the ends of watches, so that many clients do not come back at once. Default Math.random. */
  readonly random?: () => number;
  readonly onSynced?: () => void;
  /** The server has accepted a watch. */
  readonly onWatching?: () => void;
  /** A watch or list has failed; it is tried again after a pause. */
  readonly onInterrupted?: (error: unknown) => void;
}

const pageSize = 500;
/** A session that ends sooner than this counts as failed, or as failed again: else it would be a hot loop. */
const shortestWatchMs = 1_000;
/** The server ends a watch after 300 to 600 s, so that reconnecting clients spread over its replicas. */
const watchSeconds = { from: 300, to: 600 } as const;

/**
 * Follows one collection for as long as the process lives. WatchList where the server has it, else paged list and
 * watch; a watch that ends or breaks goes on from the last version seen; a full sync when that version is gone, when
 * what comes cannot be true, and now and then. Each full sync is a consistent read: no server answers it from the past
 * unless it was restored from a backup, which is believed the second time.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #mirror: Mirror<T>;
  #syncedMs = 0;
  /** The last session failed: the server may be another one by now. */
  #interrupted = false;
  /** The last WatchList ended before it was complete: use the paged list once. */
  #listNext = false;
  #heard = false;
  #lastContact: Date | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#mirror = new Mirror(options.sink, options.log);
  }

  /** True once the collection was seen completely; stays true while disconnected. */
  isSynced(): boolean {
    return this.#mirror.isSynced;
  }

  /** When the server last said anything. */
  lastContact(): Date | undefined {
    return this.#lastContact;
  }

  /** Resolves after `signal` aborts, never before, and never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, clock, path, fieldSelector, onInterrupted } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const isLong = (): boolean => clock.monotonicMs() - startedMs >= shortestWatchMs;
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
      const pauseMs = this.#pauseMs(failures, error);
      log.warn('watch interrupted, will go on', { path, fieldSelector, error, pauseMs: Math.round(pauseMs) });
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const { fullSyncMs = 600_000, log, clock, path } = this.#options;
    const mirror = this.#mirror;
    if (clock.monotonicMs() - this.#syncedMs >= fullSyncMs) mirror.distrust();
    if (mirror.isCurrent && this.#interrupted) await this.#checkReached(signal);
    if (!mirror.isCurrent) {
      if (!this.#listNext) {
        try {
          await this.#watch(undefined, signal);
          return;
        } catch (error) {
          const refused = error instanceof KubeError && (error.status === 400 || error.status === 422);
          if (!refused || mirror.isCurrent) throw error;
          log.info('no WatchList here, using list and watch', { path, error });
        }
      }
      this.#listNext = false;
      await this.#list(signal);
    }
    await this.#watch(String(mirror.newest), signal);
  }

  /** A server that has not reached a version accepts a watch from there, and is silent until it has. A list it refuses. */
  async #checkReached(signal: AbortSignal): Promise<void> {
    const { client, path } = this.#options;
    const resourceVersion = String(this.#mirror.newest);
    const query = { limit: '1', ...this.#selector(), resourceVersion, resourceVersionMatch: 'NotOlderThan' };
    await client.call({ path, query }, signal);
  }

  async #watch(from: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, path, stallMs = 90_000, random = Math.random, onWatching } = this.#options;
    const request = requestTitle('WATCH', path);
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(watchSeconds.from + Math.floor(random() * (watchSeconds.to - watchSeconds.from))),
      ...this.#selector(),
      ...(from === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: from }),
    };
    using stall = deadline(
      signal,
      stallMs,
      () => new KubeError({ request, status: 0, reason: 'Timeout', message: `silent for ${stallMs / 1000} s` }),
    );
    let initial = from === undefined ? new Map<Key, T>() : undefined;
    const events = await client.watch({ path, query }, stall.signal);
    this.#listNext = initial !== undefined;
    this.#interrupted = false;
    this.#lastContact = clock.now();
    onWatching?.();
    for await (const line of events) {
      const { type, object } = parseEvent(line, request);
      if (type === 'ERROR') throw fromStatus(request, 0, object);
      stall.refresh();
      this.#contact();
      if (type === 'BOOKMARK') {
        const { resourceVersion, annotations } = bookmark(object);
        if (initial === undefined) this.#mirror.reached(BigInt(resourceVersion));
        else if (annotations?.['k8s.io/initial-events-end'] === 'true') {
          this.#complete(initial, resourceVersion);
          initial = undefined;
        }
        continue;
      }
      const current = this.#parse(object);
      if (current === undefined) continue;
      if (initial !== undefined) this.#mirror.collect(current, initial);
      else if (type === 'DELETED') this.#mirror.remove(current);
      else this.#mirror.put(current);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, path } = this.#options;
    const seen = new Map<Key, T>();
    let next: string | undefined;
    do {
      const query = { limit: String(pageSize), ...this.#selector(), ...(next ? { continue: next } : {}) };
      const page = (await client.call({ path, query }, signal)) as ListPage;
      this.#contact();
      for (const item of page.items ?? []) {
        const current = this.#parse(item);
        if (current !== undefined) this.#mirror.collect(current, seen);
      }
      next = page.metadata?.continue;
      if (!next) this.#complete(seen, page.metadata?.resourceVersion ?? '');
    } while (next);
  }

  #complete(seen: ReadonlyMap<Key, T>, resourceVersion: string): void {
    const isFirst = !this.#mirror.isSynced;
    this.#mirror.complete(seen, BigInt(resourceVersion));
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
    this.#lastContact = this.#options.clock.now();
  }

  #learnFrom(error: unknown): void {
    this.#interrupted = true;
    if (!(error instanceof KubeError)) return;
    if (error.versionTooLarge) this.#mirror.distrust('rewound');
    // 404: the CRD is gone, and with it all objects; one that comes back has a history of its own.
    if (error.status === 410 || error.status === 404) this.#mirror.distrust();
  }

  #pauseMs(failures: number, error: unknown): number {
    const { backoff: { firstMs, maxMs } = { firstMs: 500, maxMs: 30_000 }, random = Math.random } = this.#options;
    const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    const backoffMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 16)) * (0.5 + random() / 2);
    return Math.max(backoffMs, Math.min(asked, maxMs));
  }

  #selector(): Readonly<Record<string, string>> {
    const { labelSelector, fieldSelector } = this.#options;
    return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
  }
}
