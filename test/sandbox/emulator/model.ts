/**
 * What the emulated Azure holds. Everything is plain JSON: it is what the state file and the control endpoint carry.
 */

export type Cloud = 'AzurePublic' | 'AzureChinaCloud' | 'AzureUSGovernment';
export type Verb = 'GET' | 'LIST' | 'PUT' | 'PATCH' | 'DELETE' | 'POST' | 'OTHER';

/** A federated credential of an app: which issuer's tokens, for which subject, stand in for its secret. */
export interface Federation {
  readonly issuer: string;
  readonly subject: string;
  /** Default `api://AzureADTokenExchange`. */
  readonly audience?: string;
  /** The issuer's public keys, as a Kubernetes API server serves them at `/openid/v1/jwks`. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

/** An app registration with its service principal. */
export interface App {
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly secret?: string;
  /** PEM of a certificate whose key may sign client assertions. */
  readonly certificate?: string;
  readonly federation?: readonly Federation[];
  /** Handed out by the managed identity endpoints. */
  readonly managedIdentity?: boolean;
}

/** Allows a principal `actions` (`*` is a wildcard) at `scope` and below. */
export interface RoleAssignment {
  readonly clientId: string;
  readonly scope: string;
  readonly actions: readonly string[];
}

export interface Subscription {
  readonly id: string;
  readonly displayName: string;
  readonly tenantId: string;
  readonly resourceGroups: readonly string[];
}

export type CreatedByType = 'User' | 'Application';
export type Settled = 'Succeeded' | 'Failed' | 'Canceled';
type Values = { readonly tags: Readonly<Record<string, string>>; readonly regionEndpointEnabled: boolean };

export type Outcome =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'fails'; readonly code: string; readonly message: string }
  /** The replica is gone when the operation ends: Azure rolled it back. */
  | { readonly kind: 'vanishes'; readonly code: string; readonly message: string }
  | { readonly kind: 'canceled' };

/** A long-running operation. It has no timer: whoever looks compares the clock with `endsAt`. */
export interface Operation {
  readonly id: string;
  readonly kind: 'create' | 'update' | 'delete';
  readonly subscriptionId: string;
  readonly registry: string;
  readonly replica: string;
  readonly location: string;
  readonly startedAt: number;
  /** Null: never, it is stuck. */
  endsAt: number | null;
  outcome: Outcome;
  /** Values before an update: shown by a stale LIST, restored when the update fails unless `keeps`. */
  readonly before?: Values;
  /** The state that it leaves its replica in. Default: what the outcome says. */
  leaves?: Settled;
  /** Its values stay when it fails. */
  keeps?: true;
  /** Its end has been carried over to the replica. */
  applied?: true;
}

export interface Replica {
  readonly name: string;
  readonly location: string;
  tags: Readonly<Record<string, string>>;
  regionEndpointEnabled: boolean;
  zoneRedundancy: 'Enabled' | 'Disabled';
  readonly createdBy: string;
  readonly createdByType: CreatedByType;
  readonly createdAt: number;
  modifiedBy: string;
  modifiedByType: CreatedByType;
  modifiedAt: number;
  /** State without a running operation. */
  settled: Settled;
  /** When `status` last changed. */
  statusAt: number;
  /** From when on displayStatus is Ready instead of Syncing. Null: never. */
  readyAt: number | null;
  displayStatus?: string;
  message?: string;
  operation?: Operation;
  /** It will fail by itself at this moment. */
  failing?: { readonly at: number; readonly state: 'Failed' | 'Canceled'; readonly message: string };
}

/** What a registry has switched on, beside its replicas. */
export interface Features {
  readonly softDelete: boolean;
  readonly contentTrust: boolean;
  readonly dataEndpoints: boolean;
  readonly regionalEndpoints: boolean;
  readonly privateEndpoints: readonly PrivateEndpoint[];
}

/** A private endpoint of a registry, in a subnet of the same subscription. */
export interface PrivateEndpoint {
  readonly name: string;
  readonly resourceGroup: string;
  readonly network: string;
  readonly subnet: string;
  readonly status: 'Approved' | 'Pending' | 'Rejected' | 'Disconnected';
}

/** A virtual network, as far as private endpoints need it. */
export interface Network {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly subnets: readonly {
    readonly name: string;
    /** Length of the prefix: 28 leaves 11 addresses, for Azure keeps five of each subnet. */
    readonly prefixLength: number;
    /** Addresses that others than the registries' private endpoints have taken. */
    readonly taken: number;
  }[];
}

export interface Registry {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly location: string;
  sku: 'Basic' | 'Standard' | 'Premium';
  tags: Readonly<Record<string, string>>;
  readonly zoneRedundancy: 'Enabled' | 'Disabled';
  readonly createdAt: number;
  readonly replicas: Replica[];
  /** Lately removed replicas with the moment: for stale LISTs and for creates right after a delete. */
  readonly removed: { readonly replica: Replica; readonly at: number }[];
  /** When the home replica appears by itself. */
  homeDueAt?: number;
  /** Undefined: nothing is on. */
  features?: Features;
}

export interface State {
  readonly cloud: Cloud;
  readonly subscriptions: Subscription[];
  readonly apps: App[];
  readonly roles: RoleAssignment[];
  readonly registries: Registry[];
  readonly operations: Operation[];
  readonly networks?: readonly Network[];
}

/** Lower case without spaces, as Azure's tools compare locations. */
export function normalise(location: string): string {
  return location.toLowerCase().replaceAll(' ', '');
}

/** True when the moment `at` has come. */
export function past(at: number | null | undefined, now: number): boolean {
  return at !== null && at !== undefined && at <= now;
}
