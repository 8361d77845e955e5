import type { RegistryReplication } from '../../api/registryreplication.ts';
import type { Failure, Outcome } from '../../domain/failure.ts';
import { ok } from '../../domain/failure.ts';
import { regionOf } from '../../domain/region.ts';
import { ownerTags, type RegistryRef } from '../../domain/replication.ts';
import type { Azure } from '../azure.ts';
import { adviceOf, pathOfLink } from '../azure-answer.ts';
import { lockChecks, permissionChecks, registryChecks, registryVersion } from './azure-side.ts';
import { clusterNameChecks, type Own, taggedReplicas } from './cluster-names.ts';
import { type Connection, featureChecks, fields, list, type Places, text } from './features.ts';
import { type Check, failing, warning } from './finding.ts';
import { policyChecks, policyQuestion, policyVersion } from './policy.ts';
import {
  addressChecks,
  connectionChecks,
  freeBySubnet,
  networkOf,
  type Placed,
  subnetOf,
} from './private-endpoints.ts';
import { placesOf, type SeenRegistry, seenRegistry } from './registry.ts';

/** What came of a look at a registry. */
export interface Looked {
  readonly checks: readonly Check[];
  /** Whether the registry has regional endpoints; undefined: it is not known. */
  readonly hasRegionalEndpoints: boolean | undefined;
}

/** The oldest api-version that has soft delete and regional endpoints; not every cloud has it. */
const previewVersion = '2026-01-01-preview';
const networkVersion = '2024-05-01';

/**
 * A registry as the user's own login sees it: GETs of the registry (two where Azure does not know the preview), of its
 * replicas (one per page), of permissions and of locks, and one question to Azure Policy, which only evaluates it; one GET
 * per private endpoint, and one per virtual network of these.
 */
export async function lookAtAzure(
  azure: Azure,
  { metadata, spec, status }: RegistryReplication,
  ref: RegistryRef,
  own: Own,
  signal: AbortSignal,
): Promise<Looked> {
  const { subscriptionId, resourceGroup, name } = ref;
  const read = await readRegistry(azure, ref, signal);
  if (!read.ok) return { checks: [refused('its registry', read.failure)], hasRegionalEndpoints: undefined };
  const { seen, unseenPreview } = read.value;
  if (seen === undefined) {
    const says = "its registry was not looked at: Azure's answer makes no sense";
    return { checks: [warning(says)], hasRegionalEndpoints: undefined };
  }
  const { actual, features, making } = seen;
  const { id, home } = actual.registry;
  const places = placesOf(
    actual,
    spec.regions.map(({ location }) => location),
  );
  const tagged = taggedReplicas(actual.replicas.values(), own);
  const upgrade = `az acr update --name ${name} --resource-group ${resourceGroup} --subscription ${subscriptionId} --sku Premium`;
  const edit = `kubectl edit registryreplications.acr-replication.dev ${metadata.name} -n ${metadata.namespace}`;
  const wanted = spec.regions.map(({ location }) => regionOf(location)).filter((region) => region !== home);
  const authorization = `${id}/providers/Microsoft.Authorization`;
  const group = id.replace(/\/providers\/.*$/, '');
  const tags = { ...spec.tags, ...ownerTags(status?.owner ?? `${own.clusterName ?? 'default'}/${own.key}`) };
  const [permissions, locks, policy, addresses] = await Promise.all([
    azure.get(`${authorization}/permissions`, '2022-04-01', signal),
    azure.get(`${authorization}/locks?$filter=atScope()`, '2020-05-01', signal),
    wanted.length === 0
      ? undefined
      : azure.ask(
          `${group}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions`,
          policyVersion,
          policyQuestion(id, wanted, tags),
          signal,
        ),
    lookAtEndpoints(azure, features.connections, places, features.regionalEndpoints === true, signal),
  ]);
  const checks = [
    ...registryChecks(actual, { name: spec.registry.name, others: tagged.others, cures: { upgrade, edit } }),
    ...clusterNameChecks(tagged, making, own),
    ...(permissions.ok
      ? permissionChecks(valuesIn(permissions.value), id, {
          who: 'your own login',
          isOperators: false,
          id: azure.objectId,
        })
      : [unseen('your permissions', permissions.failure)]),
    ...(locks.ok ? lockChecks(valuesIn(locks.value)) : [unseen('locks', locks.failure)]),
    ...(policy === undefined
      ? []
      : policy.ok
        ? policyChecks(policy.value, id, wanted, places)
        : [unseen('policies', policy.failure)]),
    ...featureChecks(features, ref, places),
    ...(unseenPreview === undefined ? [] : [unseen('soft delete and regional endpoints', unseenPreview)]),
    ...addresses,
  ];
  return { checks, hasRegionalEndpoints: features.regionalEndpoints };
}

