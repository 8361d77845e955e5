import { parseRegistryOnWire, parseReplicaOnWire } from '../../azure/parse.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import type { Actual, Replica } from '../../domain/replication.ts';
import type { Making } from './cluster-names.ts';
import { type Features, featuresOf, fields, type Places, text } from './features.ts';

/** A registry and its replicas as ARM's own bodies tell them. */
export interface SeenRegistry {
  readonly actual: Actual;
  readonly features: Features;
  readonly making: ReadonlyMap<Region, Making>;
}

/** Undefined: the answers make no sense. */
export function seenRegistry(body: unknown, entries: readonly unknown[]): SeenRegistry | undefined {
  const registry = parseRegistryOnWire(body);
  if (registry === undefined) return undefined;
  const replicas = new Map<Region, Replica>();
  const making = new Map<Region, Making>();
  for (const entry of entries) {
    const replica = parseReplicaOnWire(entry);
    if (replica === undefined) return undefined;
    replicas.set(replica.region, replica);
    const { createdBy, createdAt } = fields(fields(entry)['systemData']);
    making.set(replica.region, { by: text(createdBy), at: text(createdAt) });
  }
  return { actual: { registry, registryRead: 'now', replicas }, features: featuresOf(body), making };
}

/** Where a registry has data, and where `locations` want it. */
export function placesOf({ registry, replicas }: Actual, locations: readonly string[]): Places {
  const there = [...new Set([registry.home, ...replicas.keys()])].sort();
  const wanted = new Set(locations.map(regionOf));
  return { there, missing: [...wanted].filter((region) => !there.includes(region)).sort() };
}
