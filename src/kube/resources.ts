import type { RegistryReplication } from '../api/registryreplication.ts';
import { finalizer, group, plural, version } from '../api/registryreplication.ts';
import { keyOf, type Store } from '../controller/ports.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './error.ts';
import { parseObject } from './object.ts';
import type { ObjectCache } from './store.ts';

/** Of one namespace's objects, or of all. */
export function collectionPath(namespace?: string): string {
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `/apis/${group}/${version}${scope}/${plural}`;
}

function pathOf({ metadata }: RegistryReplication): string {
  return `${collectionPath(metadata.namespace)}/${encodeURIComponent(metadata.name)}`;
}

/** The writes of a pass. What the server answers goes into the cache, so that the next pass sees it at once. */
export function createStore(client: KubeClient, cache: ObjectCache): Store {
  async function patch(
    object: RegistryReplication,
    { subresource = '', kind, body }: { subresource?: string; kind: 'merge-patch' | 'json-patch'; body: unknown },
    signal: AbortSignal,
  ): Promise<RegistryReplication> {
    const answer = await client.call(
      {
        method: 'PATCH',
        path: `${pathOf(object)}${subresource}`,
        query: { fieldManager: 'acr-replication-operator' },
        contentType: `application/${kind}+json`,
        body,
      },
      signal,
    );
    const stored = parseObject(answer) as RegistryReplication | undefined;
    if (stored === undefined) throw new Error('the API server answered a patch without an object');
    cache.putOwn(stored);
    return stored;
  }

  /** The same spec in its newest version: a status written since `object` was read is no conflict. */
  function latest(object: RegistryReplication): RegistryReplication {
    const known = cache.get(keyOf(object));
    const same =
      known?.metadata.uid === object.metadata.uid && known.metadata.generation === object.metadata.generation;
    return same ? known : object;
  }

  async function setFinalizers(
    { metadata }: RegistryReplication,
    object: RegistryReplication,
    finalizers: readonly string[],
    signal: AbortSignal,
  ): Promise<RegistryReplication> {
    const { uid, resourceVersion } = metadata;
    return await patch(
      object,
      { kind: 'merge-patch', body: { metadata: { uid, resourceVersion, finalizers } } },
      signal,
    );
  }

  return {
    get: (key) => cache.get(key),
    list: () => cache.list(),
    onChange: (listener) => void cache.onChange(listener),

    async addFinalizer(object, signal) {
      const base = latest(object);
      const present = base.metadata.finalizers ?? [];
      if (present.includes(finalizer)) return base;
      return await setFinalizers(base, object, [...present, finalizer], signal);
    },

    async removeFinalizer(object, signal) {
      const base = latest(object);
      const present = base.metadata.finalizers ?? [];
      if (!present.includes(finalizer)) return;
      const others = present.filter((name) => name !== finalizer);
      await setFinalizers(base, object, others, signal).catch(unlessGone);
    },

    async writeStatus(object, status, signal) {
      const body = [
        { op: 'test', path: '/metadata/uid', value: object.metadata.uid },
        { op: 'add', path: '/status', value: status },
      ];
      await patch(object, { subresource: '/status', kind: 'json-patch', body }, signal).catch(unlessGone);
    },
  };
}

/** Gone, or another object under the same name: the uid no longer holds. */
function unlessGone(error: unknown): void {
  if (!(error instanceof KubeError)) throw error;
  if (error.status === 404) return;
  // A failed `test` is a 422 that, unlike an invalid status, names neither kind nor causes.
  if (error.status === 422 && error.details?.['kind'] === undefined && error.details?.causes === undefined) return;
  throw error;
}
