import type { RegistryReplication } from '../../api/registryreplication.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { distanceKm, type Location } from './locations.ts';

/** A region in the light of a cluster. */
export interface RegionRow extends Location {
  /** How many of the cluster's nodes are there. */
  readonly nodes: number;
  /** To the nearest region with nodes, in kilometres; undefined: it is not known where the nodes are. */
  readonly km: number | undefined;
  /** The registries with a replica there, sorted; those at home there say so. */
  readonly registries: readonly string[];
}

/** The nearest region first, or by name where no node is in a region that Azure knows. */
export function rowsOf(
  locations: readonly Location[],
  offered: ReadonlySet<Region>,
  nodes: ReadonlyMap<Region, number>,
  objects: readonly RegistryReplication[],
): readonly RegionRow[] {
  const near = locations.filter(({ region }) => nodes.has(region)).flatMap(({ position }) => position ?? []);
  const found = registriesByRegion(objects);
  return locations
    .filter(({ region }) => offered.has(region))
    .map((location) => {
      const { region, position } = location;
      const all = position === undefined ? [] : near.map((other) => Math.round(distanceKm(position, other)));
      return {
        ...location,
        nodes: nodes.get(region) ?? 0,
        km: all.length === 0 ? undefined : Math.min(...all),
        registries: found.get(region) ?? [],
      };
    })
    .sort((a, b) => (a.km ?? Infinity) - (b.km ?? Infinity) || (a.region < b.region ? -1 : 1));
}

/** The registries in each region, as the objects saw them last. */
function registriesByRegion(objects: readonly RegistryReplication[]): ReadonlyMap<Region, readonly string[]> {
  const seen = objects.flatMap(({ spec, status }) =>
    (status?.replicas ?? [])
      .filter(({ name, provisioningState }) => name !== undefined && provisioningState !== undefined)
      .map(({ location, managed }) => ({
        region: regionOf(location),
        text: managed === 'Home' ? `${spec.registry.name} (home)` : spec.registry.name,
      })),
  );
  const homes = objects.flatMap(({ spec, status }) => {
    const home = status?.registry?.homeRegion;
    return home === undefined ? [] : [{ region: regionOf(home), text: `${spec.registry.name} (home)` }];
  });
  const texts = Map.groupBy([...seen, ...homes], ({ region }) => region);
  return new Map([...texts].map(([region, all]) => [region, [...new Set(all.map(({ text }) => text))].sort()]));
}
