import type { Spec } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { type Replica, replicaStates } from '../../../src/domain/replication.ts';
import { type Dice, diceFrom } from './dice.ts';
import { edited, faultsOf, glances, isWrite } from './faults.ts';
import * as happenings from './happenings.ts';
import { type Operator, runPass } from './pass.ts';
import { brokenBy } from './properties.ts';
import { replay } from './replay.ts';
import { allOwners, walkFaults } from './scope.ts';
import { badEnd } from './settled.ts';
import {
  type Action,
  type Actor,
  clusterNames,
  dayMs,
  type Happening,
  home,
  isBusy,
  isLeaving,
  type Owner,
  replicaIn,
  specOf,
  type World,
  worldOf,
} from './world.ts';

/** Seven regions and home. */
const regions = ['brazilsouth', 'centralindia', 'japaneast', 'koreacentral', 'uksouth', 'westeurope', 'westus3'].map(
  regionOf,
);
const keys = ['contoso', 'second', 'third'].map((name) => `platform/${name}` as Key);
/** Steps after which a new world begins, so that traces stay short enough to be read. */
const episodeSteps = 150;
/** Rounds of passes within which a fair run must end. */
const patience = 60;
const empty = worldOf([], [], { readAt: undefined, past: 2 });

export interface Bug {
  readonly property: string;
  readonly detail: string;
  /** The actions that lead from an empty world to the bug; none of them can be left out. */
  readonly trace: readonly Action[];
}

export interface Walked {
  readonly steps: number;
  readonly worlds: number;
  readonly passes: number;
  readonly faults: number;
  readonly bug: Bug | undefined;
}

/**
 * So many random steps, fair runs at the end of each world included; stops at the first broken property of which
 * `isEnough` holds. A world in which another one is broken is left.
 */
export async function walk(
  seed: number,
  steps: number,
  operator: Operator,
  isEnough: (property: string) => boolean = () => true,
): Promise<Walked> {
  const count = { steps: 0, worlds: 0, passes: 0, faults: 0 };
  worlds: while (count.steps < steps) {
    const dice = diceFrom(seed + count.worlds * 7_919);
    count.worlds += 1;
    const trace: Action[] = [...startOf(dice)];
    let world = trace.reduce((before, action) => (action.kind === 'pass' ? before : action.to(before)), empty);
    for (let i = 0; i < episodeSteps; i += 1) {
      const action = await actionIn(world, dice, operator);
      trace.push(action);
      count.steps += 1;
      if (action.kind !== 'pass') {
        world = action.to(world);
        continue;
      }
      count.passes += 1;
      if (action.fault !== undefined) count.faults += 1;
      const step = await runPass(world, action.key, action.fault, operator);
      if (step === undefined) continue;
      const broken = brokenBy(step);
      const wrong = broken.find(({ property }) => isEnough(property));
      if (wrong !== undefined) return { ...count, bug: await shortest(trace, wrong.property, operator) };
      if (broken.length > 0) continue worlds;
      world = step.after;
    }
    const end = await settle(world, operator);
    count.steps += end.steps;
    count.passes += end.steps;
    if (end.wrong !== undefined && isEnough(end.wrong.property))
      return { ...count, bug: await shortest(trace, end.wrong.property, operator) };
  }
  return { ...count, bug: undefined };
}

/** Runs without faults while Azure completes what it is busy with: everything must come to rest. */
async function settle(world: World, operator: Operator) {
  let steps = 0;
  let quiet = 0;
  let now = world;
  for (let round = 0; round < patience; round += 1) {
    let busy = [...now.actors.values()].some((actor) => endsSoon(actor, now.now));
    for (const [region, replica] of now.replicas) {
      if (!isBusy(replica)) continue;
      busy = true;
      now = happenings.progress(region, 'well').to(now);
    }
    for (const key of keys) {
      const step = await runPass(now, key, undefined, operator);
      if (step === undefined) continue;
      steps += 1;
      const [wrong] = brokenBy(step);
      if (wrong !== undefined) return { steps, wrong };
      busy ||= step.stores > 0 || step.calls.some(({ verb, carriedOut }) => carriedOut && isWrite(verb));
      now = step.after;
    }
    now = happenings.later(dayMs).to(now);
    quiet = busy ? 0 : quiet + 1;
    if (quiet < 2) continue; // time alone may have work due
    for (const key of now.actors.keys()) {
      const step = await runPass(now, key, undefined, operator);
      const wrong = step === undefined ? undefined : badEnd(step, step);
      if (wrong !== undefined) return { steps, wrong };
    }
    return { steps, wrong: undefined };
  }
  return { steps, wrong: { property: 'settledWell', detail: 'a fair run without an end' } };
}

