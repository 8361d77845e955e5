import type { Azure } from './azure.ts';
import { LOGIN_SUFFIX, registryBody, registryId } from './bodies.ts';
import type { AuthorisedCall, Call } from './call.ts';
import { ERRORS, type Reply } from './errors.ts';
import type { Cloud, Subscription } from './model.ts';
import { page } from './paging.ts';
import { same } from './seed.ts';
import { API_VERSIONS, regionsOf } from './versions.ts';

const CLOUD_NAME: Record<Cloud, string> = {
  AzurePublic: 'AzureCloud',
  AzureChinaCloud: 'AzureChinaCloud',
  AzureUSGovernment: 'AzureUSGovernment',
};

/** The subscriptions in which the caller has any role at all. */
export function listSubscriptions({ store }: Azure, { principal }: AuthorisedCall): Reply {
  const scopes = store.state.roles
    .filter((r) => same(r.clientId, principal.clientId))
    .map((r) => r.scope.toLowerCase());
  const seen = store.state.subscriptions.filter((s) =>
    scopes.some((scope) => scope === '/' || scope.startsWith(`/subscriptions/${s.id.toLowerCase()}`)),
  );
  return { status: 200, body: { value: seen.map(subscriptionBody), count: { type: 'Total', value: seen.length } } };
}

export function getSubscription({ store }: Azure, { names }: AuthorisedCall): Reply {
  const subscription = store.subscription(names.subscription ?? '');
  return subscription === undefined
    ? ERRORS.subscriptionNotFound(names.subscription ?? '')
    : { status: 200, body: subscriptionBody(subscription) };
}

export function getResourceGroup(azure: Azure, { names }: AuthorisedCall): Reply {
  const { subscription = '', group = '' } = names;
  const name = azure.store.subscription(subscription)?.resourceGroups.find((g) => same(g, group)) ?? group;
  const location = azure.store.registries((r) => same(r.resourceGroup, group))[0]?.location ?? 'eastus';
  const id = `/subscriptions/${subscription}/resourceGroups/${name}`;
  return {
    status: 200,
    body: {
      id,
      name,
      type: 'Microsoft.Resources/resourceGroups',
      location,
      properties: { provisioningState: 'Succeeded' },
    },
  };
}

export function listTenants({ store }: Azure, { principal }: AuthorisedCall): Reply {
  const { tenantId } = principal;
  const name = store.state.subscriptions.length > 0 ? 'Emulated tenant' : '';
  return {
    status: 200,
    body: {
      value: [
        {
          id: `/tenants/${tenantId}`,
          tenantId,
          tenantCategory: 'Home',
          displayName: name,
          domains: ['emulated.example'],
        },
      ],
    },
  };
}

/** All regions of the cloud, whatever they offer: how clients turn a display name into a name. */
export function listLocations({ store }: Azure, { names }: AuthorisedCall): Reply {
  const idOf = (name: string): string => `/subscriptions/${names.subscription}/locations/${name}`;
  const value = regionsOf(store.state.cloud).map((region) => {
    const { name, displayName, geography, geographyGroup, physicalLocation, pairedRegion: pair } = region;
    const metadata = {
      regionType: 'Physical',
      regionCategory: region.category,
      geography,
      geographyGroup,
      longitude: `${region.longitude}`,
      latitude: `${region.latitude}`,
      physicalLocation,
      pairedRegion: pair === null ? [] : [{ name: pair, id: idOf(pair) }],
    };
    const regionalDisplayName = `(${geographyGroup}) ${displayName}`;
    const zones = ['1', '2', '3'].slice(0, region.zones).map((logicalZone) => {
      return { logicalZone, physicalZone: `${name}-az${logicalZone}` };
    });
    const zoned = zones.length === 0 ? {} : { availabilityZoneMappings: zones };
    return { id: idOf(name), name, type: 'Region', displayName, regionalDisplayName, metadata, ...zoned };
  });
  // What is no place: Azure lists such regions among the others.
  const logical = ['asia', 'global'].map((name) => {
    const displayName = name.replace(/^./, (first) => first.toUpperCase());
    const metadata = { regionType: 'Logical', regionCategory: 'Other' };
    return { id: idOf(name), name, type: 'Region', displayName, regionalDisplayName: displayName, metadata };
  });
  return { status: 200, body: { value: [...value, ...logical] } };
}

