import { setTimeout as delay } from 'node:timers/promises';
import type { KubeAdmin } from '../../sandbox/kube-admin.ts';

interface Resources {
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean; readonly verbs: string[] }[];
}

/**
 * Does what kube-controller-manager does with a namespace that is deleted, for the sandbox has none: deletes all that is
 * in it, waits until nothing is left (an object with a finalizer stays), and lets the namespace go. Until `signal`.
 */
export async function namespaceController(kube: KubeAdmin, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const namespaces = await kube.list('/api/v1/namespaces');
    for (const namespace of namespaces.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)) {
      const left = await contents(kube, namespace.metadata.name).catch(() => undefined); // looked at again in a moment
      if (left !== 0) continue;
      const path = `/api/v1/namespaces/${namespace.metadata.name}/finalize`;
      await kube.request('PUT', path, { ...namespace, spec: { finalizers: [] } }).catch(() => {});
    }
    await delay(200, undefined, { signal }).catch(() => {});
  }
}

/** Asks for the deletion of everything in it; how much is left. */
async function contents(kube: KubeAdmin, namespace: string): Promise<number> {
  let left = 0;
  for (const folder of await folders(kube)) {
    const { resources } = await kube.request<Resources>('GET', folder).catch((): Resources => ({ resources: [] }));
    for (const { name, namespaced, verbs } of resources) {
      if (!namespaced || !verbs.includes('deletecollection')) continue;
      const path = `${folder}/namespaces/${namespace}/${name}`;
      await kube.request('DELETE', path);
      left += (await kube.list(path)).length;
    }
  }
  return left;
}

async function folders(kube: KubeAdmin): Promise<readonly string[]> {
  const { groups } = await kube.request<{
    readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  }>('GET', '/apis');
  return ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
}
