import { setTimeout as pause } from 'node:timers/promises';
import type { RegistryReplication } from '../../api/registryreplication.ts';
import type { Key } from '../../domain/key.ts';
import { KubeError } from '../../kube/http/error.ts';
import type { Selector } from '../../kube/watch/watch-request.ts';
import type { Scenery } from '../../map/audience.ts';
import type { SeenObjects } from '../../ports/store.ts';
import type { Cluster } from '../cluster.ts';
import { follow } from '../follow.ts';
import { kubeProblem } from '../kube-words.ts';

export interface Seen extends Scenery {
  readonly objects: Scenery['objects'] & Pick<SeenObjects, 'list'>;
  /** Resolves when all objects have been told; rejects when the API server refuses that. */
  readonly synced: Promise<void>;
}

/** After a refusal, such as of a login that is over, the API server is asked again so much later. */
const againMs = 5_000;

/** Follows the objects of a collection until `signal` aborts. */
export function seenObjects(
  cluster: Pick<Cluster, 'client'>,
  collection: Selector & { readonly path: string },
  signal: AbortSignal,
): Seen {
  const objects = new Map<Key, RegistryReplication>();
  const listeners = new Set<(key: Key) => void>();
  const synced = Promise.withResolvers<void>();
  let isSynced = false;
  let trouble: string | undefined;

  function set(key: Key, object: RegistryReplication | undefined): void {
    if (object === undefined) objects.delete(key);
    else objects.set(key, object);
    for (const listener of listeners) listener(key);
  }

  async function once(): Promise<void> {
    const heard = new Set<Key>();
    const toldOf = {
      onChange(key: Key, object: RegistryReplication | undefined) {
        heard.add(key);
        set(key, object);
      },
      onSynced() {
        for (const key of objects.keys()) if (!heard.has(key)) set(key, undefined);
        [isSynced, trouble] = [true, undefined];
        synced.resolve();
      },
      onTrouble(why: string | undefined) {
        trouble = why;
      },
    };
    try {
      await follow<RegistryReplication>(cluster, { ...collection, ...toldOf }, signal);
    } catch (error) {
      if (signal.aborted || !isSynced || !(error instanceof KubeError)) throw error;
      trouble = kubeProblem(error).message;
      await pause(againMs, undefined, { signal });
    }
  }

  async function always(): Promise<never> {
    for (;;) await once();
  }

  always().catch((error: unknown) => {
    if (!signal.aborted) trouble = error instanceof Error ? error.message : String(error);
    synced.reject(error);
  });
  return {
    objects: {
      get: (key) => objects.get(key),
      keys: () => objects.keys(),
      list: () => objects.values(),
      onChange: (listener) =>
        void listeners.add((key) => listener(key, { previous: undefined, current: objects.get(key) })),
    },
    isSynced: () => isSynced,
    trouble: () => trouble,
    synced: synced.promise,
  };
}
