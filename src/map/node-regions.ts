import type { KubeClient } from '../kube/http/client.ts';
import type { Clock } from '../time/clock.ts';
import { nodeLabels, nodesByRegion } from '../view/nodes.ts';

/** How many of the cluster's nodes are in each region. */
export type NodeRegions = Readonly<Record<string, number>>;

/** Counts the nodes by region; one LIST of their metadata per 500. Nodes that tell no region are left out. */
export async function readNodeRegions(client: KubeClient, signal: AbortSignal): Promise<NodeRegions> {
  return Object.fromEntries(nodesByRegion(await nodeLabels(client, signal)));
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
