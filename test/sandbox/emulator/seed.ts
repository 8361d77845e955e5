import { createHash } from 'node:crypto';
import {
  type App,
  type Features,
  type Network,
  normalise,
  type Registry,
  type Replica,
  type State,
  type Subscription,
} from './model.ts';
import {
  DEFAULTS,
  type SeedApp,
  type SeedFeatures,
  type SeedRegistry,
  type SeedReplica,
  type World,
} from './settings.ts';

/** The object id of Container Registry's own first-party app, which creates home replicas. [recording of 2026-09-10] */
const SERVICE_PRINCIPAL = '6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26';

/** The state a world describes, all of it Succeeded and Ready at `now`. */
export function stateOf(world: World, now: number, zoneRedundancy: Registry['zoneRedundancy'] = 'Disabled'): State {
  const tenantId = world.tenantId ?? DEFAULTS.tenantId;
  const given = world.subscriptions ?? [{ id: DEFAULTS.subscriptionId }];
  const first = given[0]?.id ?? DEFAULTS.subscriptionId;
  const registries = (world.registries ?? [DEFAULTS.registry]).map((r) =>
    seedRegistry({ zoneRedundancy, ...r }, first, now),
  );
  const networks = world.networks?.map((network): Network => ({ subscriptionId: first, ...network }));
  const subscriptions = given.map((s): Subscription => {
    const used = [...registries, ...(networks ?? [])]
      .filter((r) => same(r.subscriptionId, s.id))
      .map((r) => r.resourceGroup);
    return {
      id: s.id,
      displayName: s.displayName ?? 'Emulated subscription',
      tenantId: s.tenantId ?? tenantId,
      resourceGroups: [...new Set([...(s.resourceGroups ?? []), ...used])],
    };
  });
  const apps = (world.apps ?? [{ clientId: DEFAULTS.clientId, secret: DEFAULTS.clientSecret }]).map((app, index) =>
    seedApp(app, tenantId, index === 0),
  );
  const roles =
    world.roles ??
    apps.flatMap((a) =>
      subscriptions.map((s) => ({ clientId: a.clientId, scope: `/subscriptions/${s.id}`, actions: ['*'] })),
    );
  return {
    cloud: world.cloud ?? 'AzurePublic',
    subscriptions,
    apps,
    roles: [...roles],
    registries,
    operations: [],
    ...(networks === undefined ? {} : { networks }),
  };
}

function seedApp(app: SeedApp, tenantId: string, managedIdentity: boolean): App {
  const { clientId, secret, certificate, federation } = app;
  return {
    clientId,
    objectId: app.objectId ?? uuidFrom(`principal of ${clientId}`),
    tenantId: app.tenantId ?? tenantId,
    displayName: app.displayName ?? `app-${clientId.slice(0, 8)}`,
    managedIdentity: app.managedIdentity ?? managedIdentity,
    ...(secret === undefined ? {} : { secret }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(federation === undefined ? {} : { federation: [federation].flat() }),
  };
}

/** Adds or replaces an app, keeping what `app` does not say. */
export function putApp(state: State, app: SeedApp): void {
  const index = state.apps.findIndex((a) => same(a.clientId, app.clientId));
  const tenantId = state.subscriptions[0]?.tenantId ?? DEFAULTS.tenantId;
  if (index < 0) state.apps.push(seedApp(app, tenantId, false));
  else state.apps.splice(index, 1, seedApp({ ...state.apps[index], ...app }, tenantId, false));
}

export function seedRegistry(seed: SeedRegistry, subscriptionId: string, now: number): Registry {
  const { tags = {}, zoneRedundancy = 'Disabled' } = seed;
  const location = normalise(seed.location);
  const replicas = (seed.replicas ?? []).map((r) => seedReplica(r, now));
  const isListed = replicas.length > 0 || zoneRedundancy === 'Enabled';
  if (isListed && !replicas.some((r) => r.location === location))
    replicas.push(homeReplica({ location, tags, zoneRedundancy }, now));
  return {
    name: seed.name,
    resourceGroup: seed.resourceGroup,
    subscriptionId: seed.subscriptionId ?? subscriptionId,
    location,
    sku: seed.sku ?? 'Premium',
    tags,
    zoneRedundancy,
    createdAt: now,
    replicas,
    removed: [],
    ...(seed.features === undefined ? {} : { features: featuresOf(seed.features, seed.resourceGroup) }),
  };
}

/** All that is switched on, and off otherwise. */
export function featuresOf({ privateEndpoints = [], ...given }: SeedFeatures, resourceGroup: string): Features {
  return {
    softDelete: false,
    contentTrust: false,
    dataEndpoints: false,
    regionalEndpoints: false,
    ...given,
    privateEndpoints: privateEndpoints.map((endpoint) => ({ resourceGroup, status: 'Approved', ...endpoint })),
  };
}

export function seedReplica(seed: SeedReplica, now: number): Replica {
  return {
    name: seed.name ?? normalise(seed.location),
    location: normalise(seed.location),
    tags: {
      ...seed.tags,
      ...(seed.owner === undefined
        ? {}
        : { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': seed.owner }),
    },
    regionEndpointEnabled: seed.regionEndpointEnabled ?? true,
    zoneRedundancy: seed.zoneRedundancy ?? 'Disabled',
    createdBy: 'someone@example.com',
    createdByType: 'User',
    createdAt: now,
    modifiedBy: 'someone@example.com',
    modifiedByType: 'User',
    modifiedAt: now,
    settled: 'Succeeded',
    statusAt: now,
    readyAt: now,
  };
}

/**
 * The replica of the home region, which the service creates by itself, Ready from its first moment. That of a zone
 * redundant registry is so too and has the registry's tags. [recordings of 2022 to 2023]
 */
export function homeReplica(
  { location, tags, zoneRedundancy }: Pick<Registry, 'location' | 'tags' | 'zoneRedundancy'>,
  now: number,
): Replica {
  const by = {
    createdBy: SERVICE_PRINCIPAL,
    createdByType: 'Application',
    modifiedBy: SERVICE_PRINCIPAL,
    modifiedByType: 'Application',
  } as const;
  const zoned = zoneRedundancy === 'Enabled' ? { tags, zoneRedundancy } : {};
  return { ...seedReplica({ location, ...zoned }, now), ...by };
}

export function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function same(a: string, b: string): boolean {
  return a.length === b.length && a.toLowerCase() === b.toLowerCase();
}
