import type { Spec } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { type Region, regionOf } from '../../../src/domain/region.ts';
import { type Replica, replicaStates } from '../../../src/domain/replication.ts';
import { type Dice, diceFrom } from './dice.ts';
import { happen } from './happen.ts';
import { type Reconcile, runPass } from './pass.ts';
import { brokenBy } from './properties.ts';
import { replay } from './replay.ts';
import { allOwners, failures, faultsOf } from './scope.ts';
import { badEnd } from './settled.ts';
import {
  type Action,
  dayMs,
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
/** Then a new world: traces stay short enough to be read. */
const episodeSteps = 150;
/** Rounds of passes in which a fair run must end. */
const patience = 60;
const empty = worldOf([], []);

export interface Bug {
  readonly property: string;
  readonly detail: string;
  /** From an empty world; what is left when nothing more can be left out. */
  readonly trace: readonly Action[];
}

export interface Walked {
  readonly steps: number;
  readonly worlds: number;
  readonly passes: number;
  readonly faults: number;
  readonly bug: Bug | undefined;
}

/** So many random steps, fair runs at the end of each world included; stops at the first broken property. */
export async function walk(seed: number, steps: number, reconcile: Reconcile): Promise<Walked> {
  const count = { steps: 0, worlds: 0, passes: 0, faults: 0 };
  while (count.steps < steps) {
    const dice = diceFrom(seed + count.worlds * 7_919);
    count.worlds += 1;
    const trace: Action[] = [...startOf(dice)];
    let world = trace.reduce((before, action) => (action.kind === 'pass' ? before : happen(before, action)), empty);
    for (let i = 0; i < episodeSteps; i += 1) {
      const action = await actionIn(world, dice, reconcile);
      trace.push(action);
      count.steps += 1;
      if (action.kind !== 'pass') {
        world = happen(world, action);
        continue;
      }
      count.passes += 1;
      if (action.fault !== undefined) count.faults += 1;
      const step = await runPass(world, action.key, action.fault, reconcile);
      if (step === undefined) continue;
      const wrong = brokenBy(step);
      if (wrong !== undefined) return { ...count, bug: await shortest(trace, wrong.property, reconcile) };
      world = step.after;
    }
    const end = await settle(world, reconcile);
    count.steps += end.steps;
    count.passes += end.steps;
    if (end.wrong !== undefined) return { ...count, bug: await shortest(trace, end.wrong.property, reconcile) };
  }
  return { ...count, bug: undefined };
}

/** No faults from here on, and Azure completes what it is busy with: everything must come to rest. */
async function settle(world: World, reconcile: Reconcile) {
  let steps = 0;
  let quiet = 0;
  let now = world;
  for (let round = 0; round < patience; round += 1) {
    let busy = false;
    for (const [region, replica] of now.replicas) {
      if (!isBusy(replica)) continue;
      busy = true;
      now = happen(now, { kind: 'progress', region, fate: 'well' });
    }
    for (const key of keys) {
      const step = await runPass(now, key, undefined, reconcile);
      if (step === undefined) continue;
      steps += 1;
      const wrong = brokenBy(step);
      if (wrong !== undefined) return { steps, wrong };
      busy ||=
        step.stores > 0 || step.calls.some(({ verb, carriedOut }) => carriedOut && verb !== 'LIST' && verb !== 'GET');
      now = step.after;
    }
    now = happen(now, { kind: 'later', ms: dayMs });
    quiet = busy ? 0 : quiet + 1;
    if (quiet < 2) continue; // time alone may have work due
    for (const key of now.actors.keys()) {
      const step = await runPass(now, key, undefined, reconcile);
      const wrong = step === undefined ? undefined : badEnd(step, step);
      if (wrong !== undefined) return { steps, wrong };
    }
    return { steps, wrong: undefined };
  }
  return { steps, wrong: { property: 'settledWell', detail: 'a fair run without an end' } };
}

/** Leaves out of a trace what can be left out with the same property still broken: halves first, single actions last. */
async function shortest(trace: readonly Action[], property: string, reconcile: Reconcile): Promise<Bug> {
  const judge = async (actions: readonly Action[]) => {
    const { world, violation } = await replay(empty, actions, reconcile);
    const wrong = violation ?? (await settle(world, reconcile)).wrong;
    return wrong?.property === property ? wrong : undefined;
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

function startOf(dice: Dice): Exclude<Action, { readonly kind: 'pass' }>[] {
  const objects = keys.slice(0, 1 + dice.below(keys.length));
  const have = regions.filter(() => dice.chance(0.4));
  return [
    ...have.map((region) => ({ kind: 'hand', region, replica: replicaOf(region, dice) }) as const),
    ...objects.map((key) => ({ kind: 'apply', key, spec: randomSpec(dice) }) as const),
  ];
}

async function actionIn(world: World, dice: Dice, reconcile: Reconcile): Promise<Action> {
  const key = dice.pick(keys.slice(0, Math.max(world.actors.size, 1)));
  const region = dice.pick(regions);
  const roll = dice.next();
  if (roll < 0.3) return { kind: 'pass', key };
  if (roll < 0.55) return hurtPass(world, key, dice, reconcile);
  if (roll < 0.78) {
    const busy = [...world.replicas.values()].filter(isBusy);
    const fate = dice.pick(['well', 'well', 'syncing', 'Failed', 'vanish'] as const);
    return busy.length === 0 ? { kind: 'pass', key } : { kind: 'progress', region: dice.pick(busy).region, fate };
  }
  if (roll < 0.86) return { kind: 'later', ms: dice.pick([2_000, 61_000, 301_000, dayMs]) };
  if (roll < 0.91) return { kind: 'apply', key: dice.pick(keys), spec: randomSpec(dice) };
  if (roll < 0.95) {
    // A replica found gone while its object goes is not asked for again: nobody forges one of ours just then.
    const going = [...world.actors.values()].some(isLeaving);
    const forgers = going ? allOwners.filter((owner) => owner !== 'ours') : allOwners;
    const replica = dice.chance(0.4) ? undefined : replicaOf(region, dice, forgers);
    return { kind: 'hand', region, replica };
  }
  if (roll < 0.98) return { kind: 'delete', key };
  return roll < 0.99 ? { kind: 'ask', key } : { kind: 'restart' };
}

/** A pass with a fault in one of the calls that it would make. */
async function hurtPass(world: World, key: Key, dice: Dice, reconcile: Reconcile): Promise<Action> {
  const calls = (await runPass(world, key, undefined, reconcile))?.calls.length ?? 0;
  const faults = faultsOf(world, calls, { regions, failures }, key);
  return faults.length === 0 ? { kind: 'pass', key } : { kind: 'pass', key, fault: dice.pick(faults) };
}

function replicaOf(region: Region, dice: Dice, owned: readonly Owner[] = allOwners): Replica {
  const owner = dice.pick(owned);
  // Nobody forges a replica of ours under a name that we would not give it.
  const name = owner !== 'ours' && dice.chance(0.2) ? dice.pick([`${region}2`, ...regions]) : region;
  const replica = replicaIn(region, dice.pick(replicaStates), owner, name);
  const routing = dice.chance(0.8) ? 'Enabled' : 'Disabled';
  return dice.chance(0.3) ? { ...replica, routing, tags: { ...replica.tags, Team: 'old' } } : { ...replica, routing };
}

function randomSpec(dice: Dice): Spec {
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
  });
}
