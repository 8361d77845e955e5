import type { KubeError } from '../kube/http/error.ts';
import { Problem } from './command.ts';

// Apart from cluster.ts: a command that is loaded on demand and imports that one would bring all of client-node along.

/** What the API server refused, in a sentence for the person at the terminal, with the command that helps. */
export function kubeProblem(error: KubeError): Problem {
  const { status, message } = error;
  if (status === 403) return new Problem(message, 'ask for the ClusterRole acr-replication-view (or -edit, -admin)');
  if (status === 404 && error.details === undefined) {
    return new Problem('this cluster does not know RegistryReplication', 'kubectl apply --server-side -f crds/');
  }
  return new Problem(message);
}
