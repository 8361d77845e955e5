import type { RegistryReplication } from '../../api/registryreplication.ts';
import { KubeError } from '../../kube/http/error.ts';
import type { Cluster } from '../cluster.ts';
import type { Surroundings } from './neighbours.ts';
import { type ConfigMaps, configMapsOf, type Deployment, settingsOf } from './operators.ts';

const operatorSelector = 'app.kubernetes.io/name=acr-replication-operator';
/** Where the operator is installed when nothing else is said. */
const usualNamespace = 'acr-replication-system';

/** Reads what there is beside the objects that are planned for, as far as the user may: what is refused counts as unseen. */
export async function surroundingsOf(
  cluster: Cluster,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<Surroundings> {
  const [everything, { operators, isWhole }] = await Promise.all([
    unlessForbidden(objectsIn(cluster, undefined, signal)),
    operatorsIn(cluster, namespaces, signal),
  ]);
  if (everything !== undefined) return { objects: everything, seen: undefined, operators, isWhole };
  const parts = await Promise.all(
    namespaces.map(
      async (namespace) => [namespace, await unlessForbidden(objectsIn(cluster, namespace, signal))] as const,
    ),
  );
  const seen = parts.flatMap(([namespace, objects]) => (objects === undefined ? [] : [namespace]));
  return { objects: parts.flatMap(([, objects]) => objects ?? []), seen, operators, isWhole };
}

async function objectsIn(
  { objects }: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly RegistryReplication[]> {
  const all: RegistryReplication[] = [];
  for await (const page of objects({ namespace }, signal)) all.push(...page);
  return all;
}

async function operatorsIn(
  cluster: Cluster,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<Pick<Surroundings, 'operators' | 'isWhole'>> {
  const list = async (namespace: string | undefined) => {
    const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    const path = `/apis/apps/v1${scope}/deployments`;
    const query = { labelSelector: operatorSelector };
    const answer = (await cluster.client.call({ path, query }, signal)) as { readonly items?: readonly Deployment[] };
    return answer.items ?? [];
  };
  const everywhere = await unlessForbidden(list(undefined));
  const places = [...new Set([usualNamespace, ...namespaces])];
  const found =
    everywhere ??
    (await Promise.all(places.map((namespace) => unlessForbidden(list(namespace))))).flatMap((one) => one ?? []);
  const operators = await Promise.all(
    found.map(async (deployment) => settingsOf(deployment, await configMapsFor(cluster, deployment, signal))),
  );
  return { operators, isWhole: everywhere !== undefined };
}

/** The ConfigMaps that an operator's settings come from, as far as the user may read them; one GET for each. */
export async function configMapsFor(
  { client }: Pick<Cluster, 'client'>,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<ConfigMaps> {
  const { namespace } = deployment.metadata;
  const read = configMapsOf(deployment).map(async (name) => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;
    const answer = await unlessForbidden(client.call({ path }, signal));
    return [name, (answer as { readonly data?: Readonly<Record<string, string>> } | undefined)?.data ?? {}] as const;
  });
  return new Map(await Promise.all(read));
}

/** Undefined when the user may not see it, or when it is not there. */
async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && (error.status === 403 || (error.status === 404 && error.details !== undefined)))
      return undefined;
    throw error;
  }
}
