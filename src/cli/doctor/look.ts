import { isNotFound, KubeError } from '../../kube/http/error.ts';
import type { Call } from '../command.ts';
import { kubeProblem } from '../kube-words.ts';

/** What Kubernetes answered. A value that is undefined is not there; not ok: the user may not see it. */
export type Read<T> =
  | { readonly ok: true; readonly value: T | undefined }
  | { readonly ok: false; readonly why: string };

/** One GET. */
export function readable<T>(
  { cluster, signal }: Call,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Read<T>> {
  return unlessForbidden(cluster().client.call({ path, query }, signal) as Promise<T>);
}

export async function unlessForbidden<T>(answer: Promise<T>): Promise<Read<T>> {
  try {
    return { ok: true, value: await answer };
  } catch (error) {
    if (isNotFound(error)) return { ok: true, value: undefined };
    if (error instanceof KubeError && error.status === 403) return { ok: false, why: kubeProblem(error).message };
    throw error;
  }
}

/** The labels of all nodes; one LIST per 500 of them. */
export async function nodeLabels(call: Call): Promise<Read<readonly Readonly<Record<string, string>>[]>> {
  const found: Readonly<Record<string, string>>[] = [];
  let more: string | undefined;
  do {
    const query = { limit: '500', ...(more === undefined ? {} : { continue: more }) };
    const page = await readable<{
      readonly metadata?: { readonly continue?: string };
      readonly items?: readonly { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }[];
    }>(call, '/api/v1/nodes', query);
    if (!page.ok) return page;
    found.push(...(page.value?.items ?? []).map(({ metadata }) => metadata?.labels ?? {}));
    more = page.value?.metadata?.continue || undefined;
  } while (more !== undefined);
  return { ok: true, value: found };
}
