import { registryKey } from '../domain/desired.ts';
import type { Registry, RegistryRef } from '../domain/replication.ts';
import type { Clock } from '../time/clock.ts';
import { mapOfUsed } from './limits/used.ts';

/** Remembers registries, so that Azure need not be asked for them in each pass. */
export interface RegistryMemory {
  /**
   * Gives the registry as last read, or undefined when it must be read now. `known`, from an object's status, counts as
   * read when it is first seen, so that a restart costs no GET. Where it names another home region than was read, one of
   * the two is out of date: other credentials, with a memory of their own, may have read the registry since.
   */
  recall(ref: RegistryRef, known: Registry | undefined): Registry | undefined;
  /** Takes note of a registry that was read now. */
  keep(ref: RegistryRef, registry: Registry): void;
  /** Drops what was known, because it is wrong: the registry is read next time, even if a status knows it. */
  forget(ref: RegistryRef): void;
  /** Whether Azure itself was asked for the registry within the last minute; a status that knows it does not count. */
  isFresh(ref: RegistryRef): boolean;
}

/** What is known of one registry. Times are in milliseconds since 1970. */
interface Entry {
  /** Undefined for a registry that was forgotten. */
  readonly registry: Registry | undefined;
  readonly keptAtMs: number;
  /** When Azure was asked; undefined for what a status knew. */
  readonly readAtMs: number | undefined;
}

const freshMs = 60_000;
/** An entry that no pass has asked for this long is dropped: longer than the longest interval, which is a day. */
const unusedMs = 25 * 3_600_000;

export function registryMemory(clock: Clock, memoryMs: number): RegistryMemory {
  const nowMs = (): number => clock.now().getTime();
  const entries = mapOfUsed<Entry>(nowMs, unusedMs);
  const put = (ref: RegistryRef, registry: Registry | undefined, readAtMs: number | undefined): void => {
    entries.set(registryKey(ref), { registry, keptAtMs: nowMs(), readAtMs });
  };
  return {
    keep: (ref, registry) => put(ref, registry, nowMs()),
    forget: (ref) => put(ref, undefined, undefined),
    recall(ref, known) {
      if (known === undefined || !isPremium(known)) return undefined;
      if (entries.get(registryKey(ref)) === undefined) put(ref, known, undefined);
      const entry = entries.get(registryKey(ref));
      if (entry?.registry?.home !== known.home) return undefined;
      return nowMs() < entry.keptAtMs + memoryMs ? entry.registry : undefined;
    },
    isFresh(ref) {
      const readAtMs = entries.get(registryKey(ref))?.readAtMs;
      return readAtMs !== undefined && nowMs() < readAtMs + freshMs;
    },
  };
}

/** Whether the registry can have replicas: only Premium ones can. */
export function isPremium({ sku }: Registry): boolean {
  return sku.toLowerCase() === 'premium';
}
