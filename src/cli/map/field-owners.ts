import type { RegistryReplication } from '../../api/registryreplication.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { type Fields, fieldsOf, lastAppliedOf, type Manager, managersOf } from '../plan/applying.ts';
import type { Entry } from './manifest.ts';

/** The field manager of what the map changes. */
export const mapManager = 'acr-replication-map';

/** The fields of each region that a manager states, by location as the spec spells it. */
function regionsOwned({ fieldsV1 }: Manager): ReadonlyMap<string, Fields> {
  const regions = fieldsOf(fieldsOf(fieldsV1?.['f:spec'])['f:regions']);
  const owned = Object.entries(regions).flatMap(([key, fields]) => {
    const location = locationIn(key);
    return location === undefined ? [] : [[location, fieldsOf(fields)] as const];
  });
  return new Map(owned);
}

/** Of `k:{"location":"japaneast"}`, as managedFields name an entry of a list by its key. */
function locationIn(key: string): string | undefined {
  if (!key.startsWith('k:')) return undefined;
  const { location } = JSON.parse(key.slice(2)) as { readonly location?: string };
  return location;
}

function isMap({ manager, operation, subresource }: Manager): boolean {
  return manager === mapManager && operation === 'Apply' && subresource === undefined;
}

/**
 * What the map is to state, for the regions to be `wanted`: those that it adds, and those that it stated before, as far
 * as it did. What others state it leaves to them, or a file that no longer has a region could not take it out.
 */
export function statedBy(stored: Fields, present: readonly Entry[], wanted: readonly Entry[]): readonly Entry[] {
  const own = managersOf(stored).find(isMap);
  const owned: ReadonlyMap<string, Fields> = own === undefined ? new Map() : regionsOwned(own);
  const there = new Set(present.map(({ location }) => location));
  return wanted.flatMap((entry) => {
    if (!there.has(entry.location)) return [entry];
    const fields = owned.get(entry.location);
    return fields === undefined ? [] : [part(entry, fields) as Entry];
  });
}

/** The regions that the map stated last. */
export function statedBefore(stored: Fields): readonly string[] {
  const own = managersOf(stored).find(isMap);
  return own === undefined ? [] : [...regionsOwned(own).keys()];
}

/** As much of a value as these fields name. */
function part(value: unknown, fields: Fields): unknown {
  const names = Object.keys(fields).flatMap((name) => (name.startsWith('f:') ? [name.slice(2)] : []));
  if (names.length === 0) return value;
  const all = fieldsOf(value);
  return Object.fromEntries(
    names.filter((name) => name in all).map((name) => [name, part(all[name], fieldsOf(fields[`f:${name}`]))]),
  );
}

/** What others will make of a change, the next time they apply what they have: a sentence each. */
export function echoesOf(stored: Fields, added: readonly string[], removed: readonly string[]): readonly string[] {
  const appliers = managersOf(stored).filter(
    ({ operation, subresource, manager }) =>
      operation === 'Apply' && subresource === undefined && manager !== mapManager,
  );
  const file = lastAppliedOf(stored);
  return [
    ...appliers.flatMap((one) => {
      const states = regionsOwned(one);
      const back = removed.filter((location) => states.has(location));
      const subject = `${one.manager ?? 'somebody'} states ${listed(back)} (server-side apply)`;
      return unlessNone(
        back,
        `${subject}: the next apply of that file brings ${it(back)} back. Take ${it(back)} out of it, too.`,
      );
    }),
    ...(file === undefined ? [] : echoesOfFile(new Set(locationsIn(file)), added, removed)),
    ...(file !== undefined || appliers.length === 0
      ? []
      : unlessNone(
          added,
          `${listed(added)} ${added.length === 1 ? 'is' : 'are'} stated by the map then: a file that is applied server-side without ${it(added)} leaves ${it(added)}. Take ${it(added)} out here.`,
        )),
  ];
}

/** Of a file that kubectl applies on its own side, which replaces the whole list. */
function echoesOfFile(inFile: ReadonlySet<Region>, added: readonly string[], removed: readonly string[]) {
  const back = removed.filter((location) => inFile.has(regionOf(location)));
  const out = added.filter((location) => !inFile.has(regionOf(location)));
  return [
    ...unlessNone(
      back,
      `The file that kubectl applied has ${listed(back)}: the next kubectl apply of it brings ${it(back)} back. Take ${it(back)} out of it, too.`,
    ),
    ...unlessNone(
      out,
      `The file that kubectl applied does not have ${listed(out)}: the next kubectl apply of it takes ${it(out)} out again. Write ${it(out)} into it, too.`,
    ),
  ];
}

function unlessNone(names: readonly string[], text: string): readonly string[] {
  return names.length === 0 ? [] : [text];
}

function locationsIn(file: Fields): readonly Region[] {
  const { regions } = fieldsOf(file['spec']) as Partial<RegistryReplication['spec']>;
  return (Array.isArray(regions) ? regions : []).flatMap((entry) => {
    const { location } = fieldsOf(entry);
    return typeof location === 'string' ? [regionOf(location)] : [];
  });
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function it(names: readonly string[]): string {
  return names.length === 1 ? 'it' : 'them';
}
