import type { Log } from '../../ports/log.ts';
import type { Clock } from '../../time/clock.ts';
import type { KubeClient } from '../http/client.ts';
import { Reflector } from '../watch/reflector.ts';
import type { Lease } from './lease.ts';
import { type LeaseName, leasesPath } from './stored-lease.ts';

export interface ReleaseWatchOptions extends LeaseName {
  /** Holds one connection for the watch. */
  readonly client: KubeClient;
  readonly log: Log;
  readonly clock: Clock;
  /** Called as soon as a watch shows the Lease without a holder, and perhaps again. */
  readonly onRelease: () => void;
}

/** A watch of one Lease. Disposing it ends the watch and aborts `signal`; `stop` does so, too. */
export interface ReleaseWatch extends Disposable {
  readonly signal: AbortSignal;
}

/** Watches until disposed. Whoever waits must also look every now and then, for a watch may fail for long. */
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
      remove: () => {}, // somebody deleted it by hand: its holder may not know it yet
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
