import type { RegistryReplication, Status } from '../api/registryreplication.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Log } from '../ports/log.ts';
import type { CacheChange, SeenObjects } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import { type Packed, packed, unpacked } from './packed.ts';
import type { LabelMatcher } from './watch/label-selector.ts';
import type { Sink, Superseded } from './watch/mirror.ts';
import { isNewer, versionOf } from './watch/object.ts';

type ChangeListener = (key: Key, change: CacheChange) => void;

/** How long an object is kept as it is after it was asked for, in milliseconds: what works on one asks again and again. */
const unpackedForMs = 5_000;
/** How many objects of a shelf are kept as they are at most. Each takes 6 kB more than when it is packed. */
const maxUnpacked = 1_024;
/** How many are packed before other work is let in, which takes 2 ms. */
const packedAtOnce = 64;
/** The least time between two looks for old ones, in milliseconds. */
const leastPauseMs = 100;

interface Unpacked {
  readonly object: RegistryReplication;
  /** When it was last asked for, by the monotonic clock. */
  readonly askedMs: number;
}

/**
 * Objects by key, with those who are told of their changes. Only those that were last asked for are kept as they are: at
 * rest, an object of three regions would take 6 kB in 150 pieces that the garbage collector visits each time, and packed it
 * takes 300 bytes in one.
 */
class Shelf implements SeenObjects {
  readonly #log: Log;
  readonly #clock: Clock;
  /** All objects; undefined stands for one that has not been packed since it has changed. */
  readonly #packed = new Map<Key, Packed | undefined>();
  /** Those that are kept as they are, in the order in which they were last asked for. */
  readonly #unpacked = new Map<Key, Unpacked>();
  /** Whether a timer is set for those that nobody asks for any more. */
  #isPacking = false;
  readonly #listeners = new Set<ChangeListener>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  get(key: Key): RegistryReplication | undefined {
    const object = this.#read(key);
    if (object !== undefined) this.#touch(key, object);
    return object;
  }

  keys(): Iterable<Key> {
    return this.#packed.keys();
  }

  *list(): Iterable<RegistryReplication> {
    for (const key of this.#packed.keys()) {
      const object = this.#read(key);
      if (object !== undefined) yield object;
    }
  }

  /** Whether the object is kept just so. */
  holds(key: Key, object: RegistryReplication): boolean {
    const known = this.#read(key);
    return known !== undefined && isSame(known, object);
  }

  /** `listener` is called at once for every change, own writes included. The function that is returned ends that. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #read(key: Key): RegistryReplication | undefined {
    const kept = this.#unpacked.get(key);
    if (kept !== undefined) return kept.object;
    const text = this.#packed.get(key);
    return text === undefined ? undefined : unpacked(text);
  }

  /** Keeps the object as it is for a while; in place of the one that was asked for longest ago where there are many. */
  #touch(key: Key, object: RegistryReplication): void {
    this.#unpacked.delete(key);
    this.#unpacked.set(key, { object, askedMs: this.#clock.monotonicMs() });
    const [oldest] = this.#unpacked.size > maxUnpacked ? this.#unpacked : [];
    if (oldest !== undefined) this.#pack(...oldest);
    if (!this.#isPacking) this.#packIn(unpackedForMs);
  }

  /** Packs what is old, in turns, and comes back when the next is. */
  #packOld(): void {
    const oldMs = this.#clock.monotonicMs() - unpackedForMs;
    const first = [...this.#unpacked.entries().take(packedAtOnce)];
    const old = first.filter(([, { askedMs }]) => askedMs <= oldMs);
    for (const [key, kept] of old) this.#pack(key, kept);
    const [next] = this.#unpacked.values();
    this.#isPacking = false;
    if (next === undefined) return;
    const pauseMs = old.length === packedAtOnce ? 0 : leastPauseMs;
    this.#packIn(Math.max(Math.ceil(next.askedMs - oldMs), pauseMs));
  }

  #packIn(ms: number): void {
    this.#isPacking = true;
    setTimeout(() => this.#packOld(), ms).unref();
  }

  #pack(key: Key, { object }: Unpacked): void {
    this.#unpacked.delete(key);
    if (this.#packed.get(key) === undefined) this.#packed.set(key, packed(object));
  }

  /** Keeps the object and tells the listeners, unless the change is `unheard`: it is kept, and nobody is told. */
  set(key: Key, current: RegistryReplication | undefined, unheard = false): void {
    const previous = this.get(key);
    if (current === undefined && previous === undefined) return;
    if (current === undefined) {
      this.#packed.delete(key);
      this.#unpacked.delete(key);
    } else {
      this.#packed.set(key, undefined);
      this.#touch(key, current);
    }
    for (const listener of unheard ? [] : this.#listeners) {
      try {
        listener(key, { previous, current });
      } catch (error) {
        this.#log.error('a listener to changes of objects failed', { key, error });
      }
    }
  }
}

