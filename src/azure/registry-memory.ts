import { registryKey } from '../domain/desired.ts';
import type { Registry, RegistryRef } from '../domain/replication.ts';
import type { Clock } from '../time/clock.ts';

/** Remembers registries, so that Azure need not be asked for them in each pass. */
export interface RegistryMemory {
  /**
   * Gives the registry as last read, or undefined when it must be read now. `known`, from an object's status, counts as
   * read when it is first seen, so that a restart costs no GET.
   */
  recall(ref: RegistryRef, known: Registry | undefined): Registry | undefined;
  keep(ref: RegistryRef, registry: Registry): void;
  /** Drops what was known, because it is wrong: the registry is read next time, even if a status knows it. */
  forget(ref: RegistryRef): void;
}

export function registryMemory(clock: Clock, memoryMs: number): RegistryMemory {
  /** One small entry for each registry ever seen, undefined for a forgotten one. */
  const entries = new Map<string, { readonly registry: Registry; readonly readAtMs: number } | undefined>();
  const keep = (ref: RegistryRef, registry: Registry): void => {
    entries.set(registryKey(ref), { registry, readAtMs: clock.now().getTime() });
  };
  return {
    keep,
    forget: (ref) => entries.set(registryKey(ref), undefined),
    recall(ref, known) {
      if (known === undefined || !isPremium(known)) return undefined;
      if (!entries.has(registryKey(ref))) keep(ref, known);
      const entry = entries.get(registryKey(ref));
      return entry !== undefined && clock.now().getTime() < entry.readAtMs + memoryMs ? entry.registry : undefined;
    },
  };
}

/** Whether the registry can have replicas: only Premium ones can. */
export function isPremium({ sku }: Registry): boolean {
  return sku.toLowerCase() === 'premium';
}
