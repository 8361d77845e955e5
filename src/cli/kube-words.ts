import type { KubeError } from '../kube/http/error.ts';
import { Problem } from './command.ts';
import { mayNot } from './may-not.ts';
import { installOperator } from './releases.ts';

// Apart from cluster.ts: a command that is loaded on demand and imports that one would bring all of client-node along.

/** What the API server refused, in a sentence for the person at the terminal, with the command or the step that helps. */
export function kubeProblem(error: KubeError): Problem {
  const { status, message, said = message, answered, details, placed } = error;
  if (status === 403 && answered === undefined) {
    const refusal = mayNot(said);
    return new Problem(refusal?.message ?? said, refusal?.cure ?? 'ask who administers the cluster');
  }
  if (status === 404 && answered === undefined && details === undefined) {
    return new Problem('this cluster does not know RegistryReplication', installOperator());
  }
  if (placed !== undefined) {
    return new Problem(`${whatFailed(error)} (${placed.where})`, placed.step ?? 'kubectl cluster-info');
  }
  if (status === 400 && /unable to parse|, expected: /.test(said)) {
    return new Problem(`the labels are not understood: ${said}`, '--selector KEY=VALUE');
  }
  return new Problem(message, status === 429 || status >= 500 ? 'the same command again, a minute later' : undefined);
}

function whatFailed({ status, reason, message, said = message }: KubeError): string {
  if (status === 401) return 'the API server does not accept your credentials';
  // Node's own advice is about a flag that nobody can set here.
  const plain = said.replace(/; if the root CA is installed locally.*$/, '');
  return status !== 0 || ownReasons.has(reason) ? plain : `the API server is not reached: ${plain}`;
}

/** Of errors on this side, before anything is sent. */
const ownReasons: ReadonlySet<string> = new Set(['ExecPlugin', 'UnreadableFile']);
