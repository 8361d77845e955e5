import type { Spec } from '../../../src/api/registryreplication.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import type { Key } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { type Replica, type ReplicaState, replicaStates } from '../../../src/domain/replication.ts';
import {
  type Fate,
  type Fault,
  home,
  type Owner,
  objectOf,
  owners,
  replicaIn,
  specOf,
  tagsOf,
  type World,
  worldOf,
} from './world.ts';

/** How large a small world is: what is in it, and how much may happen to it beside Azure's own progress and time. */
export interface Scope {
  readonly name: string;
  /** Regions besides home; interchangeable, so that worlds that differ only in which is which count as one. */
  readonly regions: readonly Region[];
  readonly states: readonly ReplicaState[];
  readonly owners: readonly Owner[];
  readonly specs: readonly Spec[];
  /** The ways in which creations may end. */
  readonly fates: readonly Fate[];
  /** Failures that a call can meet. */
  readonly failures: readonly Failure[];
  /** How many edits, requests and deletions of the object may happen. */
  readonly edits: number;
  /** How many replicas somebody else may put there or take away. */
  readonly hands: number;
  /** How many passes may have a fault in them. */
  readonly faults: number;
}

export const soon: Failure = {
  kind: 'retryable',
  pace: 'soon',
  reason: 'Retrying',
  code: 'ETIMEDOUT',
  message: 'Azure did not answer.',
};
const throttled: Failure = { kind: 'throttled', until: undefined, reason: 'Throttled', code: '429', message: 'Wait.' };
const locked: Failure = { kind: 'retryable', pace: 'slow', reason: 'Locked', code: 'ScopeLocked', message: 'Locked.' };
const refused: Failure = { kind: 'terminal', reason: 'Rejected', code: 'BadRequest', message: 'No.' };

/** All failures that a call can meet. */
export const failures: readonly Failure[] = [soon, throttled, locked, refused];

const others = ['japaneast', 'uksouth', 'westeurope'].map(regionOf);
export const allOwners = Object.keys(owners) as Owner[];
export const key = 'platform/contoso' as Key;

/** Every subset of `regions`; home stands for the empty one, which a spec cannot have. */
function setsOf(regions: readonly Region[]): Region[][] {
  const sets = regions.reduce<Region[][]>((all, region) => [...all, ...all.map((set) => [...set, region])], [[]]);
  return sets.map((set) => (set.length === 0 ? [home] : set));
}

function specsOf(regions: readonly Region[], variants: readonly Partial<Spec>[]): Spec[] {
  return setsOf(regions).flatMap((set) => variants.map((variant) => specOf(set, variant)));
}

const prunes = ['All', 'Owned', 'None'] as const;
const applied = prunes.map((prune) => ({ prune }));
const everyVariant = [
  ...applied,
  { mode: 'Observe', prune: 'All' },
  { deletionPolicy: 'Retain', prune: 'All' },
  { suspend: true, prune: 'All' },
] as const;

/** One region besides home, from every start; faults any number of times. */
const one: Scope = {
  name: 'one region and home, any number of faults',
  regions: others.slice(0, 1),
  states: replicaStates,
  owners: allOwners,
  specs: specsOf(others.slice(0, 1), everyVariant),
  fates: ['well', 'Failed', 'vanish'],
  failures,
  edits: 0,
  hands: 0,
  faults: Number.POSITIVE_INFINITY,
};

/** One region besides home, from every start; one edit, request or deletion, one foreign hand, and one fault. */
const edited: Scope = {
  ...one,
  name: 'one region and home, edited and meddled with',
  failures: [soon],
  edits: 1,
  hands: 1,
  faults: 1,
};

/** Two regions besides home, from every start; one fault. */
const two: Scope = {
  ...one,
  name: 'two regions and home',
  regions: others.slice(0, 2),
  owners: ['none', 'ours', 'alive'],
  specs: specsOf(others.slice(0, 2), applied),
  failures: [soon],
  faults: 1,
};

/** Three regions besides home, from starts in which Azure is idle or creating; one fault. */
const three: Scope = {
  ...two,
  name: 'three regions and home',
  regions: others,
  states: ['Creating', 'Succeeded', 'Failed'],
  owners: ['none', 'alive'],
  specs: specsOf(others, applied),
  fates: ['well'],
};

