import { happen } from './happen.ts';
import { type Reconcile, runPass } from './pass.ts';
import { brokenBy } from './properties.ts';
import { keyOfState } from './same.ts';
import { faultsOf, key, replicasFor, type Scope, startsOf } from './scope.ts';
import { badEnd } from './settled.ts';
import { type Action, dayMs, isBusy, isLeaving, type World } from './world.ts';

export interface Violation {
  readonly property: string;
  readonly detail: string;
  readonly start: World;
  /** The actions that lead from `start` to the violation; no way there has fewer. */
  readonly trace: readonly Action[];
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  readonly passes: number;
  readonly faults: number;
  /** Number of states in which fair runs end. */
  readonly ends: number;
  readonly violation: Violation | undefined;
}

/** A world, and what may still happen to it. */
interface State {
  readonly world: World;
  readonly edits: number;
  readonly hands: number;
  readonly faults: number;
}

/**
 * Goes through every state that the real pass, Azure and people can lead to within the scope, breadth first, and checks the
 * properties in each pass on the way. Stops at the first that is broken.
 */
export async function explore(scope: Scope, reconcile: Reconcile): Promise<Explored> {
  const ids = new Map<string, number>();
  const open: (State | undefined)[] = [];
  const parents: number[] = [];
  const actions: (Action | undefined)[] = [];
  /** The states to start from, by id: every way back ends at one of these. */
  const starts = new Map<number, World>();
  /** Steps of fair runs, as pairs of ids in one flat list: from, to, from, to. */
  const fair: number[] = [];
  const count = { transitions: 0, passes: 0, faults: 0, ends: 0 };

  const idOf = (state: State, parent: number, action: Action | undefined): number => {
    const text = keyOfState(state.world, scope.regions, `${state.edits},${state.hands},${state.faults}`);
    const known = ids.get(text);
    if (known !== undefined) return known;
    const id = open.length;
    ids.set(text, id);
    open.push(state);
    parents.push(parent);
    actions.push(action);
    if (parent < 0) starts.set(id, state.world);
    return id;
  };
  const traceTo = (id: number, ...last: Action[]): Pick<Violation, 'start' | 'trace'> => {
    const trace = [...last];
    let at = id;
    for (let action = actions[at]; action !== undefined; action = actions[at]) {
      trace.unshift(action);
      at = parents[at] ?? -1;
    }
    return { start: starts.get(at) ?? startsOf(scope)[0] ?? fail(), trace };
  };
  const result = (violation?: Violation): Explored => ({ states: open.length, ...count, violation });

  for (const world of startsOf(scope)) {
    idOf({ world, edits: scope.edits, hands: scope.hands, faults: scope.faults }, -1, undefined);
  }
  for (let id = 0; id < open.length; id += 1) {
    const state = open[id] ?? fail();
    open[id] = undefined; // only its id and the way to it are needed from here on
    const { world } = state;
    const next = (after: World, action: Action, less: Partial<State> = {}): number => {
      count.transitions += 1;
      return idOf({ ...state, world: after, ...less }, id, action);
    };
    const pass = async (action: Action & { readonly kind: 'pass' }) => {
      const step = await runPass(world, key, action.fault, reconcile);
      count.passes += 1;
      const wrong = step === undefined ? undefined : brokenBy(step);
      return { step, violation: wrong === undefined ? undefined : { ...wrong, ...traceTo(id, action) } };
    };

    const plain: Action = { kind: 'pass', key };
    const { step, violation } = await pass(plain);
    if (violation !== undefined) return result(violation);
    const goesOn: number[] = step === undefined ? [] : [next(step.after, plain)];
    for (const action of naturally(world, scope)) goesOn.push(next(happen(world, action), action));
    const away = goesOn.filter((to) => to !== id);
    for (const to of away) fair.push(id, to);
    if (step !== undefined && away.length === 0) {
      count.ends += 1;
      const again = await runPass(step.after, key, undefined, reconcile);
      const bad = again === undefined ? undefined : badEnd(step, again);
      if (bad !== undefined) return result({ ...bad, ...traceTo(id, plain) });
    }

    for (const action of byPeople(state, scope)) {
      const less = action.kind === 'hand' ? { hands: state.hands - 1 } : { edits: state.edits - 1 };
      next(happen(world, action), action, less);
    }
    if (state.faults === 0 || step === undefined) continue;
    for (const fault of faultsOf(world, step.calls.length, scope)) {
      const action = { kind: 'pass', key, fault } as const;
      const { step: hurt, violation: broken } = await pass(action);
      count.faults += 1;
      if (broken !== undefined) return result(broken);
      if (hurt !== undefined) next(hurt.after, action, { faults: state.faults - 1 });
    }
  }
  const loop = loopIn(fair, open.length);
  if (loop === undefined) return result();
  return result({ property: 'settledWell', detail: 'a fair run without an end', ...traceTo(loop) });
}

