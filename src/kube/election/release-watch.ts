import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import type { KubeClient } from '../http/client.ts';
import { Reflector } from '../watch/reflector.ts';
import type { Lease } from './lease.ts';
import { type LeaseName, leasesPath } from './stored-lease.ts';

export interface ReleaseWatchOptions extends LeaseName {
  /** Makes the watch, which holds one connection. */
  readonly client: KubeClient;
  readonly log: Log;
  readonly clock: Clock;
  /** Called each time the watch shows the Lease without a holder. */
  readonly onRelease: () => void;
}

/** A watch of one Lease. Dispose it, or it goes on until it is stopped. */
export interface ReleaseWatch extends Disposable {
  /** Aborts when the watch is stopped or disposed. */
  readonly signal: AbortSignal;
}

/**
 * Watches until disposed, or until `stop` aborts. A watch may fail for long, so the caller must also look now and then.
 */
export function watchRelease(options: ReleaseWatchOptions, stop: AbortSignal): ReleaseWatch {
  const { client, namespace, name, log, clock, onRelease } = options;
  const watching = new AbortController();
  const endWatch = (): void => watching.abort();
  if (stop.aborted) endWatch();
  stop.addEventListener('abort', endWatch, { once: true });
  const reflector = new Reflector<Lease>({
    client,
    path: leasesPath({ namespace, name }),
    fieldSelector: `metadata.name=${name}`,
    sink: {
      put: ({ spec }) => {
        if (!spec?.holderIdentity) onRelease();
      },
      remove: () => {}, // somebody deleted the Lease by hand, and its holder may not know that yet
      forget: () => {},
    },
    log,
    clock,
  });
  void reflector.run(watching.signal);
  return {
    signal: watching.signal,
    [Symbol.dispose]() {
      stop.removeEventListener('abort', endWatch);
      endWatch();
    },
  };
}
