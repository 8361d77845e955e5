import { finalizer, type RegistryReplication, type Status } from '../../src/api/registryreplication.ts';
import { type Key, keyOf } from '../../src/domain/key.ts';
import type { CacheChange, Store } from '../../src/ports/store.ts';

/** The objects in memory, behind the operator's door to them. Nothing is refused, and every write is seen at once. */
export interface MemoryStore extends Store {
  /** Changes an object as others do it; undefined removes it. Listeners are told, as of the operator's own writes. */
  set(key: Key, current: RegistryReplication | undefined): void;
  /** Writes of the operator so far: finalizer and status. */
  writes(): number;
}

/** Makes a store of these objects. `judge` is told of every status before it is stored, and may throw to refuse it. */
export function memoryStore(
  objects: Iterable<RegistryReplication>,
  judge: (object: RegistryReplication, status: Status) => void = () => {},
): MemoryStore {
  const stored = new Map<Key, RegistryReplication>();
  const listeners: ((key: Key, change: CacheChange) => void)[] = [];
  let writes = 0;
  for (const object of objects) stored.set(keyOf(object), object);

  function set(key: Key, current: RegistryReplication | undefined): void {
    const previous = stored.get(key);
    if (current === undefined) stored.delete(key);
    else stored.set(key, current);
    for (const listener of listeners) listener(key, { previous, current });
  }

  /** Counts the write, and carries it out unless the object is gone. */
  function write(key: Key, changed: (before: RegistryReplication) => RegistryReplication | undefined): void {
    writes += 1;
    const before = stored.get(key);
    if (before !== undefined) set(key, changed(before));
  }

  return {
    set,
    writes: () => writes,
    get: (key) => stored.get(key),
    keys: () => stored.keys(),
    list: () => stored.values(),
    onChange: (listener) => listeners.push(listener),
    refresh: async (object) => stored.get(keyOf(object)),
    async addFinalizer(object) {
      const key = keyOf(object);
      write(key, (before) => withFinalizers(before, [...(before.metadata.finalizers ?? []), finalizer]));
      return stored.get(key) ?? object;
    },
    async removeFinalizer(object) {
      write(keyOf(object), (before) => {
        const left = (before.metadata.finalizers ?? []).filter((other) => other !== finalizer);
        const isGone = before.metadata.deletionTimestamp !== undefined && left.length === 0;
        return isGone ? undefined : withFinalizers(before, left);
      });
    },
    async writeStatus(object, status) {
      judge(object, status);
      write(keyOf(object), (before) => ({ ...before, status }));
    },
  };
}

/** The object with these finalizers. Without any it has no list of them, as the API server shows it. */
function withFinalizers(object: RegistryReplication, finalizers: readonly string[]): RegistryReplication {
  const { finalizers: _, ...metadata } = object.metadata;
  return { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } };
}

/** An object after somebody has applied `wish`: what was stored keeps its identity and status, one generation on. */
export function afterApply(stored: RegistryReplication | undefined, wish: RegistryReplication): RegistryReplication {
  if (stored === undefined) return wish;
  const metadata = { ...stored.metadata, generation: stored.metadata.generation + 1 };
  return { ...wish, metadata, ...(stored.status === undefined ? {} : { status: stored.status }) };
}

/** An object after somebody has deleted it: marked while a finalizer holds it, else gone, which is undefined. */
export function afterDelete(stored: RegistryReplication, atMs: number): RegistryReplication | undefined {
  const { metadata } = stored;
  if ((metadata.finalizers ?? []).length === 0) return undefined;
  if (metadata.deletionTimestamp !== undefined) return stored;
  const deletionTimestamp = new Date(atMs).toISOString();
  return { ...stored, metadata: { ...metadata, deletionTimestamp, generation: metadata.generation + 1 } };
}
