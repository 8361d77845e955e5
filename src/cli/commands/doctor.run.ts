import { group, plural, type RegistryReplication } from '../../api/registryreplication.ts';
import { registryOf } from '../../domain/desired.ts';
import { keyOf } from '../../domain/key.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import type { LeaseSpec } from '../../kube/election/lease.ts';
import type { KubeClient } from '../../kube/http/client.ts';
import { KubeError } from '../../kube/http/error.ts';
import { version } from '../../version.ts';
import { type Azure, azureOf } from '../azure.ts';
import { type Call, Problem } from '../command.ts';
import type { Own } from '../doctor/cluster-names.ts';
import { type Check, type Finding, failing, report, warning } from '../doctor/finding.ts';
import {
  type Crd,
  crdChecks,
  crdVersion,
  type Deployment,
  leaderCheck,
  leaseOf,
  operatorChecks,
} from '../doctor/installation.ts';
import { readable, unlessForbidden } from '../doctor/look.ts';
import { type Looked, lookAtAzure } from '../doctor/look-at-azure.ts';
import { inCloudOf, lookAtCredentials, lookAtOperatorSecret } from '../doctor/look-at-credentials.ts';
import { lookAtLocalPull } from '../doctor/look-at-local-pull.ts';
import { claimChecks, nameOf, objectChecks } from '../doctor/object.ts';
import {
  accountOf,
  type ServiceAccount,
  usesWorkloadIdentity,
  workloadIdentityChecks,
} from '../doctor/operator-identity.ts';
import { progressTo } from '../doctor/progress.ts';
import { objectRights, type Right, rightsChecks } from '../doctor/rights.ts';
import { type Operator, rivalChecks } from '../doctor/rivals.ts';
import { registryOfId } from '../import/registry-id.ts';
import { kubeProblem } from '../kube-words.ts';
import { operatorParts } from '../operator.ts';
import { settingsOf, watches } from '../plan/operators.ts';
import { configMapsFor } from '../plan/surroundings.ts';

/** How many registries are looked at at once. */
const atOnce = 8;

/**
 * Calls of Kubernetes: six reviews of rights, and one of the user's name where a right is missing; GETs of the CRD, and for
 * each Deployment of the operator of its Lease, its ServiceAccount or Secret, and its ConfigMaps; LISTs of these Deployments,
 * of the objects, of admission policies and, where one is about our objects or a registry has regional endpoints, of the nodes, in pages of 500. What is asked for each object
 * is said at lookAtCredentials and lookAtAzure: of Azure five calls, and two for a private endpoint.
 */
export async function run(call: Call): Promise<number> {
  const { terminal, text } = call;
  const findings: Finding[] = [];
  const tell = (about: string, checks: readonly Check[]) =>
    void findings.push(...checks.map((check) => ({ group: about, ...check })));
  using progress = progressTo(terminal.err);

  progress.at('Kubernetes');
  const crd = await lookAtCrd(call);
  tell('Kubernetes', [...(await lookAtRights(call)), ...crd.checks]);
  progress.at('the operator');
  const { operators, checks } = await lookAtOperator(call, crd.version);
  tell('Operator', checks);
  progress.at('the objects');
  const objects = await objectsOf(call, tell);
  const surroundings: Surroundings = {
    operators,
    ...(objects.length === 0 ? { all: [], isAll: false } : await everyObject(call, objects)),
  };
  const ownSubscription = operators.map(({ settings }) => settings.subscriptionId).find((id) => id !== undefined);
  const refOf = (object: RegistryReplication): RegistryRef | undefined =>
    registryOfId(object.status?.registry?.id ?? '') ??
    registryOf(object.spec, ownSubscription ?? (call.env['AZURE_SUBSCRIPTION_ID'] || undefined));
  progress.at('your login');
  const azure = objects.length === 0 ? undefined : await login(call, tell);
  let hasRegionalEndpoints = false;
  for (let i = 0; i < objects.length; i += atOnce) {
    const batch = objects.slice(i, i + atOnce);
    progress.at(objects.length === 1 ? batch.map(nameOf).join() : `objects, ${i} of ${objects.length} are done`);
    const looked = batch.map(async (object) => {
      const ref = refOf(object);
      const own = ownOf(object, surroundings);
      const [credentials, seen] = await Promise.all([
        lookAtCredentials(inCloudOf(operatorOf(object, operators)?.deployment, call), object, ref),
        azure === undefined
          ? nothing
          : ref === undefined
            ? unknownRegistry
            : lookAtAzure(azure, object, ref, own, call.signal),
      ]);
      hasRegionalEndpoints ||= seen.hasRegionalEndpoints === true;
      const told = [...objectChecks(object, call.now()), ...claimChecks(object, surroundings.all, refOf)];
      return { object, checks: [...told, ...credentials, ...seen.checks] };
    });
    for (const { object, checks: found } of await Promise.all(looked)) tell(nameOf(object), found);
  }
  progress.at('local pull');
  const hasEndpoints = hasRegionalEndpoints || objects.some(hasEndpoint);
  const { pull, nodes } = await lookAtLocalPull(call, { hasEndpoints, ...surroundings });
  tell('Local pull', pull);
  tell('Nodes', nodes);

  const isWell = findings.every(({ verdict }) => verdict !== 'failing');
  if (text('output') === 'json') terminal.out(`${JSON.stringify({ ok: isWell, findings }, null, 2)}\n`);
  else terminal.out(report(findings, terminal));
  return isWell ? 0 : 1;
}

