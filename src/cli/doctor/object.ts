import type { Condition, RegistryReplication } from '../../api/registryreplication.ts';
import { holderOf, holdsClaim } from '../../domain/claims.ts';
import { registryKey } from '../../domain/desired.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import { program } from '../help.ts';
import { age } from '../output/age.ts';
import { type Check, failing, warning, well } from './finding.ts';

/** `platform/contoso`. */
export function nameOf({ metadata }: RegistryReplication): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** What the object says of itself. */
export function objectChecks(object: RegistryReplication, now: Date): readonly Check[] {
  const { metadata, spec, status } = object;
  const { name, namespace } = metadata;
  const conditions = new Map(status?.conditions?.map((condition) => [condition.type, condition]));
  const checks: Check[] = [];
  if (spec.suspend === true) {
    checks.push(
      warning('it is suspended: Azure is neither read nor changed', `${program} resume ${name} -n ${namespace}`),
    );
  }
  const isUnseen = (status?.observedGeneration ?? 0) < metadata.generation;
  if (isUnseen) {
    const what =
      status === undefined ? 'no operator has looked at it yet' : 'no operator has looked at its newest spec yet';
    checks.push(
      warning(
        `${what} (made ${age(metadata.creationTimestamp, now)} ago)`,
        `${program} reconcile ${name} -n ${namespace}`,
      ),
    );
  }
  const [stalled, ready] = [conditions.get('Stalled'), conditions.get('Ready')];
  if (stalled?.status === 'True') {
    checks.push(failing(`${stalled.reason}: ${plain(stalled)}`, cureOf(stalled.reason, object)));
  } else if (ready !== undefined && ready.status !== 'True') {
    const since = age(ready.lastTransitionTime, now);
    checks.push(warning(`${ready.reason} for ${since}: ${plain(ready)}`, `${program} status ${name} -n ${namespace}`));
  } else if (ready !== undefined && !isUnseen && spec.suspend !== true) {
    checks.push(well(`it is Ready, ${status?.summary ?? ''} regions`));
  }
  return [...checks, ...replicaChecks(object)];
}

/** A message on one line, without the id that leads to logs. */
function plain({ message }: Condition): string {
  return message.replace(/ Correlation id: [0-9a-f-]{36}\.$/, '').replaceAll(/\s+/g, ' ');
}

/** The command that mends what stalls an object, or that shows more of it. */
function cureOf(reason: string, { metadata, spec, status }: RegistryReplication): string {
  const { name, namespace } = metadata;
  const { name: registry, resourceGroup, subscriptionId } = spec.registry;
  const inSubscription = subscriptionId === undefined ? '' : ` --subscription ${subscriptionId}`;
  const at = ` --name ${registry} --resource-group ${resourceGroup}${inSubscription}`;
  const broken = status?.replicas?.find(({ provisioningState: state }) => state === 'Failed' || state === 'Canceled');
  const cures: Readonly<Record<string, string>> = {
    InvalidSpec: `kubectl edit registryreplications.acr-replication.dev ${name} -n ${namespace}`,
    RegionUnavailable: `${program} regions`,
    RegistryNotFound: `az acr show${at}`,
    RegistryClaimed: `kubectl get registryreplications.acr-replication.dev -A`,
    SkuNotPremium: `az acr update${at} --sku Premium`,
    Locked: `az lock list --resource-group ${resourceGroup}${inSubscription}`,
    ProviderNotRegistered: `az provider register --namespace Microsoft.ContainerRegistry${inSubscription}`,
    PolicyDenied: `az policy assignment list --resource-group ${resourceGroup}${inSubscription}`,
    ...(broken === undefined
      ? {}
      : { RepairExhausted: `${program} recreate ${name} ${broken.location} -n ${namespace}` }),
  };
  return cures[reason] ?? `${program} status ${name} -n ${namespace}`;
}

/** Replicas as the object saw them last. */
function replicaChecks({ metadata, status, spec }: RegistryReplication): readonly Check[] {
  const replicas = status?.replicas ?? [];
  const edit = `kubectl edit registryreplications.acr-replication.dev ${metadata.name} -n ${metadata.namespace}`;
  const checks: Check[] = [];
  const unlisted = replicas.filter(({ managed }) => managed === 'Unlisted').map(({ location }) => location);
  if (unlisted.length > 0) {
    const fate = (spec.prune ?? 'All') === 'All' ? 'prune: All has it deleted' : 'it stays, and nobody looks after it';
    checks.push(warning(`${unlisted.join(', ')}: a replica that the object does not list; ${fate}`, edit));
  }
  const there = replicas.filter(({ provisioningState }) => provisioningState !== undefined);
  const routed = there.filter(({ routing, provisioningState: state }) => {
    return routing !== 'Disabled' && (state === 'Succeeded' || state === 'Updating');
  });
  if (there.length > 0 && routed.length < 2) {
    const which = routed[0] === undefined ? 'no region is' : `only ${routed[0].location} is`;
    checks.push(warning(`${which} in routing: nothing takes over when a region fails`, edit));
  }
  return checks;
}

/** Objects about one registry: only one of them manages it. `all` may hold objects about other registries. */
export function claimChecks(
  object: RegistryReplication,
  all: readonly RegistryReplication[],
  refOf: (object: RegistryReplication) => RegistryRef | undefined,
): readonly Check[] {
  const own = refOf(object);
  if (own === undefined) return [];
  const key = registryKey(own);
  const about = all.filter((other) => {
    const ref = refOf(other);
    return ref !== undefined && registryKey(ref) === key;
  });
  const others = about.filter((other) => nameOf(other) !== nameOf(object));
  if (others.length === 0) return [];
  const holder = holderOf(about.filter(holdsClaim)) ?? holderOf(about);
  const cure = 'kubectl get registryreplications.acr-replication.dev -A';
  if (holder !== undefined && nameOf(holder) !== nameOf(object)) {
    return [failing(`${nameOf(holder)} manages this registry: this object does nothing`, cure)];
  }
  return [warning(`${others.map(nameOf).sort().join(', ')}: also about this registry, and does nothing`, cure)];
}
