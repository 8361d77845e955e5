/**
 * What a spec means for Azure, said once more and independently of src/domain and of the emulator, because both are judged
 * by it: not how the operator gets there, only where it must end when nobody disturbs it.
 */
import type { Spec } from '../../../src/api/registryreplication.ts';
import { goodSecret, goodServiceAccount, type Place, realRegions } from './values.ts';
import {
  adjusted,
  homeReplica,
  type Replica,
  type Replicas,
  settingsToChange,
  type Tags,
  type Wish,
  wishesOf,
  withTags,
} from './wishes.ts';

/** All that the future of a lane depends on. */
export interface Lane {
  readonly place: Place;
  /** The object as an owner tag names it: cluster/namespace/name. */
  readonly owner: string;
  readonly azure: Replicas;
  /** The lane's object; undefined: there is none. */
  readonly object: Stored | undefined;
  readonly sku: 'Basic' | 'Premium';
  /** Tags that a policy puts on whatever is created or updated. Empty: there is none. */
  readonly policy: Tags;
  /** The owner tag of this object before the cluster was renamed. Undefined: it was not. */
  readonly formerOwner: string | undefined;
  /** In this step the operation of the first such call is accepted and fails. */
  readonly failing: { readonly verb: 'PATCH' | 'DELETE'; readonly region: string } | undefined;
  /** Regions that a person asks in this step to be made anew. */
  readonly recreate: readonly string[];
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
  /** By region, the notice of each stranger's replica that is to be deleted. */
  readonly notices: ReadonlyMap<string, Notice>;
}

/** Whether a stranger's replica is still to be kept, or has been unwanted for so long that it may go. */
export type Notice = 'running' | 'over';

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
  const forgetful: Lane = { ...lane, object: { ...object, notices: new Map() } };
  if (spec.suspend === true) return still(forgetful, 'Suspended', ['Suspended', 'InSync', ...anyOther]);
  const obstacle = obstacleOf(lane, object);
  if (obstacle?.includes('InvalidSpec') === true) return still(forgetful, 'Failed', obstacle);
  const unread = spec.mode === 'Observe' ? forgetful : lane;
  // For five minutes a registry that is not found may be one that is not visible yet; nobody waits for that here.
  if (obstacle?.includes('RegistryNotFound') === true) return still(unread, 'Pending', ['Retrying']);
  if (obstacle !== undefined) return still(unread, 'Failed', obstacle);
  const worked =
    spec.mode === 'Observe' ? { azure, troubles: [], progress: [], writes: [] } : work(lane, object, winner);
  const memory = new Map(
    others(lane, worked.azure).map(([region, replica]) => [region, managed(lane, object, region, replica)]),
  );
  const notices = noticesIn(lane, object, worked.azure);
  const bound = object.bound || (spec.mode !== 'Observe' && spec.deletionPolicy !== 'Retain');
  const next: Stored = { ...object, memory, bound, notices, seen: worked.azure };
  const after: Lane = { ...lane, azure: worked.azure, object: next };
  return { lane: after, writes: [...worked.writes].sort(), status: statusOf(after, next, worked) };
}

/** Reasons of before that Ready may keep while an object is suspended. */
const anyOther = ['PlanPending', 'RegionUnavailable', 'InvalidSpec', 'Conflict', 'RegistryNotFound', 'Syncing'].concat([
  'AuthenticationFailed',
  'Forbidden',
  'SkuNotPremium',
  'Retrying',
  'Updating',
  'Deleting',
  'Repairing',
]);

function still(lane: Lane, phase: string, reasons: readonly string[]): Outcome {
  return { lane, status: { phase, reasons }, writes: [] };
}

/** The reasons, one of which Ready must carry, when Azure cannot even be looked at; undefined: it can. */
function obstacleOf({ place, sku }: Lane, { spec, seen, deleting }: Stored): readonly string[] | undefined {
  const { credentialsRef, registry } = spec;
  // Of the 50 tags that Azure takes two are the operator's own.
  const hasSurplusTags = wishesOf(spec).some(({ tags }) => Object.keys(tags).length > 48);
  if (hasSurplusTags && !deleting) return ['InvalidSpec'];
  const { subscriptionId = ownSubscription, resourceGroup } = registry;
  const asked = [registry.name, resourceGroup, subscriptionId].map((text) => text.toLowerCase());
  const there = [place.name, place.resourceGroup, place.subscriptionId].map((text) => text.toLowerCase());
  const isThere = asked.every((text, i) => text === there[i]);
  // An object that has taken care of a registry takes care of no other one.
  if (!isThere && seen !== undefined) return ['InvalidSpec'];
  const { name = goodSecret, serviceAccountName = goodServiceAccount } = credentialsRef ?? {};
  if (name !== goodSecret || serviceAccountName !== goodServiceAccount) return ['AuthenticationFailed', 'Forbidden'];
  if (!isThere) return ['RegistryNotFound'];
  return sku === 'Premium' ? undefined : ['SkuNotPremium'];
}

