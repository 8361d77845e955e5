import type { Spec } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { type Replica, type ReplicaState, replicaStates } from '../../../src/domain/replication.ts';
import { answers, lastingLies, lies } from './answers.ts';
import { answered, edited, type FaultsIn, faults, glances, unseen, withdrawn } from './faults.ts';
import type { Fate } from './happenings.ts';
import * as happenings from './happenings.ts';
import {
  type Budget,
  clusterNames,
  type Happening,
  home,
  isLeaving,
  type Owner,
  objectOf,
  owners,
  replicaIn,
  specOf,
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
  /** What can go wrong in a pass. */
  readonly faults: readonly FaultsIn[];
  /** What people and others do, and what goes wrong in Azure by itself. */
  readonly happenings: readonly HappeningsIn[];
  /** How much of it. */
  readonly left: Readonly<Record<Budget, number>>;
  /** What else is so in every start. */
  readonly world?: Partial<World>;
  /** Properties that nothing can keep in such a world. */
  readonly without?: readonly string[];
}

/** Everything of one kind that can happen in a world. */
export type HappeningsIn = (world: World, scope: Scope) => readonly Happening[];

const others = ['japaneast', 'uksouth', 'westeurope'].map(regionOf);
export const allOwners = Object.keys(owners) as Owner[];
export const key = 'platform/contoso' as Key;

/** Every kind of happening; a scope names those that there are in it. */
const kinds = {
  edits: (world, { specs }) => {
    const actor = world.actors.get(key);
    if (actor === undefined) return [];
    const others = specs.filter((spec) => spec !== actor.object.spec).map((spec) => happenings.apply(key, spec));
    return isLeaving(actor) ? others : [happenings.remove(key), ...others];
  },
  asks: () => [happenings.ask(key), happenings.restart()],
  recreates: (_world, { regions }) => regions.map((region) => happenings.recreate(key, region)),
  /** Nobody forges a replica of ours while our object goes. */
  hands: ({ actors }, scope) => {
    const forged = [...actors.values()].some(isLeaving)
      ? scope.owners.filter((owner) => owner !== 'ours')
      : scope.owners;
    return scope.regions.flatMap((region) =>
      replicasFor(region, { ...scope, owners: forged }).map((replica) => happenings.hand(region, replica)),
    );
  },
  /** Somebody sets routing, at home too. */
  reroutes: ({ replicas }) =>
    [...replicas.values()].map(({ region, routing }) =>
      happenings.reroute(region, routing === 'Enabled' ? 'Disabled' : 'Enabled'),
    ),
  retags: (world) => awayFromHome(world).map(({ region }) => happenings.retag(region, { costs: 'theirs' })),
  renames: () => [happenings.rename(clusterNames[1])],
  rehomes: (_world, { regions }) => regions.map(happenings.rehome),
  skus: ({ registry }) => [happenings.sku(registry.sku === 'Premium' ? 'Standard' : 'Premium')],
  /** An update or a deletion that was accepted fails. */
  failingOperations: (world) =>
    awayFromHome(world)
      .filter(({ state }) => state === 'Updating' || state === 'Deleting')
      .flatMap(({ region }) =>
        (['Failed', 'Canceled', 'asBefore'] as const).map((fate) => happenings.progress(region, fate, 'mishaps')),
      ),
  /** A replica that serves breaks, that of home among them. */
  breaks: ({ replicas }) => [...replicas.keys()].map(happenings.breaks),
} as const satisfies Record<string, HappeningsIn>;

function awayFromHome({ replicas, registry }: World): Replica[] {
  return [...replicas.values()].filter(({ region }) => region !== registry.home);
}

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

const nothing: Scope['left'] = { edits: 0, hands: 0, mishaps: 0, faults: 0 };
const always = Number.POSITIVE_INFINITY;
const misreadings = [faults.omits, faults.showsNothing, faults.stale];
const unanswered = [answered(answers.timeout), faults.lost, ...misreadings];

/** One region besides home, from every start; two faults. */
const one: Scope = {
  name: 'one region and home, two faults',
  regions: others.slice(0, 1),
  states: replicaStates,
  owners: allOwners,
  specs: specsOf(others.slice(0, 1), everyVariant),
  fates: ['well', 'Failed', 'vanish'],
  faults: [answered(...Object.values(answers)), faults.lost, ...misreadings],
  happenings: [],
  left: { ...nothing, faults: 2 },
};

/** One region besides home, idle or broken; one edit, request or deletion, one foreign hand, and one fault. */
const meddled: Scope = {
  ...one,
  name: 'one region and home, edited and meddled with',
  states: ['Succeeded', 'Failed'],
  fates: ['well'],
  owners: ['none', 'ours'],
  faults: unanswered,
  happenings: [kinds.edits, kinds.asks, kinds.hands],
  left: { ...nothing, edits: 1, hands: 1, faults: 1 },
};

