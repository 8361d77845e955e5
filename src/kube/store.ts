import type { RegistryReplication, Status } from '../api/registryreplication.ts';
import { finalizer, group, plural, version } from '../api/registryreplication.ts';
import { keyOf } from '../domain/key.ts';
import type { Store } from '../ports/store.ts';
import type { KubeClient, KubeRequest } from './http/client.ts';
import { isNotFound, KubeError } from './http/error.ts';
import type { ObjectCache } from './object-cache.ts';
import { parseObject } from './watch/object.ts';

/** Path of all objects of one namespace, or of the whole cluster. */
export function collectionPath(namespace?: string): string {
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `/apis/${group}/${version}${scope}/${plural}`;
}

function objectPath({ metadata }: RegistryReplication): string {
  return `${collectionPath(metadata.namespace)}/${encodeURIComponent(metadata.name)}`;
}

/**
 * Reads from the cache and writes over `client`. The answers go into the cache, so that the next pass sees them at
 * once.
 */
export function createStore(client: KubeClient, cache: ObjectCache): Store {
  async function write(request: Write, signal: AbortSignal): Promise<RegistryReplication> {
    const answer = await client.call({ ...request, query: { fieldManager: 'acr-replication-operator' } }, signal);
    const stored = parseObject(answer) as RegistryReplication | undefined;
    if (stored === undefined) throw senseless(`${request.method} ${request.path}`);
    cache.putOwn(stored);
    return stored;
  }

  /**
   * The newest known version of the object if it has the same spec, so that a status written meanwhile is no conflict.
   */
  function latest(object: RegistryReplication): RegistryReplication {
    const known = cache.get(keyOf(object));
    const same =
      known?.metadata.uid === object.metadata.uid && known.metadata.generation === object.metadata.generation;
    return same ? known : object;
  }

  /**
   * One PATCH, or none when `change` gives undefined. It is refused (409) when the spec is no longer the one that was
   * read, or the finalizers are no longer those in the cache. Whatever else others edit meanwhile is no conflict.
   */
  async function setFinalizers(
    object: RegistryReplication,
    change: (present: readonly string[]) => readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<RegistryReplication> {
    const base = latest(object);
    const { uid, generation, finalizers: present } = base.metadata;
    const finalizers = change(present ?? []);
    if (finalizers === undefined) return base;
    const body = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/generation', value: generation },
      { op: 'test', path: '/metadata/finalizers', value: present ?? null },
      { op: 'add', path: '/metadata/finalizers', value: finalizers },
    ];
    return await write(patchOf(objectPath(object), body), signal).catch((error: unknown) => {
      if (!isFailedTest(error)) throw error;
      const message = 'the object was edited meanwhile';
      throw new KubeError({ request: 'PATCH finalizers', status: 409, reason: 'Conflict', message });
    });
  }

  async function refresh(object: RegistryReplication, signal: AbortSignal): Promise<RegistryReplication | undefined> {
    try {
      const newest = parseObject(await client.call({ path: objectPath(object) }, signal));
      if (newest === undefined) throw senseless(`GET ${object.metadata.name}`);
      cache.put(newest as RegistryReplication, { kind: 'older' });
      return newest as RegistryReplication;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      cache.remove(object);
      return undefined;
    }
  }

  return {
    get: (key) => cache.get(key),
    keys: () => cache.keys(),
    list: () => cache.list(),
    onChange: (listener) => void cache.onChange(listener),
    others: cache.others,

    refresh,

    async addFinalizer(object, signal) {
      return await setFinalizers(object, withFinalizer, signal);
    },

    async removeFinalizer(object, signal) {
      await setFinalizers(object, withoutFinalizer, signal).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    },

    async writeStatus(object, status, signal) {
      const path = `${objectPath(object)}/status`;
      let newest: RegistryReplication | undefined = latest(object);
      for (let tries = 1; newest?.metadata.uid === object.metadata.uid; tries++) {
        try {
          await write(replacementOf(path, newest, status), signal);
          return;
        } catch (error) {
          if (isNotFound(error)) return;
          const isEdited = error instanceof KubeError && error.status === 409;
          if (!isEdited || tries === statusTries) throw error;
          newest = await refresh(object, signal); // somebody edited something else meanwhile, or it is gone
        }
      }
    },
  };
}

/** How often a status is written over edits that come just before it. Each further time costs one GET more. */
const statusTries = 5;

type Write = Pick<KubeRequest, 'path' | 'body' | 'contentType'> & { readonly method: 'PATCH' | 'PUT' };

function patchOf(path: string, body: readonly object[]): Write {
  return { method: 'PATCH', path, contentType: 'application/json-patch+json', body };
}

/**
 * A PUT of the status, of which the API server takes nothing else, and which it refuses (409) when the object is of another
 * version. It costs the API server an eighth less CPU than a PATCH, for which it writes the object out and reads it anew.
 */
function replacementOf(path: string, { apiVersion, kind, metadata }: RegistryReplication, status: Status): Write {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    method: 'PUT',
    path,
    body: { apiVersion, kind, metadata: { namespace, name, uid, resourceVersion }, status },
  };
}

/** The finalizers with the operator's; undefined when it is among them already. */
function withFinalizer(present: readonly string[]): readonly string[] | undefined {
  return present.includes(finalizer) ? undefined : [...present, finalizer];
}

/** The finalizers without the operator's; undefined when it is not among them. */
function withoutFinalizer(present: readonly string[]): readonly string[] | undefined {
  return present.includes(finalizer) ? present.filter((name) => name !== finalizer) : undefined;
}

function senseless(request: string): KubeError {
  return new KubeError({ request, status: 0, reason: 'InvalidResponse', message: 'the answer is not the object' });
}

/**
 * Whether a `test` of a JSON patch failed: a 422 that, unlike that of an invalid object, names neither kind nor causes.
 */
function isFailedTest(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return error.status === 422 && error.details?.['kind'] === undefined && error.details?.causes === undefined;
}