/** Whether a drain of the spec ends within days: that changes what there is to tell. */
function endsSoon({ object }: Actor, nowMs: number): boolean {
  const aheadMs = (object.spec.drains ?? []).map(({ until }) => Date.parse(until) - nowMs);
  return aheadMs.some((ms) => ms > 0 && ms < 10 * dayMs);
}

/**
 * Leaves out of a trace all actions without which the same property is still broken: halves first, single ones last.
 */
async function shortest(trace: readonly Action[], property: string, operator: Operator): Promise<Bug> {
  const judge = async (actions: readonly Action[]) => {
    const { world, violations } = await replay(empty, actions, operator);
    const ends = violations.length > 0 ? [] : [(await settle(world, operator)).wrong];
    return [...violations, ...ends].find((wrong) => wrong?.property === property);
  };
  let best = [...trace];
  for (let size = best.length >> 1; size > 0; size = size === 1 && best.length < trace.length ? 0 : size >> 1) {
    for (let at = 0; at < best.length; ) {
      const without = best.toSpliced(at, size);
      if ((await judge(without)) === undefined) at += size;
      else best = without;
    }
  }
  // A last time one by one: what was needed before may not be any more.
  for (let at = best.length - 1; at >= 0; at -= 1) {
    const without = best.toSpliced(at, 1);
    if ((await judge(without)) !== undefined) best = without;
  }
  const wrong = await judge(best);
  return { property, detail: wrong?.detail ?? 'not reproduced', trace: best };
}

function startOf(dice: Dice): Happening[] {
  const objects = keys.slice(0, 1 + dice.below(keys.length));
  const have = regions.filter(() => dice.chance(0.4));
  return [
    ...have.map((region) => happenings.hand(region, replicaOf(region, dice))),
    ...objects.map((key) => happenings.apply(key, randomSpec(dice, empty.now))),
  ];
}

interface Roll {
  readonly world: World;
  readonly dice: Dice;
  readonly key: Key;
  readonly region: Region;
}

/** What can happen in a step of the walk, and how often in a thousand. */
const odds: readonly (readonly [share: number, roll: (roll: Roll) => Action])[] = [
  [300, ({ key }) => ({ kind: 'pass', key })],
  [
    100,
    ({ world, dice, key }) => ({ kind: 'pass', key, fault: dice.pick(glances({ world, key, calls: [], regions })) }),
  ],
  [
    210,
    ({ world, dice, key }) => {
      const busy = [...world.replicas.values()].filter(isBusy);
      const fate = dice.pick(['well', 'well', 'syncing', 'Failed', 'vanish'] as const);
      if (busy.length === 0) return { kind: 'pass', key };
      const { region, state } = dice.pick(busy);
      return happenings.progress(region, state === 'Creating' ? fate : 'well');
    },
  ],
  [
    20,
    ({ dice, region }) =>
      happenings.progress(region, dice.pick(['Failed', 'Canceled', 'asBefore'] as const), 'mishaps'),
  ],
  [10, ({ dice, region }) => happenings.breaks(dice.chance(0.2) ? home : region)],
  [80, ({ dice }) => happenings.later(dice.pick([2_000, 61_000, 301_000, dayMs]))],
  [50, ({ dice, world }) => happenings.apply(dice.pick(keys), randomSpec(dice, world.now))],
  [
    20,
    ({ dice, region }) =>
      happenings.reroute(dice.chance(0.3) ? home : region, dice.pick(['Enabled', 'Disabled'] as const)),
  ],
  [
    40,
    ({ world, dice, region }) => {
      // A replica found gone while its object goes is not asked for again: nobody forges one of ours just then.
      const going = [...world.actors.values()].some(isLeaving);
      const forgers = going ? allOwners.filter((owner) => owner !== 'ours') : allOwners;
      return happenings.hand(region, dice.chance(0.4) ? undefined : replicaOf(region, dice, forgers));
    },
  ],
  [10, ({ region }) => happenings.retag(region, { costs: 'theirs' })],
  [30, ({ key }) => happenings.remove(key)],
  [10, ({ key }) => happenings.ask(key)],
  [5, ({ key, region }) => happenings.recreate(key, region)],
  [10, () => happenings.restart()],
  [3, ({ dice }) => happenings.rename(dice.pick(clusterNames))],
  [2, ({ region }) => happenings.rehome(region)],
  [5, ({ dice }) => happenings.sku(dice.pick(['Premium', 'Standard'] as const))],
];
/** Of so many steps one is a pass in which something goes wrong. */
const hurtShare = 0.25;

