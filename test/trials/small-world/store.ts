import {
  finalizer,
  hasFinalizer,
  type RegistryReplication,
  type Status,
} from '../../../src/api/registryreplication.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import { KubeError } from '../../../src/kube/http/error.ts';
import type { Store } from '../../../src/ports/store.ts';

/** What a pass asks of Kubernetes, and what its cache and the API server have of the pass's own object. */
export interface PassStore {
  readonly store: Store & Refreshing;
  /** The object as the API server has it; undefined: gone. */
  newest(): RegistryReplication | undefined;
  /** The object as the operator's cache shows it. */
  cached(): RegistryReplication | undefined;
  /** What the last refresh of this pass showed; undefined: there was none. */
  refreshed(): RegistryReplication | undefined;
  /** What the API server had, the latest first. */
  versions(): readonly RegistryReplication[];
  /** Somebody edits the object; the operator's watch tells it at once, or says nothing. */
  edit(change: (object: RegistryReplication) => RegistryReplication, seen: boolean): void;
  /** Writes of the operator so far. */
  writes(): number;
  /** The status written, if any. */
  status(): Status | undefined;
}

interface Refreshing {
  /** One GET of the newest version, into the cache; undefined: the object is gone. */
  readonly refresh: (object: RegistryReplication, signal: AbortSignal) => Promise<RegistryReplication | undefined>;
}

/**
 * The API server and the cache for the length of one pass. Unlike the store of the unit tests it can show the pass's own
 * object as it was, and then refuses what the API server would refuse.
 */
export function passStore(
  key: Key,
  object: RegistryReplication,
  others: readonly RegistryReplication[],
  behind: RegistryReplication | undefined,
): PassStore {
  const objects = new Map(others.map((other) => [keyOf(other), other]));
  const versions: RegistryReplication[] = [];
  let newest: RegistryReplication | undefined = object;
  let cached: RegistryReplication | undefined = behind ?? object;
  let refreshed: RegistryReplication | undefined;
  let writes = 0;
  let written: Status | undefined;

  function set(next: RegistryReplication | undefined, seen = true): void {
    if (newest !== undefined) versions.unshift(newest);
    newest = next;
    if (seen) cached = newest;
  }

  function setFinalizers(seen: RegistryReplication, finalizers: readonly string[]): RegistryReplication | undefined {
    writes += 1;
    if (newest === undefined) return undefined;
    if (newest.metadata.generation !== seen.metadata.generation || hasFinalizer(newest) !== hasFinalizer(seen)) {
      throw new KubeError({ request: 'PATCH finalizers', status: 409, reason: 'Conflict' });
    }
    const { finalizers: _, ...metadata } = newest.metadata;
    const isGone = metadata.deletionTimestamp !== undefined && finalizers.length === 0;
    const next = { ...newest, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } };
    set(isGone ? undefined : next);
    return newest;
  }

  const store: Store & Refreshing = {
    get: (asked) => (asked === key ? cached : objects.get(asked)),
    keys: () => [...objects.keys(), ...(cached === undefined ? [] : [key])],
    list: () => [...objects.values(), ...(cached === undefined ? [] : [cached])],
    onChange: () => {},
    addFinalizer: async (seen) => (hasFinalizer(seen) ? seen : (setFinalizers(seen, [finalizer]) ?? seen)),
    removeFinalizer: async (seen) => {
      if (hasFinalizer(seen)) setFinalizers(seen, []);
    },
    writeStatus: async (_object, status) => {
      writes += 1;
      written = status;
      if (newest !== undefined) set({ ...newest, status });
    },
    refresh: async () => {
      refreshed = newest;
      cached = newest;
      return newest;
    },
  };
  return {
    store,
    newest: () => newest,
    cached: () => cached,
    refreshed: () => refreshed,
    versions: () => versions,
    edit: (change, seen) => {
      if (newest !== undefined) set(change(newest), seen);
    },
    writes: () => writes,
    status: () => written,
  };
}
