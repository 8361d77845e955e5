import { dump } from 'js-yaml';
import { apiVersion, kind, type Spec } from '../../api/registryreplication.ts';
import type { Region } from '../../domain/region.ts';
import type { Actual, RegistryRef, Replica, ReplicaState } from '../../domain/replication.ts';
import { wrapped } from '../help.ts';

/** A registry, and the replicas that Azure has of it. */
export interface Found {
  readonly ref: RegistryRef;
  readonly actual: Actual;
}

/** In these states a replica that is listed would be written to. */
const whyLeftOut: Partial<Record<ReplicaState, string>> = {
  Failed: 'Failed: the operator would repair it',
  Canceled: 'Canceled: the operator would repair it',
  Deleting: 'Deleting: the operator would make it again',
};

/**
 * The manifest of a registry as it is, with a comment that says what it does. Applying it writes nothing to Azure: it
 * states no tags, no setting that Azure has otherwise, and no region whose replica would be repaired; what it leaves out
 * stays. Equal replicas give equal bytes, in whatever order Azure lists them.
 */
export function manifestOf({ ref, actual }: Found, namespace: string | undefined): string {
  const { home } = actual.registry;
  const others = othersThan(home, [...actual.replicas.values()]);
  const taken = others.filter(({ state }) => whyLeftOut[state] === undefined);
  const regions = taken.length === 0 ? [{ location: home }] : regionsOf(taken);
  return manifestText(ref, namespace, { regions }, commentOf(ref, home, others));
}

/** The replicas outside of the home region, sorted. */
export function othersThan(home: Region | undefined, replicas: readonly Replica[]): readonly Replica[] {
  return replicas.filter(({ region }) => region !== home).toSorted((a, b) => (a.region < b.region ? -1 : 1));
}

/** What the spec says of replicas that are there; their tags are left out. */
export function regionsOf(replicas: readonly Replica[]): Spec['regions'] {
  const byRegion = calledByRegion(replicas);
  return replicas.map((replica) => entryOf(replica, byRegion));
}

/**
 * The regions whose replicas are called as their regions in the object: their own names are shorter than the CRD takes,
 * or are those of other such regions.
 */
function calledByRegion(replicas: readonly Replica[]): ReadonlySet<string> {
  const regions = new Set<string>(replicas.filter(({ name }) => name.length < 5).map(({ region }) => region));
  for (let before = -1; before !== regions.size; ) {
    before = regions.size;
    for (const { name, region } of replicas) if (regions.has(name.toLowerCase())) regions.add(region);
  }
  return regions;
}

/** What keeps every replica that the object does not list, and all when the object goes. */
export const keepsAll =
  'With prune: None and deletionPolicy: Retain every replica stays, listed or not, and when the object is deleted; take them out when the list is to decide.';

/** A manifest that deletes nothing, with a comment of these paragraphs before it. Equal arguments give equal bytes. */
export function manifestText(
  ref: RegistryRef,
  namespace: string | undefined,
  { regions, mode }: Pick<Spec, 'regions' | 'mode'>,
  comment: readonly string[],
): string {
  const object = {
    apiVersion,
    kind,
    metadata: { name: ref.name.toLowerCase(), ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      registry: { name: ref.name, resourceGroup: ref.resourceGroup, subscriptionId: ref.subscriptionId },
      regions,
      ...(mode === undefined ? {} : { mode }),
      prune: 'None',
      deletionPolicy: 'Retain',
    } satisfies Spec,
  };
  const lines = comment.flatMap((text) => wrapped(text, 98)).map((line) => `# ${line}\n`);
  return lines.join('') + dump(object, { lineWidth: -1 });
}

function entryOf(
  { region, name, state, routing, zoneRedundancy }: Replica,
  byRegion: ReadonlySet<string>,
): Spec['regions'][number] {
  // A replica is known by its region: a name that cannot be stated is no loss.
  const isNamed = name.toLowerCase() !== region && !byRegion.has(region);
  // While a replica is Updating its routing may be taken back; where it isn't stated it stays as it is found.
  const isOutOfRouting = routing === 'Disabled' && state === 'Succeeded';
  return {
    location: region,
    ...(isNamed ? { name } : {}),
    ...(isOutOfRouting ? { routing } : {}),
    ...(zoneRedundancy === 'Enabled' ? { zoneRedundancy } : {}),
  };
}

function commentOf({ name }: RegistryRef, home: string, others: readonly Replica[]): readonly string[] {
  const leftOut = others.flatMap(({ region, state }) => {
    const why = whyLeftOut[state];
    return why === undefined ? [] : [`${region} is left out, for it is ${why}. It stays as it is.`];
  });
  const busy = others.filter(({ state }) => state === 'Creating').map(({ region }) => region);
  return [
    `Registry ${name} as Azure has it, at home in ${home}.`,
    `Applying this writes nothing to Azure. ${keepsAll}`,
    ...leftOut,
    ...(busy.length === 0
      ? []
      : [`${busy.join(', ')}: still being created; should that fail, the operator repairs it.`]),
  ];
}
