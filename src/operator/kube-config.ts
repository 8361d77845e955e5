import { createHash } from 'node:crypto';
import { delimiter, join } from 'node:path';
import { accountFiles, type KubeSource, kubeSourceProblem } from '../kube/http/kubeconfig.ts';
import { type Part, type Readers, unmade } from './part.ts';
import { type Environment, type Values, wrong } from './values.ts';

/** Which objects the operator looks after. */
export interface WatchConfig {
  /** The namespaces to look into, sorted; empty means all. */
  readonly namespaces: readonly string[];
  readonly selector: string | undefined;
}

/** The Lease that the operator holds before any work. */
export interface LeaseConfig {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Finds the API server as kubectl does, but a pod's service account goes before ~/.kube/config. Reads the kubeconfig
 * files, so that what is wrong in them is told with all other problems.
 */
export function kubeSource(values: Values, env: Environment, readers: Readers): Part<KubeSource> {
  const source = sourceOf(values, env, readers);
  if (!source.ok) return source;
  const problem = kubeSourceProblem(source.value, (path) => readers.readText(path));
  return problem === undefined ? source : unmade(problem);
}

function sourceOf({ kubeconfig }: Values, env: Environment, readers: Readers): Part<KubeSource> {
  if (kubeconfig === wrong) return unmade();
  if (kubeconfig !== undefined) {
    const named = kubeconfig.split(delimiter).filter((file) => file !== '');
    const files = named.filter((file) => readers.isFile(file));
    if (files.length > 0) return { ok: true, value: { kind: 'files', files, env } };
    return unmade(`KUBECONFIG is ${JSON.stringify(kubeconfig)}, where there is no readable file`);
  }
  if (env['KUBERNETES_SERVICE_HOST']) return { ok: true, value: { kind: 'in-cluster' } };
  const own = join(env['HOME'] ?? env['USERPROFILE'] ?? '', '.kube', 'config');
  if (readers.isFile(own)) return { ok: true, value: { kind: 'files', files: [own], env } };
  return unmade(`KUBECONFIG is not set, this is no pod, and there is no ${own}: set KUBECONFIG`);
}

/** Takes the objects to look after from their settings. */
export function watchConfig({ watchNamespaces = [], watchSelector }: Values): Part<WatchConfig> {
  if (watchNamespaces === wrong || watchSelector === wrong) return unmade();
  return { ok: true, value: { namespaces: watchNamespaces, selector: watchSelector } };
}

/** The lease is in the pod's own namespace unless another is set; undefined when the operator works without election. */
export function leaseConfig(
  { leaderElection, leaseNamespace, leaseName }: Values,
  source: Part<KubeSource>,
  watch: Part<WatchConfig>,
  readers: Readers,
): Part<LeaseConfig | undefined> {
  if (leaderElection === wrong) return unmade();
  const isElected = leaderElection ?? (source.ok && source.value.kind === 'in-cluster');
  if (!isElected) return { ok: true, value: undefined };
  if (leaseNamespace === wrong) return unmade();
  const namespace = leaseNamespace ?? readers.readText(accountFiles.namespace)?.trim();
  if (!namespace) {
    return unmade(
      `LEASE_NAMESPACE is not set, and there is no ${accountFiles.namespace}: set LEASE_NAMESPACE, or LEADER_ELECTION=false for an operator that is alone`,
    );
  }
  if (leaseName === wrong || !watch.ok) return unmade();
  return { ok: true, value: { namespace, name: leaseName ?? defaultLeaseName(watch.value) } };
}

/** A name that operators of the same objects share: they wait for each other, operators of different objects do not. */
function defaultLeaseName({ namespaces, selector = '' }: WatchConfig): string {
  const name = 'acr-replication-operator';
  if (namespaces.length === 0 && selector === '') return name;
  const requirements = selector.split(/,(?![^(]*\))/).map((requirement) => requirement.replace(/\s/g, ''));
  const shard = JSON.stringify([namespaces, requirements.sort()]);
  return `${name}-${createHash('sha256').update(shard).digest('hex').slice(0, 8)}`;
}
