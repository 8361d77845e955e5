import { type Operator, runPass } from './pass.ts';
import { type Broken, brokenBy } from './properties.ts';
import type { Action, World } from './world.ts';

/** The property that a trace breaks, if any, and the world that it leads to. */
export interface Replayed {
  readonly world: World;
  readonly violations: readonly Broken[];
}

/** Repeats a trace: the same actions from the same start lead to the same end. Stops where a property is broken. */
export async function replay(start: World, trace: readonly Action[], operator: Operator): Promise<Replayed> {
  let world = start;
  for (const action of trace) {
    if (action.kind === 'happening') {
      world = action.to(world);
      continue;
    }
    const step = await runPass(world, action.key, action.fault, operator);
    if (step === undefined) continue;
    const violations = brokenBy(step);
    if (violations.length > 0) return { world: step.after, violations };
    world = step.after;
  }
  return { world, violations: [] };
}