/** Whether the operator reads the registry when it is asked to look, whatever its SKU. */
export function isRead(lane: Lane): boolean {
  const { object } = lane;
  if (object === undefined || object.spec.suspend === true) return false;
  return obstacleOf({ ...lane, sku: 'Premium' }, object) === undefined;
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
  const obstacle = obstacleOf({ ...lane, sku: 'Premium' }, object); // for a deletion no SKU is too small
  if (obstacle?.includes('RegistryNotFound') === true) return gone(lane.azure, []);
  if (obstacle !== undefined) return still(lane, 'Deleting', obstacle);
  // Of what the set dropped goes what still bears the object's tag: somebody has taken away the rest.
  const made = others(lane, lane.azure).filter(
    ([region, replica]) => ownerOf(replica) !== undefined && isOwn(lane, object, region, replica),
  );
  const regions = new Set([...wishesOf(spec).map(({ region }) => region), ...made.map(([region]) => region)]);
  const going = [...regions].flatMap((region) => {
    const replica = lane.azure.get(region);
    const stays = region === lane.place.home || replica === undefined || isForeign(lane, object, region, replica);
    return stays ? [] : [region];
  });
  const writes = going.map((region) => `DELETE ${region}`).sort();
  const left = going.find((region) => fails(lane, 'DELETE', region));
  if (left === undefined) return gone(without(lane.azure, going), writes);
  const azure = new Map(without(lane.azure, going));
  const broken = lane.azure.get(left);
  if (broken !== undefined) azure.set(left, { ...broken, failed: true, synced: false });
  return { lane: { ...lane, azure }, status: { phase: 'Deleting', reasons: ['Deleting'] }, writes };
}

interface Worked {
  readonly azure: Replicas;
  /** Reasons for which a person is asked. */
  readonly troubles: readonly string[];
  /** Reasons for which something waits. */
  readonly progress: readonly string[];
  readonly writes: readonly string[];
}

/** Whether an operation that the operator asks for in this step is accepted and then fails. */
function fails({ failing }: Lane, verb: 'PATCH' | 'DELETE', region: string): boolean {
  return failing?.verb === verb && failing.region === region;
}

/** What the operator makes of Azure, in the order that make before break asks for. */
function work(lane: Lane, object: Stored, winner: Winner): Worked {
  const { home } = lane.place;
  const wishes = wishesOf(object.spec);
  const wanted = new Map(wishes.map((wish) => [wish.region, wish]));
  const azure = new Map(lane.azure);
  const troubles: string[] = [];
  const progress: string[] = [];
  const writes: string[] = [];
  const foreign = (region: string, replica: Replica) => isForeign(lane, object, region, replica);
  const patch = (wish: Wish, replica: Replica): void => {
    writes.push(`PATCH ${wish.region}`);
    const after = withTags({ ...adjusted(wish, replica, home), failed: false }, lane.policy);
    const failed = fails(lane, 'PATCH', wish.region);
    azure.set(wish.region, failed ? { ...replica, failed: true, synced: false } : after);
    if (failed) progress.push('Repairing');
    else if (settingsToChange(wish, after, home).length > 0) progress.push('Updating'); // the next try waits
  };
  for (const wish of wishes) {
    const { region } = wish;
    const replica = azure.get(region);
    if (region === home || replica === undefined) continue;
    const anew = lane.recreate.includes(region) && !foreign(region, replica);
    if (!replica.failed && !anew) continue;
    if (!anew && foreign(region, replica)) troubles.push('Conflict');
    else if (anew) {
      azure.delete(region); // made anew
      writes.push(`DELETE ${region}`);
    } else patch(ownWish(lane, object, wish, replica), { ...replica, synced: true }); // its own settings again
  }
  const missing = wishes
    .filter(({ region }) => region !== home && !azure.has(region))
    .map((wish) => ({ ...wish, name: nameIn(azure, wish) }));
  const made = new Set<string>();
  for (const wish of missing) {
    const { region } = wish;
    if (!realRegions.has(region)) troubles.push('RegionUnavailable', ...(region.length < 5 ? ['InvalidSpec'] : []));
    else if (!mayHaveName(wish, missing, azure, winner)) troubles.push('InvalidSpec');
    else {
      azure.set(region, withTags(created(lane, wish), lane.policy));
      writes.push(`PUT ${region}`);
      made.add(region);
      if (!azure.has(home)) azure.set(home, homeReplica);
    }
  }
  const mended = new Set(writes.map((write) => write.split(' ')[1] ?? '').filter((region) => !made.has(region)));
  for (const plain of wishes) {
    const replica = azure.get(plain.region);
    if (replica === undefined || replica.failed || mended.has(plain.region)) continue;
    const wish = ownWish(lane, object, plain, replica);
    if (settingsToChange(wish, replica, home).length === 0) continue;
    if (foreign(wish.region, replica)) troubles.push('Conflict');
    else patch(wish, replica);
  }
  const complete = wishes.every(({ region }) => {
    const replica = azure.get(region);
    return region === home || isReady(object.spec, replica);
  });
  for (const [region, replica] of others(lane, azure)) {
    if (wanted.has(region) || !isPruned(lane, object, region, replica)) continue;
    if (foreign(region, replica)) troubles.push('Conflict');
    else if (!complete || isNoticed(lane, object, region, replica)) progress.push('Deleting');
    else {
      writes.push(`DELETE ${region}`);
      if (fails(lane, 'DELETE', region)) {
        azure.set(region, { ...replica, failed: true, synced: false });
        progress.push('Deleting');
      } else azure.delete(region);
    }
  }
  return { azure, troubles, progress, writes };
}