/** Two regions besides home, in whatever state that matters; all ends well but for one fault. */
const two: Scope = {
  ...one,
  name: 'two regions and home',
  regions: others.slice(0, 2),
  states: ['Creating', 'Deleting', 'Succeeded', 'Failed'],
  fates: ['well'],
  owners: ['none', 'ours'],
  specs: specsOf(others.slice(0, 2), applied),
  faults: unanswered,
  left: { ...nothing, faults: 1 },
};

/** Three regions besides home, from starts in which Azure is idle or creating; one fault. */
const three: Scope = {
  ...two,
  name: 'three regions and home',
  regions: others,
  states: ['Creating', 'Succeeded', 'Failed'],
  owners: ['none', 'alive'],
  specs: specsOf(others, applied),
};

/** What Azure has accepted fails, and what serves breaks, twice; settings are to be changed, too. */
const mishaps: Scope = {
  ...one,
  name: 'what was accepted fails, and what serves breaks',
  states: ['Succeeded', 'Creating'],
  owners: ['none', 'ours'],
  specs: specsOf(others.slice(0, 1), [{ prune: 'All' }, { prune: 'All', tags: { team: 'platform' } }]),
  fates: ['well', 'syncing', 'Failed'],
  faults: [faults.lost, faults.ignored],
  happenings: [kinds.failingOperations, kinds.breaks, kinds.edits, kinds.recreates],
  left: { edits: 1, hands: 0, mishaps: 2, faults: 1 },
};

/** Azure denies what is there: for a while all of it, and without end what proves nothing. */
const denied: Scope = {
  ...one,
  name: 'Azure says 404 of what is there',
  states: ['Succeeded'],
  owners: ['none', 'ours'],
  specs: specsOf(others.slice(0, 1), [{ prune: 'All' }, { prune: 'Owned' }]),
  fates: ['well', 'vanish'],
  faults: [answered(...Object.values(lies)), faults.hidden],
  happenings: [kinds.edits],
  // The third look in a row that finds no registry may be believed.
  left: { ...nothing, edits: 1, faults: 2 },
};

const deniedForEver: Scope = {
  ...denied,
  name: 'Azure says 404 without end, which proves nothing',
  owners: ['ours'],
  specs: [specOf(others.slice(0, 1)), specOf([home])],
  fates: ['well'],
  faults: [answered(...lastingLies), unseen(...lastingLies)],
  left: { ...nothing, edits: 1, faults: always },
};

/** The object is edited between any two calls of a pass, and the cache is behind by one or two versions. */
const outdated: Scope = {
  ...one,
  name: 'edits in mid-pass, and a cache that is behind',
  regions: others.slice(0, 2),
  states: ['Succeeded', 'Failed'],
  owners: ['none', 'ours'],
  specs: [
    specOf(others.slice(0, 1)),
    specOf(others.slice(0, 2)),
    specOf(others.slice(0, 1), { suspend: true }),
    specOf(others.slice(0, 1), { deletionPolicy: 'Retain' }),
    specOf(others.slice(0, 1), { prune: 'None' }),
  ],
  fates: ['well'],
  faults: [
    edited(
      specOf(others.slice(0, 2)),
      specOf(others.slice(0, 1), { suspend: true }),
      specOf(others.slice(0, 1), { deletionPolicy: 'Retain' }),
      specOf(others.slice(0, 1), { prune: 'None' }),
    ),
    withdrawn,
    faults.behind,
  ],
  happenings: [kinds.edits, kinds.recreates],
  left: { ...nothing, edits: 1, faults: 1 },
  world: { past: 2 },
};

/** Other programs and other clusters: tags of theirs, a policy, a strange replica, another name of this cluster. */
const strangers: Scope = {
  ...one,
  name: 'tags of others, and a renamed cluster',
  states: ['Succeeded', 'Failed'],
  owners: ['none', 'ours', 'alive', 'cluster'],
  specs: specsOf(others.slice(0, 1), [
    { prune: 'All' },
    { prune: 'Owned' },
    { prune: 'All', tags: { team: 'platform' } },
  ]),
  fates: ['well'],
  faults: [faults.stale, faults.lost],
  happenings: [kinds.edits, kinds.renames, kinds.hands, kinds.retags],
  left: { ...nothing, edits: 2, hands: 1, faults: 1 },
};

/** The registry itself changes: made again elsewhere, of another SKU; the operator's process remembers what it read. */
const otherRegistry: Scope = {
  ...one,
  name: 'a registry made again elsewhere, or of another SKU',
  states: ['Succeeded'],
  owners: ['none', 'ours'],
  specs: specsOf(others.slice(0, 1), [{ prune: 'All' }]),
  fates: ['well'],
  faults: [answered(answers.timeout), faults.lost],
  happenings: [kinds.edits, kinds.asks, kinds.rehomes, kinds.skus],
  left: { ...nothing, edits: 1, hands: 2, faults: 1 },
  world: { readAt: undefined },
  // The registry is read again each hour, so no run comes to an end.
  without: ['settledWell'],
};

