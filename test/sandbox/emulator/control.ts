import type { Azure } from './azure.ts';
import { type ReplicationBody, replicationBody } from './bodies.ts';
import type { ActiveFault, FaultRule } from './fault-rules.ts';
import { changedGraph, type GraphChange } from './graph-settings.ts';
import type { Journal, JournalEntry, JournalQuery } from './journal.ts';
import { normalise, type Registry, type RoleAssignment, type State } from './model.ts';
import { featuresOf, putApp, same, seedRegistry } from './seed.ts';
import {
  DEFAULTS,
  type Habits,
  habitsOf,
  type SeedApp,
  type SeedRegistry,
  type SeedReplica,
  type Times,
  timesOf,
} from './settings.ts';
import { remove } from './store.ts';
import type { Revocation } from './tokens.ts';

/** What a test may do to Azure, in process or over HTTP. Each function takes at most one plain JSON value. */
export interface EmulatorControl {
  /** Everything Azure holds. */
  readonly state: () => Promise<State>;
  /** Replaces everything Azure holds. */
  readonly setState: (state: State) => Promise<void>;
  /** Calls since the start or the last reset, as `{"PUT replication": 3}`. */
  readonly counters: () => Promise<Readonly<Record<string, number>>>;
  readonly resetCounters: () => Promise<void>;
  readonly journal: (query?: JournalQuery) => Promise<readonly JournalEntry[]>;
  readonly clearJournal: () => Promise<void>;
  /** Adds a fault and gives its id. */
  readonly addFault: (rule: FaultRule) => Promise<string>;
  readonly faults: () => Promise<readonly ActiveFault[]>;
  /** Ends the fault of this id, or all. What was stuck goes on. */
  readonly clearFaults: (id?: string) => Promise<void>;
  /** Replicas of a registry as GET shows them, whatever faults are on; sorted by location. */
  readonly replicas: (registry: string) => Promise<readonly ReplicationBody[]>;
  /** Somebody else creates a replica; it is there at once. */
  readonly createReplica: (replica: SeedReplica & { readonly registry: string }) => Promise<void>;
  /** Somebody else deletes a replica; it is gone at once. */
  readonly deleteReplica: (which: { readonly registry: string; readonly region: string }) => Promise<void>;
  /** Somebody else changes a replica, or Azure does; a running operation of it is forgotten. */
  readonly alterReplica: (change: ReplicaChange) => Promise<void>;
  /** Adds a registry, or replaces one that is there. */
  readonly putRegistry: (registry: SeedRegistry) => Promise<void>;
  /** Changes the SKU, the tags or what is switched on of a registry; its replicas stay. */
  readonly alterRegistry: (change: RegistryChange) => Promise<void>;
  /** Somebody deletes a registry and makes it anew elsewhere: all is as before, but no replicas other than `replicas`. */
  readonly recreateRegistry: (anew: RegistryAnew) => Promise<void>;
  readonly deleteRegistry: (registry: string) => Promise<void>;
  /** Deletes a resource group with all registries in it. */
  readonly deleteResourceGroup: (which: { readonly subscriptionId: string; readonly name: string }) => Promise<void>;
  /** Deletes a subscription with everything in it. */
  readonly deleteSubscription: (id: string) => Promise<void>;
  /** Refuses all access tokens that were used so far. Default: with the challenge of continuous access evaluation. */
  readonly revokeTokens: (how?: Revocation) => Promise<void>;
  /** Adds or replaces an app registration. It gets no role by that. */
  readonly putApp: (app: SeedApp) => Promise<void>;
  /** Replaces all role assignments. */
  readonly setRoles: (roles: readonly RoleAssignment[]) => Promise<void>;
  /** Changes times for operations that start from now on. */
  readonly setTimes: (times: Partial<Times>) => Promise<void>;
  /** Changes what Azure does in one way or another, from now on. */
  readonly setHabits: (habits: Partial<Habits>) => Promise<void>;
  /** How old what Azure Resource Graph shows is, of all registries or of one, and how often it may be asked. */
  readonly setResourceGraph: (change: GraphChange) => Promise<void>;
}

export type RegistryChange = { readonly registry: string } & Pick<SeedRegistry, 'sku' | 'tags' | 'features'>;
export type RegistryAnew = { readonly registry: string } & Pick<
  SeedRegistry,
  'location' | 'zoneRedundancy' | 'replicas'
>;

export interface ReplicaChange {
  readonly registry: string;
  readonly region: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly regionEndpointEnabled?: boolean;
  readonly provisioningState?: 'Succeeded' | 'Failed' | 'Canceled';
  readonly displayStatus?: string;
  readonly message?: string;
  /** It fails by itself after that time. */
  readonly failsAfterMs?: number;
}

