import { isDeepStrictEqual } from 'node:util';
import { noon } from '../../support/builders.ts';
import { type Crash, type Memo, moments, type Restart, type Run, type Sabotage, type Start } from './run.ts';
import type { Scenario } from './scenarios.ts';
import { crashRun, withoutTimes } from './world.ts';

/** A scenario as it goes without a crash. */
export interface Baseline {
  readonly scenario: Scenario;
  readonly start: Start;
  readonly run: Run;
}

export async function baselineOf(scenario: Scenario): Promise<Baseline> {
  const empty: Start = { objects: [], replicas: scenario.replicas ?? [], timeMs: noon.getTime() };
  const before = scenario.before === undefined ? undefined : await crashRun(empty, scenario.before);
  const start = before?.end ?? empty;
  const run = await crashRun(start, scenario.stages);
  return { scenario, start, run: { ...run, violations: [...(before?.violations ?? []), ...run.violations] } };
}

/** The next process starts at once, after Azure has ended what it was doing, or with something old before its eyes. */
export const restarts: readonly Restart[] = [
  { afterMs: 1_000 },
  { afterMs: 60_000 },
  { afterMs: 1_000, stale: 'object' },
  { afterMs: 1_000, stale: 'list' },
];

export interface Sweep {
  /** Runs with one crash, with two, and how many of them went on as no other had. */
  readonly singles: number;
  readonly pairs: number;
  readonly distinct: number;
  /** What went wrong, each with a first example. */
  readonly worse: ReadonlyMap<string, readonly Crash[]>;
}

export interface SweepOptions {
  readonly first?: readonly Restart[];
  /** Restarts after a second crash; none: no second crash. */
  readonly second?: readonly Restart[];
  readonly sabotage?: Sabotage;
}

/** A crash at every call, and a second one at every call after it. */
export async function sweep(
  baseline: Baseline,
  { first = restarts, second = [], sabotage }: SweepOptions,
): Promise<Sweep> {
  const memo: Memo = new Map();
  const worse = new Map<string, readonly Crash[]>();
  const counts = { singles: 0, pairs: 0, distinct: 0 };

  async function tried(crashes: readonly Crash[]): Promise<Run> {
    const run = await crashRun(baseline.start, baseline.scenario.stages, crashes, {
      memo,
      ...(sabotage === undefined ? {} : { sabotage }),
    });
    if (run.known) return run;
    counts.distinct += 1;
    for (const what of worseThan(baseline, run, crashes)) if (!worse.has(what)) worse.set(what, crashes);
    return run;
  }

  for (const crash of deaths(baseline.run, 0, first)) {
    counts.singles += 1;
    const run = await tried([crash]);
    for (const next of deaths(run, crash.point, second)) {
      counts.pairs += 1;
      if (!run.known) await tried([crash, next]);
    }
  }
  return { ...counts, worse };
}

/** Every way to die at one of the calls of a run, `before` of which were made earlier. */
function* deaths({ calls }: Run, before: number, how: readonly Restart[]): Generator<Crash> {
  for (const restart of how) {
    for (const [i, { writesBeside }] of calls.entries()) {
      for (const moment of moments) {
        const sets = 1 << Math.min(writesBeside, 3);
        for (let others = 0; others < sets; others += 1) yield { point: before + i + 1, moment, others, restart };
      }
    }
  }
}

/** Everything in which a run with crashes differs from the one without; empty when it is as good. */
function worseThan({ run: calm, scenario }: Baseline, run: Run, crashes: readonly Crash[]): string[] {
  const worse = [...run.violations];
  const lagged = crashes.some(({ restart }) => restart.stale === 'list');
  const forgot = crashes.some(({ restart }) => isForgotten(scenario, restart));
  for (const region of new Set([...calm.journal.keys(), ...run.journal.keys()])) {
    const [expected, actual] = [calm, run].map(({ journal }) => {
      const verbs = journal.get(region) ?? [];
      return lagged ? verbs.filter((verb) => verb !== 'update') : verbs; // a PATCH may say the same again
    }) as [string[], string[]];
    const more = forgot ? 2 * crashes.length : 0;
    const as = isDeepStrictEqual(expected, actual.slice(0, expected.length)) && actual.length <= expected.length + more;
    if (!as) worse.push(`${region}: ${actual.join()} instead of ${expected.join()}`);
  }
  if (forgot) return worse;
  if (!isDeepStrictEqual(withoutTimes(calm.end), withoutTimes(run.end))) worse.push('it ends otherwise');
  const told = [...run.told].filter((one) => !calm.told.has(one));
  return lagged ? worse : [...worse, ...told.map((one) => `told ${one}`)];
}

/**
 * Whether a try may be made once more, because nothing tells of it: the status that counted it is not seen yet, or it
 * was never written and Azure has meanwhile removed what was made, without a trace.
 */
function isForgotten({ fails }: Scenario, { afterMs, stale }: Restart): boolean {
  return (fails !== undefined && stale === 'object') || (fails === 'vanish' && afterMs > 10_000);
}
