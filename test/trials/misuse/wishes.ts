import type { Spec } from '../../../src/api/registryreplication.ts';

/** What the spec asks for in one region. */
export type Wish = Omit<Spec['regions'][number], 'location' | 'tags'> & {
  readonly region: string;
  readonly tags: Tags;
};
export type Tags = Readonly<Record<string, string>>;

/** A replica that Azure has, the home region's too. */
export interface Replica {
  readonly name: string;
  readonly routing: 'Enabled' | 'Disabled';
  readonly zoneRedundancy: 'Enabled' | 'Disabled';
  readonly tags: Tags;
  readonly failed: boolean;
  /** Whether displayStatus is Ready. */
  readonly synced: boolean;
}
export type Replicas = ReadonlyMap<string, Replica>;

/** The home region's replica as Azure adds it, under a name of Azure's. */
export const homeReplica: Replica = {
  name: '',
  routing: 'Enabled',
  zoneRedundancy: 'Disabled',
  tags: {},
  failed: false,
  synced: true,
};

/**
 * The settings in which a replica differs from the wish: `routing`, `tags` or both. Of home, only a stated routing
 * counts.
 */
export function settingsToChange(wish: Wish, replica: Replica, home: string): readonly string[] {
  const after = adjusted(wish, replica, home);
  const tagsDiffer = Object.keys(after.tags).some((name) => after.tags[name] !== replica.tags[name]);
  return [...(after.routing === replica.routing ? [] : ['routing']), ...(tagsDiffer ? ['tags'] : [])];
}

export function adjusted(wish: Wish, replica: Replica, home: string): Replica {
  const tags = wish.region === home ? replica.tags : merged(replica.tags, wish.tags);
  return { ...replica, tags, routing: wish.routing ?? replica.routing };
}

/** The name of a tag keeps the spelling it has; case does not tell two apart. */
function merged(there: Tags, wanted: Tags): Tags {
  const result = new Map(Object.entries(there));
  for (const [name, value] of Object.entries(wanted)) {
    const known = [...result.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
    result.set(known ?? name, value);
  }
  return Object.fromEntries(result);
}

export function wishesOf({ regions, tags = {} }: Spec): readonly Wish[] {
  return regions.map(({ location, ...rest }) => ({
    ...rest,
    region: location.toLowerCase().replaceAll(' ', ''),
    tags: merged(tags, rest.tags ?? {}),
  }));
}
