import type { RegistryReplication, Status } from '../api/registryreplication.ts';
import type { Key } from '../domain/key.ts';

/** The objects as last seen, and the few writes a pass makes. Failed writes throw a KubeError. */
export interface Store {
  /** From the cache: no call. Includes this process's own writes. Never changed in place. */
  get(key: Key): RegistryReplication | undefined;
  /** All objects in the cache. */
  list(): Iterable<RegistryReplication>;
  /** Called after every change of the cache, own writes included. */
  onChange(listener: (key: Key, change: CacheChange) => void): void;
  /** One PATCH, refused when the object changed meanwhile. Resolves to the object as stored. */
  addFinalizer(object: RegistryReplication, signal: AbortSignal): Promise<RegistryReplication>;
  /** One PATCH, refused when the object changed meanwhile; an object that is gone already counts as success. */
  removeFinalizer(object: RegistryReplication, signal: AbortSignal): Promise<void>;
  /** One PATCH of the whole status; an object that is gone already counts as success. */
  writeStatus(object: RegistryReplication, status: Status, signal: AbortSignal): Promise<void>;
}

/** What happened to an object in the cache; `current` is undefined when it is gone, `previous` when it is new. */
export interface CacheChange {
  readonly previous: RegistryReplication | undefined;
  readonly current: RegistryReplication | undefined;
}
