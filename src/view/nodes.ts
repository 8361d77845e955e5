import { type Region, regionOf } from '../domain/region.ts';
import type { KubeClient } from '../kube/http/client.ts';

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion */
const regionLabel = 'topology.kubernetes.io/region';
/** Only the metadata of nodes: whole ones have some ten kB each. */
const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

type Labels = Readonly<Record<string, string>>;

interface NodePage {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly { readonly metadata?: { readonly labels?: Labels } }[];
}

/** The labels of the cluster's nodes; one LIST of their metadata per 500. */
export async function nodeLabels(client: KubeClient, signal: AbortSignal): Promise<readonly Labels[]> {
  const labels: Labels[] = [];
  let more: string | undefined;
  do {
    const query = { limit: '500', ...(more === undefined ? {} : { continue: more }) };
    const page = (await client.call({ path: '/api/v1/nodes', query, accept }, signal)) as NodePage;
    labels.push(...(page.items ?? []).map(({ metadata }) => metadata?.labels ?? {}));
    more = page.metadata?.continue || undefined;
  } while (more !== undefined);
  return labels;
}

/** How many nodes there are in each region, by the label topology.kubernetes.io/region. */
export function nodesByRegion(
  labels: readonly (Readonly<Record<string, string>> | undefined)[],
): ReadonlyMap<Region, number> {
  const counts = new Map<Region, number>();
  for (const label of labels) {
    const name = label?.[regionLabel];
    if (name !== undefined && name !== '') counts.set(regionOf(name), (counts.get(regionOf(name)) ?? 0) + 1);
  }
  return counts;
}
