import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, type Key, keyOf, type Log } from '../controller/ports.ts';
import type { KubeClient } from './client.ts';
import { deadline } from './deadline.ts';
import { describe, fromStatus, KubeError } from './error.ts';
import { type KubeObject, parseObject } from './object.ts';

/** Where a reflector puts what it sees. What it throws is logged and otherwise ignored. */
export interface Sink<T> {
  /** Created, changed or seen again. `force`: even a lower version counts, for the server went back in time. */
  put(object: T, force: boolean): void;
  remove(object: T): void;
  /** Was there before, and a complete list no longer has it. */
  forget(key: Key): void;
}

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
  /** Pauses after failures: half to the whole of first, 2 × first, … up to max. Default 500 and 30 000. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  readonly onSynced?: () => void;
  /** The server has accepted a watch. */
  readonly onWatching?: () => void;
  /** A watch or list has failed; it is tried again after a pause. */
  readonly onInterrupted?: (error: unknown) => void;
}

const pageSize = 500;
/** A watch that ends by itself sooner than this, without an event, counts as failed: else it would be a hot loop. */
const shortestWatchMs = 1_000;
/** The server ends a watch after 300 to 600 s, so that reconnecting clients spread over its replicas. */
const watchSeconds = (): string => String(300 + Math.floor(Math.random() * 300));

/**
 * Follows one collection for as long as the process lives. WatchList where the server has it, else paged list and
 * watch; a watch that ends or breaks goes on from the last version seen; a full sync only when that version is gone.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #known = new Set<Key>();
  /** Undefined: the next session starts with a full sync. */
  #resourceVersion: string | undefined;
  /** Take the next sync's versions as they come, even when they are lower than those known. */
  #rewound = false;
  /** The last WatchList ended before it was complete: use the paged list once. */
  #listNext = false;
  #synced = false;
  #heard = false;
  #lastContact: Date | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** True once the collection was seen completely; stays true while disconnected. */
  isSynced(): boolean {
    return this.#synced;
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
      const startedAt = clock.now().getTime();
      let error: unknown;
      this.#heard = false;
      try {
        await this.#session(signal);
        if (this.#heard || clock.now().getTime() - startedAt >= shortestWatchMs) {
          failures = 0;
          continue;
        }
      } catch (thrown) {
        if (signal.aborted) return;
        error = thrown;
        this.#learnFrom(error);
      }
      if (error !== undefined) onInterrupted?.(error);
      failures = this.#heard ? 1 : failures + 1;
      const pauseMs = this.#pauseMs(failures, error);
      log.warn('Watch interrupted, will go on', { path, fieldSelector, error, pauseMs: Math.round(pauseMs) });
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === undefined) {
      if (!this.#listNext) {
        try {
          await this.#watch(undefined, signal);
          return;
        } catch (error) {
          const refused = error instanceof KubeError && (error.status === 400 || error.status === 422);
          if (!refused || this.#resourceVersion !== undefined) throw error;
          this.#options.log.info('No WatchList here, using list and watch', { path: this.#options.path, error });
        }
      }
      this.#listNext = false;
      await this.#list(signal);
    }
    await this.#watch(this.#resourceVersion, signal);
  }

  async #watch(from: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, path, stallMs = 90_000, onWatching } = this.#options;
    const request = describe('WATCH', path);
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: watchSeconds(),
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
    const seen = from === undefined ? new Set<Key>() : undefined;
    const events = await client.watch({ path, query }, stall.signal);
    this.#listNext = seen !== undefined;
    this.#lastContact = clock.now();
    onWatching?.();
    for await (const line of events) {
      const { type, object } = parseEvent(line, request);
      if (type === 'ERROR') throw fromStatus(request, 0, object);
      stall.refresh();
      this.#contact();
      if (type === 'BOOKMARK') {
        const { resourceVersion, annotations } = bookmark(object);
        if (seen !== undefined && annotations?.['k8s.io/initial-events-end'] === 'true') {
          this.#complete(seen, resourceVersion);
        } else if (this.#resourceVersion !== undefined) this.#resourceVersion = resourceVersion;
        continue;
      }
      const current = this.#parse(object);
      if (current === undefined) continue;
      if (type === 'DELETED') this.#remove(current);
      else this.#put(current, seen);
      // Until the sync is complete, objects come in no order of versions.
      if (this.#resourceVersion !== undefined) this.#resourceVersion = current.metadata.resourceVersion;
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, path } = this.#options;
    const seen = new Set<Key>();
    let next: string | undefined;
    do {
      const query = { limit: String(pageSize), ...this.#selector(), ...(next ? { continue: next } : {}) };
      const page = (await client.call({ path, query }, signal)) as ListPage;
      this.#contact();
      for (const item of page.items ?? []) {
        const current = this.#parse(item);
        if (current !== undefined) this.#put(current, seen);
      }
      next = page.metadata?.continue;
      if (!next) this.#complete(seen, page.metadata?.resourceVersion);
    } while (next);
  }

  #complete(seen: ReadonlySet<Key>, resourceVersion: string | undefined): void {
    const { sink, onSynced } = this.#options;
    for (const key of this.#known) {
      if (seen.has(key)) continue;
      this.#known.delete(key);
      this.#deliver(key, () => sink.forget(key));
    }
    this.#resourceVersion = resourceVersion;
    this.#rewound = false;
    this.#listNext = false;
    if (this.#synced) return;
    this.#synced = true;
    onSynced?.();
  }

  #put(object: T, seen: Set<Key> | undefined): void {
    const key = keyOf(object);
    this.#known.add(key);
    seen?.add(key);
    this.#deliver(key, () => this.#options.sink.put(object, this.#rewound));
  }

  #remove(object: T): void {
    const key = keyOf(object);
    this.#known.delete(key);
    this.#deliver(key, () => this.#options.sink.remove(object));
  }

  #deliver(key: Key, change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#options.log.error('A handler of watched objects failed', { key, error });
    }
  }

  #parse(raw: unknown): T | undefined {
    const parsed = parseObject(raw);
    if (parsed === undefined)
      this.#options.log.warn('Watch sent something that is no object', { path: this.#options.path });
    return parsed as T | undefined;
  }

  #contact(): void {
    this.#heard = true;
    this.#lastContact = this.#options.clock.now();
  }

  #learnFrom(error: unknown): void {
    if (!(error instanceof KubeError)) return;
    if (error.versionTooLarge) this.#rewound = true;
    if (error.status === 410 || error.versionTooLarge) this.#resourceVersion = undefined;
  }

  #pauseMs(failures: number, error: unknown): number {
    const { firstMs, maxMs } = this.#options.backoff ?? { firstMs: 500, maxMs: 30_000 };
    const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    const backoffMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 16)) * (0.5 + Math.random() / 2);
    return Math.max(backoffMs, Math.min(asked, maxMs));
  }

  #selector(): Readonly<Record<string, string>> {
    const { labelSelector, fieldSelector } = this.#options;
    return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
  }
}

interface ListPage {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[];
}

function parseEvent(line: string, request: string): { readonly type: string; readonly object: unknown } {
  try {
    return JSON.parse(line) as { type: string; object: unknown };
  } catch {
    // Without its cause, which quotes the event: it may be a Secret.
    throw new KubeError({ request, status: 0, reason: 'InvalidResponse', message: 'an event is no JSON' });
  }
}

function bookmark(object: unknown): {
  readonly resourceVersion?: string;
  readonly annotations?: Readonly<Record<string, string>>;
} {
  return (object as KubeObject).metadata;
}
