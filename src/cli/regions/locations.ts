import { type Region, regionOf } from '../../domain/region.ts';

/** A region of Azure, as a subscription sees it. */
export interface Location {
  readonly region: Region;
  readonly displayName: string;
  readonly geography: string;
  /** The region that Azure pairs it with; undefined: it has none. */
  readonly pair: Region | undefined;
  /** Number of availability zones. */
  readonly zones: number;
  /** Undefined: Azure does not say where it is. */
  readonly position: Position | undefined;
}

/** In degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** The entries of ARM's list of locations that are places; `global` and `asia` are none. */
export function parseLocations(entries: readonly unknown[]): readonly Location[] {
  return entries.flatMap((entry) => {
    const { name, displayName, metadata, availabilityZoneMappings } = fields(entry);
    const { regionType, geography, pairedRegion, latitude, longitude } = fields(metadata);
    if (typeof name !== 'string' || regionType === 'Logical') return [];
    const pair = fields(list(pairedRegion)[0])['name'];
    const [north, east] = [numberIn(latitude), numberIn(longitude)];
    return [
      {
        region: regionOf(name),
        displayName: textOr(displayName, name),
        geography: textOr(geography, ''),
        pair: typeof pair === 'string' && pair !== '' ? regionOf(pair) : undefined,
        zones: list(availabilityZoneMappings).length,
        position: north === undefined || east === undefined ? undefined : { latitude: north, longitude: east },
      },
    ];
  });
}

/** Where registries can have replicas, by what the resource provider says of itself. */
export function offeredIn(provider: unknown): ReadonlySet<Region> {
  const types = list(fields(provider)['resourceTypes']).map(fields);
  const replications = types.find(({ resourceType: type }) => /^registries\/replications$/i.test(textOr(type, '')));
  return new Set(list(replications?.['locations']).map((location) => regionOf(textOr(location, ''))));
}

const earthRadiusKm = 6_371;

/** Along the earth's surface, in kilometres. */
export function distanceKm(a: Position, b: Position): number {
  const [aNorth, bNorth] = [radians(a.latitude), radians(b.latitude)];
  const haversine =
    Math.sin((bNorth - aNorth) / 2) ** 2 +
    Math.cos(aNorth) * Math.cos(bNorth) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(Math.sqrt(haversine), 1));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOr(value: unknown, other: string): string {
  return typeof value === 'string' ? value : other;
}

/** ARM writes degrees as texts. */
function numberIn(value: unknown): number | undefined {
  const number = value === '' || value === null ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}
