import { isDeepStrictEqual } from 'node:util';
import type { RegistryReplication } from '../api/registryreplication.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Log } from '../ports/log.ts';
import type { CacheChange } from '../ports/store.ts';
import type { Sink, Superseded } from './watch/mirror.ts';
import { isNewer, versionOf } from './watch/object.ts';

type ChangeListener = (key: Key, change: CacheChange) => void;

/** The objects as last seen by reflectors, or as stored by this process's own writes. The newest version wins. */
export class ObjectCache implements Sink<RegistryReplication> {
  readonly #log: Log;
  readonly #objects = new Map<Key, RegistryReplication>();
  readonly #listeners = new Set<ChangeListener>();

  constructor(log: Log) {
    this.#log = log;
  }

  get(key: Key): RegistryReplication | undefined {
    return this.#objects.get(key);
  }

  list(): Iterable<RegistryReplication> {
    return this.#objects.values();
  }

  /** `listener` is called at once for every change, own writes included. The function that is returned ends that. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  put(object: RegistryReplication, superseded: Superseded): void {
    const known = this.#objects.get(keyOf(object));
    if (known === undefined || isNewer(object, known)) this.#set(keyOf(object), object);
    else if (isSuperseded(known, superseded) && !isDeepStrictEqual(known, object)) this.#set(keyOf(object), object);
  }

  /**
   * Takes the object with which a write of this process was answered. An object that is gone meanwhile stays gone. An
   * object of the known version counts, because the removal of the last finalizer is answered with the version before
   * it.
   */
  putOwn(object: RegistryReplication): void {
    const known = this.#objects.get(keyOf(object));
    if (known?.metadata.uid !== object.metadata.uid || isNewer(known, object)) return;
    if (!isDeepStrictEqual(known, object)) this.#set(keyOf(object), object);
  }

  remove(object: RegistryReplication): void {
    const known = this.#objects.get(keyOf(object));
    // An old event that is seen again must not remove the object that was created under the same name since.
    if (known !== undefined && !isNewer(known, object)) this.#set(keyOf(object), undefined);
  }

  /** Drops an object that is in no complete list any more. */
  forget(key: Key): void {
    if (this.#objects.has(key)) this.#set(key, undefined);
  }

  #set(key: Key, current: RegistryReplication | undefined): void {
    const previous = this.#objects.get(key);
    if (current === undefined) this.#objects.delete(key);
    else this.#objects.set(key, current);
    for (const listener of this.#listeners) {
      try {
        listener(key, { previous, current });
      } catch (error) {
        this.#log.error('a listener to changes of objects failed', { key, error });
      }
    }
  }
}

/**
 * Whether a version that is no newer replaces `known`. The result of an own write stays when it is newer than the list.
 */
function isSuperseded(known: RegistryReplication, superseded: Superseded): boolean {
  switch (superseded.kind) {
    case 'older':
      return false;
    case 'up-to':
      return versionOf(known) <= superseded.version;
    case 'all':
      return true;
  }
}
