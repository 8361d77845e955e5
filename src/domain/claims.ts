import type { RegistryReplication } from '../api/registryreplication.ts';

/**
 * Whether an object about a registry keeps others from managing it: not when it never could read the registry, because of
 * its credentials or rights, or because it has been suspended from its first day.
 */
export function holdsClaim({ spec, status }: RegistryReplication): boolean {
  if (status?.registry !== undefined) return true;
  if (status === undefined) return spec.suspend !== true; // nobody has looked at it yet
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.reason === 'RegistryClaimed';
}

/**
 * The object that manages a registry, out of all that are about it: the oldest, of several made in the same second one that
 * has begun, then the first by namespace and name. The answer does not depend on the order of `objects`, so every pass of
 * every object agrees on it. Undefined of none.
 */
export function holderOf(objects: readonly RegistryReplication[]): RegistryReplication | undefined {
  return objects.toSorted(compare)[0];
}

function compare(a: RegistryReplication, b: RegistryReplication): number {
  return (
    Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
    Number(b.status?.registry !== undefined) - Number(a.status?.registry !== undefined) ||
    ordinal(a.metadata.namespace, b.metadata.namespace) ||
    ordinal(a.metadata.name, b.metadata.name)
  );
}

/** Compares by code unit: the order is the same everywhere, whatever the locale. */
function ordinal(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
