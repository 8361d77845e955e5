import type { RegistryReplication } from '../api/registryreplication.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Store } from '../ports/store.ts';

export type Namesakes = (registryName: string) => readonly RegistryReplication[];

/** Objects by registry name, kept up to date with the cache: claims are looked up in every pass. */
export function indexNamesakes(store: Store): Namesakes {
  const byName = new Map<string, Set<Key>>();
  const registryNameOf = ({ spec }: RegistryReplication) => spec.registry.name.toLowerCase();
  const enlist = (object: RegistryReplication) => {
    const name = registryNameOf(object);
    byName.set(name, (byName.get(name) ?? new Set()).add(keyOf(object)));
  };
  const delist = (object: RegistryReplication) => {
    const name = registryNameOf(object);
    byName.get(name)?.delete(keyOf(object));
    if (byName.get(name)?.size === 0) byName.delete(name);
  };
  store.onChange((_key, { previous, current }) => {
    if (previous !== undefined) delist(previous); // deleted and made again under the same name, it may be about another
    if (current !== undefined) enlist(current);
  });
  for (const object of store.list()) enlist(object);
  return (registryName) => [...(byName.get(registryName.toLowerCase()) ?? [])].flatMap((key) => store.get(key) ?? []);
}