interface RegistryRead {
  /** Undefined: the answers make no sense. */
  readonly seen: SeenRegistry | undefined;
  /** Why the preview was not answered. */
  readonly unseenPreview: Failure | undefined;
}

async function readRegistry(azure: Azure, ref: RegistryRef, signal: AbortSignal): Promise<Outcome<RegistryRead>> {
  const id = `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${ref.name}`;
  const preview = await azure.get(id, previewVersion, signal);
  const isUnknown =
    !preview.ok && /^(NoRegisteredProviderFound|InvalidApiVersion|InvalidResourceType)/.test(preview.failure.code);
  const body = isUnknown ? await azure.get(id, registryVersion, signal) : preview;
  if (!body.ok) return body;
  const entries: unknown[] = [];
  for (let next: string | undefined = `${id}/replications`; next !== undefined; ) {
    const page = await azure.get(next, registryVersion, signal);
    if (!page.ok) return page;
    entries.push(...valuesIn(page.value));
    const link = text(fields(page.value)['nextLink']);
    next = link === '' ? undefined : pathOfLink(link);
  }
  return ok({ seen: seenRegistry(body.value, entries), unseenPreview: isUnknown ? preview.failure : undefined });
}

async function lookAtEndpoints(
  azure: Azure,
  connections: readonly Connection[],
  places: Places,
  hasRegionalEndpoints: boolean,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const checks: Check[] = [...connectionChecks(connections)];
  const approved = connections.filter(({ status }) => status === 'Approved' || status === 'Pending');
  const placed: Placed[] = [];
  const bodies = await Promise.all(approved.map(({ endpointId }) => azure.get(endpointId, networkVersion, signal)));
  for (const [at, connection] of approved.entries()) {
    const body = bodies[at];
    const subnetId = body?.ok === true ? subnetOf(body.value) : undefined;
    if (subnetId !== undefined) placed.push({ connection, subnetId });
    else if (body?.ok === false)
      checks.push(unseen(`the addresses of private endpoint ${connection.name}`, body.failure));
  }
  const free = new Map<string, number>();
  for (const network of new Set(placed.map(({ subnetId }) => networkOf(subnetId)))) {
    const usages = await azure.get(`${network}/usages`, networkVersion, signal);
    if (usages.ok) for (const [subnet, count] of freeBySubnet(valuesIn(usages.value))) free.set(subnet, count);
    else checks.push(unseen(`the free addresses of network ${network.split('/').at(-1)}`, usages.failure));
  }
  return [...checks, ...addressChecks(placed, free, places, hasRegionalEndpoints)];
}

function refused(what: string, failure: Failure): Check {
  const says = `${what} cannot be read with your login: ${failure.message}`;
  // Of the operator's login it says nothing, unless there is nothing to read.
  return failure.reason === 'RegistryNotFound' ? failing(says, adviceOf(failure)) : warning(says, adviceOf(failure));
}

/** The message names the right that would show it. */
function unseen(what: string, failure: Failure): Check {
  return warning(`${what} were not looked at: ${failure.message}`);
}

function valuesIn(answer: unknown): readonly unknown[] {
  return list(fields(answer)['value']);
}
