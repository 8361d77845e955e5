/**
 * What a spec means for Azure, said once more and independently of src/domain and of the emulator, because both are judged
 * by it: not how the operator gets there, only where it must end when nobody disturbs it.
 */
import type { Spec } from '../../../src/api/registryreplication.ts';
import { goodSecret, goodServiceAccount, type Place, realRegions } from './values.ts';
import { adjusted, homeReplica, type Replica, type Replicas, settingsToChange, type Wish, wishesOf } from './wishes.ts';

/** All that the future of a lane depends on. */
export interface Lane {
  readonly place: Place;
  /** The object as an owner tag names it: cluster/namespace/name. */
  readonly owner: string;
  readonly azure: Replicas;
  /** The lane's object; undefined: there is none. */
  readonly object: Stored | undefined;
}

type Managed = 'Created' | 'Adopted' | 'Unlisted';

export interface Stored {
  readonly spec: Spec;
  readonly deleting: boolean;
  /** The operator has begun to look after replicas that go with the object. */
  readonly bound: boolean;
  /** By region, what the object is to each replica that it has seen. */
  readonly memory: ReadonlyMap<string, Managed>;
  /** What there was when the operator last looked. */
  readonly seen?: Replicas;
}

/** Where a lane ends, and what must be seen there. */
export interface Outcome {
  readonly lane: Lane;
  /** What the object's status must say; undefined: the object is gone. */
  readonly status: ExpectedStatus | undefined;
  /** Writes to Azure on the way, sorted: `PUT uksouth`. */
  readonly writes: readonly string[];
}

export interface ExpectedStatus {
  readonly phase: string;
  /** Reasons of which Ready must carry one. */
  readonly reasons: readonly string[];
  /** What the status must say of Azure; undefined when the operator did not look there. */
  readonly seen?: {
    readonly summary: string;
    readonly plan: readonly string[];
    readonly replicas: Readonly<Record<string, string>>;
  };
}

/** Says which of several regions that ask for one name of a replica got it: Azure decides that. */
export type Winner = (candidates: readonly string[]) => string | undefined;

export function outcome(lane: Lane, winner: Winner): Outcome {
  const { object, azure } = lane;
  if (object === undefined) return { lane, status: undefined, writes: [] };
  const { spec } = object;
  if (object.deleting) return released(lane, object);
  if (spec.suspend === true) return still(lane, 'Suspended', ['Suspended', 'InSync', ...anyOther]);
  const obstacle = obstacleOf(lane, spec);
  if (obstacle !== undefined) return still(lane, 'Failed', obstacle);
  const worked = spec.mode === 'Observe' ? { azure, troubles: [], writes: [] } : work(lane, object, winner);
  const memory = new Map(
    others(lane, worked.azure).map(([region, replica]) => [region, managed(lane, object, region, replica)]),
  );
  const bound = object.bound || (spec.mode !== 'Observe' && spec.deletionPolicy !== 'Retain');
  const next: Stored = { ...object, memory, bound, seen: worked.azure };
  const after: Lane = { ...lane, azure: worked.azure, object: next };
  return { lane: after, writes: [...worked.writes].sort(), status: statusOf(after, next, worked.troubles) };
}

/** Reasons of before that Ready may keep while an object is suspended. */
const anyOther = ['PlanPending', 'RegionUnavailable', 'InvalidSpec', 'Conflict', 'RegistryNotFound', 'Syncing'].concat([
  'AuthenticationFailed',
  'Forbidden',
]);

function still(lane: Lane, phase: string, reasons: readonly string[]): Outcome {
  return { lane, status: { phase, reasons }, writes: [] };
}

/** The reasons, one of which Ready must carry, when Azure cannot even be looked at; undefined: it can. */
function obstacleOf({ place }: Lane, { credentialsRef, registry }: Spec): readonly string[] | undefined {
  const { name = goodSecret, serviceAccountName = goodServiceAccount } = credentialsRef ?? {};
  if (name !== goodSecret || serviceAccountName !== goodServiceAccount) return ['AuthenticationFailed', 'Forbidden'];
  const { subscriptionId = ownSubscription, resourceGroup } = registry;
  const asked = [registry.name, resourceGroup, subscriptionId].map((text) => text.toLowerCase());
  const there = [place.name, place.resourceGroup, place.subscriptionId].map((text) => text.toLowerCase());
  return asked.every((text, i) => text === there[i]) ? undefined : ['RegistryNotFound'];
}