/** Whether two answers about an object, with their fields in the order of the API server, say the same. */
function isSame(a: RegistryReplication, b: RegistryReplication): boolean {
  return a.metadata.resourceVersion === b.metadata.resourceVersion && JSON.stringify(a) === JSON.stringify(b);
}

/**
 * The objects as last seen by reflectors, or as stored by this process's own writes. The newest version wins. Objects
 * that another operator looks after are kept apart, and only as much of them as a claim is judged by.
 */
export class ObjectCache implements Sink<RegistryReplication> {
  /** The objects that others look after. */
  readonly others: Shelf;
  readonly #own: Shelf;
  readonly #isOwn: LabelMatcher;

  constructor(log: Log, clock: Clock, isOwn: LabelMatcher = () => true) {
    this.others = new Shelf(log, clock);
    this.#own = new Shelf(log, clock);
    this.#isOwn = isOwn;
  }

  /** The object, if this operator looks after it. */
  get(key: Key): RegistryReplication | undefined {
    return this.#own.get(key);
  }

  /** The keys of the objects that this operator looks after. */
  keys(): Iterable<Key> {
    return this.#own.keys();
  }

  /** The objects that this operator looks after. */
  list(): Iterable<RegistryReplication> {
    return this.#own.list();
  }

  /** As SeenObjects says, of the objects that this operator looks after. The function that is returned ends it. */
  onChange(listener: ChangeListener): () => void {
    return this.#own.onChange(listener);
  }

  holds(object: RegistryReplication): boolean {
    const key = keyOf(object);
    return this.#own.holds(key, object) || this.others.holds(key, claimOf(object));
  }

  put(object: RegistryReplication, superseded: Superseded): void {
    const known = this.#known(keyOf(object));
    if (known === undefined || isNewer(object, known) || isSuperseded(known, superseded)) this.#set(object);
  }

  /**
   * Takes the object with which a write of this process was answered. An object that is gone meanwhile stays gone. An
   * object of the known version counts, because the removal of the last finalizer is answered with the version before
   * it.
   */
  putOwn(object: RegistryReplication): void {
    const known = this.#known(keyOf(object));
    if (known?.metadata.uid !== object.metadata.uid || isNewer(known, object)) return;
    this.#set(object);
  }

  remove(object: RegistryReplication): void {
    const known = this.#known(keyOf(object));
    // An old event that is seen again must not remove the object that was created under the same name since.
    if (known !== undefined && !isNewer(known, object)) this.forget(keyOf(object));
  }

  /** Drops an object that is in no complete list any more. */
  forget(key: Key): void {
    this.#own.set(key, undefined);
    this.others.set(key, undefined);
  }

  #known(key: Key): RegistryReplication | undefined {
    return this.#own.get(key) ?? this.others.get(key);
  }

  /** Puts the object where its labels belong, after it has left the other place. */
  #set(object: RegistryReplication): void {
    const key = keyOf(object);
    if (this.#isOwn(object.metadata.labels)) {
      this.others.set(key, undefined);
      if (!this.#own.holds(key, object)) this.#own.set(key, object);
      return;
    }
    this.#own.set(key, undefined);
    const known = this.others.get(key);
    const claim = claimOf(object);
    this.others.set(key, claim, known !== undefined && isSameClaim(known, claim));
  }
}

/** A copy of the object with what a claim on its registry is judged by, which is a tenth of it. */
function claimOf({ apiVersion, kind, metadata, spec, status }: RegistryReplication): RegistryReplication {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels } = metadata;
  const { registry, mode, suspend } = spec;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      generation,
      creationTimestamp,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      registry,
      regions: [],
      ...(mode === undefined ? {} : { mode }),
      ...(suspend === undefined ? {} : { suspend }),
    },
    ...(status === undefined ? {} : { status: claimStatusOf(status) }),
  };
}

function claimStatusOf({ observedGeneration, registry, conditions }: Status): Status {
  return {
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    ...(registry?.id === undefined ? {} : { registry: { id: registry.id } }),
    ...(conditions === undefined
      ? {}
      : {
          conditions: conditions.map(({ type, status, reason }) => ({
            type,
            status,
            reason,
            lastTransitionTime: '',
            message: '',
          })),
        }),
  };
}

/** Whether two versions of an object claim the same. */
function isSameClaim(a: RegistryReplication, b: RegistryReplication): boolean {
  const { resourceVersion } = b.metadata;
  return isSame({ ...a, metadata: { ...a.metadata, resourceVersion } }, b);
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
