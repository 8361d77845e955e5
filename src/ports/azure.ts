import type { Outcome } from '../domain/failure.ts';
import type { Actual, Change, Credentials, NewReplica, Registry, RegistryRef, Replica } from '../domain/replication.ts';
import type { Urgency } from '../domain/urgency.ts';

/** All that the operator asks of Azure. What Azure says is an Outcome; aborts and bugs are thrown. */
export interface ReplicationApi {
  /**
   * Reads now, never from a cache: one LIST per page. Before that one GET of the registry, when `known` is undefined or
   * this process read the registry more than an hour ago or in another home region (`known`, from the object's status,
   * counts as read when it is first seen), and one after it when the LIST does not show the remembered home region
   * among its replicas. A registry without Premium SKU gives failure SkuNotPremium after the GET, without a LIST, unless
   * `how` asks for any SKU.
   */
  observe(
    ref: RegistryRef,
    known: Registry | undefined,
    signal: AbortSignal,
    how?: Observing,
  ): Promise<Outcome<Actual>>;
  /**
   * What Azure Resource Graph knows of the replicas of a registry that is at rest: as a rule seconds old, without a bound,
   * so that it can only be a reason to leave everything as it is. An answer may be one that is shared with other
   * registries and was asked for up to `maxAgeMs` ago. It never fails: what cannot be seen so is read by `observe`.
   * Undefined: Resource Graph is not asked.
   */
  readonly glance?: (ref: RegistryRef, known: Registry, maxAgeMs: number, signal: AbortSignal) => Promise<Glance>;
  /**
   * One GET of the registry in a preview version of the API: no other tells whether it has regional endpoints. Undefined:
   * that is not asked.
   */
  readonly readEndpoints?: (ref: RegistryRef, signal: AbortSignal) => Promise<Outcome<boolean>>;
  /**
   * Whether the registry has regional endpoints: what Azure said at most `maxAgeMs` ago. `known`, from the object's
   * status, counts as said when it is first seen; without it Azure is asked now. It never fails: what Azure refuses, or
   * does not know, counts as false, and undefined means that Azure could not be asked, so that what was known goes on
   * counting. A refusal, too, is remembered.
   */
  readonly endpoints?: (
    ref: RegistryRef,
    known: boolean | undefined,
    maxAgeMs: number,
    signal: AbortSignal,
  ) => Promise<boolean | undefined>;
  /** One GET of the registry, never from a cache; of its SKU the same holds as for `observe`. */
  readRegistry(ref: RegistryRef, signal: AbortSignal, how?: Observing): Promise<Outcome<Registry>>;
  /**
   * One GET by name; undefined when Azure says with a code that the replica is not there. LIST can leave a replica out
   * or show an old state, so this is asked before anything that could do harm.
   */
  get(ref: RegistryRef, name: string, signal: AbortSignal): Promise<Outcome<Replica | undefined>>;
  /**
   * One PUT. Resolves when ARM accepts (about 1 s), with the replica as ARM answered it, not when it exists
   * (minutes).
   */
  create(ref: RegistryRef, replica: NewReplica, signal: AbortSignal): Promise<Outcome<Replica>>;
  /** One PATCH of exactly what `change` holds. Resolves when ARM accepts, with the replica as ARM answered it. */
  update(ref: RegistryRef, name: string, change: Change, signal: AbortSignal): Promise<Outcome<Replica>>;
  /**
   * One DELETE. Resolves when ARM accepts. A replica that is gone already (204, or 404 with a code) counts as success, and
   * so does one whose registry or resource group is named as missing. Any other 404 is a failure.
   */
  remove(ref: RegistryRef, name: string, signal: AbortSignal): Promise<Outcome<void>>;
}

/** What a look at a registry by Azure Resource Graph came to. */
export type Glance =
  /** `by` provider: Azure routed the request past Resource Graph, and the answer is as good as that of `observe`. */
  | { readonly kind: 'seen'; readonly by: 'resource_graph' | 'provider'; readonly actual: Actual }
  /** The answer is on its way to somebody else, or its quota is used up: nothing is asked of anybody before `until`. */
  | { readonly kind: 'later'; readonly until: Date }
  /** Absent, not understood, or refused: only the provider can tell. */
  | { readonly kind: 'unseen' };

/** What an observation asks for beyond the usual. */
export interface Observing {
  /** True: the registry's SKU may be any, for the replicas of an object that is being deleted. */
  readonly anySku?: boolean;
  /**
   * True: a registry that has to be read is read in the preview version of the API, which tells of regional endpoints, and in
   * the stable one only where Azure refuses that: one GET more.
   */
  readonly endpoints?: boolean;
}

/** For what calls are made. */
export interface Errand {
  /** Goes with every request, so that Azure's activity log and the operator's log name the same. */
  readonly correlationId: string | undefined;
  /** Whether the calls come before others where Azure's request limits make them wait. */
  readonly urgency: Urgency;
}

/** The way to Azure with one identity or another. */
export interface AzureAccess {
  /**
   * Gives Azure with the identity that an object names in its own namespace, or else with the operator's. Fails when the credentials are missing or useless. Cheap when nothing has changed since
   * the last call.
   */
  as(credentials: Credentials | undefined, errand: Errand, signal: AbortSignal): Promise<Outcome<ReplicationApi>>;
}

/** The identity with which an object's calls to Azure are made. */
export type ServicePrincipal = { readonly tenantId: string; readonly clientId: string } & (
  | { readonly kind: 'client-secret'; readonly clientSecret: string }
  /** `pem` holds a certificate and its unencrypted RSA key, both checked. */
  | { readonly kind: 'certificate'; readonly pem: string }
  /** `assertion` gives a service account's token, which stands in for a secret; no call while the last one is good. */
  | { readonly kind: 'federated'; readonly assertion: (signal: AbortSignal) => Promise<Outcome<string>> }
);

/** The place where objects' credentials are kept. */
export interface CredentialSource {
  /**
   * Reads credentials as they are now; gives the same value as long as they have not changed. Only the first time
   * costs a call.
   */
  read(credentials: Credentials, signal: AbortSignal): Promise<Outcome<ServicePrincipal>>;
}