/** The actions that happen by themselves: Azure goes on, and so does time. */
function* naturally(world: World, scope: Scope): Iterable<Exclude<Action, { readonly kind: 'pass' }>> {
  for (const [region, replica] of world.replicas) {
    if (!isBusy(replica)) continue;
    if (replica.state !== 'Creating') yield { kind: 'progress', region, fate: 'well' };
    else for (const fate of scope.fates) yield { kind: 'progress', region, fate };
  }
  yield { kind: 'later', ms: dayMs };
}

function* byPeople({ world, edits, hands }: State, scope: Scope): Iterable<Exclude<Action, { readonly kind: 'pass' }>> {
  const actor = world.actors.get(key);
  if (edits > 0 && actor !== undefined) {
    if (!isLeaving(actor)) yield { kind: 'delete', key };
    for (const spec of scope.specs) if (spec !== actor.object.spec) yield { kind: 'apply', key, spec };
    yield { kind: 'ask', key };
    yield { kind: 'restart' };
  }
  if (hands === 0) return;
  for (const region of scope.regions) {
    for (const replica of replicasFor(region, scope)) yield { kind: 'hand', region, replica };
  }
}

/** A state on a way that leads back to itself; edges lead from the first of each pair to the second. */
function loopIn(edges: readonly number[], states: number): number | undefined {
  const incoming = new Int32Array(states);
  const first = new Int32Array(states + 1);
  for (let i = 0; i < edges.length; i += 2) {
    first[(edges[i] ?? 0) + 1] = (first[(edges[i] ?? 0) + 1] ?? 0) + 1;
    incoming[edges[i + 1] ?? 0] = (incoming[edges[i + 1] ?? 0] ?? 0) + 1;
  }
  for (let i = 0; i < states; i += 1) first[i + 1] = (first[i + 1] ?? 0) + (first[i] ?? 0);
  const targets = new Int32Array(edges.length / 2);
  const filled = first.slice(0, states);
  for (let i = 0; i < edges.length; i += 2) {
    const from = edges[i] ?? 0;
    targets[filled[from] ?? 0] = edges[i + 1] ?? 0;
    filled[from] = (filled[from] ?? 0) + 1;
  }
  // Take away, again and again, what nothing leads to; what is left lies on a loop or behind one.
  const free: number[] = [];
  for (let i = 0; i < states; i += 1) if (incoming[i] === 0) free.push(i);
  for (let from = free.pop(); from !== undefined; from = free.pop()) {
    for (let i = first[from] ?? 0; i < (first[from + 1] ?? 0); i += 1) {
      const to = targets[i] ?? 0;
      incoming[to] = (incoming[to] ?? 0) - 1;
      if (incoming[to] === 0) free.push(to);
    }
  }
  const left = incoming.findIndex((count) => count > 0);
  return left < 0 ? undefined : left;
}

function fail(): never {
  throw new Error('the exploration lost a state');
}
