import type { Region } from './region.ts';

/** Where a registry is, in the parts of its ARM id; ARM compares them without regard to case. */
export interface RegistryRef {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** A registry as Azure describes it. */
export interface Registry {
  readonly id: string;
  readonly loginServer: string;
  readonly home: Region;
  readonly sku: string;
  /** Present where the registry is known to have regional endpoints, a host for each region with replicas or data. */
  readonly regionalEndpoints?: true;
}

/**
 * The values of a replica's provisioningState. ARM may add others: a value that is not listed here is read as Unknown
 * and counts as running (ARM: anything but Succeeded, Failed and Canceled is running; an absent state is Succeeded).
 */
export const replicaStates = [
  'Creating',
  'Updating',
  'Deleting',
  'Succeeded',
  'Failed',
  'Canceled',
  'Unknown',
] as const;
export type ReplicaState = (typeof replicaStates)[number];

/** A replica as Azure describes it, parsed: nothing is undefined. */
export interface Replica {
  readonly region: Region;
  /** The resource name, which need not be the region. */
  readonly name: string;
  readonly state: ReplicaState;
  /** displayStatus: free text such as Ready or Syncing; empty while Azure gives none. */
  readonly status: string;
  /** Free text from Azure about the status; empty when none. */
  readonly message: string;
  /** When Azure says the status last changed, ISO 8601; empty when it doesn't say. */
  readonly changedAt: string;
  readonly tags: Tags;
  /** Whether the global endpoint sends clients there (regionEndpointEnabled). */
  readonly routing: Switch;
  readonly zoneRedundancy: Switch;
}

export type Switch = 'Enabled' | 'Disabled';
/** ARM keeps the spelling of a tag's name and ignores its case. */
export type Tags = Readonly<Record<string, string>>;

/** Whether a replica serves; it does so even while a setting of it is being changed. */
export function isProvisioned(state: ReplicaState | undefined): boolean {
  return state === 'Succeeded' || state === 'Updating';
}

/** Whether Azure has given a replica up. */
export function isBroken(state: ReplicaState | undefined): state is 'Failed' | 'Canceled' {
  return state === 'Failed' || state === 'Canceled';
}

/** Whether Azure is doing something with a replica; nothing else can be done with it meanwhile. */
export function isBusy(state: ReplicaState): boolean {
  return state !== 'Succeeded' && !isBroken(state);
}

/**
 * Whether a wanted replica counts as ready in the sense of `spec.readyWhen`. displayStatus is free text; Ready is the one
 * word seen for it.
 */
export function isReady(
  { state, status }: { readonly state: ReplicaState | undefined; readonly status: string },
  { readyWhen }: Pick<Desired, 'readyWhen'>,
): boolean {
  return state === 'Succeeded' && (readyWhen === 'Provisioned' || status.toLowerCase() === 'ready');
}

/** Whether the home region serves, as far as Azure tells; Azure need not list its replica. */
export function isHomeWell(replica: Replica | undefined): boolean {
  if (replica === undefined || isBusy(replica.state)) return true;
  return replica.state === 'Succeeded' && /^(ready|syncing|)$/i.test(replica.status);
}

/** A replica of which nothing but this is known. */
export function bareReplica(region: Region, name: string, state: ReplicaState): Replica {
  return {
    region,
    name,
    state,
    status: '',
    message: '',
    changedAt: '',
    tags: {},
    routing: 'Enabled',
    zoneRedundancy: 'Disabled',
  };
}

/** What Azure has, read in one pass. */
export interface Actual {
  readonly registry: Registry;
  /** Whether Azure was asked for the registry in this look, or its home region and SKU are remembered. */
  readonly registryRead: 'now' | 'remembered';
  readonly replicas: ReadonlyMap<Region, Replica>;
}

/** What the spec asks for in one region. A setting that is undefined is left to Azure at creation, and later as it is found. */
export interface Wish {
  readonly region: Region;
  /** The resource name for a replica that must be created. */
  readonly name: string;
  readonly routing: Switch | undefined;
  /** This setting counts at creation only. */
  readonly zoneRedundancy: Switch | undefined;
  /** The tags of the whole set with those of the region over them. */
  readonly tags: Tags;
}

/** What can be changed of a replica that is there. */
export type Settings = Pick<Wish, 'routing' | 'tags'>;

/** A replica to be created: a wish with the owner's tags among its own. */
export type NewReplica = Wish;

/** What one PATCH changes. `tags` are all tags of the replica: Azure removes what is left out. */
export interface Change {
  readonly routing?: Switch;
  readonly tags?: Tags;
}

/** The Secret or ServiceAccount, in the object's own namespace, with which Azure is called instead of the operator's identity. */
export type Credentials = { readonly namespace: string } & (
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'service-account'; readonly name: string }
);

/** How people are told of credentials, one name for each: `Secret azure-contoso in namespace platform`. */
export function credentialsName({ kind, namespace, name }: Credentials): string {
  return `${kind === 'secret' ? 'Secret' : 'ServiceAccount'} ${name} in namespace ${namespace}`;
}

/** A region that is to be out of routing until a moment. */
export interface Drain {
  readonly region: Region;
  readonly until: Date;
  /** For people, in one line. */
  readonly reason: string;
}

/** What the spec asks for, parsed. */
export interface Desired {
  readonly registry: RegistryRef;
  readonly wishes: ReadonlyMap<Region, Wish>;
  /** Those that are past are among them. */
  readonly drains: readonly Drain[];
  readonly credentials: Credentials | undefined;
  readonly mode: 'Apply' | 'Observe';
  readonly prune: 'All' | 'Owned' | 'None';
  readonly deletionPolicy: 'Delete' | 'Retain';
  readonly readyWhen: 'Synced' | 'Provisioned';
  readonly intervalMs: number;
}

/** The names of the tags that say which object created a replica. */
const managedByTag = 'managed-by';
export const ownerTag = 'acr-replication-owner';
const operatorName = 'acr-replication-operator';

/** The tags put on every replica at creation. `owner` is `<cluster>/<namespace>/<name>`. */
export function ownerTags(owner: string): Tags {
  return { [managedByTag]: operatorName, [ownerTag]: owner };
}

/** The value of a replica's owner tag; undefined when no operator created the replica. ARM ignores the case of tag names. */
export function ownerOf(replica: Replica): string | undefined {
  const entry = Object.entries(replica.tags).find(([name]) => name.toLowerCase() === ownerTag);
  return entry?.[1];
}

/** `tags` with `wanted` set, in the spelling that `tags` has for their names; the same object when nothing differs. */
export function mergeTags(tags: Tags, wanted: Tags): Tags {
  const names = new Map(Object.keys(tags).map((name) => [name.toLowerCase(), name]));
  const changes = Object.entries(wanted)
    .map(([name, value]) => [names.get(name.toLowerCase()) ?? name, value] as const)
    .filter(([name, value]) => tags[name] !== value);
  return changes.length === 0 ? tags : { ...tags, ...Object.fromEntries(changes) };
}
