import { regionOf } from '../domain/region.ts';
import type { KubeClient } from '../kube/http/client.ts';
import type { Clock } from '../time/clock.ts';

/** How many of the cluster's nodes are in each region. */
export type NodeRegions = Readonly<Record<string, number>>;

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion */
const regionLabel = 'topology.kubernetes.io/region';
/** Only the metadata of nodes: whole ones have some ten kB each. */
const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface NodePage {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }[];
}

/** Counts the nodes by region; one LIST of their metadata per 500. Nodes that tell no region are left out. */
export async function readNodeRegions(client: KubeClient, signal: AbortSignal): Promise<NodeRegions> {
  const counts: Record<string, number> = {};
  let more: string | undefined;
  do {
    const query = { limit: '500', ...(more === undefined ? {} : { continue: more }) };
    const page = (await client.call({ path: '/api/v1/nodes', query, accept }, signal)) as NodePage;
    for (const { metadata } of page.items ?? []) {
      const label = metadata.labels?.[regionLabel];
      if (label === undefined || label === '') continue;
      const region = regionOf(label);
      counts[region] = (counts[region] ?? 0) + 1;
    }
    more = page.metadata?.continue || undefined;
  } while (more !== undefined);
  return counts;
}

/** How old a count may be. */
const freshMs = 5 * 60_000;

/**
 * The count as it was last read, undefined while there is none; each question has it read again in the background when it
 * is old. A refusal is no trouble: there is no count then.
 */
export function createNodeRegions(
  read: (signal: AbortSignal) => Promise<NodeRegions>,
  clock: Clock,
  signal: AbortSignal,
): () => NodeRegions | undefined {
  let count: NodeRegions | undefined;
  let askedMs: number | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (askedMs === undefined || nowMs - askedMs > freshMs) {
      askedMs = nowMs;
      read(signal).then(
        (found) => (count = found),
        () => (count = undefined),
      );
    }
    return count;
  };
}
