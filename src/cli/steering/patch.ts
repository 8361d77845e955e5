import { apiVersion, plural, type RegistryReplication } from '../../api/registryreplication.ts';
import { KubeError } from '../../kube/http/error.ts';
import type { Cluster } from '../cluster.ts';

/** The field manager of what this program changes in an object. Flux would undo what one called kubectl* has changed. */
const fieldManager = 'acr-replication-cli';

/** Changes an object by one merge patch; returns what the API server made of it. */
export async function mergePatch(
  { client, namespace }: Pick<Cluster, 'client' | 'namespace'>,
  name: string,
  body: object,
  signal: AbortSignal,
): Promise<RegistryReplication> {
  const request = {
    method: 'PATCH',
    path: `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`,
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body,
  } as const;
  return (await client.call(request, signal)) as RegistryReplication;
}

/** Whether somebody else wrote the object after it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409;
}
