import type { Key } from '../domain/key.ts';
import { keyOf } from '../domain/key.ts';
import { KubeError } from '../kube/http/error.ts';
import type { KubeObject } from '../kube/watch/object.ts';
import { Reflector } from '../kube/watch/reflector.ts';
import type { Selector } from '../kube/watch/watch-request.ts';
import type { Log } from '../ports/log.ts';
import { systemClock } from '../time/clock.ts';
import type { Cluster } from './cluster.ts';

export interface Followed<T> extends Selector {
  /** Path of the collection. */
  readonly path: string;
  /** The object is there, or has changed; undefined: it is gone. */
  readonly onChange: (key: Key, object: T | undefined) => void;
  /** Called once, when all objects there are have been told. */
  readonly onSynced: () => void;
  /** Why nothing is heard at the moment; undefined: it is heard again. */
  readonly onTrouble: (why: string | undefined) => void;
}

/**
 * Watches a collection until `signal` aborts, which is thrown. Before all objects have been told any failure is thrown,
 * and afterwards only a refusal: other failures pass, and the watch goes on by itself.
 */
export async function follow<T extends KubeObject>(
  { client }: Pick<Cluster, 'client'>,
  { onChange, onSynced, onTrouble, ...collection }: Followed<T>,
  signal: AbortSignal,
): Promise<never> {
  const refused = Promise.withResolvers<never>();
  const stop = new AbortController();
  const reflector: Reflector<T> = new Reflector<T>({
    ...collection,
    client,
    log: silent,
    clock: systemClock,
    sink: {
      put: (object) => onChange(keyOf(object), object),
      remove: (object) => onChange(keyOf(object), undefined),
      forget: (key) => onChange(key, undefined),
    },
    onSynced,
    onWatching: () => onTrouble(undefined),
    onInterrupted(error) {
      if (!reflector.isSynced() || isRefusal(error)) refused.reject(error);
      else onTrouble(error instanceof Error ? error.message : String(error));
    },
  });
  const running = reflector.run(AbortSignal.any([signal, stop.signal]));
  try {
    await Promise.race([running, refused.promise]);
    throw signal.reason;
  } finally {
    stop.abort();
    await running;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof KubeError && [401, 403, 404].includes(error.status);
}

const nothing = (): void => {};
/** What goes wrong is told on the screen. */
const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, isDebugEnabled: () => false };
