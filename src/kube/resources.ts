import { setTimeout as delay } from 'node:timers/promises';
import type { RegistryReplication } from '../api/registryreplication.ts';
import { finalizer, group, plural, version } from '../api/registryreplication.ts';
import { keyOf, type Store } from '../controller/ports.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './error.ts';
import { parseObject } from './object.ts';
import type { ObjectCache } from './store.ts';

/** Attempts to change the finalizers while others keep editing the object; the next pass goes on. */
const conflicts = 5;

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

  /** One PATCH; `change` gives undefined when there is nothing to do. Edits that leave the spec alone are no conflict. */
  async function setFinalizers(
    object: RegistryReplication,
    change: (present: readonly string[]) => readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<RegistryReplication> {
    for (let attempt = 1; ; attempt++) {
      const base = latest(object);
      const { uid, resourceVersion, finalizers: present = [] } = base.metadata;
      const finalizers = change(present);
      if (finalizers === undefined) return base;
      const body = { metadata: { uid, resourceVersion, finalizers } };
      try {
        return await patch(object, { kind: 'merge-patch', body }, signal);
      } catch (error) {
        const isConflict = error instanceof KubeError && error.status === 409;
        if (!isConflict || attempt === conflicts || (await nextVersion(base, signal)) === base) throw error;
      }
    }
  }

  /** What the watch brings within a second after `base`, with the same spec; `base` when there is nothing. */
  async function nextVersion(base: RegistryReplication, signal: AbortSignal): Promise<RegistryReplication> {
    if (cache.get(keyOf(base)) !== base) return latest(base);
    const changed = Promise.withResolvers<void>();
    const stop = cache.onChange((key) => {
      if (key === keyOf(base)) changed.resolve();
    });
    const patience = new AbortController();
    await Promise.race([
      changed.promise,
      delay(1_000, undefined, { signal: AbortSignal.any([signal, patience.signal]) }).catch(() => {}),
    ]);
    patience.abort();
    stop();
    return latest(base);
  }

  return {
    get: (key) => cache.get(key),
    list: () => cache.list(),
    onChange: (listener) => void cache.onChange(listener),

    async addFinalizer(object, signal) {
      const add = (present: readonly string[]) => (present.includes(finalizer) ? undefined : [...present, finalizer]);
      return await setFinalizers(object, add, signal);
    },

    async removeFinalizer(object, signal) {
      const remove = (present: readonly string[]) =>
        present.includes(finalizer) ? present.filter((name) => name !== finalizer) : undefined;
      await setFinalizers(object, remove, signal).catch(unlessGone);
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
