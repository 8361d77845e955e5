import type { App, Cloud, Features, Federation, Network, PrivateEndpoint, RoleAssignment } from './model.ts';

/** How long things take, in milliseconds. */
export interface Times {
  /** From an accepted create to Succeeded. Default 10 000, as recorded with an empty registry. */
  readonly operationMs: number;
  /** From Succeeded to displayStatus Ready. Default 1 000: the first looks after Succeeded say Syncing. */
  readonly syncMs: number;
  /** From an accepted delete to gone. Default `operationMs`. */
  readonly deleteMs: number;
  /** From an accepted update to Succeeded. Default 500, at most `operationMs`. */
  readonly updateMs: number;
  /** From the first create to the home replica. Default 4 000, at most `operationMs`. */
  readonly homeDelayMs: number;
  /** Added to every answer. Default 0. */
  readonly latencyMs: number;
  /** Every operation takes up to this share longer, seeded. Default 0. */
  readonly jitter: number;
}

export function timesOf(given: Partial<Times>): Times {
  const operationMs = given.operationMs ?? 10_000;
  return {
    operationMs,
    syncMs: given.syncMs ?? 1_000,
    deleteMs: given.deleteMs ?? operationMs,
    updateMs: given.updateMs ?? Math.min(500, operationMs),
    homeDelayMs: Math.min(given.homeDelayMs ?? 4_000, operationMs),
    latencyMs: given.latencyMs ?? 0,
    jitter: given.jitter ?? 0,
  };
}

/** What Azure does in one way or another: recordings differ, or there is none. */
export interface Habits {
  /**
   * How a PATCH of tags alone is answered: by 201 and an operation (default, recorded in 2026), or by 200 at once
   * (recorded from 2022 to 2023).
   */
  readonly tagPatch: 'operation' | 'immediate';
  /** What a PATCH makes of a Failed or Canceled replica. Default heals. No recording exists. */
  readonly patchOfFailed: 'heals' | 'stays';
  /** What a PUT makes of a Failed or Canceled replica. Default stays: 200, and Failed as before. No recording exists. */
  readonly putOfFailed: 'heals' | 'stays';
}

export const HABITS = {
  tagPatch: ['operation', 'immediate'],
  patchOfFailed: ['heals', 'stays'],
  putOfFailed: ['stays', 'heals'],
} as const satisfies { readonly [K in keyof Habits]: readonly Habits[K][] };

/** The first of each row is the default. */
export function habitsOf(given: Partial<Habits>): Habits {
  const { tagPatch, patchOfFailed, putOfFailed } = HABITS;
  return {
    tagPatch: given.tagPatch ?? tagPatch[0],
    patchOfFailed: given.patchOfFailed ?? patchOfFailed[0],
    putOfFailed: given.putOfFailed ?? putOfFailed[0],
  };
}

/** A token bucket: `size` calls at once, then `perSecond`. */
export interface Bucket {
  readonly size: number;
  readonly perSecond: number;
}

export interface SeedReplica {
  readonly location: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly regionEndpointEnabled?: boolean;
  readonly zoneRedundancy?: 'Enabled' | 'Disabled';
  /** The object that its tags name as owner, as `cluster/namespace/name`. Default: none. */
  readonly owner?: string;
}

export interface SeedRegistry {
  readonly name: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** The registry's subscription. Default: the first one. */
  readonly subscriptionId?: string;
  /** The registry's tier. Default: Premium. */
  readonly sku?: 'Basic' | 'Standard' | 'Premium';
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Enabled: the home replica is listed from the start, zone redundant and with the registry's tags. Default: as the
   * emulator's setting of this name says.
   */
  readonly zoneRedundancy?: 'Enabled' | 'Disabled';
  /** Replicas that are there and Ready; the home replica comes along when there is any. */
  readonly replicas?: readonly SeedReplica[];
  /** What is switched on. Default: nothing. */
  readonly features?: SeedFeatures;
}

/** A private endpoint is Approved and in the registry's own resource group where it does not say otherwise. */
export type SeedFeatures = Partial<Omit<Features, 'privateEndpoints'>> & {
  readonly privateEndpoints?: readonly (Pick<PrivateEndpoint, 'name' | 'network' | 'subnet'> &
    Partial<PrivateEndpoint>)[];
};

/** A network is in the first subscription where it does not say otherwise. */
export type SeedNetwork = Pick<Network, 'name' | 'resourceGroup' | 'subnets'> & Partial<Network>;

/** An app registration; the first app of a world is also the managed identity. */
export type SeedApp = Pick<App, 'clientId'> &
  Partial<Omit<App, 'federation'>> & { readonly federation?: Federation | readonly Federation[] };

/** What is there at the start. Everything is optional: by default one Premium registry `contoso` at home in eastus. */
export interface World {
  readonly cloud?: Cloud;
  readonly tenantId?: string;
  readonly subscriptions?: readonly {
    readonly id: string;
    readonly displayName?: string;
    readonly tenantId?: string;
    /** Resource groups beside those that hold registries. */
    readonly resourceGroups?: readonly string[];
  }[];
  readonly registries?: readonly SeedRegistry[];
  readonly apps?: readonly SeedApp[];
  /** Role assignments. Default: every app may do everything in every subscription of its tenant. */
  readonly roles?: readonly RoleAssignment[];
  /** Virtual networks for the private endpoints of registries. Default: none. */
  readonly networks?: readonly SeedNetwork[];
}

export interface EmulatorOptions extends Partial<Times>, Partial<Habits>, World {
  /** The port. Default 0: the system chooses. */
  readonly port?: number;
  /** The address that it listens at. Default 127.0.0.1. */
  readonly listen?: string;
  /** Where clients reach it; the certificate is for this host too. Default: `https://127.0.0.1:` and the port. */
  readonly url?: string;
  /** The port of managed identities, over plain HTTP. Default 0: the system chooses. */
  readonly identityPort?: number;
  /** A file that is kept up to date with the state; when it is there at the start, it is read in place of the world. */
  readonly stateFile?: string;
  /** Gives the time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** The seed for everything random: order of LIST, ids, jitter, faults. Default 1. */
  readonly seed?: number;
  /** Replicas and registries per LIST page. Default: all on one. */
  readonly pageSize?: number;
  /** Sends Retry-After with answers about running operations. Default: none, as recorded. */
  readonly retryAfterSeconds?: number;
  /** How long an access token is good. Default 3 599. */
  readonly tokenLifeSeconds?: number;
  /** Zone redundancy of registries that do not say theirs. Default Disabled. */
  readonly zoneRedundancy?: 'Enabled' | 'Disabled';
  /** Request limits per subscription and principal. Default: none. */
  readonly buckets?: { readonly reads?: Bucket; readonly writes?: Bucket; readonly deletes?: Bucket };
  /** How old what Azure Resource Graph shows is. Default 1 000. */
  readonly graphAgeMs?: number;
  /** Journal entries kept. Default 10 000. */
  readonly journalSize?: number;
}

/** Ids and secret of the app that the default world lets in. */
export const DEFAULTS = {
  tenantId: '10000000-0000-4000-8000-000000000001',
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  clientId: '20000000-0000-4000-8000-000000000002',
  clientSecret: 'emulator-client-secret',
  registry: { name: 'contoso', resourceGroup: 'registries', location: 'eastus' },
} as const;
