import type { Access } from '../sandbox/cluster-access.ts';
import type { KubeObject } from '../sandbox/manifests.ts';

interface ClusterRole extends KubeObject {
  readonly aggregationRule?: { readonly clusterRoleSelectors: readonly { readonly matchLabels: Labels }[] };
  readonly rules: readonly object[] | null;
}
type Labels = Readonly<Record<string, string>>;

/**
 * Gives Kubernetes' own roles view, edit and admin the rules of all roles that are aggregated to them. In a cluster
 * kube-controller-manager does so; the sandbox has none.
 */
export async function aggregateRoles({ kube }: Access): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  for (const name of ['view', 'edit', 'admin']) {
    const roles = await kube.list<ClusterRole>(path);
    const selectors = roles.find(({ metadata }) => metadata.name === name)?.aggregationRule?.clusterRoleSelectors ?? [];
    const parts = roles.filter(({ metadata }) =>
      selectors.some(({ matchLabels }) => fits(metadata.labels, matchLabels)),
    );
    await kube.patch(`${path}/${name}`, { rules: parts.flatMap(({ rules }) => rules ?? []) });
  }
}

function fits(labels: Labels | undefined, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels?.[name] === value);
}

/** Path of a kubeconfig of a new service account, bound in the namespace to these ClusterRoles. */
export async function userWith(cluster: Access, namespace: string, clusterRoles: readonly string[]): Promise<string> {
  const { kube } = cluster;
  const name = ['user', ...clusterRoles].join('-');
  await kube.createServiceAccount(namespace, name);
  for (const role of clusterRoles) {
    await kube.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: `${name}-${role}`, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
  }
  return cluster.kubeconfigFor({ token: await kube.tokenFor({ namespace, serviceAccount: name }) });
}
