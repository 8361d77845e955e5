import type { RegistryReplication } from '../api/registryreplication.ts';
import { type Key, keyOf } from '../domain/key.ts';
import type { Store } from '../ports/store.ts';

export type Namesakes = (registryName: string) => readonly RegistryReplication[];

/** Objects by registry name, kept up to date with the cache: claims are looked up in every pass. */
export function indexNamesakes(store: Store): Namesakes {
  const byName = new Map<string, Set<Key>>();
  const nameOf = ({ spec }: RegistryReplication) => spec.registry.name.toLowerCase();
  const add = (object: RegistryReplication) => {
    const name = nameOf(object);
    byName.set(name, (byName.get(name) ?? new Set()).add(keyOf(object)));
  };
  const remove = (object: RegistryReplication) => {
    const name = nameOf(object);
    byName.get(name)?.delete(keyOf(object));
    if (byName.get(name)?.size === 0) byName.delete(name);
  };
  store.onChange((_key, { previous, current }) => {
    if (previous !== undefined) remove(previous); // deleted and made again under the same name, it may be about another
    if (current !== undefined) add(current);
  });
  for (const object of store.list()) add(object);
  return (registryName) => [...(byName.get(registryName.toLowerCase()) ?? [])].flatMap((key) => store.get(key) ?? []);
}
