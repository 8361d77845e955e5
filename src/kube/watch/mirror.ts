import { type Key, keyOf } from '../../domain/key.ts';
import type { Log } from '../../ports/log.ts';
import { KubernetesFailure } from '../../ports/store.ts';
import { type KubeObject, versionOf } from './object.ts';

/** Which known versions of an object the one that the server has just shown supersedes. */
export type Superseded =
  /** Only older versions. */
  | { readonly kind: 'older' }
  /** All versions up to `version`: a complete list of that version holds the object as shown. */
  | { readonly kind: 'up-to'; readonly version: bigint }
  /** All versions, also newer ones: the server went back in time. */
  | { readonly kind: 'all' };

/** Takes what a reflector sees. What a sink throws is logged and otherwise ignored. */
export interface Sink<T> {
  /** The object was created, has changed, or is seen again. */
  put(object: T, superseded: Superseded): void;
  remove(object: T): void;
  /** An object that was known is missing in a complete list. */
  forget(key: Key): void;
  /** Whether `put` of this object would change nothing. A sink that does not say is given all objects again. */
  holds?(object: T): boolean;
}

/** The objects of a full sync that has begun; undefined for those that the sink has already. */
export type Seen<T> = Map<Key, T | undefined>;

/** Thrown when the server says what cannot be true after all that it said before. */
class Incredible extends KubernetesFailure {
  constructor(message: string) {
    super(message, { status: 0, reason: 'Incredible' });
    this.name = 'Incredible';
  }
}

/**
 * What the server has, as far as it was told and can be true. A watch sends versions in their order, each once, and a
 * list is a consistent read. What comes late, twice or from the past is ignored where that is safe; otherwise it is
 * thrown, and the next full sync settles it. A server that was restored from a backup is in the past for good, which is
 * believed when a second answer says so.
 */
export class Mirror<T extends KubeObject> {
  readonly #sink: Sink<T>;
  readonly #log: Log;
  /** The version of each object as last seen. */
  readonly #known = new Map<Key, bigint>();
  /** The newest version that the server is known to have had. */
  #newest = 0n;
  #synced = false;
  /** Whether a watch from `newest` brings all that is missing. */
  #current = false;
  /** Whether an answer said that the server is behind `newest`. */
  #rewound = false;

  constructor(sink: Sink<T>, log: Log) {
    this.#sink = sink;
    this.#log = log;
  }

  /** True once a full sync was complete. */
  get isSynced(): boolean {
    return this.#synced;
  }

  /** Whether a watch from `newest` brings all that is missing. If it does not, only a full sync does. */
  get isCurrent(): boolean {
    return this.#current;
  }

  /** The newest version that the server is known to have had. */
  get newest(): bigint {
    return this.#newest;
  }

  /** Asks for a full sync; what is known stays until then. `rewound`: the server said that it is behind `newest`. */
  distrust(why?: 'rewound'): void {
    this.#current = false;
    if (why === 'rewound') this.#rewound = true;
  }

  /**
   * Takes one object of a full sync into `seen`. Objects of the first full sync go on to the sink at once, because
   * there is nothing yet that they could spoil. Of later ones, those go on at once that are newer than what is known;
   * the others go on when their full sync is complete. Only those that the sink does not hold are kept until then.
   */
  collect(object: T, seen: Seen<T>): void {
    const key = keyOf(object);
    const version = versionOf(object);
    if (!this.#synced || version > (this.#known.get(key) ?? this.#newest)) {
      this.#known.set(key, version);
      this.#deliver(key, () => this.#sink.put(object, { kind: 'older' }));
    }
    seen.set(key, !this.#synced || this.#sink.holds?.(object) === true ? undefined : object);
  }

  /** Takes the last version of an object that was deleted while a full sync collects into `seen`. */
  uncollect(object: T, seen: Seen<T>): void {
    seen.delete(keyOf(object));
    this.remove(object);
  }

  /** Ends a full sync, which has seen all that the server had at `version`. Throws when that cannot be true. */
  complete(seen: Seen<T>, version: bigint): void {
    const isBehind = version < this.#newest;
    if (isBehind && !this.#rewound) {
      this.distrust('rewound');
      throw new Incredible(`the server is at version ${version} and was at ${this.#newest}`);
    }
    const superseded: Superseded = isBehind ? { kind: 'all' } : { kind: 'up-to', version };
    for (const [key, object] of seen) {
      if (object === undefined) continue;
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

  /** Takes an object that was created or has changed. Throws when that cannot be true. */
  put(object: T): void {
    const key = keyOf(object);
    const version = versionOf(object);
    const known = this.#known.get(key);
    if (known === undefined && version <= this.#newest) {
      // It is seen again after its deletion, or others have overtaken it: only a full sync tells whether it is there.
      this.distrust();
      throw new Incredible(`version ${version} of ${key} came after version ${this.#newest}`);
    }
    if (version > this.#newest) this.#newest = version;
    if (known !== undefined && version <= known) return;
    this.#known.set(key, version);
    this.#deliver(key, () => this.#sink.put(object, { kind: 'older' }));
  }

  /** Takes the last version of an object that was deleted. */
  remove(object: T): void {
    const key = keyOf(object);
    const version = versionOf(object);
    if (version > this.#newest) this.#newest = version;
    const known = this.#known.get(key);
    if (known === undefined || version < known) return;
    this.#known.delete(key);
    this.#deliver(key, () => this.#sink.remove(object));
  }

  /** Takes a bookmark: the server has told all changes up to `version`. Throws when that cannot be true. */
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