/** What the user sees of the cluster beside one object. */
interface Surroundings {
  readonly operators: readonly Operator[];
  readonly all: readonly RegistryReplication[];
  /** Whether there are no other objects than `all`. */
  readonly isAll: boolean;
}

const nothing: Looked = { checks: [], hasRegionalEndpoints: undefined };
const unknownRegistry: Looked = {
  ...nothing,
  checks: [
    warning(
      'its registry was not looked at: the subscription is not known',
      'AZURE_SUBSCRIPTION_ID=ID before the command',
    ),
  ],
};

/** The operator that looks after an object. */
function operatorOf(object: RegistryReplication, operators: readonly Operator[]): Operator | undefined {
  return operators.find(({ settings }) => watches(settings, object));
}

function ownOf(object: RegistryReplication, { operators, all, isAll }: Surroundings): Own {
  const { deployment, settings } = operatorOf(object, operators) ?? {};
  const clusterName = settings?.clusterName ?? object.status?.owner?.split('/')[0];
  const { name, namespace } = deployment?.metadata ?? { name: usualName, namespace: 'acr-replication-system' };
  return {
    clusterName,
    key: keyOf(object),
    since: object.metadata.creationTimestamp,
    hasObject: (inNamespace, named) =>
      all.some(({ metadata }) => metadata.namespace === inNamespace && metadata.name === named) ||
      (isAll ? false : undefined),
    rename: `kubectl -n ${namespace} set env deployment/${name} CLUSTER_NAME=A-NAME-OF-ITS-OWN`,
  };
}

const usualName = 'acr-replication-operator';

type Tell = (about: string, checks: readonly Check[]) => void;

/** One SelfSubjectAccessReview per right; they are answered and stored nowhere. */
async function lookAtRights({ cluster, signal }: Call): Promise<readonly Check[]> {
  const { namespace, client } = cluster();
  const apiVersion = 'authorization.k8s.io/v1';
  const isAllowed = async (right: Right): Promise<boolean> => {
    const body = { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: right } };
    const request = { method: 'POST', path: `/apis/${apiVersion}/selfsubjectaccessreviews`, body } as const;
    const { status } = (await client.call(request, signal)) as { readonly status?: { readonly allowed?: boolean } };
    return status?.allowed === true;
  };
  const { see, change } = objectRights(namespace);
  const answers = await Promise.all(
    [...see, ...change].map(async (right) => [right.verb, await isAllowed(right)] as const),
  );
  const allowed = new Map(answers);
  const user = answers.every(([, may]) => may) ? undefined : await userName(client, signal);
  return rightsChecks(namespace, ({ verb }) => allowed.get(verb) === true, user);
}

