import { type Cloud, type Operation, type PrivateEndpoint, past, type Registry, type Replica } from './model.ts';
import { running } from './store.ts';

/** The bodies that Azure answers with; the order of members is the recorded one. */

const RUNNING = { create: 'Creating', update: 'Updating', delete: 'Deleting' } as const;
export const LOGIN_SUFFIX: Record<Cloud, string> = {
  AzurePublic: 'azurecr.io',
  AzureChinaCloud: 'azurecr.cn',
  AzureUSGovernment: 'azurecr.us',
};

export function registryId(registry: Registry): string {
  const { subscriptionId, resourceGroup, name } = registry;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`;
}

/** What GET says at `now`; a moment in the past gives what it said then, as far as the last operation tells. */
export function replicationBody(registry: Registry, replica: Replica, now: number) {
  const operation = running(replica, now);
  const values = operation?.before !== undefined && now < operation.startedAt ? operation.before : replica;
  return {
    type: 'Microsoft.ContainerRegistry/registries/replications',
    id: `${registryId(registry)}/replications/${replica.name}`,
    name: replica.name,
    location: replica.location,
    tags: values.tags,
    systemData: {
      createdBy: replica.createdBy,
      createdByType: replica.createdByType,
      createdAt: offsetTime(replica.createdAt),
      lastModifiedBy: replica.modifiedBy,
      lastModifiedByType: replica.modifiedByType,
      lastModifiedAt: offsetTime(replica.modifiedAt),
    },
    properties: {
      provisioningState:
        operation === undefined || now < operation.startedAt ? replica.settled : RUNNING[operation.kind],
      status: statusOf(replica, operation, now),
      regionEndpointEnabled: values.regionEndpointEnabled,
      zoneRedundancy: replica.zoneRedundancy,
    },
  };
}

export type ReplicationBody = ReturnType<typeof replicationBody>;

/**
 * The replica's status. While Creating it holds only a timestamp [recording]; users report `Syncing` until the data is
 * there.
 */
function statusOf(replica: Replica, operation: Operation | undefined, now: number) {
  if (operation?.kind === 'create') return { timestamp: new Date(operation.startedAt).toISOString() };
  const { readyAt } = replica;
  const synced = past(readyAt, now);
  const displayStatus = replica.displayStatus ?? (synced ? 'Ready' : 'Syncing');
  const since =
    synced && replica.displayStatus === undefined ? Math.max(replica.statusAt, readyAt ?? 0) : replica.statusAt;
  return {
    displayStatus,
    ...(replica.message === undefined ? {} : { message: replica.message }),
    timestamp: new Date(since).toISOString(),
  };
}

/** The body of operationStatuses: the word alone, with an error when it failed [recording; ARM async contract]. */
export function operationBody(operation: Operation, now: number) {
  const { outcome, kind } = operation;
  if (!past(operation.endsAt, now)) return { status: RUNNING[kind] };
  if (outcome.kind === 'succeeds') return { status: 'Succeeded' };
  if (outcome.kind === 'canceled')
    return { status: 'Canceled', error: { code: 'OperationCanceled', message: 'The operation was canceled.' } };
  return { status: 'Failed', error: { code: outcome.code, message: outcome.message } };
}

export function registryBody(registry: Registry, cloud: Cloud, preview: boolean) {
  const disabled = { status: 'disabled' };
  const status = (isOn: boolean | undefined) => ({ status: isOn === true ? 'enabled' : 'disabled' });
  const { features } = registry;
  const label = registry.name.toLowerCase();
  const hosts = (kind: 'data' | 'geo') =>
    regionsOfRegistry(registry).map((region) => `${label}.${region}.${kind}.${LOGIN_SUFFIX[cloud]}`);
  const isRegional = features?.regionalEndpoints === true;
  return {
    type: 'Microsoft.ContainerRegistry/registries',
    id: registryId(registry),
    name: registry.name,
    location: registry.location,
    tags: registry.tags,
    systemData: {
      createdBy: 'someone@example.com',
      createdByType: 'User',
      createdAt: offsetTime(registry.createdAt),
      lastModifiedBy: 'someone@example.com',
      lastModifiedByType: 'User',
      lastModifiedAt: offsetTime(registry.createdAt),
    },
    sku: { name: registry.sku, tier: registry.sku },
    properties: {
      loginServer: `${label}.${LOGIN_SUFFIX[cloud]}`,
      creationDate: new Date(registry.createdAt).toISOString(),
      provisioningState: 'Succeeded',
      adminUserEnabled: false,
      networkRuleSet: { defaultAction: 'Allow', ipRules: [] },
      policies: {
        quarantinePolicy: disabled,
        trustPolicy: { type: 'Notary', ...status(features?.contentTrust) },
        retentionPolicy: { days: 7, lastUpdatedTime: offsetTime(registry.createdAt), ...disabled },
        exportPolicy: { status: 'enabled' },
        azureADAuthenticationAsArmPolicy: { status: 'enabled' },
        ...(preview ? { softDeletePolicy: { retentionDays: 7, ...status(features?.softDelete) } } : {}),
      },
      encryption: disabled,
      dataEndpointEnabled: features?.dataEndpoints ?? false,
      dataEndpointHostNames: features?.dataEndpoints === true ? hosts('data') : [],
      privateEndpointConnections: (features?.privateEndpoints ?? []).map((one) => connectionBody(registry, one)),
      publicNetworkAccess: 'Enabled',
      networkRuleBypassOptions: 'AzureServices',
      networkRuleBypassAllowedForTasks: false,
      zoneRedundancy: registry.zoneRedundancy,
      anonymousPullEnabled: false,
      roleAssignmentMode: 'LegacyRegistryPermissions',
      // Properties newer than the swagger, seen on a live registry: clients must tolerate them.
      ...(preview
        ? {
            regionalEndpoints: isRegional ? 'Enabled' : 'Disabled',
            ...(isRegional ? { regionalEndpointHostNames: hosts('geo') } : {}),
            endpointProtocol: 'IPv4',
            metadataSearch: 'Disabled',
          }
        : {}),
    },
  };
}

/** The regions in which a registry has data: its home, and where its replicas are. */
export function regionsOfRegistry({ location, replicas }: Registry): readonly string[] {
  return [...new Set([location, ...replicas.map((replica) => replica.location)])];
}

export function privateEndpointId(
  { subscriptionId }: Pick<Registry, 'subscriptionId'>,
  { name, resourceGroup }: PrivateEndpoint,
): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/privateEndpoints/${name}`;
}

/** [containerregistry 2025-11-01, PrivateEndpointConnectionGet] */
function connectionBody(registry: Registry, endpoint: PrivateEndpoint) {
  const type = 'Microsoft.ContainerRegistry/registries/privateEndpointConnections';
  const { name, status } = endpoint;
  return {
    id: `${registryId(registry)}/privateEndpointConnections/${name}`,
    name,
    type,
    properties: {
      privateEndpoint: { id: privateEndpointId(registry, endpoint) },
      privateLinkServiceConnectionState: {
        status,
        description: status === 'Approved' ? 'Auto-Approved' : '',
        actionsRequired: 'None',
      },
      provisioningState: 'Succeeded',
    },
  };
}

/** A moment as .NET writes it, with seven digits and an offset: `2026-09-10T06:44:50.2658749+00:00`. */
function offsetTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000+00:00');
}

/** UTC with seven digits of a second, as .NET writes it. */
export function sevenDigits(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}
