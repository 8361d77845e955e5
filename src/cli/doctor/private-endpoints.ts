import { type Connection, fields, type Places, text } from './features.ts';
import { type Check, failing, warning, well } from './finding.ts';

/** A private endpoint whose subnet is known. */
export interface Placed {
  readonly connection: Connection;
  readonly subnetId: string;
}

/** The subnet of a private endpoint, by the endpoint's body. */
export function subnetOf(endpoint: unknown): string | undefined {
  return text(fields(fields(fields(endpoint)['properties'])['subnet'])['id']) || undefined;
}

/** The virtual network that a subnet is in. */
export function networkOf(subnetId: string): string {
  return subnetId.replace(/\/subnets\/[^/]+$/i, '');
}

/**
 * Free addresses by the id of the subnet in lower case, by the list of a network's usages. Its limit is without the five
 * addresses that Azure keeps; a negative value stands for one that is not known (a gateway's subnet).
 */
export function freeBySubnet(usages: readonly unknown[]): ReadonlyMap<string, number> {
  return new Map(
    usages.flatMap((usage) => {
      const { id, currentValue, limit } = fields(usage);
      if (typeof currentValue !== 'number' || typeof limit !== 'number' || currentValue < 0) return [];
      return [[text(id).toLowerCase(), Math.max(limit - currentValue, 0)] as const];
    }),
  );
}

/** Connections that are not approved: what they connect does not see new regions either. */
export function connectionChecks(connections: readonly Connection[]): readonly Check[] {
  return connections.flatMap(({ id, name, status }) => {
    if (status === 'Approved') return [];
    if (status !== 'Pending') return [warning(`private endpoint ${name} is ${status || 'in an unknown state'}`)];
    const cure = `az network private-endpoint-connection approve --id ${id}`;
    return [warning(`private endpoint ${name} waits for approval`, cure)];
  });
}

/**
 * Whether the subnets of the private endpoints have the addresses that the regions still to come need. An endpoint takes
 * one for the registry, one for the data of each region (home is one), and with regional endpoints another one for each:
 * https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints
 */
export function addressChecks(
  placed: readonly Placed[],
  free: ReadonlyMap<string, number>,
  { there, missing }: Places,
  hasRegionalEndpoints: boolean,
): readonly Check[] {
  const each = hasRegionalEndpoints ? 2 : 1;
  const all = 1 + each * (there.length + missing.length);
  const more = each * missing.length;
  return [...Map.groupBy(placed, ({ subnetId }) => subnetId.toLowerCase()).values()].flatMap((sharing): Check[] => {
    const [first] = sharing;
    if (first === undefined) return [];
    const { subnetId } = first;
    const names = sharing.map(({ connection }) => connection.name).sort();
    const [count, needed] = [all * sharing.length, more * sharing.length];
    const subnet = subnetId.replace(/^.*\/virtualNetworks\/([^/]+)\/subnets\/([^/]+)$/i, '$1/$2');
    const says = `private endpoint${names.length > 1 ? 's' : ''} ${names.join(', ')}: ${count} addresses in subnet ${subnet}, ${needed} of them still to come`;
    const left = free.get(subnetId.toLowerCase());
    if (left === undefined) {
      return needed === 0 ? [well(says)] : [warning(`${says}; how many are free is not known`)];
    }
    if (needed <= left) return [well(`${says}, ${left} free`)];
    return [
      failing(
        `${says}, and only ${left} free: Azure would take back the replica`,
        `az network vnet subnet update --ids ${subnetId} --address-prefixes A-WIDER-PREFIX`,
      ),
    ];
  });
}
