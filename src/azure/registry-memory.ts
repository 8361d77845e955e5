import { registryKey } from '../domain/desired.ts';
import type { Registry, RegistryRef } from '../domain/replication.ts';
import type { Clock } from '../time/clock.ts';

/** What is known of registries without asking Azure. */
export interface RegistryMemory {
  /**
   * The registry as last read; undefined when it must be read now. `known`, from an object's status, counts as read
   * when it is first seen, so that a restart costs no GET.
   */
  recall(ref: RegistryRef, known: Registry | undefined): Registry | undefined;
  keep(ref: RegistryRef, registry: Registry): void;
  /** Whatever was known is wrong: read it next time, even if a status knows it. */
  forget(ref: RegistryRef): void;
}

export function registryMemory(clock: Clock, memoryMs: number): RegistryMemory {
  /** By ARM id; undefined: forgotten. One small entry per registry ever seen. */
  const entries = new Map<string, { readonly registry: Registry; readonly readAt: number } | undefined>();
  const keep = (ref: RegistryRef, registry: Registry): void => {
    entries.set(registryKey(ref), { registry, readAt: clock.now().getTime() });
  };
  return {
    keep,
    forget: (ref) => entries.set(registryKey(ref), undefined),
    recall(ref, known) {
      if (known === undefined || !isPremium(known)) return undefined;
      if (!entries.has(registryKey(ref))) keep(ref, known);
      const entry = entries.get(registryKey(ref));
      return entry !== undefined && clock.now().getTime() < entry.readAt + memoryMs ? entry.registry : undefined;
    },
  };
}

/** Only Premium registries can have replicas. */
export function isPremium({ sku }: Registry): boolean {
  return sku.toLowerCase() === 'premium';
}
