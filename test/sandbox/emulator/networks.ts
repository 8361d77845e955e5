import type { Azure } from './azure.ts';
import { privateEndpointId, regionsOfRegistry } from './bodies.ts';
import type { AuthorisedCall } from './call.ts';
import { ERRORS, type Reply } from './errors.ts';
import type { Network, PrivateEndpoint, Registry } from './model.ts';
import { same } from './seed.ts';

/** A private endpoint with the subnet that it is in. [network 2024-05-01, PrivateEndpointGet] */
export function getPrivateEndpoint({ store }: Azure, { names }: AuthorisedCall): Reply {
  const { subscription = '', group = '', endpoint: name = '' } = names;
  for (const registry of store.registries((r) => same(r.subscriptionId, subscription))) {
    const found = endpointsOf(registry).find((one) => same(one.name, name) && same(one.resourceGroup, group));
    const network = found && store.state.networks?.find((one) => same(one.name, found.network));
    if (found === undefined || network === undefined) continue;
    const id = privateEndpointId(registry, found);
    const type = 'Microsoft.Network/privateEndpoints';
    const properties = {
      provisioningState: 'Succeeded',
      privateLinkServiceConnections: [],
      manualPrivateLinkServiceConnections: [],
      subnet: { id: `${networkId(network)}/subnets/${found.subnet}` },
      networkInterfaces: [],
      customDnsConfigs: [],
    };
    return { status: 200, body: { id, name: found.name, type, location: registry.location, properties } };
  }
  return ERRORS.notFound(`Microsoft.Network/privateEndpoints/${name}`, group);
}

/**
 * How many addresses of each subnet are taken, of those that Azure does not keep for itself. [network 2024-05-01,
 * VirtualNetworkListUsage; a /24 has the limit 251 in the example of Get-AzVirtualNetworkUsageList]
 */
export function listNetworkUsages({ store }: Azure, { names }: AuthorisedCall): Reply {
  const { subscription = '', group = '', network: name = '' } = names;
  const network = store.state.networks?.find(
    (one) => same(one.subscriptionId, subscription) && same(one.resourceGroup, group) && same(one.name, name),
  );
  if (network === undefined) return ERRORS.notFound(`Microsoft.Network/virtualNetworks/${name}`, group);
  const registries = store.registries(() => true);
  const value = network.subnets.map(({ name: subnet, prefixLength, taken }) => ({
    currentValue: taken + addressesIn(registries, network, subnet),
    id: `${networkId(network)}/subnets/${subnet}`,
    limit: 2 ** (32 - prefixLength) - 5,
    name: { localizedValue: 'Subnet size and usage', value: 'SubnetSpace' },
    unit: 'Count',
  }));
  return { status: 200, body: { value } };
}

/** One for the registry and one for the data of each region, and with regional endpoints another one for each region. */
function addressesIn(registries: readonly Registry[], network: Network, subnet: string): number {
  const counts = registries.flatMap((registry) => {
    const regions = regionsOfRegistry(registry).length;
    const each = 1 + regions * (registry.features?.regionalEndpoints === true ? 2 : 1);
    return endpointsOf(registry)
      .filter((one) => same(one.network, network.name) && same(one.subnet, subnet))
      .map(() => each);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function endpointsOf({ features }: Registry): readonly PrivateEndpoint[] {
  return features?.privateEndpoints ?? [];
}

function networkId({ subscriptionId, resourceGroup, name }: Network): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/virtualNetworks/${name}`;
}
