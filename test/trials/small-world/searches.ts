import { explore, type Violation } from './explore.ts';
import { hours, tooMany } from './hour.ts';
import type { Operator } from './pass.ts';
import type { safety } from './properties.ts';
import { reduced, type Scope, scopes } from './scope.ts';
import type { settled } from './settled.ts';
import { walk } from './walk.ts';
import type { Action } from './world.ts';

/** A suite, or a part of one, that is run until it finds what it should. */
export interface Search {
  /** For people. */
  readonly suite: string;
  /** Name of the property that is broken; undefined: none is. */
  readonly find: (operator: Operator) => Promise<string | undefined>;
}

type PropertyName = keyof typeof safety | keyof typeof settled;

/** The exhaustive exploration of one scope, up to the first violation of one of these properties of which `fits` holds. */
export function inScope(
  name: string,
  notices: readonly PropertyName[],
  fits: (violation: Violation) => boolean = () => true,
): Search {
  const scope = scopes.find((one) => one.name === name);
  if (scope === undefined) throw new Error(`there is no scope "${name}"`);
  return { suite: `small world: ${name}`, find: (operator) => firstIn([scope], notices, fits, operator) };
}

/** The small scopes of the unit tests. */
export function inReduced(...notices: readonly PropertyName[]): Search {
  return { suite: 'small world, reduced', find: (operator) => firstIn(reduced, notices, () => true, operator) };
}

/** The hour of one lasting fault, from any start: too many writes in it, or one of these properties broken in a pass. */
export function inHour(fault: string, ...notices: readonly PropertyName[]): Search {
  return {
    suite: `an hour: ${fault}`,
    find: async (operator) => {
      const all = await hours(operator, (name) => name === fault);
      if (all.some((hour) => tooMany(hour) !== undefined)) return 'fewWrites';
      return all.flatMap(({ broken }) => broken).find((property) => notices.some((name) => name === property));
    },
  };
}

/** The random walk; the shortest way to what it finds must be short enough for people. */
export function inWalk(...notices: readonly PropertyName[]): Search {
  return {
    suite: 'random walk',
    find: async (operator) => {
      const { bug } = await walk(1, 60_000, operator, (property) => notices.some((name) => name === property));
      return bug !== undefined && bug.trace.length < 20 ? bug.property : undefined;
    },
  };
}

async function firstIn(
  worlds: readonly Scope[],
  notices: readonly PropertyName[],
  fits: (violation: Violation) => boolean,
  operator: Operator,
): Promise<string | undefined> {
  const isIt = (violation: Violation) => notices.some((name) => name === violation.property) && fits(violation);
  for (const scope of worlds) {
    const { violations } = await explore(scope, operator, isIt);
    const found = violations.find(({ property }) => notices.some((name) => name === property));
    if (found !== undefined) return found.property;
  }
  return undefined;
}

/** Whether one step of the way is told in these words. */
export function goesBy(words: RegExp): (violation: { readonly trace: readonly Action[] }) => boolean {
  return ({ trace }) =>
    trace.some((action) => words.test(action.kind === 'pass' ? (action.fault?.says ?? '') : action.says));
}
