import type { RegistryReplication } from '../api/registryreplication.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Store } from '../ports/store.ts';

/**
 * Finds all objects that name a registry of this name, in whatever subscription, also those that other operators look
 * after. It costs no call.
 */
export type Namesakes = (registryName: string) => readonly RegistryReplication[];

/**
 * Indexes objects by registry name and keeps the index up to date with the store, because each pass looks claims up.
 */
export function indexNamesakes(store: Store): Namesakes {
  /** Lists, because most registries have one object, for which a Set would take five times the memory. */
  const byName = new Map<string, readonly Key[]>();
  const registryNameOf = ({ spec }: RegistryReplication) => spec.registry.name.toLowerCase();
  const enlist = (object: RegistryReplication) => {
    const [name, key] = [registryNameOf(object), keyOf(object)];
    const known = byName.get(name) ?? [];
    if (!known.includes(key)) byName.set(name, [...known, key]);
  };
  const delist = (object: RegistryReplication) => {
    const [name, key] = [registryNameOf(object), keyOf(object)];
    const others = byName.get(name)?.filter((known) => known !== key) ?? [];
    if (others.length === 0) byName.delete(name);
    else byName.set(name, others);
  };
  for (const seen of store.others === undefined ? [store] : [store, store.others]) {
    seen.onChange((_key, { previous, current }) => {
      if (previous !== undefined) delist(previous); // made anew, it may name another registry
      if (current !== undefined) enlist(current);
    });
    for (const object of seen.list()) enlist(object);
  }
  return (registryName) =>
    [...(byName.get(registryName.toLowerCase()) ?? [])].flatMap(
      (key) => store.get(key) ?? store.others?.get(key) ?? [],
    );
}