/** As whom the API server takes the user, by one SelfSubjectReview; API servers before 1.28 do not tell it. */
async function userName(client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  const apiVersion = 'authentication.k8s.io/v1';
  const body = { apiVersion, kind: 'SelfSubjectReview' };
  try {
    const request = { method: 'POST', path: `/apis/${apiVersion}/selfsubjectreviews`, body } as const;
    const { status } = (await client.call(request, signal)) as {
      readonly status?: { readonly userInfo?: { readonly username?: string } };
    };
    return status?.userInfo?.username;
  } catch (error) {
    if (error instanceof KubeError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

async function lookAtCrd(
  call: Call,
): Promise<{ readonly version: string | undefined; readonly checks: readonly Check[] }> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`;
  const crd = await readable<Crd>(call, path);
  if (crd.ok) return { version: crdVersion(crd.value), checks: crdChecks(crd.value) };
  return { version: undefined, checks: [warning(`the CRD was not looked at: ${crd.why}`)] };
}

async function lookAtOperator(
  call: Call,
  crd: string | undefined,
): Promise<{ readonly operators: readonly Operator[]; readonly checks: readonly Check[] }> {
  const read = await unlessForbidden(operatorParts<Deployment>(call.cluster(), 'deployments', undefined, call.signal));
  if (!read.ok) return { operators: [], checks: [warning(`the operator was not looked at: ${read.why}`)] };
  const deployments = read.value ?? [];
  const operators = await Promise.all(
    deployments.map(async (deployment) => {
      const configMaps = await configMapsFor(call.cluster(), deployment, call.signal);
      return { deployment, settings: settingsOf(deployment, configMaps) };
    }),
  );
  const checks = [...operatorChecks(deployments, { plugin: version, crd }, call.now()), ...rivalChecks(operators)];
  for (const deployment of deployments) {
    checks.push(...(await lookAtLeader(call, deployment)), ...(await lookAtIdentity(call, deployment)));
  }
  return { operators, checks };
}

async function lookAtLeader(call: Call, deployment: Deployment): Promise<readonly Check[]> {
  const at = leaseOf(deployment);
  if ((deployment.status?.readyReplicas ?? 0) === 0 || at === undefined) return [];
  const path = `/apis/coordination.k8s.io/v1/namespaces/${at.namespace}/leases/${at.name}`;
  const lease = await readable<{ readonly spec?: LeaseSpec }>(call, path);
  if (!lease.ok) return [warning(`the leader was not looked at: ${lease.why}`)];
  return [leaderCheck(lease.value === undefined ? undefined : (lease.value.spec ?? {}), deployment, call.now())];
}

async function lookAtIdentity(call: Call, deployment: Deployment): Promise<readonly Check[]> {
  if (!usesWorkloadIdentity(deployment)) return await lookAtOperatorSecret(call, deployment);
  const path = `/api/v1/namespaces/${deployment.metadata.namespace}/serviceaccounts/${accountOf(deployment)}`;
  const account = await readable<ServiceAccount>(call, path);
  if (!account.ok) return [warning(`the operator's ServiceAccount was not looked at: ${account.why}`)];
  return workloadIdentityChecks(deployment, account.value);
}

function hasEndpoint({ status }: RegistryReplication): boolean {
  return status?.replicas?.some(({ endpoint }) => endpoint !== undefined) === true;
}

/** The objects that were asked for; that they cannot be read, or that there are none, is told. */
async function objectsOf({ args, cluster, flag, signal }: Call, tell: Tell): Promise<readonly RegistryReplication[]> {
  const { namespace, object, objects } = cluster();
  const [name] = args;
  try {
    if (name !== undefined) return [await object(name, signal)];
    const found: RegistryReplication[] = [];
    for await (const page of objects({ namespace: flag('all-namespaces') ? undefined : namespace }, signal)) {
      found.push(...page);
    }
    const where = flag('all-namespaces') ? 'in this cluster' : `in namespace ${namespace}`;
    if (found.length === 0) {
      tell('Objects', [warning(`there is no RegistryReplication ${where}`, 'kubectl acr-replication import --help')]);
    }
    return found;
  } catch (error) {
    const problem = error instanceof KubeError ? kubeProblem(error) : error;
    if (!(problem instanceof Problem)) throw error;
    tell('Objects', [failing(problem.message, problem.cure ?? 'kubectl acr-replication list --all-namespaces')]);
    return [];
  }
}

/** All objects of the cluster, among which others about the same registry may be; `known` where they may not be listed. */
async function everyObject(
  { cluster, signal }: Call,
  known: readonly RegistryReplication[],
): Promise<Pick<Surroundings, 'all' | 'isAll'>> {
  const found: RegistryReplication[] = [];
  try {
    for await (const page of cluster().objects({ namespace: undefined }, signal)) found.push(...page);
    return { all: found, isAll: true };
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return { all: known, isAll: false };
    throw error;
  }
}

async function login({ env, signal }: Call, tell: Tell): Promise<Azure | undefined> {
  try {
    const azure = await azureOf(env, signal);
    if (azure === undefined) tell('Azure', [warning('not looked at: you are not signed in', 'az login')]);
    return azure;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tell('Azure', [warning(`not looked at: ${error.message}`, error.cure)]);
    return undefined;
  }
}
