import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';
import { createCredentialSource, type WatchedCredentialSource } from './credentials/credential-source.ts';
import { createKubeClient, fenced, type KubeClient, type KubeClientOptions } from './http/client.ts';
import type { KubeConfig } from './http/kubeconfig.ts';
import { ObjectCache } from './object-cache.ts';
import { createStore } from './store.ts';
import { createView, type View, type ViewOptions } from './view.ts';
import { labelMatcher } from './watch/label-selector.ts';
import type { ReflectorOptions } from './watch/reflector.ts';

export interface KubeOptions
  extends Pick<ReflectorOptions<RegistryReplication>, 'stallMs' | 'fullSyncMs' | 'backoff'>,
    Pick<ViewOptions, 'patienceMs'>,
    Pick<KubeClientOptions, 'onAnswer'> {
  readonly kubeConfig: KubeConfig;
  /** The namespaces that are watched, with one watch each. Empty: the whole cluster, with one watch. */
  readonly namespaces?: readonly string[];
  /**
   * Which of the watched objects this operator looks after; undefined: all. The others are watched, too, because they
   * may claim the same registry.
   */
  readonly labelSelector?: string | undefined;
  readonly log: Log;
  readonly clock: Clock;
  /** How long one call may take. Default 30 000. */
  readonly timeoutMs?: number;
  /** Called last of all before a write of a pass or an Event is sent. When it throws, nothing is sent. */
  readonly fence?: () => void;
}

export interface Kube extends View {
  readonly store: Store;
  /** The credentials for Azure that objects refer to. */
  readonly credentials: WatchedCredentialSource;
  /** Calls about other resources, over the same connections. Their writes ask `fence`, too. */
  readonly client: KubeClient;
  /** Ends all watches and connections; running requests fail. Writes are possible until then. */
  close(): Promise<void>;
}

/** Connects the operator to one cluster. Nothing is sent before run() or the first call. */
export function createKube(options: KubeOptions): Kube {
  const { kubeConfig, namespaces = [], labelSelector, log, clock, timeoutMs, fence } = options;
  const { stallMs, fullSyncMs, backoff, patienceMs, onAnswer } = options;
  const limits = { onAnswer, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const client = createKubeClient({ kubeConfig, ...limits });
  const watching = {
    log,
    clock,
    ...(stallMs === undefined ? {} : { stallMs }),
    ...(fullSyncMs === undefined ? {} : { fullSyncMs }),
    ...(backoff === undefined ? {} : { backoff }),
  };
  const cache = new ObjectCache(log, clock, labelMatcher(labelSelector));
  const view = createView({
    ...watching,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    client,
    namespaces,
    sink: cache,
  });
  const writer = fence === undefined ? client : fenced(client, fence);
  const store = createStore(writer, cache);
  const credentials = createCredentialSource({ ...watching, client, store });
  return {
    ...view,
    store,
    credentials,
    client: writer,
    async close() {
      credentials.stop();
      await client.close();
    },
  };
}