/** The scopes that `npm run test:small-world` exhausts. */
export const scopes: readonly Scope[] = [one, edited, two, three];

/** Scopes small enough for every `npm test`: two regions with one fault, and one region with an edit besides. */
export const reduced: readonly Scope[] = [
  {
    ...two,
    name: 'two regions and home, reduced',
    states: ['Succeeded', 'Deleting'],
    owners: ['none', 'alive'],
    specs: specsOf(others.slice(0, 2), applied),
    fates: ['well'],
    failures: [soon],
    edits: 0,
    hands: 0,
    faults: 1,
  },
  {
    ...one,
    name: 'one region and home, reduced',
    states: ['Succeeded', 'Failed'],
    owners: ['none', 'alive'],
    fates: ['well', 'Failed'],
    failures: [soon],
    specs: specsOf(others.slice(0, 1), [{ prune: 'All' }, { prune: 'None' }]),
    edits: 1,
    hands: 0,
    faults: 1,
  },
];

/** The smallest scope of all, which takes less than a second. */
export const tiny: Scope = {
  ...one,
  name: 'one region and home, a glance',
  states: ['Succeeded', 'Failed'],
  owners: ['none', 'alive'],
  specs: specsOf(others.slice(0, 1), [{ prune: 'All' }]),
  fates: ['well'],
  failures: [soon],
  edits: 0,
  hands: 0,
  faults: 1,
};

/** What may be in a region: nothing, or a replica in any of the scope's states and of any of its owners. */
export function replicasFor(region: Region, scope: Scope): (Replica | undefined)[] {
  const all = scope.states.flatMap((state) => scope.owners.map((owner) => replicaIn(region, state, owner)));
  return [undefined, ...all];
}

export function startsOf(scope: Scope): World[] {
  const sets = scope.regions.reduce<(readonly Replica[])[]>(
    (all, region) =>
      all.flatMap((set) =>
        replicasFor(region, scope).map((replica) => (replica === undefined ? set : [...set, replica])),
      ),
    [[]],
  );
  return sets.flatMap((set) => scope.specs.map((spec) => worldOf([objectOf(spec)], set)));
}

/** Every single fault of a pass over `world` that made so many calls without one. */
export function faultsOf(world: World, calls: number, scope: Pick<Scope, 'regions' | 'failures'>, who = key): Fault[] {
  if (calls === 0) return [];
  const faults: Fault[] = [];
  for (let nth = 0; nth < calls; nth += 1) {
    for (const failure of scope.failures) faults.push({ kind: 'call', nth, failure, lost: false });
    // A LIST whose answer is lost is one that was not made.
    if (nth > 0) faults.push({ kind: 'call', nth, failure: soon, lost: true });
  }
  for (const region of world.replicas.keys()) faults.push({ kind: 'omit', region });
  for (const region of scope.regions) {
    for (const replica of misread(world, region, who)) faults.push({ kind: 'stale', replica });
  }
  return faults;
}

/** What a LIST behind its time shows of one region: what it showed before, or a replica before it failed or went. */
function misread(world: World, region: Region, who: Key): Replica[] {
  const real = world.replicas.get(region);
  const last = world.actors.get(who)?.object.status?.replicas?.find(({ location }) => location === region);
  const before = last?.provisioningState as ReplicaState | undefined;
  const shown = new Set<ReplicaState>(before === undefined ? [] : [before]);
  shown.add(real?.state === 'Succeeded' ? 'Failed' : 'Succeeded');
  if (real !== undefined) shown.delete(real.state);
  const tags = real?.tags ?? tagsOf(last?.managed === 'Created' ? 'ours' : 'none');
  const base = real ?? replicaIn(region, 'Succeeded', 'none');
  // No LIST shows two replicas of one name.
  if (real === undefined && [...world.replicas.values()].some(({ name }) => name === base.name)) return [];
  const replicas = [...shown].map((state) => ({ ...base, tags, state, status: state === 'Succeeded' ? 'Ready' : '' }));
  // Before its owner tagged it, or an earlier replica of the region.
  return real === undefined || Object.keys(tags).length === 0 ? replicas : [...replicas, { ...real, tags: {} }];
}
