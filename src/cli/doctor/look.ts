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
