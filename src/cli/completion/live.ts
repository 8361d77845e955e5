import type { Cluster, ClusterOptions } from '../cluster.ts';
import type { Live } from './complete.ts';
import type { Wanted } from './wanted.ts';

export interface LiveOptions {
  readonly contexts: (options: Pick<ClusterOptions, 'kubeconfig' | 'env'>) => readonly string[];
  readonly open: (options: ClusterOptions) => Cluster;
  readonly env: ClusterOptions['env'];
  readonly signal: AbortSignal;
}

/** Asks what the command line names: its context, its kubeconfig, its namespace, its user. One request each. */
export function liveOf({ contexts, open, env, signal }: LiveOptions): Live {
  const cluster = ({ values }: Wanted): Cluster =>
    open({
      context: values.get('context'),
      kubeconfig: values.get('kubeconfig'),
      namespace: values.get('namespace'),
      as: values.get('as'),
      groups: [],
      env,
    });
  return {
    contexts: ({ values }) => contexts({ kubeconfig: values.get('kubeconfig'), env }),
    async namespaces(wanted) {
      const list = (await cluster(wanted).client.call({ path: '/api/v1/namespaces' }, signal)) as {
        readonly items?: readonly { readonly metadata: { readonly name: string } }[];
      };
      return (list.items ?? []).map(({ metadata }) => metadata.name);
    },
    async objects(wanted) {
      const { objects, namespace } = cluster(wanted);
      for await (const page of objects({ namespace }, signal)) return page; // more nobody reads in a list of candidates
      return [];
    },
  };
}
