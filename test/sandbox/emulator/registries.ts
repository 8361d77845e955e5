import type { Azure } from './azure.ts';
import { registryBody } from './bodies.ts';
import type { AuthorisedCall } from './call.ts';
import { ERRORS, type Reply } from './errors.ts';
import { isObject } from './json.ts';
import type { Registry } from './model.ts';
import { page } from './paging.ts';
import { same } from './seed.ts';

export function getRegistry({ store }: Azure, call: AuthorisedCall, registry: Registry): Reply {
  return { status: 200, body: registryBody(registry, store.state.cloud, preview(call)) };
}

export function listRegistries(azure: Azure, call: AuthorisedCall): Reply {
  const { subscription = '', group } = call.names;
  const found = azure.store.registries(
    (r) => same(r.subscriptionId, subscription) && (group === undefined || same(r.resourceGroup, group)),
  );
  const bodies = found.map((r) => registryBody(r, azure.store.state.cloud, preview(call)));
  return { status: 200, headers: { 'x-ms-original-request-ids': '' }, body: page(azure, call, bodies) };
}

/** The limit -1 of «Geo-replications» means none; the home replica counts. [container-registry-skus] */
export function listUsages(_azure: Azure, _call: AuthorisedCall, registry: Registry): Reply {
  const count = (name: string, limit: number, currentValue: number) => ({ name, limit, currentValue, unit: 'Count' });
  const value = [
    { name: 'Size', limit: 536_870_912_000, currentValue: 0, unit: 'Bytes' },
    count('Webhooks', 500, 0),
    ...(registry.sku === 'Premium' ? [count('Geo-replications', -1, registry.replicas.length)] : []),
    count('IPRules', 200, 0),
    count('PrivateEndpointConnections', 200, 0),
  ];
  return { status: 200, body: { value } };
}

export function checkName({ store }: Azure, call: AuthorisedCall): Reply {
  let body: unknown;
  try {
    body = JSON.parse(call.text);
  } catch {
    return ERRORS.invalidContent('not JSON');
  }
  if (!isObject(body) || typeof body['name'] !== 'string')
    return ERRORS.invalidContent("The value of 'name' must be a string");
  const { name } = body;
  const said = (reason: string, message: string) => ({ status: 200, body: { nameAvailable: false, reason, message } });
  if (!/^[a-zA-Z0-9]{5,50}$/.test(name))
    return said('Invalid', `The registry name ${name} is invalid: 5 to 50 alphanumeric characters.`);
  if (store.registry(name) !== undefined) return said('AlreadyExists', `The registry ${name} is already in use.`);
  return { status: 200, body: { nameAvailable: true } };
}

function preview(call: AuthorisedCall): boolean {
  return call.query.get('api-version')?.startsWith('2026') === true;
}
