import type { Call } from './call.ts';
import type { RoleAssignment, Verb } from './model.ts';
import type { Kind } from './route.ts';
import { same } from './seed.ts';

const ACR = 'Microsoft.ContainerRegistry';
const ENDING: Partial<Record<Verb, string>> = { PUT: 'write', PATCH: 'write', DELETE: 'delete' };
const TYPES: Partial<Record<Kind, string>> = {
  registry: `${ACR}/registries`,
  registries: `${ACR}/registries`,
  registryGraph: `${ACR}/registries`,
  registriesGraph: `${ACR}/registries`,
  usages: `${ACR}/registries/listUsages`,
  permissions: 'Microsoft.Authorization/permissions',
  locks: 'Microsoft.Authorization/locks',
  replication: `${ACR}/registries/replications`,
  replications: `${ACR}/registries/replications`,
  replicationGraph: `${ACR}/registries/replications`,
  replicationsGraph: `${ACR}/registries/replications`,
  operationStatus: `${ACR}/registries/replications/operationStatuses`,
  operationResult: `${ACR}/locations/operationResults`,
  nameAvailability: `${ACR}/checkNameAvailability`,
  policyRestrictions: 'Microsoft.PolicyInsights/checkPolicyRestrictions',
  privateEndpoint: 'Microsoft.Network/privateEndpoints',
  networkUsages: 'Microsoft.Network/virtualNetworks/usages',
  provider: 'Microsoft.Resources/subscriptions/providers',
  resources: 'Microsoft.Resources/subscriptions/resources',
  resourceGroup: 'Microsoft.Resources/subscriptions/resourceGroups',
  subscription: 'Microsoft.Resources/subscriptions',
  locations: 'Microsoft.Resources/subscriptions/locations',
};

/**
 * The action a call needs and the scope it needs it at. Deletes are polled at subscription scope. [Azure/acr PR 143]
 */
export function needs({ kind, verb, names, path }: Call): { readonly action: string; readonly scope: string } {
  const action = `${TYPES[kind] ?? 'Microsoft.Resources/unknown'}/${ENDING[verb] ?? 'read'}`;
  const group = `/subscriptions/${names.subscription}/resourceGroups/${names.group}`;
  const registry = `${group}/providers/${ACR}/registries/${names.registry}`;
  if (names.replication !== undefined) return { action, scope: `${registry}/replications/${names.replication}` };
  if (names.registry !== undefined) return { action, scope: registry };
  const network = `${group}/providers/Microsoft.Network`;
  if (names.endpoint !== undefined) return { action, scope: `${network}/privateEndpoints/${names.endpoint}` };
  if (names.network !== undefined) return { action, scope: `${network}/virtualNetworks/${names.network}` };
  if (names.group !== undefined) return { action, scope: group };
  return { action, scope: names.subscription === undefined ? path : `/subscriptions/${names.subscription}` };
}

export function allows(roles: readonly RoleAssignment[], clientId: string, action: string, scope: string): boolean {
  return roles.some(
    (role) =>
      same(role.clientId, clientId) && covers(role.scope, scope) && role.actions.some((a) => matchesAction(a, action)),
  );
}

/** Whether a scope is another one or below it. */
export function covers(outer: string, inner: string): boolean {
  const [a, b] = [outer.toLowerCase().replace(/\/+$/, ''), inner.toLowerCase()];
  return b === a || b.startsWith(`${a}/`);
}

function matchesAction(pattern: string, action: string): boolean {
  if (pattern === '*') return true;
  const parts = pattern.toLowerCase().split('*');
  const text = action.toLowerCase();
  if (parts.length === 1) return parts[0] === text;
  let from = 0;
  for (const [index, part] of parts.entries()) {
    const at = index === 0 ? (text.startsWith(part) ? 0 : -1) : text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return parts.at(-1) === '' || text.endsWith(parts.at(-1) ?? '');
}
