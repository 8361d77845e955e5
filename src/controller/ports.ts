import type { RegistryReplication, Status } from '../api/registryreplication.ts';
import type { Outcome } from '../domain/failure.ts';
import type { Actual, Change, Credentials, NewReplica, Registry, RegistryRef, Replica } from '../domain/replication.ts';

/** Namespace and name of an object, `<namespace>/<name>`. It says who, never why. */
export type Key = string & { readonly __brand: 'Key' };

export function keyOf(object: { readonly metadata: { readonly namespace: string; readonly name: string } }): Key {
  return `${object.metadata.namespace}/${object.metadata.name}` as Key;
}

/** Azure behind a narrow door. What Azure says is an Outcome; aborts and bugs are thrown. */
export interface ReplicationApi {
  /**
   * One LIST per page, read now. One GET of the registry before it when `known` is undefined or was last read more than
   * an hour ago by this process (`known`, from the object's status, counts as read when it is first seen).
   * Without Premium SKU: failure SkuNotPremium after the GET, no LIST.
   */
  observe(ref: RegistryRef, known: Registry | undefined, signal: AbortSignal): Promise<Outcome<Actual>>;
  /** One GET by name; undefined when it is not there. LIST can be wrong (missing, stale state): ask this before harm. */
  get(ref: RegistryRef, name: string, signal: AbortSignal): Promise<Outcome<Replica | undefined>>;
  /** One PUT. Resolves when ARM accepts (about 1 s) with the replica as ARM answered it, not when it exists (minutes). */
  create(ref: RegistryRef, replica: NewReplica, signal: AbortSignal): Promise<Outcome<Replica>>;
  /** One PATCH, of exactly what `change` holds. Resolves when ARM accepts, with the replica as ARM answered it. */
  update(ref: RegistryRef, name: string, change: Change, signal: AbortSignal): Promise<Outcome<Replica>>;
  /** One DELETE. Resolves when ARM accepts; already gone (204, 404) counts as success. */
  remove(ref: RegistryRef, name: string, signal: AbortSignal): Promise<Outcome<void>>;
}

/**
 * Azure as somebody: the operator itself, or whom an object names in its own namespace; every request carries the
 * correlation id. A failure when the credentials are missing or useless. Cheap when nothing has changed since the last
 * call.
 */
export interface AzureAccess {
  as(
    credentials: Credentials | undefined,
    correlationId: string | undefined,
    signal: AbortSignal,
  ): Promise<Outcome<ReplicationApi>>;
}

/** Who to be for Azure. */
export type ServicePrincipal = { readonly tenantId: string; readonly clientId: string } & (
  | { readonly kind: 'client-secret'; readonly clientSecret: string }
  /** Certificate and unencrypted RSA key, checked. */
  | { readonly kind: 'certificate'; readonly pem: string }
  /** `assertion` gives a token of the service account that stands in for a secret; no call while the last one is good. */
  | { readonly kind: 'federated'; readonly assertion: (signal: AbortSignal) => Promise<Outcome<string>> }
);

/** Where credentials are kept. */
export interface CredentialSource {
  /** As they are now; the same value as long as they have not changed. No call but the first time. */
  read(credentials: Credentials, signal: AbortSignal): Promise<Outcome<ServicePrincipal>>;
}

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

/** Structured log: a constant message, facts in fields. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Ask before collecting fields in a hot place: a debug line that nobody sees still costs its fields. */
  isDebugEnabled(): boolean;
}

/** What happened to an object in the cache; `current` is undefined when it is gone, `previous` when it is new. */
export interface CacheChange {
  readonly previous: RegistryReplication | undefined;
  readonly current: RegistryReplication | undefined;
}

export interface Clock {
  now(): Date;
}

/** Requests to Azure, as label values of metrics. */
export type ArmOperation =
  | 'registry_get'
  | 'replications_list'
  | 'replication_get'
  | 'replication_put'
  | 'replication_patch'
  | 'replication_delete'
  | 'other';

/** What Azure's remaining-quota headers speak of. */
export type QuotaKind = 'reads' | 'writes' | 'deletes';

/** One request on the wire and how it ended; every page of a LIST is one. */
export interface ArmRequest {
  readonly operation: ArmOperation;
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** Until the whole body was read. */
  readonly durationMs: number;
  /** Azure's id for its support; empty when no answer came. */
  readonly correlationId: string;
  /** What Azure says is left to the operator in this subscription, the smallest figure of each kind. */
  readonly remaining: Readonly<Partial<Record<QuotaKind, number>>>;
}