async function actionIn(world: World, dice: Dice, operator: Operator): Promise<Action> {
  const key = dice.pick(keys.slice(0, Math.max(world.actors.size, 1)));
  const region = dice.pick(regions);
  if (dice.chance(hurtShare)) return hurtPass(world, key, dice, operator);
  let rest = dice.below(odds.reduce((sum, [share]) => sum + share, 0));
  for (const [share, roll] of odds) {
    if (rest < share) return roll({ world, dice, key, region });
    rest -= share;
  }
  return { kind: 'pass', key };
}

/** A pass with a fault in one of the calls that it would make. */
async function hurtPass(world: World, key: Key, dice: Dice, operator: Operator): Promise<Action> {
  const calm = await runPass(world, key, undefined, operator);
  const calls = (calm?.byProvider ?? calm)?.calls ?? [];
  const specs = [randomSpec(dice, world.now)];
  const all = faultsOf({ world, key, calls, regions }, [...walkFaults, edited(...specs)]);
  return all.length === 0 ? { kind: 'pass', key } : { kind: 'pass', key, fault: dice.pick(all) };
}

function replicaOf(region: Region, dice: Dice, owned: readonly Owner[] = allOwners): Replica {
  const owner = dice.pick(owned);
  // Nobody forges a replica of ours under a name that we would not give it.
  const name = owner !== 'ours' && dice.chance(0.2) ? dice.pick([`${region}2`, ...regions]) : region;
  const replica = replicaIn(region, dice.pick(replicaStates), owner, name);
  const routing = dice.chance(0.8) ? 'Enabled' : 'Disabled';
  return dice.chance(0.3) ? { ...replica, routing, tags: { ...replica.tags, Team: 'old' } } : { ...replica, routing };
}

/** Ends of drains from now: past, within the minutes that steps of time take, and beyond a day. */
const drainEndsMs = [-1_000, 60_000, 301_000, 3_600_000, 2 * dayMs, 400 * dayMs] as const;

/** Drains of a third of the specs: of regions in the set or not, and of home. */
function randomDrains(dice: Dice, now: number): Pick<Spec, 'drains'> {
  if (!dice.chance(0.35)) return {};
  const drained = [home, ...regions].filter(() => dice.chance(0.3));
  return {
    drains: drained.map((location) => ({
      location,
      until: new Date(now + dice.pick(drainEndsMs)).toISOString(),
      reason: 'drill',
    })),
  };
}

function randomSpec(dice: Dice, now: number): Spec {
  const set = regions.filter(() => dice.chance(0.4));
  const routing = dice.pick([undefined, undefined, 'Enabled', 'Disabled'] as const);
  const listed = set.length === 0 || dice.chance(0.3) ? [...set, home] : set;
  return specOf([], {
    regions: listed.map((location) => ({ location, ...(routing === undefined ? {} : { routing }) })),
    prune: dice.pick(['All', 'Owned', 'None']),
    mode: dice.pick(['Apply', 'Apply', 'Apply', 'Apply', 'Observe']),
    deletionPolicy: dice.pick(['Delete', 'Delete', 'Delete', 'Retain']),
    readyWhen: dice.pick(['Synced', 'Provisioned']),
    suspend: dice.chance(0.05),
    ...(dice.chance(0.3) ? { tags: { team: 'platform' } } : {}),
    ...randomDrains(dice, now),
  });
}