/** The regions in which the type registries/replications is offered: the way to learn a subscription's regions. */
export function getProvider({ regions }: Azure, { names }: AuthorisedCall): Reply {
  const locations = [...regions.values()];
  const apiVersions = [...API_VERSIONS].reverse();
  const types = ['registries', 'registries/replications', 'registries/replications/operationStatuses'];
  const resourceTypes = types.map((resourceType) => ({ resourceType, locations, apiVersions, capabilities: 'None' }));
  return {
    status: 200,
    body: {
      id: `/subscriptions/${names.subscription}/providers/Microsoft.ContainerRegistry`,
      namespace: 'Microsoft.ContainerRegistry',
      resourceTypes: [
        ...resourceTypes,
        { resourceType: 'locations', locations: [], apiVersions },
        { resourceType: 'locations/operationResults', locations, apiVersions },
      ],
      registrationState: 'Registered',
      registrationPolicy: 'RegistrationRequired',
    },
  };
}

/** `$filter` with `resourceType eq '…'` and `name eq '…'`, as the Azure CLI asks. */
export function listResources(azure: Azure, call: AuthorisedCall): Reply {
  const filter = call.query.get('$filter') ?? '';
  const wanted = (member: string) => new RegExp(`\\b${member} eq '([^']*)'`, 'i').exec(filter)?.[1];
  const [type = 'Microsoft.ContainerRegistry/registries', name] = [wanted('resourceType'), wanted('name')];
  const found = same(type, 'Microsoft.ContainerRegistry/registries')
    ? azure.store.registries(
        (r) => same(r.subscriptionId, call.names.subscription ?? '') && (name === undefined || same(r.name, name)),
      )
    : [];
  const value = found.map((r) => {
    const { name: own, location, tags, sku } = registryBody(r, azure.store.state.cloud, false);
    return { id: registryId(r), name: own, type: 'Microsoft.ContainerRegistry/registries', sku, location, tags };
  });
  return { status: 200, body: page(azure, call, value) };
}

/** `GET /metadata/endpoints`: the cloud as the Azure CLI registers it. One object since 2022-09-01, a list before. */
export function metadata(azure: Azure, call: Call): Reply {
  const { origin } = azure;
  const { cloud, apps, subscriptions } = azure.store.state;
  const tenant = apps[0]?.tenantId ?? subscriptions[0]?.tenantId ?? 'common';
  const body = {
    name: CLOUD_NAME[cloud],
    portal: origin,
    authentication: { loginEndpoint: origin, audiences: [`${origin}/`, origin], tenant, identityProvider: 'AAD' },
    media: origin,
    graphAudience: 'https://graph.microsoft.com/',
    graph: 'https://graph.microsoft.com/',
    batch: origin,
    resourceManager: origin,
    sqlManagement: origin,
    vmImageAliasDoc: origin,
    gallery: origin,
    activeDirectoryDataLake: origin,
    microsoftGraphResourceId: 'https://graph.microsoft.com/',
    suffixes: {
      acrLoginServer: LOGIN_SUFFIX[cloud],
      storage: 'core.windows.net',
      keyVaultDns: 'vault.azure.net',
      sqlServerHostname: 'database.windows.net',
    },
  };
  return { status: 200, body: (call.query.get('api-version') ?? '') >= '2022-09-01' ? body : [body] };
}

function subscriptionBody({ id, displayName, tenantId }: Subscription) {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId: id,
    tenantId,
    displayName,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}
