import { faultsOf } from './faults.ts';
import { later, progress } from './happenings.ts';
import { type Operator, runPass } from './pass.ts';
import { type Broken, brokenBy } from './properties.ts';
import { keyOfState } from './same.ts';
import { key, type Scope, startsOf } from './scope.ts';
import { badEnd } from './settled.ts';
import { type Action, type Budget, dayMs, type Happening, isBusy, type Pass, type World } from './world.ts';

export interface Violation extends Broken {
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
  /** The first of each property, in the order in which they were found. */
  readonly violations: readonly Violation[];
}

/** A world, and what may still happen to it. */
interface State {
  readonly world: World;
  readonly left: Readonly<Record<Budget, number>>;
}

/**
 * Every state that the real pass, Azure and people can lead to within the scope, breadth first; the properties are
 * checked in each pass on the way, and nothing is looked at behind a pass that breaks one. Stops at the first violation
 * of which `isEnough` holds.
 */
export async function explore(
  scope: Scope,
  operator: Operator,
  isEnough: (violation: Violation) => boolean = () => true,
): Promise<Explored> {
  const ids = new Map<string, number>();
  const open: (State | undefined)[] = [];
  const parents: number[] = [];
  const actions: (Action | undefined)[] = [];
  /** The states to start from, by id: every way back ends at one of these. */
  const starts = new Map<number, World>();
  /** Steps of fair runs, as pairs of ids in one flat list: from, to, from, to. */
  const fair: number[] = [];
  const count = { transitions: 0, passes: 0, faults: 0, ends: 0 };
  const violations = new Map<string, Violation>();

  const idOf = (state: State, parent: number, action: Action | undefined): number => {
    const text = keyOfState(state.world, scope.regions, Object.values(state.left).join());
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
    return { start: starts.get(at) ?? fail(), trace };
  };
  /** Whether it was the one that was looked for. */
  const found = (broken: readonly Broken[], id: number, ...last: Action[]): boolean =>
    broken.some((wrong) => {
      if (scope.without?.includes(wrong.property) === true) return false;
      const violation = { ...wrong, ...traceTo(id, ...last) };
      if (!violations.has(wrong.property)) violations.set(wrong.property, violation);
      return isEnough(violation);
    });
  const result = (): Explored => ({ states: open.length, ...count, violations: [...violations.values()] });

  for (const world of startsOf(scope)) idOf({ world, left: scope.left }, -1, undefined);
  for (let id = 0; id < open.length; id += 1) {
    const state = open[id] ?? fail();
    open[id] = undefined; // only its id and the way to it are needed from here on
    const { world, left } = state;
    const next = (after: World, action: Action, cost?: Budget): number => {
      count.transitions += 1;
      const rest = cost === undefined ? left : { ...left, [cost]: left[cost] - 1 };
      return idOf({ world: after, left: rest }, id, action);
    };
    const pass = async (action: Pass) => {
      const step = await runPass(world, key, action.fault, operator);
      count.passes += 1;
      const broken = step === undefined ? [] : brokenBy(step);
      return { step, broken, isOver: found(broken, id, action) };
    };

    const plain: Pass = { kind: 'pass', key };
    const { step, broken, isOver } = await pass(plain);
    if (isOver) return result();
    const goesOn: number[] = step === undefined || broken.length > 0 ? [] : [next(step.after, plain)];
    for (const action of naturally(world, scope)) goesOn.push(next(action.to(world), action));
    const away = goesOn.filter((to) => to !== id);
    for (const to of away) fair.push(id, to);
    if (step !== undefined && broken.length === 0 && away.length === 0) {
      count.ends += 1;
      const again = await runPass(step.after, key, undefined, operator);
      const bad = again === undefined ? undefined : badEnd(step, again);
      if (bad !== undefined && found([bad], id, plain)) return result();
    }

    for (const source of scope.happenings) {
      for (const action of source(world, scope)) {
        if (action.costs === undefined || left[action.costs] > 0) next(action.to(world), action, action.costs);
      }
    }
    if (left.faults === 0 || step === undefined) continue;
    // A pass has the calls that something can happen to where Resource Graph does not save them.
    const { calls } = step.byProvider ?? step;
    for (const fault of faultsOf({ world, key, calls, regions: scope.regions }, scope.faults)) {
      const action = { kind: 'pass', key, fault } as const;
      const hurt = await pass(action);
      count.faults += 1;
      if (hurt.isOver) return result();
      if (hurt.step !== undefined && hurt.broken.length === 0) next(hurt.step.after, action, 'faults');
    }
  }
  const loop = loopIn(fair, open.length);
  if (loop !== undefined) found([{ property: 'settledWell', detail: 'a fair run without an end' }], loop);
  return result();
}

/** The actions that happen by themselves: Azure goes on, and so does time. */
function* naturally(world: World, scope: Scope): Iterable<Happening> {
  for (const [region, replica] of world.replicas) {
    if (!isBusy(replica)) continue;
    if (replica.state !== 'Creating') yield progress(region, 'well');
    else for (const fate of scope.fates) yield progress(region, fate);
  }
  yield later(dayMs);
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
