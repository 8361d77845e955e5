import type { Spec } from '../../../src/api/registryreplication.ts';
import { regions, wish } from './cast.ts';
import type { Chance } from './chance.ts';
import { plain } from './deletions.ts';

/** How often each kind of edit comes, in relation to the others. */
export const weights = {
  'add a region': 14,
  'remove a region': 12,
  'swap all regions': 6,
  'settings of a region': 12,
  'tags of the set': 5,
  prune: 6,
  suspend: 8,
  mode: 5,
  'deletion policy': 4,
  interval: 3,
  'ready when': 3,
  'look now': 8,
  'other annotation': 3,
  'delete and make again': 10,
  'rotate a secret': 1,
} as const;

export type Edit = keyof typeof weights;
export type SpecEdit = Exclude<Edit, 'look now' | 'other annotation' | 'delete and make again' | 'rotate a secret'>;

/** The spec after a random edit; it may come out as it was. */
export function edited(spec: Spec, edit: SpecEdit, chance: Chance): Spec {
  switch (edit) {
    case 'add a region': {
      const free = regions.filter((region) => !spec.regions.some(({ location }) => plain(location) === region));
      const location = chance.pick(free);
      return location === undefined ? spec : { ...spec, regions: [...spec.regions, wish(location, chance)] };
    }
    case 'remove a region': {
      if (spec.regions.length === 1) return { ...spec, regions: [wish(chance.pick(regions), chance)] };
      return { ...spec, regions: chance.some(spec.regions, spec.regions.length - 1) };
    }
    case 'swap all regions':
      return { ...spec, regions: chance.some(regions, chance.whole(1, 4)).map((r) => wish(r, chance)) };
    case 'settings of a region': {
      const chosen = chance.pick(spec.regions);
      return { ...spec, regions: spec.regions.map((r) => (r === chosen ? wish(plain(r.location), chance) : r)) };
    }
    case 'tags of the set':
      return { ...spec, tags: { team: chance.pick(['platform', 'payments', 'shop']) } };
    case 'prune':
      return { ...spec, prune: chance.pick(['All', 'All', 'Owned', 'None']) };
    case 'suspend':
      return { ...spec, suspend: spec.suspend !== true && chance.maybe(0.3) }; // or half of all would be, after an hour
    case 'mode':
      return { ...spec, mode: spec.mode === 'Observe' || chance.maybe(0.5) ? 'Apply' : 'Observe' };
    case 'deletion policy':
      return { ...spec, deletionPolicy: chance.pick(['Delete', 'Delete', 'Retain']) };
    case 'interval':
      return { ...spec, interval: chance.pick(['30s', '45s', '1m', '90s']) };
    case 'ready when':
      return { ...spec, readyWhen: chance.pick(['Synced', 'Provisioned']) };
  }
}