/** AZURE_SUBSCRIPTION_ID of the operator. */
export const ownSubscription = '00000000-0000-0000-0000-000000000000';

/** The object goes: with Delete so do the replicas of its set, unless it never got to look after any. */
function released(lane: Lane, object: Stored): Outcome {
  const { spec, bound } = object;
  const gone = (azure: Replicas, writes: readonly string[]): Outcome => ({
    lane: { ...lane, azure, object: undefined },
    status: undefined,
    writes,
  });
  if (spec.deletionPolicy === 'Retain' || spec.mode === 'Observe' || !bound) return gone(lane.azure, []);
  const obstacle = obstacleOf(lane, spec);
  if (obstacle?.includes('RegistryNotFound') === true) return gone(lane.azure, []);
  if (obstacle !== undefined) return still(lane, 'Deleting', obstacle);
  const going = wishesOf(spec).flatMap(({ region }) => {
    const replica = lane.azure.get(region);
    return region === lane.place.home || replica === undefined || isForeign(lane, replica) ? [] : [region];
  });
  return gone(without(lane.azure, going), going.map((region) => `DELETE ${region}`).sort());
}

interface Worked {
  readonly azure: Replicas;
  readonly troubles: readonly string[];
  readonly writes: readonly string[];
}

/** What the operator makes of Azure, in the order that make before break asks for. */
function work(lane: Lane, object: Stored, winner: Winner): Worked {
  const { home } = lane.place;
  const wishes = wishesOf(object.spec);
  const wanted = new Map(wishes.map((wish) => [wish.region, wish]));
  const azure = new Map(lane.azure);
  const troubles: string[] = [];
  const writes: string[] = [];
  for (const { region } of wishes) {
    const replica = azure.get(region);
    if (region === home || replica?.failed !== true) continue;
    if (isForeign(lane, replica)) troubles.push('Conflict');
    else {
      azure.delete(region); // repaired: made anew
      writes.push(`DELETE ${region}`);
    }
  }
  const missing = wishes.filter(({ region }) => region !== home && !azure.has(region));
  for (const wish of missing) {
    const { region } = wish;
    if (!realRegions.has(region)) troubles.push('RegionUnavailable', ...(region.length < 5 ? ['InvalidSpec'] : []));
    else if (!mayHaveName(wish, missing, azure, winner)) troubles.push('InvalidSpec');
    else {
      azure.set(region, created(lane, wish));
      writes.push(`PUT ${region}`);
      if (!azure.has(home)) azure.set(home, homeReplica);
    }
  }
  const made = new Set(writes.filter((write) => write.startsWith('PUT')).map((write) => write.slice(4)));
  for (const wish of wishes) {
    const replica = azure.get(wish.region);
    if (replica === undefined || replica.failed || made.has(wish.region)) continue;
    const settings = settingsToChange(wish, replica, home);
    if (settings.length === 0) continue;
    azure.set(wish.region, adjusted(wish, replica, home));
    writes.push(`PATCH ${wish.region}`);
  }
  const complete = wishes.every(({ region }) => region === home || azure.get(region)?.failed === false);
  for (const [region, replica] of others(lane, azure)) {
    if (wanted.has(region) || !isPruned(lane, object, region, replica)) continue;
    if (isForeign(lane, replica)) troubles.push('Conflict');
    else if (complete) {
      azure.delete(region);
      writes.push(`DELETE ${region}`);
    }
  }
  return { azure, troubles, writes };
}

/** Azure keeps the names of a registry's replicas apart, whatever their case. */
function mayHaveName(wish: Wish, missing: readonly Wish[], azure: Replicas, winner: Winner): boolean {
  const name = nameOf(wish);
  if ([...azure.values()].some((replica) => replica.name.toLowerCase() === name.toLowerCase())) return false;
  const rivals = missing.filter((w) => realRegions.has(w.region) && nameOf(w).toLowerCase() === name.toLowerCase());
  return rivals.length === 1 || winner(rivals.map(({ region }) => region)) === wish.region;
}

function nameOf({ name, region }: Wish): string {
  return name ?? region;
}

function created({ owner }: Lane, wish: Wish): Replica {
  return {
    name: nameOf(wish),
    routing: wish.routing ?? 'Enabled',
    zoneRedundancy: wish.zoneRedundancy ?? 'Disabled',
    tags: { ...wish.tags, 'managed-by': 'acr-replication-operator', 'acr-replication-owner': owner },
    failed: false,
    synced: true,
  };
}

