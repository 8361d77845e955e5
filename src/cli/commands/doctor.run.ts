import { group, plural, type RegistryReplication } from '../../api/registryreplication.ts';
import { registryOf } from '../../domain/desired.ts';
import type { Failure } from '../../domain/failure.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import type { LeaseSpec } from '../../kube/election/lease.ts';
import { isNotFound, KubeError } from '../../kube/http/error.ts';
import { version } from '../../version.ts';
import { type Azure, azureOf } from '../azure.ts';
import { adviceOf } from '../azure-answer.ts';
import { type Call, Problem } from '../command.ts';
import { lockChecks, permissionChecks, registryChecks } from '../doctor/azure-side.ts';
import { type Check, type Finding, failing, report, warning } from '../doctor/finding.ts';
import {
  type Crd,
  crdChecks,
  type Deployment,
  leaderCheck,
  operatorChecks,
  operatorSelector,
  settingOf,
} from '../doctor/installation.ts';
import { claimChecks, nameOf, objectChecks } from '../doctor/object.ts';
import { objectRights, type Right, rightsChecks } from '../doctor/rights.ts';
import { registryOfId } from '../import/registry-id.ts';
import { kubeProblem } from '../kube-words.ts';

/** How many registries are looked at at once. */
const atOnce = 8;

export async function run(call: Call): Promise<number> {
  const { terminal, text } = call;
  const findings: Finding[] = [];
  const tell = (about: string, checks: readonly Check[]) =>
    void findings.push(...checks.map((check) => ({ group: about, ...check })));

  tell('Kubernetes', [...(await lookAtRights(call)), ...(await lookAtCrd(call))]);
  const { deployments, checks } = await lookAtOperator(call);
  tell('Operator', checks);
  const objects = await objectsOf(call, tell);
  const all = objects.length === 0 ? [] : await everyObject(call, objects);
  const ownSubscription = deployments
    .map((one) => settingOf(one, 'AZURE_SUBSCRIPTION_ID'))
    .find((id) => id !== undefined);
  const refOf = (object: RegistryReplication): RegistryRef | undefined =>
    registryOfId(object.status?.registry?.id ?? '') ??
    registryOf(object.spec, ownSubscription ?? (call.env['AZURE_SUBSCRIPTION_ID'] || undefined));
  const azure = objects.length === 0 ? undefined : await login(call, tell);
  for (let i = 0; i < objects.length; i += atOnce) {
    const looked = objects.slice(i, i + atOnce).map(async (object) => {
      const ref = refOf(object);
      const seen = azure === undefined ? [] : await lookAtAzure(call, azure, object, ref);
      return { object, checks: [...objectChecks(object, call.now()), ...claimChecks(object, all, refOf), ...seen] };
    });
    for (const { object, checks } of await Promise.all(looked)) tell(nameOf(object), checks);
  }

  const isWell = findings.every(({ verdict }) => verdict !== 'failing');
  if (text('output') === 'json') terminal.out(`${JSON.stringify({ ok: isWell, findings }, null, 2)}\n`);
  else terminal.out(report(findings, terminal));
  return isWell ? 0 : 1;
}

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
  return rightsChecks(namespace, ({ verb }) => allowed.get(verb) === true);
}

