import type { Cluster } from '../cluster.ts';

/** The labels of the cluster's nodes; one LIST per 500. */
export async function nodeLabels(
  { client }: Pick<Cluster, 'client'>,
  signal: AbortSignal,
): Promise<readonly (Readonly<Record<string, string>> | undefined)[]> {
  const labels: (Readonly<Record<string, string>> | undefined)[] = [];
  let more: string | undefined = '';
  while (more !== undefined) {
    const query = { limit: '500', ...(more === '' ? {} : { continue: more }) };
    const page = (await client.call({ path: '/api/v1/nodes', query }, signal)) as {
      readonly metadata?: { readonly continue?: string };
      readonly items?: readonly { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }[];
    };
    labels.push(...(page.items ?? []).map(({ metadata }) => metadata?.labels));
    more = page.metadata?.continue || undefined;
  }
  return labels;
}
