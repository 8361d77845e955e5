import type { MapObject } from '../wire.ts';

/** What a draft changes in an object's set of regions. Kept as changes, so that it outlives edits of others. */
export interface Changes {
  readonly add: ReadonlySet<string>;
  readonly remove: ReadonlySet<string>;
}

export const noChanges: Changes = { add: new Set(), remove: new Set() };

export function isEmpty({ add, remove }: Changes): boolean {
  return add.size + remove.size === 0;
}

function wantedOf({ replicas }: MapObject): ReadonlySet<string> {
  return new Set(replicas.filter(({ wanted }) => wanted).map(({ region }) => region));
}

/** Why the region's place in the set is not changed by a click; undefined: it is. */
export function isFixed({ replicas, home }: MapObject, region: string): boolean {
  return home === region || replicas.some((one) => one.region === region && one.home);
}

/** Whether the set has the region once the draft is applied. */
export function isWanted(object: MapObject, changes: Changes, region: string): boolean {
  return changes.add.has(region) || (wantedOf(object).has(region) && !changes.remove.has(region));
}

/** Adds the region to the set, or removes it; the home region is always there. */
export function toggled(object: MapObject, changes: Changes, region: string): Changes {
  if (isFixed(object, region)) return changes;
  const add = new Set(changes.add);
  const remove = new Set(changes.remove);
  if (wantedOf(object).has(region)) {
    if (!remove.delete(region)) remove.add(region);
  } else if (!add.delete(region)) {
    add.add(region);
  }
  return { add, remove };
}

/** What is left of the draft when the object has become another. The same value when nothing fell away. */
export function pruned(object: MapObject, changes: Changes): Changes {
  const wanted = wantedOf(object);
  const add = [...changes.add].filter((region) => !wanted.has(region) && !isFixed(object, region));
  const remove = [...changes.remove].filter((region) => wanted.has(region) && !isFixed(object, region));
  const same = add.length === changes.add.size && remove.length === changes.remove.size;
  return same ? changes : { add: new Set(add), remove: new Set(remove) };
}

/** What is left of the draft when these changes have been made. */
export function without({ add, remove }: Changes, made: Changes): Changes {
  const left = (regions: ReadonlySet<string>, gone: ReadonlySet<string>) =>
    new Set([...regions].filter((region) => !gone.has(region)));
  return { add: left(add, made.add), remove: left(remove, made.remove) };
}

/** The names of the regions that the draft asks for, sorted. */
export function regionsWith(object: MapObject, { add, remove }: Changes): readonly string[] {
  return [...new Set([...wantedOf(object), ...add])].filter((region) => !remove.has(region)).sort();
}