async function lookAtCrd(call: Call): Promise<readonly Check[]> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`;
  const crd = await readable<Crd>(call, path);
  return crd.ok ? crdChecks(crd.value) : [warning(`the CRD was not looked at: ${crd.why}`)];
}

async function lookAtOperator(
  call: Call,
): Promise<{ readonly deployments: readonly Deployment[]; readonly checks: readonly Check[] }> {
  const query = { labelSelector: operatorSelector };
  const read = await readable<{ readonly items?: readonly Deployment[] }>(call, '/apis/apps/v1/deployments', query);
  if (!read.ok) return { deployments: [], checks: [warning(`the operator was not looked at: ${read.why}`)] };
  const deployments = read.value?.items ?? [];
  const checks = [...operatorChecks(deployments, version, call.now())];
  for (const deployment of deployments) {
    if ((deployment.status?.readyReplicas ?? 0) === 0) continue;
    if (settingOf(deployment, 'LEADER_ELECTION') === 'false') continue;
    const namespace = settingOf(deployment, 'LEASE_NAMESPACE') ?? deployment.metadata.namespace;
    const name = settingOf(deployment, 'LEASE_NAME') ?? 'acr-replication-operator';
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
    const lease = await readable<{ readonly spec?: LeaseSpec }>(call, path);
    const spec = lease.ok && lease.value !== undefined ? (lease.value.spec ?? {}) : undefined;
    checks.push(
      lease.ok ? leaderCheck(spec, deployment, call.now()) : warning(`the leader was not looked at: ${lease.why}`),
    );
  }
  return { deployments, checks };
}

type Read<T> = { readonly ok: true; readonly value: T | undefined } | { readonly ok: false; readonly why: string };

/** One GET; a value that is undefined is not there. Not ok: the user may not see it. */
async function readable<T>(
  { cluster, signal }: Call,
  path: string,
  query: Record<string, string> = {},
): Promise<Read<T>> {
  try {
    return { ok: true, value: (await cluster().client.call({ path, query }, signal)) as T };
  } catch (error) {
    if (isNotFound(error)) return { ok: true, value: undefined };
    if (error instanceof KubeError && error.status === 403) return { ok: false, why: kubeProblem(error).message };
    throw error;
  }
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
): Promise<readonly RegistryReplication[]> {
  const found: RegistryReplication[] = [];
  try {
    for await (const page of cluster().objects({ namespace: undefined }, signal)) found.push(...page);
    return found;
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return known;
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

/** A registry as the user's own login sees it: five GETs. */
async function lookAtAzure(
  { signal }: Call,
  azure: Azure,
  { spec, status }: RegistryReplication,
  ref: RegistryRef | undefined,
): Promise<readonly Check[]> {
  if (ref === undefined) {
    return [
      warning(
        'its registry was not looked at: the subscription is not known',
        'AZURE_SUBSCRIPTION_ID=ID before the command',
      ),
    ];
  }
  const { subscriptionId, resourceGroup, name } = ref;
  const observed = await azure.replications.observe(ref, undefined, signal, { anySku: true });
  if (!observed.ok) return [refused('its registry', observed.failure)];
  const update = `az acr update --name ${name} --resource-group ${resourceGroup} --subscription ${subscriptionId} --sku Premium`;
  const found = registryChecks(observed.value, { name: spec.registry.name, owner: status?.owner, update });
  const { id } = observed.value.registry;
  const authorization = `${id}/providers/Microsoft.Authorization`;
  const [permissions, locks] = await Promise.all([
    azure.get(`${authorization}/permissions`, '2022-04-01', signal),
    azure.get(`${authorization}/locks?$filter=atScope()`, '2020-05-01', signal),
  ]);
  return [
    ...found,
    ...(permissions.ok
      ? permissionChecks(valuesIn(permissions.value), id)
      : [unseen('your permissions', permissions.failure)]),
    ...(locks.ok ? lockChecks(valuesIn(locks.value)) : [unseen('locks', locks.failure)]),
  ];
}

function refused(what: string, failure: Failure): Check {
  const says = `${what} cannot be read with your login: ${failure.message}`;
  // Of the operator's login it says nothing, unless there is nothing to read.
  return failure.reason === 'RegistryNotFound' ? failing(says, adviceOf(failure)) : warning(says, adviceOf(failure));
}

function unseen(what: string, failure: Failure): Check {
  return warning(`${what} were not looked at: ${failure.message}`);
}

function valuesIn(answer: unknown): readonly unknown[] {
  return (answer as { readonly value?: readonly unknown[] } | null)?.value ?? [];
}
