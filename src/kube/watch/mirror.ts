import { type Key, keyOf } from '../../domain/key.ts';
import type { Log } from '../../ports/log.ts';
import { type KubeObject, versionOf } from './object.ts';

/** Which known versions of an object are superseded by the one that the server has just shown. */
export type Superseded =
  /** Only older ones. */
  | { readonly kind: 'older' }
  /** All up to `version`: a complete list of that version holds the object as shown. */
  | { readonly kind: 'up-to'; readonly version: bigint }
  /** All, newer ones too: the server went back in time. */
  | { readonly kind: 'all' };

/** Where a reflector puts what it sees. What it throws is logged and otherwise ignored. */
export interface Sink<T> {
  /** The object was created, has changed or is seen again. */
  put(object: T, superseded: Superseded): void;
  remove(object: T): void;
  /** Was there before, and a complete list no longer has it. */
  forget(key: Key): void;
}

/** What was said cannot be true of the server that was listened to until now. */
class Incredible extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Incredible';
  }
}

/**
 * What the server has, as far as it was told and can be true. A watch sends versions in their order, each once, and a
 * list is a consistent read: what comes late, twice or from the past is ignored where that is safe, and otherwise thrown
 * and settled by the next full sync. A server restored from a backup is in the past for good: that is believed when a
 * second answer says so.
 */
export class Mirror<T extends KubeObject> {
  readonly #sink: Sink<T>;
  readonly #log: Log;
  /** The version of each object as last seen. */
  readonly #known = new Map<Key, bigint>();
  #newest = 0n;
  #synced = false;
  #current = false;
  #rewound = false;

  constructor(sink: Sink<T>, log: Log) {
    this.#sink = sink;
    this.#log = log;
  }

  /** True once a full sync was complete. */
  get isSynced(): boolean {
    return this.#synced;
  }

  /** A watch from `newest` brings all that is missing; otherwise only a full sync does. */
  get isCurrent(): boolean {
    return this.#current;
  }

  /** The newest version that the server is known to have had. */
  get newest(): bigint {
    return this.#newest;
  }

  /** What is known stays until the next full sync. `rewound`: the server said that it is behind `newest`. */
  distrust(why?: 'rewound'): void {
    this.#current = false;
    if (why === 'rewound') this.#rewound = true;
  }

  /** Part of a full sync, which counts when complete; the first counts at once, for it can spoil nothing. */
  collect(object: T, seen: Map<Key, T>): void {
    const key = keyOf(object);
    seen.set(key, object);
    if (this.#synced) return;
    this.#known.set(key, versionOf(object));
    this.#deliver(key, () => this.#sink.put(object, { kind: 'older' }));
  }

  /** A full sync: all that the server had at `version`. */
  complete(seen: ReadonlyMap<Key, T>, version: bigint): void {
    const isBehind = version < this.#newest;
    if (isBehind && !this.#rewound) {
      this.distrust('rewound');
      throw new Incredible(`the server is at version ${version} and was at ${this.#newest}`);
    }
    const superseded: Superseded = isBehind ? { kind: 'all' } : { kind: 'up-to', version };
    for (const [key, object] of this.#synced ? seen : []) {
      this.#known.set(key, versionOf(object));
      this.#deliver(key, () => this.#sink.put(object, superseded));
    }
    for (const key of this.#known.keys()) {
      if (seen.has(key)) continue;
      this.#known.delete(key);
      this.#deliver(key, () => this.#sink.forget(key));
    }
    this.#newest = version;
    this.#synced = true;
    this.#current = true;
    this.#rewound = false;
  }

  /** Created or changed. */
  put(object: T): void {
    const key = keyOf(object);
    const version = versionOf(object);
    const known = this.#known.get(key);
    if (known === undefined && version <= this.#newest) {
      // Seen again after its deletion, or overtaken by others: only the server knows whether it is there.
      this.distrust();
      throw new Incredible(`version ${version} of ${key} came after version ${this.#newest}`);
    }
    if (version > this.#newest) this.#newest = version;
    if (known !== undefined && version <= known) return;
    this.#known.set(key, version);
    this.#deliver(key, () => this.#sink.put(object, { kind: 'older' }));
  }

  remove(object: T): void {
    const key = keyOf(object);
    const version = versionOf(object);
    if (version > this.#newest) this.#newest = version;
    const known = this.#known.get(key);
    if (known === undefined || version < known) return;
    this.#known.delete(key);
    this.#deliver(key, () => this.#sink.remove(object));
  }

  /** The server has told everything up to here. */
  reached(version: bigint): void {
    if (version < this.#newest) {
      this.distrust();
      throw new Incredible(`the server is at version ${version} and was at ${this.#newest}`);
    }
    this.#newest = version;
  }

  #deliver(key: Key, change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#log.error('a handler of watched objects failed', { key, error });
    }
  }
}