/** `replace` swaps the whole state; `clock` tells the time. */
export function controlOf(
  azure: Azure,
  journal: Journal,
  clock: () => number,
  replace: (state: State) => void,
): EmulatorControl {
  const registryNamed = (name: string): Registry =>
    azure.store.registry(name) ?? missing(`no registry '${name}'`, azure.store.state.registries, (r) => r.name);
  const changing = (name: string): Registry => {
    const registry = registryNamed(name);
    azure.store.remember(registry);
    return registry;
  };
  const replicaIn = (registry: Registry, region: string) =>
    registry.replicas.find((r) => r.location === normalise(region)) ??
    missing(`no replica of '${registry.name}' in '${region}'`, registry.replicas, (r) => r.location);
  const subscriptionOf = (id: string) =>
    azure.store.subscription(id) ?? missing(`no subscription '${id}'`, azure.store.state.subscriptions, (s) => s.id);
  const put = (seed: SeedRegistry): void => {
    const subscriptionId = azure.store.state.subscriptions[0]?.id ?? DEFAULTS.subscriptionId;
    if (seed.subscriptionId !== undefined) subscriptionOf(seed.subscriptionId);
    azure.store.putRegistry(seedRegistry({ zoneRedundancy: azure.zoneRedundancy, ...seed }, subscriptionId, clock()));
  };
  return {
    state: async () => {
      azure.store.registries(() => true);
      return structuredClone(azure.store.state);
    },
    setState: async (state) => replace(structuredClone(state)),
    counters: async () => journal.counters(),
    resetCounters: async () => journal.resetCounters(),
    journal: async (query = {}) => journal.entries(query),
    clearJournal: async () => journal.clear(),
    addFault: async (rule) => azure.faults.add(rule, clock()),
    faults: async () => azure.faults.list(),
    clearFaults: async (id) => {
      const faults = azure.faults.list();
      if (id !== undefined && !faults.some((f) => f.id === id)) missing(`no fault '${id}'`, faults, (f) => f.id);
      azure.faults.clear(id, clock());
    },
    replicas: async (name) => {
      const registry = registryNamed(name);
      return registry.replicas
        .map((r) => replicationBody(registry, r, clock()))
        .sort((a, b) => a.location.localeCompare(b.location));
    },
    createReplica: async ({ registry: name, ...seed }) => {
      const registry = changing(name);
      const grown = seedRegistry({ ...registry, replicas: [seed] }, registry.subscriptionId, clock());
      for (const replica of grown.replicas)
        if (!registry.replicas.some((r) => r.location === replica.location)) registry.replicas.push(replica);
    },
    deleteReplica: async ({ registry: name, region }) => {
      const registry = changing(name);
      remove(registry, replicaIn(registry, region), clock());
    },
    alterReplica: async ({ registry: name, region, provisioningState, failsAfterMs, ...values }) => {
      const registry = changing(name);
      const now = clock();
      const replica = replicaIn(registry, region);
      delete replica.operation;
      Object.assign(replica, values, { modifiedAt: now });
      if (provisioningState !== undefined) Object.assign(replica, { settled: provisioningState, statusAt: now });
      if (failsAfterMs !== undefined)
        replica.failing = { at: now + failsAfterMs, state: 'Failed', message: 'The replica stopped working.' };
    },
    putRegistry: async (seed) => put(seed),
    alterRegistry: async ({ registry: name, features, ...values }) => {
      const registry = changing(name);
      Object.assign(registry, values);
      if (features !== undefined) registry.features = featuresOf(features, registry.resourceGroup);
    },
    recreateRegistry: async ({ registry: name, ...anew }) => {
      const { resourceGroup, subscriptionId, sku, tags, zoneRedundancy, features = {} } = registryNamed(name);
      put({ name, resourceGroup, subscriptionId, sku, tags, zoneRedundancy, features, ...anew });
    },
    deleteRegistry: async (name) => azure.store.removeRegistry(registryNamed(name).name),
    deleteResourceGroup: async ({ subscriptionId, name }) => {
      const { resourceGroups } = subscriptionOf(subscriptionId);
      if (!resourceGroups.some((group) => same(group, name)))
        missing(`no resource group '${name}'`, resourceGroups, (group) => group);
      azure.store.removeResourceGroup(subscriptionId, name);
    },
    deleteSubscription: async (id) => azure.store.removeSubscription(subscriptionOf(id).id),
    revokeTokens: async (how = 'challenge') => azure.tokens.revoke(how),
    putApp: async (app) => putApp(azure.store.state, app),
    setRoles: async (roles) => {
      azure.store.state.roles.splice(0, Number.POSITIVE_INFINITY, ...roles);
    },
    setTimes: async (times) => {
      azure.times = timesOf({ ...azure.times, ...times });
    },
    setResourceGraph: async (change) => {
      if (change.registry !== undefined) registryNamed(change.registry);
      azure.graph = changedGraph(azure.graph, change, clock());
    },
    setHabits: async (habits) => {
      azure.habits = habitsOf({ ...azure.habits, ...habits });
    },
  };
}

/** Throws a TypeError that names what there is in place of what was named. */
function missing<T>(what: string, there: readonly T[], nameOf: (one: T) => string): never {
  throw new TypeError(`${what}: there is ${there.length === 0 ? 'none' : there.map(nameOf).join(', ')}`);
}
