import type { RegistryReplication, Status } from '../../src/api/registryreplication.ts';
import { finalizer } from '../../src/api/registryreplication.ts';
import { indexNamesakes } from '../../src/controller/namesakes.ts';
import { type Next, reconcile } from '../../src/controller/reconcile.ts';
import { ok } from '../../src/domain/failure.ts';
import type { Judged } from '../../src/domain/judgement.ts';
import { type Key, keyOf } from '../../src/domain/key.ts';
import type { Replica } from '../../src/domain/replication.ts';
import type { CacheChange, Store } from '../../src/ports/store.ts';
import { noon } from './builders.ts';
import { clockAt } from './clock.ts';
import { type ModelAzure, modelAzure } from './model-azure.ts';
import { brokenLaws } from './status-laws.ts';

export interface MemoryWorld {
  readonly azure: ModelAzure;
  readonly store: Store;
  /** Every pass so far. */
  readonly passes: readonly Judged[];
  /** Reasons and notes of all Events so far. */
  readonly events: readonly string[];
  /** Writes to the store so far: finalizer and status. */
  writes(): number;
  get(key?: Key): RegistryReplication | undefined;
  /** Somebody applies the object. */
  apply(object: RegistryReplication): void;
  /** Somebody annotates it. */
  annotate(annotations: Readonly<Record<string, string>>): void;
  /** Somebody deletes it: gone at once, or marked when it has a finalizer. */
  delete(key?: Key): void;
  /** One pass, then the clock moves to the next look. */
  pass(key?: Key): Promise<Next>;
  /** Passes until `until` holds, at most `limit`; says whether it came to hold. */
  passUntil(until: () => boolean, limit?: number): Promise<boolean>;
  advance(ms: number): void;
}

/** The real pass over values in memory, with a clock that only moves when told. The laws are checked at every write. */
export function memoryWorld(objects: readonly RegistryReplication[], replicas: readonly Replica[] = []): MemoryWorld {
  let time = noon.getTime();
  let writes = 0;
  const cache = new Map<Key, RegistryReplication>();
  const listeners: ((key: Key, change: CacheChange) => void)[] = [];
  const retries = new Map<Key, number>();
  const passes: Judged[] = [];
  const events: string[] = [];
  const azure = modelAzure(() => time, replicas);
  const first = objects[0] === undefined ? ('platform/contoso' as Key) : keyOf(objects[0]);

  function set(key: Key, current: RegistryReplication | undefined): void {
    const previous = cache.get(key);
    if (current === undefined) cache.delete(key);
    else cache.set(key, current);
    for (const listener of listeners) listener(key, { previous, current });
  }
  function write(
    object: RegistryReplication,
    change: (stored: RegistryReplication) => RegistryReplication | undefined,
  ) {
    writes += 1;
    const stored = cache.get(keyOf(object));
    if (stored !== undefined) set(keyOf(object), change(stored));
  }
  const withFinalizers = (o: RegistryReplication, finalizers: readonly string[]): RegistryReplication => ({
    ...o,
    metadata: { ...o.metadata, finalizers },
  });

  const store: Store = {
    get: (key) => cache.get(key),
    list: () => cache.values(),
    onChange: (listener) => listeners.push(listener),
    async addFinalizer(object) {
      write(object, (o) => withFinalizers(o, [...(o.metadata.finalizers ?? []), finalizer]));
      return cache.get(keyOf(object)) ?? object;
    },
    async removeFinalizer(object) {
      write(object, (o) => {
        const left = (o.metadata.finalizers ?? []).filter((f) => f !== finalizer);
        return o.metadata.deletionTimestamp !== undefined && left.length === 0 ? undefined : withFinalizers(o, left);
      });
    },
    async writeStatus(object, status: Status) {
      const broken = brokenLaws(object, status);
      if (broken.length > 0) throw new Error(`status breaks: ${broken.join('; ')}\n${JSON.stringify(status, null, 1)}`);
      write(object, (o) => ({ ...o, status }));
    },
  };
  const namesakes = indexNamesakes(store);
  for (const object of objects) set(keyOf(object), object);

  const world: MemoryWorld = {
    azure,
    store,
    passes,
    events,
    writes: () => writes,
    get: (key = first) => cache.get(key),
    apply(object) {
      const stored = cache.get(keyOf(object));
      const metadata =
        stored === undefined ? object.metadata : { ...stored.metadata, generation: stored.metadata.generation + 1 };
      set(keyOf(object), { ...object, metadata, ...(stored?.status === undefined ? {} : { status: stored.status }) });
    },
    annotate(annotations) {
      const stored = cache.get(first);
      if (stored !== undefined) set(first, { ...stored, metadata: { ...stored.metadata, annotations } });
    },
    delete(key = first) {
      const stored = cache.get(key);
      if (stored === undefined) return;
      const deletionTimestamp = new Date(time).toISOString();
      const guarded = (stored.metadata.finalizers ?? []).length > 0;
      const metadata = { ...stored.metadata, deletionTimestamp, generation: stored.metadata.generation + 1 };
      set(key, guarded ? { ...stored, metadata } : undefined);
    },
    async pass(key = first) {
      const next = await reconcile(
        key,
        retries.get(key) ?? 0,
        {
          store,
          azure: { as: async () => ok(azure) },
          namesakes,
          clock: clockAt(() => new Date(time)),
          random: () => 0,
          observer: (judged) => passes.push(judged),
          announce: (_object, occurrences) => events.push(...occurrences.map((o) => `${o.reason} ${o.note}`)),
          settings: {
            clusterName: 'test',
            subscriptionId: undefined,
            maxConcurrentWrites: 8,
            seesAllOf: (namespace) => namespace !== 'unseen',
          },
        },
        new AbortController().signal,
      );
      retries.set(key, next.kind === 'look' && next.failed ? (retries.get(key) ?? 0) + 1 : 0);
      if (next.kind === 'look') time += next.inMs;
      return next;
    },
    async passUntil(until, limit = 100) {
      for (let i = 0; i < limit; i += 1) {
        await world.pass();
        if (until()) return true;
      }
      return false;
    },
    advance: (ms) => {
      time += ms;
    },
  };
  return world;
}
