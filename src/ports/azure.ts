import type { Outcome } from '../domain/failure.ts';
import type { Actual, Change, Credentials, NewReplica, Registry, RegistryRef, Replica } from '../domain/replication.ts';

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
