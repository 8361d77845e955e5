import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import { indexNamesakes } from '../../src/controller/namesakes.ts';
import { type Next, reconcile } from '../../src/controller/reconcile.ts';
import { ok } from '../../src/domain/failure.ts';
import type { Judged } from '../../src/domain/judgement.ts';
import { type Key, keyOf } from '../../src/domain/key.ts';
import type { Replica } from '../../src/domain/replication.ts';
import type { ReplicationApi } from '../../src/ports/azure.ts';
import type { Store } from '../../src/ports/store.ts';
import { noon } from './builders.ts';
import { clockAt } from './clock.ts';
import { afterApply, afterDelete, memoryStore } from './memory-store.ts';
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
  /** Makes one pass, then moves the clock to the next look. */
  pass(key?: Key): Promise<Next>;
  /** Makes passes until `until` holds, at most `limit`; says whether it came to hold. */
  passUntil(until: () => boolean, limit?: number): Promise<boolean>;
  advance(ms: number): void;
  /** From now on Azure can be glanced at. */
  glanceBy(glance: NonNullable<ReplicationApi['glance']>): void;
  /** From now on Azure tells of regional endpoints. */
  endpointsBy(endpoints: NonNullable<ReplicationApi['endpoints']>): void;
  now(): Date;
}

/** The real pass over values in memory, with a clock that only moves when told. The laws are checked at every write. */
export function memoryWorld(objects: readonly RegistryReplication[], replicas: readonly Replica[] = []): MemoryWorld {
  let time = noon.getTime();
  const retries = new Map<Key, number>();
  const passes: Judged[] = [];
  const events: string[] = [];
  let glance: ReplicationApi['glance'];
  let endpoints: ReplicationApi['endpoints'];
  const azure = modelAzure(() => time, replicas);
  const first = objects[0] === undefined ? ('platform/contoso' as Key) : keyOf(objects[0]);

  const store = memoryStore(objects, (object, status) => {
    const broken = brokenLaws(object, status);
    if (broken.length > 0) throw new Error(`status breaks: ${broken.join('; ')}\n${JSON.stringify(status, null, 1)}`);
  });
  const namesakes = indexNamesakes(store);

  const world: MemoryWorld = {
    azure,
    store,
    passes,
    events,
    writes: () => store.writes(),
    get: (key = first) => store.get(key),
    apply: (object) => store.set(keyOf(object), afterApply(store.get(keyOf(object)), object)),
    annotate(annotations) {
      const stored = store.get(first);
      if (stored !== undefined) store.set(first, { ...stored, metadata: { ...stored.metadata, annotations } });
    },
    delete(key = first) {
      const stored = store.get(key);
      if (stored !== undefined) store.set(key, afterDelete(stored, time));
    },
    async pass(key = first) {
      const next = await reconcile(
        key,
        retries.get(key) ?? 0,
        {
          store,
          azure: {
            as: async () =>
              ok(
                glance || endpoints
                  ? { ...azure, ...(glance && { glance }), ...(endpoints && telling(azure, endpoints)) }
                  : azure,
              ),
          },
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
    glanceBy: (by) => {
      glance = by;
    },
    endpointsBy: (by) => {
      endpoints = by;
    },
    now: () => new Date(time),
  };
  return world;
}

/** An Azure that tells of regional endpoints, when it is asked for the registry, too. */
function telling(
  azure: ReplicationApi,
  endpoints: NonNullable<ReplicationApi['endpoints']>,
): Pick<ReplicationApi, 'endpoints' | 'observe'> {
  return {
    endpoints,
    async observe(ref, known, signal, how) {
      const seen = await azure.observe(ref, known, signal, how);
      if (!seen.ok || how?.endpoints !== true) return seen;
      const has = await endpoints(ref, undefined, 3_600_000, signal);
      return has === true ? ok({ ...seen.value, registry: { ...seen.value.registry, regionalEndpoints: true } }) : seen;
    },
  };
}