/** A region is dropped while another one fails: what is held is no more forgotten than the rest. */
const held: Scope = {
  ...two,
  name: 'two regions, one dropped while the other fails',
  states: ['Succeeded'],
  owners: ['none', 'ours'],
  specs: [specOf(others.slice(0, 2)), specOf(others.slice(0, 1)), specOf(others.slice(0, 2), { prune: 'Owned' })],
  fates: ['well', 'Failed'],
  faults: [answered(answers.rejected)],
  happenings: [kinds.edits],
  left: { ...nothing, edits: 2, faults: 1 },
};

/** A policy writes its own value over a tag of the spec, in answers and in what is stored. */
const overridden: Scope = {
  ...mishaps,
  name: 'a policy that rewrites tags',
  states: ['Succeeded'],
  fates: ['well'],
  faults: [faults.lost],
  happenings: [kinds.edits],
  left: { ...nothing, edits: 1, faults: 1 },
  world: { policy: { team: 'shared' } },
  // What does not stick is tried again each interval, so no run comes to an end.
  without: ['settledWell'],
};

/** What Resource Graph shows is of any age, and so is each row of it, while people and others change things. */
const outOfDate: Scope = {
  ...one,
  name: 'what Resource Graph shows is of any age',
  states: ['Succeeded', 'Failed'],
  owners: ['none', 'ours'],
  specs: specsOf(others.slice(0, 1), [{ prune: 'All' }, { prune: 'All', tags: { team: 'platform' } }]),
  fates: ['well'],
  faults: [glances],
  happenings: [kinds.edits, kinds.hands, kinds.breaks, kinds.retags],
  left: { edits: 1, hands: 1, mishaps: 1, faults: 1 },
};

const untilMorning = { until: '2026-09-10T18:00:00Z', reason: 'drill' };
const drainsOf = (...regions: readonly Region[]) => ({
  drains: regions.map((location) => ({ location, ...untilMorning })),
});

/**
 * Drains until this evening, of the only replica, of home, and of both; routing is stated, or set by others, besides, and
 * the replica is to be made anew, or leaves the set.
 */
const drained: Scope = {
  ...one,
  name: 'drains of a region and of home',
  states: ['Succeeded'],
  owners: ['ours'],
  specs: [
    specOf(others.slice(0, 1)),
    specOf(others.slice(0, 1), drainsOf(...others.slice(0, 1))),
    specOf(others.slice(0, 1), drainsOf(home)),
    specOf([home], drainsOf(home)),
    specOf(others.slice(0, 1), drainsOf(...others.slice(0, 1), home)),
    specOf(others.slice(0, 1), { ...drainsOf(home), suspend: true }),
    specOf([], {
      regions: others.slice(0, 1).map((location) => ({ location, routing: 'Disabled' })),
      ...drainsOf(home),
    }),
  ],
  fates: ['well'],
  faults: [answered(answers.timeout), faults.lost, faults.ignored, faults.stale, faults.omits],
  happenings: [kinds.edits, kinds.recreates, kinds.reroutes],
  left: { ...nothing, edits: 1, hands: 1, faults: 1 },
};

/** The scopes that `npm run test:small-world` exhausts. */
export const scopes: readonly Scope[] = [
  mishaps,
  denied,
  deniedForEver,
  outdated,
  strangers,
  otherRegistry,
  held,
  overridden,
  outOfDate,
  drained,
  one,
  meddled,
  two,
  three,
];

/** What the walk can meet beside what happens to its objects. */
export const walkFaults: readonly FaultsIn[] = [
  ...one.faults,
  faults.ignored,
  faults.hidden,
  answered(...lastingLies),
  unseen(...lastingLies),
  withdrawn,
];

/** Scopes small enough for every `npm test`: two regions with one fault, and one region with an edit besides. */
export const reduced: readonly Scope[] = [
  {
    ...two,
    name: 'two regions and home, reduced',
    states: ['Succeeded', 'Deleting'],
    owners: ['none', 'alive'],
    fates: ['well'],
  },
  {
    ...meddled,
    name: 'one region and home, reduced',
    states: ['Succeeded', 'Failed'],
    owners: ['none', 'alive'],
    fates: ['well', 'Failed'],
    specs: specsOf(others.slice(0, 1), [{ prune: 'All' }, { prune: 'None' }]),
    happenings: [kinds.edits, kinds.asks],
    left: { ...nothing, edits: 1, faults: 1 },
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
  faults: unanswered,
  left: { ...nothing, faults: 1 },
};

/** What may be in a region: nothing, or a replica in any of the scope's states and of any of its owners. */
function replicasFor(region: Region, scope: Pick<Scope, 'states' | 'owners'>): (Replica | undefined)[] {
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
  return sets.flatMap((set) => scope.specs.map((spec) => worldOf([objectOf(spec)], set, scope.world)));
}
