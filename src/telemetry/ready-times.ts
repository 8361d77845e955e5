import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Judged } from '../domain/judgement.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { CacheChange } from '../ports/store.ts';
import type { Clock } from '../time/clock.ts';

/** How long objects take to become Ready after their spec has changed. */
export interface ReadyTimes {
  /** Call for every change of the cache. */
  readonly noticed: (key: Key, change: CacheChange) => void;
  /** Milliseconds when this pass made the object Ready for the first time since its spec changed, else undefined. */
  readonly becameReady: (judged: Judged) => number | undefined;
}

/**
 * Knows only changes that it saw happen, and objects nobody has looked at yet, which wait since they were created: a
 * restart in mid-course leaves an object out, and never measures too little. Of several changes the last one counts.
 */
export function createReadyTimes(clock: Clock): ReadyTimes {
  const waiting = new Map<Key, { readonly uid: string; readonly generation: number; readonly sinceMs: number }>();

  function sinceMs({ previous, current }: CacheChange & { readonly current: RegistryReplication }): number | undefined {
    const { uid, generation, creationTimestamp } = current.metadata;
    if (previous?.metadata.uid === uid) {
      return previous.metadata.generation === generation ? undefined : clock.now().getTime();
    }
    return current.status === undefined ? Date.parse(creationTimestamp) : undefined;
  }

  return {
    noticed(key, { previous, current }) {
      if (current === undefined || current.metadata.deletionTimestamp !== undefined) {
        waiting.delete(key);
        return;
      }
      const since = sinceMs({ previous, current });
      const { uid, generation } = current.metadata;
      if (since !== undefined) waiting.set(key, { uid, generation, sinceMs: since });
      else if (waiting.get(key)?.uid !== uid) waiting.delete(key);
    },
    becameReady({ object, verdict, now }) {
      const { metadata } = object;
      const key = keyOf(object);
      const known = waiting.get(key);
      if (known?.uid !== metadata.uid || known.generation !== metadata.generation) return undefined;
      if (verdict.kind !== 'ready') return undefined;
      waiting.delete(key);
      return Math.max(0, now.getTime() - known.sinceMs);
    },
  };
}
