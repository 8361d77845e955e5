import { isDeleting, type RegistryReplication, type Spec } from '../api/registryreplication.ts';
import { type Region, regionOf } from './region.ts';
import {
  type Credentials,
  type Desired,
  type Drain,
  mergeTags,
  type RegistryRef,
  type Tags,
  type Wish,
} from './replication.ts';
import { plainText } from './text.ts';

/** How often an unchanged registry is looked at when the spec does not say. */
export const defaultIntervalMs = 5 * 60_000;

/** Azure takes 50 tags on a resource, of which two are the operator's own. */
const maxTags = 50 - 2;

export type ParsedSpec =
  | { readonly ok: true; readonly desired: Desired }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The spec as values, or every problem in it. Most problems are refused by the API server already; what is left are
 * those that need the operator's configuration, and objects stored before a rule existed.
 */
export function desiredOf(object: RegistryReplication, ownSubscription: string | undefined): ParsedSpec {
  const { spec, metadata } = object;
  const problems: string[] = [];
  const registry = registryOf(spec, ownSubscription);
  if (registry === undefined) {
    problems.push(
      'spec.registry.subscriptionId is not set and the operator has no subscription of its own: set it, or give the operator AZURE_SUBSCRIPTION_ID',
    );
  }
  const wishes = new Map<Region, Wish>();
  for (const { location, name, routing, zoneRedundancy, tags = {} } of spec.regions) {
    const region = regionOf(location);
    if (wishes.has(region)) problems.push(`${region} is listed twice in spec.regions: remove one of the two`);
    const merged = mergeTags(spec.tags ?? {}, tags);
    wishes.set(region, { region, name: name ?? region, routing, zoneRedundancy, tags: merged });
  }
  // What no replica will be made of is no reason to keep an object that is being deleted.
  if (!isDeleting(object)) problems.push(...tagProblems(spec), ...surplusTags(wishes), ...sharedNames(wishes));
  const drains = (spec.drains ?? []).map(({ location, until, reason }): Drain => {
    return { region: regionOf(location), until: new Date(until), reason: plainText(reason, 200) };
  });
  for (const { region, until } of drains) {
    if (Number.isNaN(until.getTime())) problems.push(`spec.drains: ${region} has an until that is no moment in time`);
  }
  const intervalMs = spec.interval === undefined ? defaultIntervalMs : durationMs(spec.interval);
  if (!(intervalMs >= 30_000 && intervalMs <= 24 * 3_600_000)) {
    problems.push(`spec.interval is ${spec.interval}: write a duration from 30s to 24h, such as 5m`);
  }
  if (registry === undefined || problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    desired: {
      registry,
      wishes,
      drains,
      credentials: credentialsOf(spec, metadata.namespace),
      mode: spec.mode ?? 'Apply',
      prune: spec.prune ?? 'All',
      deletionPolicy: spec.deletionPolicy ?? 'Delete',
      readyWhen: spec.readyWhen ?? 'Synced',
      intervalMs,
    },
  };
}

/** A problem for each tag that is written in two spellings; the API server only sees those that differ in ASCII letters. */
function spellingsOf(where: string, tags: Tags = {}): string[] {
  const spellings = Object.values(Object.groupBy(Object.keys(tags), (name) => name.toLowerCase()));
  return spellings.flatMap((names = []) =>
    names.length === 1 ? [] : [`${where}: ${names.join(' and ')} are one tag to Azure: remove all but one`],
  );
}

/** A problem for each tag of the whole spec that is written in two spellings. */
function tagProblems({ tags, regions }: Spec): string[] {
  const ofRegions = regions.flatMap((wish) => spellingsOf(`the tags of ${regionOf(wish.location)}`, wish.tags));
  return [...spellingsOf('spec.tags', tags), ...ofRegions];
}

/** A problem for each region with more tags than Azure takes; the API server cannot count them once they are merged. */
function surplusTags(wishes: ReadonlyMap<Region, Wish>): string[] {
  return [...wishes.values()].flatMap(({ region, tags }) => {
    const count = Object.keys(tags).length;
    if (count <= maxTags) return [];
    return [
      `${region} has ${count} tags, its own and those of spec.tags: Azure takes 50, and two of them are the operator's: remove ${count - maxTags}`,
    ];
  });
}

/** A problem for each name that several replicas would have: Azure ignores the case of names, and refuses all but one. */
function sharedNames(wishes: ReadonlyMap<Region, Wish>): string[] {
  const sharers = Object.values(Object.groupBy(wishes.values(), ({ name }) => name.toLowerCase()));
  return sharers.flatMap((sharing = []) => {
    const last = sharing.at(-1);
    if (sharing.length < 2 || last === undefined) return [];
    const regions = sharing.map(({ region }) => region).join(' and ');
    return [`the replicas of ${regions} have one name, ${last.name}: give one of them another in spec.regions`];
  });
}

/** The credentials that the spec names. No reference crosses a namespace: they are in the object's own. */
export function credentialsOf({ credentialsRef }: Spec, namespace: string): Credentials | undefined {
  if (credentialsRef?.name !== undefined) return { kind: 'secret', namespace, name: credentialsRef.name };
  if (credentialsRef?.serviceAccountName === undefined) return undefined;
  return { kind: 'service-account', namespace, name: credentialsRef.serviceAccountName };
}

/** The registry that the spec names; undefined when neither the spec nor the operator names a subscription. */
export function registryOf({ registry }: Spec, ownSubscription: string | undefined): RegistryRef | undefined {
  const subscriptionId = registry.subscriptionId ?? ownSubscription;
  if (subscriptionId === undefined) return undefined;
  return { subscriptionId, resourceGroup: registry.resourceGroup, name: registry.name };
}

/** The same text for all spellings of one registry: ARM ids ignore case. */
export function registryKey({ subscriptionId, resourceGroup, name }: RegistryRef): string {
  return `${subscriptionId}/${resourceGroup}/${name}`.toLowerCase();
}

/** Whether the ARM id, as `status.registry.id` has it, is that of the registry. ARM ids ignore case. */
export function sameRegistry({ subscriptionId, resourceGroup, name }: RegistryRef, armId: string): boolean {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  const id = `${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
  return id.toLowerCase() === armId.toLowerCase();
}

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** A duration such as "1h30m" in milliseconds; NaN when the text is none. */
export function durationMs(text: string): number {
  if (!/^(\d+[dhms])+$/.test(text)) return Number.NaN;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([dhms])/g))
    sum += Number(count) * unitMs[unit as keyof typeof unitMs];
  return sum;
}
