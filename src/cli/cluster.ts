import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { RegistryReplication } from '../api/registryreplication.ts';
import { createKubeClient, type KubeClient, type KubeRequest, type TextReader } from '../kube/http/client.ts';
import { isNotFound } from '../kube/http/error.ts';
import { accountFiles, kubeConfigFor, loadKubeConfig, textIfReadable } from '../kube/http/kubeconfig.ts';
import { contextNames, KubeconfigProblem, type KubeTarget, readKubeconfig } from '../kube/http/kubeconfig-file.ts';
import { collectionPath } from '../kube/store.ts';
import { parseObject } from '../kube/watch/object.ts';
import { version } from '../version.ts';
import { misused, Problem } from './command.ts';

/** The cluster of the user's context, asked with the user's own rights. Errors are those of the API server, placed. */
export interface Cluster {
  /** The namespace of -n, of the context, or `default`. */
  readonly namespace: string;
  /** Where the way to it comes from, in words. */
  readonly source: string;
  readonly client: KubeClient & TextReader;
  /** The objects of a namespace, or of all, in pages of `chunk`; one LIST per page. */
  readonly objects: (of: Listing, signal: AbortSignal) => AsyncIterable<readonly RegistryReplication[]>;
  /** One GET; a Problem when there is no such object. */
  readonly object: (name: string, signal: AbortSignal) => Promise<RegistryReplication>;
}

export interface Listing {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly selector?: string | undefined;
  /** Default 500. */
  readonly chunk?: number;
}

export interface ClusterOptions {
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly namespace: string | undefined;
  readonly as: string | undefined;
  readonly groups: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where kubectl looks for kubeconfigs: --kubeconfig, KUBECONFIG, ~/.kube/config. */
function kubeconfigFiles({ kubeconfig, env }: Pick<ClusterOptions, 'kubeconfig' | 'env'>): readonly string[] {
  const named = kubeconfig === undefined ? env['KUBECONFIG'] : kubeconfig;
  const files = (named ?? '').split(kubeconfig === undefined ? delimiter : '\0').filter((file) => file !== '');
  if (files.length > 0) return kubeconfig === undefined ? files.filter((file) => existsSync(file)) : files;
  const own = join(homedir(), '.kube', 'config');
  return existsSync(own) ? [own] : [];
}

/** The contexts that can be chosen. */
export function contextsIn(options: Pick<ClusterOptions, 'kubeconfig' | 'env'>): readonly string[] {
  return contextNames(kubeconfigFiles(options), textIfReadable);
}

/** Reads the kubeconfig; sends nothing. Throws a Problem. */
export function openCluster(options: ClusterOptions): Cluster {
  const { kubeConfig, namespace } = configOf(options);
  const client = createKubeClient({
    kubeConfig,
    userAgent: `kubectl-acr_replication/${version}`,
    missingRights: undefined, // kubeProblem names the roles for people
  });
  const call = (request: KubeRequest, signal: AbortSignal) => client.call(request, signal);
  return {
    namespace,
    source: kubeConfig.source,
    client,
    async *objects({ namespace, selector, chunk = 500 }, signal) {
      let more = '';
      do {
        const query = {
          limit: String(chunk),
          ...(selector === undefined ? {} : { labelSelector: selector }),
          ...(more === '' ? {} : { continue: more }),
        };
        const page = (await call({ path: collectionPath(namespace), query }, signal)) as {
          readonly metadata?: { readonly continue?: string };
          readonly items?: readonly unknown[];
        };
        yield (page.items ?? []).flatMap((item) => (parseObject(item) as RegistryReplication | undefined) ?? []);
        more = page.metadata?.continue ?? '';
      } while (more !== '');
    },
    async object(name, signal) {
      try {
        const path = `${collectionPath(namespace)}/${encodeURIComponent(name)}`;
        return parseObject(await call({ path }, signal)) as RegistryReplication;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        throw new Problem(
          `there is no RegistryReplication ${name} in namespace ${namespace}`,
          'kubectl acr-replication list --all-namespaces',
        );
      }
    },
  };
}

function configOf(options: ClusterOptions) {
  const { context, env, as, groups, kubeconfig } = options;
  if (as === undefined && groups.length > 0) throw new Problem('--as-group needs --as', '--as USER', misused);
  const files = kubeconfigFiles(options);
  try {
    if (files.length === 0) {
      if (kubeconfig === undefined && env['KUBERNETES_SERVICE_HOST'] !== undefined) return inPod(options);
      throw new Problem('there is no kubeconfig', 'kubectl config view, or --kubeconfig FILE');
    }
    const target = readKubeconfig(files, textIfReadable, context);
    return {
      kubeConfig: kubeConfigFor(as === undefined ? target : impersonating(target, as, groups), env),
      namespace: options.namespace ?? target.namespace ?? 'default',
    };
  } catch (error) {
    if (error instanceof KubeconfigProblem) throw new Problem(error.message, 'kubectl config get-contexts');
    throw error;
  }
}

function inPod(options: ClusterOptions) {
  const own = textIfReadable(accountFiles.namespace)?.trim();
  return { kubeConfig: loadKubeConfig({ kind: 'in-cluster' }), namespace: options.namespace ?? own ?? 'default' };
}

/** --as and --as-group take the place of what the kubeconfig says of it. */
function impersonating(target: KubeTarget, user: string, groups: readonly string[]): KubeTarget {
  const impersonation = { 'Impersonate-User': user, ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }) };
  return { ...target, user: { ...target.user, impersonation } };
}
