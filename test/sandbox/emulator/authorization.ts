import type { Azure } from './azure.ts';
import { registryId } from './bodies.ts';
import type { AuthorisedCall } from './call.ts';
import type { Reply } from './errors.ts';
import type { Registry } from './model.ts';
import { covers } from './roles.ts';
import { same } from './seed.ts';

/** What the caller may do at the registry, an entry for each role assignment. [authorization 2022-04-01, Permissions_ListForResource] */
export function listPermissions({ store }: Azure, { principal }: AuthorisedCall, registry: Registry): Reply {
  const value = store.state.roles
    .filter(({ clientId, scope }) => same(clientId, principal.clientId) && covers(scope, registryId(registry)))
    .map(({ actions }) => ({ actions, notActions: [], dataActions: [], notDataActions: [] }));
  return { status: 200, body: { value } };
}

/** The locks on the registry, which are faults here. [authorization/locks 2020-05-01, ListAtResourceLevel] */
export function listLocks({ faults }: Azure, _call: AuthorisedCall, registry: Registry): Reply {
  const value = faults.list().flatMap(({ id: name, match, effect }) => {
    if (effect.kind !== 'lock' || !same(match?.registry ?? registry.name, registry.name)) return [];
    const properties = { level: effect.level ?? 'CanNotDelete' };
    const id = `${registryId(registry)}/providers/Microsoft.Authorization/locks/${name}`;
    return [{ properties, id, type: 'Microsoft.Authorization/locks', name }];
  });
  return { status: 200, body: { value } };
}
