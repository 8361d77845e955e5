import { Coverage } from './coverage.ts';
import { Misled, runLane } from './lane.ts';
import type { World } from './world.ts';

export interface RunOptions {
  readonly world: World;
  readonly seed: number;
  /** Number of steps of all lanes together. */
  readonly steps: number;
  /** Index of the only lane to run; undefined: all. */
  readonly only?: number | undefined;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly tell: (what: string) => void;
}

export interface Run {
  readonly covered: Coverage;
  /** Every step that did not go as the model says, for people. */
  readonly failures: readonly string[];
}

/** Runs the lanes of a world side by side, each with its share of the steps. The first failure ends all. */
export async function run(options: RunOptions): Promise<Run> {
  const { world, seed, steps, only, deadlineMs } = options;
  const lanes = world.places.length;
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const failures: string[] = [];
  const parts = await Promise.all(
    world.places.map(async (_, index) => {
      const covered = new Coverage();
      if (only !== undefined && only !== index) return covered;
      const share = Math.floor(steps / lanes) + (index < steps % lanes ? 1 : 0);
      const tell = (what: string): void => options.tell(what);
      try {
        await runLane({ world, index, seed, steps: share, deadlineMs, covered, signal, tell });
      } catch (error) {
        if (!signal.aborted) failures.push(told(error, { index, lanes, seed, steps }));
        end.abort();
      }
      return covered;
    }),
  );
  return { covered: Coverage.sum(parts), failures };
}

function told(
  error: unknown,
  { index, lanes, seed, steps }: { index: number; lanes: number; seed: number; steps: number },
) {
  if (!(error instanceof Misled)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const replay = `npm run test:misuse -- --seed ${seed} --steps ${steps} --lanes ${lanes} --lane ${index}`;
  return `seed ${seed}, lane ${index}, step ${error.step}:\n${error.message}\nto replay: ${replay}`;
}
