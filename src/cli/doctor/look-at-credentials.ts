import type { RegistryReplication } from '../../api/registryreplication.ts';
import { objectSigner } from '../../azure/identity/signer-of.ts';
import { credentialsOf } from '../../domain/desired.ts';
import type { Credentials, RegistryRef } from '../../domain/replication.ts';
import { servicePrincipalOf } from '../../kube/credentials/service-principal.ts';
import type { KubeObject } from '../../kube/watch/object.ts';
import type { ServicePrincipal } from '../../ports/azure.ts';
import { type Azure, azureAs } from '../azure.ts';
import type { Call } from '../command.ts';
import { granting, permissionChecks, registryVersion } from './azure-side.ts';
import { credentialChecks, type Tried } from './credentials.ts';
import { fields, list } from './features.ts';
import { type Check, failing, warning, well } from './finding.ts';
import { type Deployment, settingOf } from './installation.ts';
import { readable } from './look.ts';
import { secretOf } from './operator-identity.ts';

/**
 * The credentials that an object names, as the operator uses them: one GET of the Secret or ServiceAccount. With those of
 * a Secret that is read one request for a token, and one or two GETs of what its identity may do at the registry.
 */
export async function lookAtCredentials(
  call: Call,
  object: RegistryReplication,
  ref: RegistryRef | undefined,
): Promise<readonly Check[]> {
  const credentials = credentialsOf(object.spec, object.metadata.namespace);
  if (credentials === undefined) return [];
  const { tried, azure } = await tryOut(call, credentials, ref);
  const checks = credentialChecks(credentials, tried, object);
  if (azure === undefined || ref === undefined || !('principal' in tried)) return checks;
  return [...checks, ...(await lookAtRights(azure, ref, credentials, tried.principal, call.signal))];
}

/** The Secret with which the operator itself signs in: one GET, and where it is read one request for a token. */
export async function lookAtOperatorSecret(call: Call, deployment: Deployment): Promise<readonly Check[]> {
  const name = secretOf(deployment);
  if (name === undefined) return [];
  const credentials: Credentials = { kind: 'secret', namespace: deployment.metadata.namespace, name };
  const { tried } = await tryOut(inCloudOf(deployment, call), credentials, undefined, variablesOf(deployment));
  return credentialChecks(credentials, tried, undefined);
}

/** The same, where Azure is the operator's cloud unless the user's environment names one. */
export function inCloudOf(deployment: Deployment | undefined, call: Call): Call {
  const named = deployment && settingOf(deployment, 'AZURE_ENVIRONMENT');
  return named === undefined ? call : { ...call, env: { AZURE_ENVIRONMENT: named, ...call.env } };
}

/** Those of a Deployment go before those of its Secret. */
function variablesOf(deployment: Deployment): Readonly<Record<string, string>> {
  const named = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID'].map((name) => [name, settingOf(deployment, name)] as const);
  return Object.fromEntries(named.flatMap(([name, value]) => (value === undefined ? [] : [[name, btoa(value)]])));
}

async function tryOut(
  call: Call,
  credentials: Credentials,
  ref: RegistryRef | undefined,
  before: Readonly<Record<string, string>> = {},
): Promise<{ readonly tried: Tried; readonly azure?: Azure }> {
  const { kind, namespace, name } = credentials;
  const collection = kind === 'secret' ? 'secrets' : 'serviceaccounts';
  const path = `/api/v1/namespaces/${namespace}/${collection}/${encodeURIComponent(name)}`;
  const read = await readable<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(call, path);
  if (!read.ok) return { tried: { kind: 'unseen', why: read.why } };
  const notAsked = (): Promise<never> => Promise.reject(new Error('no token of a ServiceAccount is asked for'));
  const object = read.value && { ...read.value, data: { ...read.value.data, ...before } };
  const outcome = servicePrincipalOf(credentials, object, notAsked);
  if (!outcome.ok) return { tried: { kind: 'unusable', failure: outcome.failure } };
  const principal = outcome.value;
  if (principal.kind === 'federated') return { tried: { kind: 'complete', principal } };
  const subject = {
    ref: ref ?? { subscriptionId: '', resourceGroup: '', name: '' },
    signer: objectSigner(credentials, principal),
  };
  const azure = await azureAs(call.env, principal, subject, call.signal);
  if (!azure.ok) return { tried: { kind: 'refused', principal, failure: azure.failure } };
  return { tried: { kind: 'signed-in', principal }, azure: azure.value };
}

/** The role that the operator needs holds no right to list permissions: then it is tried whether the registry can be read. */
async function lookAtRights(
  azure: Azure,
  { subscriptionId, resourceGroup, name }: RegistryRef,
  credentials: Credentials,
  { clientId }: ServicePrincipal,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`;
  const who = `the identity of ${credentials.kind === 'secret' ? 'Secret' : 'ServiceAccount'} ${credentials.name}`;
  const listed = await azure.get(`${id}/providers/Microsoft.Authorization/permissions`, '2022-04-01', signal);
  if (listed.ok)
    return permissionChecks(list(fields(listed.value)['value']), id, { who, isOperators: true, id: clientId });
  if (listed.failure.reason !== 'Forbidden') {
    return [warning(`what ${who} may do was not looked at: ${listed.failure.message}`)];
  }
  const read = await azure.get(id, registryVersion, signal);
  if (read.ok) return [well(`${who} may read the registry; its other rights it may not list`)];
  const says = `${who} cannot read the registry: ${read.failure.message}`;
  return [read.failure.reason === 'Forbidden' ? failing(says, granting(clientId, id)) : warning(says)];
}
