import type { RegistryReplication, Status } from '../api/registryreplication.ts';
import type { Key } from '../domain/key.ts';

/** Kubernetes refused a request, or gave no answer. The message is fit for people and logs. */
export class KubernetesFailure extends Error {
  /** HTTP status; 0 when no answer came, or none that Kubernetes gave. */
  readonly status: number;
  /** Kubernetes' reason (NotFound, Conflict, …), or the cause's code (ECONNREFUSED, Timeout, …) when no answer came. */
  readonly reason: string;

  constructor(message: string, { status, reason }: { readonly status: number; readonly reason: string }) {
    super(message);
    this.status = status;
    this.reason = reason;
    // A stack would only show the client's own code; in a log line it would hide the message.
    Object.defineProperty(this, 'stack', { value: undefined });
  }
}

/** Objects as last seen, without a call. */
export interface SeenObjects {
  /** The object from the cache. It includes this process's own writes and is never changed in place. */
  get(key: Key): RegistryReplication | undefined;
  /** The keys of all objects in the cache. */
  keys(): Iterable<Key>;
  /** All objects in the cache; each that is at rest is unpacked for it, in 15 µs. */
  list(): Iterable<RegistryReplication>;
  /** `listener` is called after every change of the cache, own writes included. */
  onChange(listener: (key: Key, change: CacheChange) => void): void;
}

/**
 * The objects that this operator looks after, and the writes that a pass makes. A write that fails throws a
 * KubernetesFailure.
 */
export interface Store extends SeenObjects {
  /**
   * The objects that the operator sees and leaves to others, because WATCH_SELECTOR does not select them. Each holds
   * only what a claim on its registry is judged by. Undefined: the operator looks after all objects that it sees.
   */
  readonly others?: SeenObjects | undefined;
  /**
   * One GET of the object as it is now, whose answer goes into the cache; undefined when it is gone. Throws a KubeError when
   * the API server does not say.
   */
  refresh(object: RegistryReplication, signal: AbortSignal): Promise<RegistryReplication | undefined>;
  /** One PATCH, refused when the object's spec or finalizers changed meanwhile. Resolves to the object as stored. */
  addFinalizer(object: RegistryReplication, signal: AbortSignal): Promise<RegistryReplication>;
  /** One PATCH, refused as that of addFinalizer. An object that is gone already counts as success. */
  removeFinalizer(object: RegistryReplication, signal: AbortSignal): Promise<void>;
  /**
   * One PUT of the whole status, and a PATCH after it when something else of the object was edited meanwhile. An object that
   * is gone already counts as success.
   */
  writeStatus(object: RegistryReplication, status: Status, signal: AbortSignal): Promise<void>;
}

/** One change of an object in the cache. */
export interface CacheChange {
  /** Undefined: the object is new. */
  readonly previous: RegistryReplication | undefined;
  /** Undefined: the object is gone. */
  readonly current: RegistryReplication | undefined;
}
