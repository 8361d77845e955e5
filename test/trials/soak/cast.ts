import type { Spec } from '../../../src/api/registryreplication.ts';
import type { SeedRegistry } from '../../sandbox/emulator/settings.ts';
import type { Chance } from './chance.ts';
import { History } from './history.ts';

/** One object of the run: its name stays, the object behind it may be deleted and made again. */
export interface Actor {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly registry: Spec['registry'];
  /** Whether it names the credentials in its namespace's Secret. */
  readonly withSecret: boolean;
  readonly history: History;
  /** Whether a request for it is under way, or it is being deleted and made again. */
  busy: boolean;
}

export interface Cast {
  readonly actors: readonly Actor[];
  readonly registries: readonly Place[];
}

/** A registry and the objects about it. */
export interface Place extends SeedRegistry {
  readonly subscriptionId: string;
  readonly objects: ReadonlyMap<string, History>;
}

const perSubscription = 20;
const elsewhere = ['westeurope', 'brazilsouth', 'uksouth', 'australiaeast', 'canadacentral', 'southeastasia'] as const;
export const secretName = 'azure-contoso';

/** The regions in which replicas may be wanted; homes are in eastus and japaneast. */
export const regions = ['eastus', 'japaneast', ...elsewhere] as const;

/**
 * So many objects, one in ten about the registry of another; twenty registries to a subscription; a tenth of the
 * objects with credentials of their own.
 */
export function castOf(objects: number, namespaces: readonly [string, ...string[]], chance: Chance): Cast {
  const registries: (Place & { readonly objects: Map<string, History> })[] = [];
  const actors = Array.from({ length: objects }, (_, index): Actor => {
    const rival = index % 10 === 9 ? chance.pick(registries) : undefined;
    const place = rival ?? placeOf(registries.length, chance);
    if (rival === undefined) registries.push(place);
    const namespace = chance.pick(namespaces);
    const name = `${place.name}-${index}`;
    const history = new History();
    place.objects.set(`${namespace}/${name}`, history);
    const registry = { name: place.name, resourceGroup: place.resourceGroup, subscriptionId: place.subscriptionId };
    const withSecret = index % 10 === 4;
    return { key: `${namespace}/${name}`, namespace, name, registry, withSecret, history, busy: false };
  });
  return { actors, registries };
}

function placeOf(index: number, chance: Chance): Place & { readonly objects: Map<string, History> } {
  return {
    name: `soak${String(index).padStart(4, '0')}`,
    resourceGroup: 'registries',
    subscriptionId: `00000000-0000-4000-8000-${String(Math.floor(index / perSubscription)).padStart(12, '0')}`,
    location: chance.pick(['eastus', 'eastus', 'japaneast']),
    objects: new Map(),
  };
}

/** The spec with which an object is made. */
export function firstSpec({ registry, withSecret }: Actor, chance: Chance): Spec {
  return {
    registry,
    regions: chance.some(regions, chance.whole(1, 4)).map((location) => wish(location, chance)),
    interval: chance.pick(['30s', '45s', '1m', '90s']),
    prune: chance.pick(['All', 'All', 'All', 'Owned', 'None']),
    ...(chance.maybe(0.1) ? { mode: 'Observe' } : {}),
    ...(chance.maybe(0.2) ? { deletionPolicy: 'Retain' } : {}),
    ...(chance.maybe(0.3) ? { tags: { team: 'platform' } } : {}),
    ...(chance.maybe(0.2) ? { readyWhen: 'Provisioned' } : {}),
    ...(withSecret ? { credentialsRef: { name: secretName } } : {}),
  };
}

export function wish(location: string, chance: Chance): Spec['regions'][number] {
  const spelled = location === 'japaneast' && chance.maybe(0.3) ? 'Japan East' : location;
  return {
    location: spelled,
    ...(chance.maybe(0.2) ? { routing: chance.pick(['Enabled', 'Disabled']) } : {}),
    ...(chance.maybe(0.2) ? { tags: { 'cost-center': String(chance.whole(1, 3)) } } : {}),
    ...(chance.maybe(0.1) && location !== 'eastus' ? { name: `${location}r1` } : {}),
    ...(chance.maybe(0.1) ? { zoneRedundancy: 'Enabled' } : {}),
  };
}
