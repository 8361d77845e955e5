import { type Check, warning, well } from './finding.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The first node image of AKS whose kubelet signs in to regional hosts with the node's managed identity; older ones are
 * answered 401 (AgentBaker#8862, #8994).
 */
const needed = '202607.29';

/** Pools of nodes with an older image, by the label that AKS gives each node. Nodes of others than AKS have none. */
export function nodeChecks(nodes: readonly Labels[]): readonly Check[] {
  const aks = nodes.flatMap((labels) => {
    const [, version] = /-(\d{6}\.\d{2})\.\d+$/.exec(labels['kubernetes.azure.com/node-image-version'] ?? '') ?? [];
    return version === undefined ? [] : [{ labels, version }];
  });
  const old = aks.filter(({ version }) => version < needed);
  if (old.length === 0) {
    return aks.length === 0 ? [] : [well(`the images of all ${aks.length} AKS nodes know regional hosts`)];
  }
  const pools = Map.groupBy(old, ({ labels }) => labels['kubernetes.azure.com/agentpool'] ?? '');
  return [...pools]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([pool, these]) => {
      const oldest = these.map(({ version }) => version).sort()[0];
      const says = `node pool ${pool}: ${these.length} of ${nodes.length} nodes have image ${oldest}, and before ${needed} a pull from a regional host by managed identity is answered 401`;
      return warning(says, upgradeOf(pool, these[0]?.labels ?? {}));
    });
}

/** A group that AKS named itself tells resource group and cluster, where neither has an underscore in its name. */
function upgradeOf(pool: string, labels: Labels): string {
  const group = labels['kubernetes.azure.com/cluster'] ?? '';
  const [, resourceGroup, cluster] = /^MC_([^_]+)_([^_]+)_[^_]+$/i.exec(group) ?? [];
  if (resourceGroup !== undefined && cluster !== undefined) {
    return `az aks nodepool upgrade --resource-group ${resourceGroup} --cluster-name ${cluster} --name ${pool} --node-image-only`;
  }
  return `az aks list --query "[?nodeResourceGroup=='${group}'].[resourceGroup, name]" -o table, and az aks nodepool upgrade --resource-group GROUP --cluster-name CLUSTER --name ${pool} --node-image-only`;
}