/** The name that a replica is created under: its region's while a replica elsewhere has the wished one. */
function nameIn(azure: Replicas, wish: Wish): string {
  const taken = new Set([...azure.values()].map(({ name }) => name.toLowerCase()));
  const name = nameOf(wish);
  return taken.has(name.toLowerCase()) && !taken.has(wish.region) ? wish.region : name;
}

/** A stranger's replica, which this object neither made nor ever listed, stays for a while once it is unwanted. */
function isNoticed(lane: Lane, object: Stored, region: string, replica: Replica): boolean {
  return isStrange(lane, object, region, replica) && object.notices.get(region) !== 'over';
}

/**
 * The notices after a look at Azure. One begins when its replica is first seen by an object that would delete it, and is
 * forgotten as soon as nothing would: the replica is wanted, kept, another owner's or gone, or the mode is Observe.
 */
function noticesIn(lane: Lane, object: Stored, azure: Replicas): ReadonlyMap<string, Notice> {
  if (object.spec.mode === 'Observe') return new Map();
  const doomed = others(lane, azure).filter(
    ([region, replica]) =>
      isStrange(lane, object, region, replica) &&
      isPruned(lane, object, region, replica) &&
      !isForeign(lane, object, region, replica),
  );
  return new Map(doomed.map(([region]) => [region, object.notices.get(region) ?? 'running']));
}

function isStrange(lane: Lane, object: Stored, region: string, replica: Replica): boolean {
  return managed(lane, object, region, replica) === 'Unlisted';
}

/** What this object created is tagged anew when the cluster was renamed. */
function ownWish(lane: Lane, object: Stored, wish: Wish, replica: Replica): Wish {
  const { home } = lane.place;
  const isRenamed = wish.region !== home && ownerOf(replica) === lane.formerOwner;
  if (lane.formerOwner === undefined || !isRenamed || !isOwn(lane, object, wish.region, replica)) return wish;
  return { ...wish, tags: { ...wish.tags, ...ownerTags(lane) } };
}

function ownerTags({ owner }: Lane): Tags {
  return { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': owner };
}

function isOwn({ owner, formerOwner }: Lane, { memory }: Stored, region: string, replica: Replica): boolean {
  const tag = ownerOf(replica);
  if (tag === owner) return true;
  return memory.get(region) === 'Created' && (tag === undefined || tag === formerOwner);
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

function created(lane: Lane, wish: Wish): Replica {
  return {
    name: nameOf(wish),
    routing: wish.routing ?? 'Enabled',
    zoneRedundancy: wish.zoneRedundancy ?? 'Disabled',
    tags: { ...wish.tags, ...ownerTags(lane) },
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
function isForeign(lane: Lane, object: Stored, region: string, replica: Replica): boolean {
  const other = ownerOf(replica);
  const [cluster, namespace] = lane.owner.split('/');
  if (other === undefined || isOwn(lane, object, region, replica)) return false;
  return !other.startsWith(`${cluster}/${namespace}/`);
}

function isPruned(lane: Lane, object: Stored, region: string, replica: Replica): boolean {
  const { spec, memory } = object;
  const { prune = 'All' } = spec;
  if (prune !== 'Owned') return prune === 'All';
  return isOwn(lane, object, region, replica) || (memory.get(region) ?? 'Unlisted') !== 'Unlisted';
}

function managed(lane: Lane, object: Stored, region: string, replica: Replica): Managed {
  const { spec, memory } = object;
  const last = memory.get(region);
  if (isOwn(lane, object, region, replica) || last === 'Created') return 'Created';
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

function statusOf(lane: Lane, object: Stored, { troubles, progress }: Worked): ExpectedStatus {
  const { spec, memory } = object;
  const { home } = lane.place;
  const wishes = wishesOf(spec);
  const plan = differences(lane, object);
  const ready = wishes.filter(({ region }) => region === home || isReady(spec, lane.azure.get(region)));
  const verdict = (): Pick<ExpectedStatus, 'phase' | 'reasons'> => {
    if (troubles.length > 0) return { phase: 'Failed', reasons: troubles };
    if (plan.length > 0 && spec.mode === 'Observe') return { phase: 'Pending', reasons: ['PlanPending'] };
    const waiting = ready.length < wishes.length ? [...progress, 'Syncing'] : progress;
    if (progress.length > 0) return { phase: 'Syncing', reasons: waiting };
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
