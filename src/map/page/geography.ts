import { regionTable } from './world.generated.ts';

/** A region of Azure. */
export interface Region {
  /** `japaneast`. */
  readonly name: string;
  /** `Japan East`. */
  readonly label: string;
  readonly continent: string;
  readonly pair: string;
  /** How many availability zones it has. */
  readonly zones: number;
  /** Its place on the plane; undefined: a region that this page's world does not know yet. */
  readonly at?: { readonly x: number; readonly y: number };
}

/** As they are read: from west to east. */
export const continents = ['Americas', 'Europe', 'Africa and Middle East', 'Asia Pacific', 'Elsewhere'] as const;

const continentOf: Readonly<Record<string, (typeof continents)[number]>> = {
  ...named('Americas', ['Brazil', 'Canada', 'Canary (US)', 'Chile', 'Mexico', 'US Government', 'United States']),
  ...named('Europe', ['Austria', 'Belgium', 'Denmark', 'Europe', 'France', 'Germany', 'Italy', 'Norway', 'Poland']),
  ...named('Europe', ['Spain', 'Sweden', 'Switzerland', 'United Kingdom']),
  ...named('Africa and Middle East', ['Israel', 'Qatar', 'South Africa', 'UAE']),
  ...named('Asia Pacific', ['Asia Pacific', 'Australia', 'China', 'India', 'Indonesia', 'Japan', 'Korea', 'Malaysia']),
  ...named('Asia Pacific', ['New Zealand']),
};

function named<T>(continent: T, geographies: readonly string[]): Record<string, T> {
  return Object.fromEntries(geographies.map((one) => [one, continent]));
}

const isCanary = (name: string): boolean => name.endsWith('euap');

/**
 * The regions of a cloud, and those in use whatever they are, in the order in which they are read: continent by
 * continent, by their names. Canary regions are there only when they are used.
 */
export function regionsOf(cloud: string, used: ReadonlySet<string>): ReadonlyMap<string, Region> {
  const known = regionTable
    .filter(([name, , , , , where]) => used.has(name) || (where === cloud && !isCanary(name)))
    .map(
      ([name, label, geography, pair, zones, , x, y]): Region => ({
        name,
        label,
        continent: continentOf[geography] ?? 'Elsewhere',
        pair,
        zones,
        at: { x, y },
      }),
    );
  const names = new Set(known.map(({ name }) => name));
  const strange = [...used]
    .filter((name) => !names.has(name))
    .map((name): Region => ({ name, label: name, continent: 'Elsewhere', pair: '', zones: 0 }));
  const order = (region: Region): number => continents.findIndex((one) => one === region.continent);
  return new Map(
    [...known, ...strange]
      .sort((a, b) => order(a) - order(b) || a.label.localeCompare(b.label, 'en', { numeric: true }))
      .map((region) => [region.name, region]),
  );
}
