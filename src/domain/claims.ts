import type { RegistryReplication } from '../api/registryreplication.ts';

/**
 * The object that manages a registry, out of all that are about it: the oldest, then the first by namespace and name. The
 * answer does not depend on the order of `objects`, so every pass of every object agrees on it. Undefined of none.
 */
export function holderOf(objects: readonly RegistryReplication[]): RegistryReplication | undefined {
  return objects.toSorted((a, b) => compare(a.metadata, b.metadata))[0];
}

function compare(a: RegistryReplication['metadata'], b: RegistryReplication['metadata']): number {
  return (
    Date.parse(a.creationTimestamp) - Date.parse(b.creationTimestamp) ||
    ordinal(a.namespace, b.namespace) ||
    ordinal(a.name, b.name)
  );
}

/** Compares by code unit: the order is the same everywhere, whatever the locale. */
function ordinal(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
