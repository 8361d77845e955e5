import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Log } from '../ports/log.ts';
import { abortable } from '../time/abortable.ts';
import type { Clock } from '../time/clock.ts';
import { collectionPath } from './store.ts';
import { type Interruption, Reflector, type ReflectorOptions } from './watch/reflector.ts';

export interface ViewOptions extends Omit<ReflectorOptions<RegistryReplication>, 'path'> {
  /** The namespaces that are watched, with one watch each. Empty: the whole cluster, with one watch. */
  readonly namespaces: readonly string[];
  readonly log: Log;
  readonly clock: Clock;
  /**
   * A namespace counts as unreadable when the API server has refused it for this long: an API server that has just
   * started refuses everybody at first. Default 10 000.
   */
  readonly patienceMs?: number;
}

/** A namespace that the API server refuses to show, and its last refusal in one line. */
export interface Unreadable {
  readonly namespace: string;
  readonly because: string;
}

/** The objects of the watched namespaces, as far as the API server shows them. */
export interface View {
  /** Watches until `signal` aborts, and never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when every object that the operator may see has been seen once. */
  readonly synced: Promise<void>;
  /** Whether `synced` has resolved. */
  isSynced(): boolean;
  /** The namespaces that cannot be read while others can, sorted. */
  unreadable(): readonly Unreadable[];
  /** Whether all objects of the namespace are in the cache, as far as anybody knows. */
  covers(namespace: string): boolean;
  /**
   * When the watch that has been silent longest last heard from the server; unreadable namespaces do not count.
   * Undefined: one watch has heard nothing yet.
   */
  lastContact(): Date | undefined;
  /** Why a watch fails at the moment, in one line; undefined when none does, or only those of unreadable namespaces. */
  trouble(): string | undefined;
}

/** How many watches begin at once: of 2,000 at once, hundreds are not connected in time. */
const beginAtOnce = 100;

interface Part {
  readonly namespace: string;
  /** Resolves when the API server has answered the first watch, or it has failed. */
  readonly begun: Promise<void>;
  readonly reflector: Reflector<RegistryReplication>;
  /** Whether the log says that the namespace cannot be read. */
  told: boolean;
}

/** Begins to watch with run(). One namespace that cannot be read keeps nobody from working on the others. */
export function createView(options: ViewOptions): View {
  const { namespaces, log, clock, patienceMs = 10_000 } = options;
  const synced = Promise.withResolvers<void>();
  let isSynced = false;

  const parts: readonly Part[] = (namespaces.length === 0 ? [''] : [...new Set(namespaces)].sort()).map((namespace) => {
    const begun = Promise.withResolvers<void>();
    const part: Part = {
      namespace,
      begun: begun.promise,
      told: false,
      reflector: new Reflector<RegistryReplication>({
        ...options,
        path: collectionPath(namespace === '' ? undefined : namespace),
        onSynced: () => settle(),
        onWatching: () => {
          begun.resolve();
          if (part.told) log.info('a namespace can be read again', { namespace });
          part.told = false;
        },
        onInterrupted: () => {
          begun.resolve();
          if (isRefused(part) && parts.length > 1 && !part.told) {
            part.told = true;
            log.warn('a namespace cannot be read, the others go on', { namespace, because: whyOf(part) });
          }
          settle();
        },
      }),
    };
    return part;
  });

  /** Whether the API server has refused to show the namespace for longer than it does when it starts. */
  function isRefused({ reflector }: Part): boolean {
    const failure = reflector.interruption();
    return failure !== undefined && refuses(failure) && clock.monotonicMs() - failure.sinceMs >= patienceMs;
  }

  function settle(): void {
    if (isSynced || !parts.some(({ reflector }) => reflector.isSynced())) return;
    isSynced = parts.every((part) => part.reflector.isSynced() || isRefused(part));
    if (isSynced) synced.resolve();
  }

  /** The parts that can be read, or all when none can: then it is no matter of one namespace. */
  function readable(): readonly Part[] {
    const able = parts.filter((part) => !isRefused(part));
    return able.length === 0 ? parts : able;
  }

  return {
    async run(signal) {
      const running: Promise<void>[] = [];
      for (let first = 0; first < parts.length && !signal.aborted; first += beginAtOnce) {
        const group = parts.slice(first, first + beginAtOnce);
        for (const { reflector } of group) running.push(reflector.run(signal));
        await abortable(Promise.all(group.map(({ begun }) => begun)), signal).catch(() => {}); // an abort is looked at above
      }
      await Promise.all(running);
    },
    synced: synced.promise,
    isSynced: () => isSynced,
    unreadable() {
      const able = new Set(readable());
      return parts
        .filter((part) => !able.has(part))
        .map((part) => ({ namespace: part.namespace, because: whyOf(part) }));
    },
    covers(namespace) {
      const part = parts.find((each) => each.namespace === '' || each.namespace === namespace);
      if (part === undefined || !part.reflector.isSynced()) return false;
      const failure = part.reflector.interruption();
      return failure === undefined || !refuses(failure);
    },
    lastContact() {
      const times = readable().map(({ reflector }) => reflector.lastContact()?.getTime());
      const oldest = Math.min(...times.map((time) => time ?? Number.NaN));
      return Number.isNaN(oldest) ? undefined : new Date(oldest);
    },
    trouble() {
      const part = readable().find(({ reflector }) => reflector.interruption() !== undefined);
      return part && whyOf(part);
    },
  };
}

/** Whether the API server answered that it does not show the objects, which lasts until somebody changes something. */
function refuses({ error }: Interruption): boolean {
  return error.status === 401 || error.status === 403 || error.status === 404;
}

function whyOf({ reflector }: Part): string {
  return reflector.interruption()?.error.message ?? '';
}
