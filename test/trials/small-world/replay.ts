import { happen } from './happen.ts';
import { type Reconcile, runPass } from './pass.ts';
import { brokenBy } from './properties.ts';
import type { Action, World } from './world.ts';

/** The property that a trace breaks, if any, and the world that it leads to. */
export interface Replayed {
  readonly world: World;
  readonly violation: { readonly property: string; readonly detail: string } | undefined;
}

/** Repeats a trace: the same actions from the same start lead to the same end. Stops where a property is broken. */
export async function replay(start: World, trace: readonly Action[], reconcile: Reconcile): Promise<Replayed> {
  let world = start;
  for (const action of trace) {
    if (action.kind !== 'pass') {
      world = happen(world, action);
      continue;
    }
    const step = await runPass(world, action.key, action.fault, reconcile);
    if (step === undefined) continue;
    const violation = brokenBy(step);
    if (violation !== undefined) return { world: step.after, violation };
    world = step.after;
  }
  return { world, violation: undefined };
}