function others({ place }: Lane, azure: Replicas): readonly (readonly [string, Replica])[] {
  return [...azure].filter(([region]) => region !== place.home);
}

function ownerOf(replica: Replica): string | undefined {
  return Object.entries(replica.tags).find(([name]) => name.toLowerCase() === 'acr-replication-owner')?.[1];
}

/**
 * Whether a replica is somebody else's who may be there still: an object of this operator's namespace would be known.
 */
function isForeign({ owner }: Lane, replica: Replica): boolean {
  const other = ownerOf(replica);
  const [cluster, namespace] = owner.split('/');
  return other !== undefined && other !== owner && !other.startsWith(`${cluster}/${namespace}/`);
}

function isPruned(lane: Lane, { spec, memory }: Stored, region: string, replica: Replica): boolean {
  const { prune = 'All' } = spec;
  if (prune !== 'Owned') return prune === 'All';
  return ownerOf(replica) === lane.owner || (memory.get(region) ?? 'Unlisted') !== 'Unlisted';
}

function managed(lane: Lane, { spec, memory }: Stored, region: string, replica: Replica): Managed {
  const last = memory.get(region);
  if (ownerOf(replica) === lane.owner || last === 'Created') return 'Created';
  return last === 'Adopted' || wishesOf(spec).some((wish) => wish.region === region) ? 'Adopted' : 'Unlisted';
}

/** What differs between a spec and Azure, as status.plan says it. */
export function differences(lane: Lane, object: Stored): readonly string[] {
  const { home } = lane.place;
  const wishes = wishesOf(object.spec);
  const changes = wishes.flatMap((wish) => {
    const replica = lane.azure.get(wish.region);
    if (wish.region !== home && replica?.failed !== false) return [`+${wish.region}`];
    const settings = replica === undefined ? [] : settingsToChange(wish, replica, home);
    return settings.length === 0 ? [] : [`~${wish.region} ${settings.join(' ')}`];
  });
  const extra = others(lane, lane.azure).filter(
    ([region, replica]) => !wishes.some((w) => w.region === region) && isPruned(lane, object, region, replica),
  );
  return [...changes, ...extra.map(([region]) => `-${region}`)].sort();
}

function statusOf(lane: Lane, object: Stored, troubles: readonly string[]): ExpectedStatus {
  const { spec, memory } = object;
  const { home } = lane.place;
  const wishes = wishesOf(spec);
  const plan = differences(lane, object);
  const ready = wishes.filter(({ region }) => region === home || isReady(spec, lane.azure.get(region)));
  const verdict = (): Pick<ExpectedStatus, 'phase' | 'reasons'> => {
    if (troubles.length > 0) return { phase: 'Failed', reasons: troubles };
    if (plan.length > 0) return { phase: 'Pending', reasons: ['PlanPending'] };
    if (ready.length < wishes.length) return { phase: 'Syncing', reasons: ['Syncing'] };
    return { phase: 'Ready', reasons: ['InSync'] };
  };
  const regions = new Set([home, ...lane.azure.keys(), ...wishes.map(({ region }) => region)]);
  const replicas = [...regions].map((region): [string, string] => {
    const replica = lane.azure.get(region) ?? (region === home ? homeReplica : undefined);
    if (replica === undefined) return [region, 'missing'];
    const role = region === home ? 'Home' : (memory.get(region) ?? 'Unlisted');
    const asked = wishes.find((wish) => wish.region === region)?.zoneRedundancy ?? replica.zoneRedundancy;
    const note = region !== home && asked !== replica.zoneRedundancy ? ' noted' : '';
    return [region, `${role} ${replica.failed ? 'Failed' : 'Succeeded'} ${replica.routing}${note}`];
  });
  const seen = { summary: `${ready.length}/${wishes.length}`, plan, replicas: Object.fromEntries(replicas) };
  return { ...verdict(), seen };
}

function isReady({ readyWhen }: Spec, replica: Replica | undefined): boolean {
  return replica?.failed === false && (readyWhen === 'Provisioned' || replica.synced);
}

function without(azure: Replicas, regions: readonly string[]): Replicas {
  return new Map([...azure].filter(([region]) => !regions.includes(region)));
}
