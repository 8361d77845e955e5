import { KubeError } from '../kube/http/error.ts';
import type { Cluster } from './cluster.ts';

/** Where deploy/ puts the operator: who may not look into all namespaces is shown the one there. */
const usualNamespace = 'acr-replication-system';
const labelSelector = 'app.kubernetes.io/name=acr-replication-operator';

/** What the operator's Deployments and Pods have in common. */
export interface OperatorPart {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/**
 * The operator's Deployments or Pods: those of `namespace`, else of all namespaces, else, without the right to see these,
 * of the usual namespace. One LIST, or two.
 */
export async function operatorParts<Part extends OperatorPart>(
  { client }: Pick<Cluster, 'client'>,
  kind: 'deployments' | 'pods',
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const base = kind === 'pods' ? '/api/v1' : '/apis/apps/v1';
  const list = async (scope: string): Promise<readonly Part[]> => {
    const answer = await client.call({ path: `${base}${scope}/${kind}`, query: { labelSelector } }, signal);
    return (answer as { readonly items?: readonly Part[] }).items ?? [];
  };
  const inNamespace = (name: string) => list(`/namespaces/${encodeURIComponent(name)}`);
  if (namespace !== undefined) return inNamespace(namespace);
  try {
    return await list('');
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    return inNamespace(usualNamespace);
  }
}
