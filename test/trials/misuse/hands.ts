import type { EmulatorControl } from '../../sandbox/emulator/control.ts';
import type { Chance } from '../soak/chance.ts';
import type { Lane } from './model.ts';
import { usualRegions } from './values.ts';
import { homeReplica, type Replica, type Tags } from './wishes.ts';

/** What somebody else, or Azure by itself, does to a replica. */
export interface Hand {
  readonly what: string;
  readonly region: string;
  /** Does it. */
  readonly act: (control: EmulatorControl) => Promise<void>;
  readonly after: Lane;
}

const owned = (owner: string) => ({ 'managed-by': 'acr-replication-operator', 'acr-replication-owner': owner });

/** One change of Azure that this lane's Azure allows. */
export function aHand(lane: Lane, chance: Chance): Hand {
  const { place, azure, owner } = lane;
  const { name: registry, home } = place;
  const [cluster, namespace] = owner.split('/');
  const someTags: readonly Tags[] = [
    {},
    { by: 'hand' },
    owned('elsewhere/platform/contoso'),
    owned(`${cluster}/${namespace}/long-gone`),
    { ...owned('elsewhere/platform/contoso'), team: 'theirs' },
  ];
  const withReplica = (region: string, replica: Replica | undefined): Lane => {
    const changed = new Map(azure);
    if (replica === undefined) changed.delete(region);
    else changed.set(region, replica);
    if (replica !== undefined && !changed.has(home)) changed.set(home, homeReplica);
    return { ...lane, azure: changed };
  };
  const altered = (what: string, region: string, replica: Replica): Hand => ({
    what,
    region,
    after: withReplica(region, replica),
    act: (control) =>
      control.alterReplica({
        registry,
        region,
        tags: replica.tags,
        regionEndpointEnabled: replica.routing === 'Enabled',
        provisioningState: replica.failed ? 'Failed' : 'Succeeded',
        displayStatus: replica.synced ? 'Ready' : 'Syncing',
      }),
  });
  const taken = new Set([...azure.values()].map(({ name }) => name.toLowerCase()));
  const free = usualRegions.filter((region) => region !== home && !azure.has(region) && !taken.has(region));
  const there = [...azure].filter(([region]) => region !== home);
  const [region, replica] = chance.pick(there) ?? [];
  const added = chance.pick(free);
  if (added !== undefined && (region === undefined || chance.maybe(0.3))) {
    const made: Replica = {
      ...homeReplica,
      name: chance.pick([added, `hand${added}`]),
      tags: chance.pick(someTags) ?? {},
      routing: chance.pick(['Enabled', 'Disabled']),
      zoneRedundancy: chance.pick(['Enabled', 'Disabled']),
    };
    return {
      what: 'adds a replica',
      region: added,
      after: withReplica(added, made),
      act: (control) =>
        control.createReplica({
          registry,
          location: added,
          name: made.name,
          tags: made.tags,
          regionEndpointEnabled: made.routing === 'Enabled',
          zoneRedundancy: made.zoneRedundancy,
        }),
    };
  }
  const homeNow = azure.get(home);
  if (homeNow !== undefined && (region === undefined || chance.maybe(0.1)))
    return altered('turns the routing of home', home, turned(homeNow));
  if (region === undefined || replica === undefined)
    return { what: 'looks and does nothing', region: home, after: lane, act: async () => {} };
  switch (chance.weighted({ delete: 3, tags: 2, 'tags away': 2, routing: 2, fail: 2, sync: 2 })) {
    case 'delete':
      return {
        what: 'deletes a replica',
        region,
        after: withReplica(region, undefined),
        act: (control) => control.deleteReplica({ registry, region }),
      };
    case 'tags':
      return altered('adds tags', region, {
        ...replica,
        tags: { ...replica.tags, ...chance.pick(someTags), note: 'x' },
      });
    case 'tags away':
      return altered('replaces all tags', region, { ...replica, tags: chance.pick(someTags) ?? {} });
    case 'routing':
      return altered('turns routing', region, turned(replica));
    case 'fail':
      return altered(replica.failed ? 'heals a replica' : 'breaks a replica', region, {
        ...replica,
        failed: !replica.failed,
      });
    case 'sync':
      return altered(replica.synced ? 'has the sync hang' : 'has the sync go on', region, {
        ...replica,
        synced: !replica.synced,
      });
  }
}

function turned(replica: Replica): Replica {
  return { ...replica, routing: replica.routing === 'Enabled' ? 'Disabled' : 'Enabled' };
}
