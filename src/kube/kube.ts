import type { KubeConfig } from '@kubernetes/client-node';
import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import { createCredentialSource, type WatchedCredentialSource } from './credentials/credential-source.ts';
import { createKubeClient, fenced, type KubeClient, type KubeClientOptions } from './http/client.ts';
import { ObjectCache } from './object-cache.ts';
import { collectionPath, createStore } from './store.ts';
import { Reflector, type ReflectorOptions } from './watch/reflector.ts';

export interface KubeOptions
  extends Pick<ReflectorOptions<RegistryReplication>, 'stallMs' | 'fullSyncMs' | 'backoff'>,
    Pick<KubeClientOptions, 'onAnswer'> {
  readonly kubeConfig: KubeConfig;
  /** The namespaces that are watched, with one watch each. Empty: the whole cluster, with one watch. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string | undefined;
  readonly log: Log;
  readonly clock: Clock;
  /** How long one call may take. Default 30 000. */
  readonly timeoutMs?: number;
  /** Called last of all before a write of a pass or an Event is sent. When it throws, nothing is sent. */
  readonly fence?: () => void;
}

export interface Kube {
  readonly store: Store;
  /** The credentials for Azure that objects refer to. */
  readonly credentials: WatchedCredentialSource;
  /** Calls about other resources, over the same connections. Their writes ask `fence`, too. */
  readonly client: KubeClient;
  /** Keeps the store up to date until `signal` aborts, and never rejects. Writes are possible until close(). */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when every object has been seen once. */
  readonly synced: Promise<void>;
  /** Whether every object has been seen once; it stays true while disconnected. */
  isSynced(): boolean;
  /**
   * When the watch that has been silent longest last heard from the server. Undefined: one watch has heard nothing yet.
   */
  lastContact(): Date | undefined;
  /** Ends all watches and connections; running requests fail. */
  close(): Promise<void>;
}

/** Connects the operator to one cluster. Nothing is sent before run() or the first call. */
export function createKube(options: KubeOptions): Kube {
  const { kubeConfig, namespaces = [], labelSelector, log, clock, timeoutMs, fence } = options;
  const { stallMs, fullSyncMs, backoff, onAnswer } = options;
  const paths = namespaces.length === 0 ? [collectionPath()] : [...new Set(namespaces)].map((n) => collectionPath(n));
  const limits = { onAnswer, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const client = createKubeClient({ kubeConfig, connections: 16 + paths.length, ...limits });
  // Each watched Secret or ServiceAccount holds a connection, however many there are: passes must not wait for one.
  const watches = createKubeClient({ kubeConfig, connections: Number.POSITIVE_INFINITY, ...limits });
  const watching = {
    log,
    clock,
    ...(stallMs === undefined ? {} : { stallMs }),
    ...(fullSyncMs === undefined ? {} : { fullSyncMs }),
    ...(backoff === undefined ? {} : { backoff }),
  };
  const cache = new ObjectCache(log);
  const synced = Promise.withResolvers<void>();
  const reflectors: readonly Reflector<RegistryReplication>[] = paths.map(
    (path) =>
      new Reflector<RegistryReplication>({
        client,
        path,
        labelSelector,
        sink: cache,
        ...watching,
        onSynced: () => {
          if (isSynced()) synced.resolve();
        },
      }),
  );
  const isSynced = (): boolean => reflectors.every((reflector) => reflector.isSynced());

  const writer = fence === undefined ? client : fenced(client, fence);
  const store = createStore(writer, cache);
  const credentials = createCredentialSource({ ...watching, client, watches, store });

  return {
    store,
    credentials,
    client: writer,
    async run(signal) {
      await Promise.all(reflectors.map((reflector) => reflector.run(signal)));
    },
    synced: synced.promise,
    isSynced,
    lastContact() {
      const times = reflectors.map((reflector) => reflector.lastContact()?.getTime());
      const oldest = Math.min(...times.map((time) => time ?? Number.NaN));
      return Number.isNaN(oldest) ? undefined : new Date(oldest);
    },
    async close() {
      credentials.stop();
      await Promise.all([client.close(), watches.close()]);
    },
  };
}
