import { isDeepStrictEqual } from 'node:util';
import { noon } from '../../support/builders.ts';
import { fingerprintOf, type Remains, remainsOf } from './remains.ts';
import type { Crash, Restart, Run, Sabotage, Start } from './run.ts';
import type { Scenario } from './scenarios.ts';
import { calmRun, crashRun, withoutTimes } from './world.ts';

/** A scenario as it goes without a crash. */
export interface Baseline {
  readonly scenario: Scenario;
  readonly start: Start;
  readonly run: Run;
}

export async function baselineOf(scenario: Scenario): Promise<Baseline> {
  const empty: Start = { objects: [], replicas: scenario.replicas ?? [], timeMs: noon.getTime() };
  const before = scenario.before === undefined ? undefined : await calmRun(empty, scenario.before);
  const start = before?.end ?? empty;
  const run = await calmRun(start, scenario.stages);
  return { scenario, start, run: { ...run, violations: [...(before?.violations ?? []), ...run.violations] } };
}

/**
 * The ways for the next process to start: at once, after Azure has ended what it was doing, or with something old in
 * view.
 */
export const restarts: readonly Restart[] = [
  { afterMs: 1_000 },
  { afterMs: 60_000 },
  { afterMs: 1_000, stale: 'object' },
  { afterMs: 1_000, stale: 'list' },
];

/** What a sweep tried. */
export interface Tried {
  /** Ways to crash, each of which leaves something to the next process. */
  readonly ways: number;
  /** Runs that went on from there: one from all ways that leave the same. */
  readonly runs: number;
}

export interface Sweep {
  readonly once: Tried;
  readonly twice: Tried;
  /** What went wrong, and for each the first crashes that led to it. */
  readonly worse: ReadonlyMap<string, readonly Crash[]>;
}

export interface SweepOptions {
  readonly first?: readonly Restart[];
  /** Restarts after a second crash, which is tried after a first one with one of the same; none: no second crash. */
  readonly second?: readonly Restart[];
  readonly sabotage?: Sabotage;
}

/** Tries a crash at every call, and a second one at every call after it. */
export async function sweep(
  baseline: Baseline,
  { first = restarts, second = [], sabotage }: SweepOptions,
): Promise<Sweep> {
  const options = sabotage === undefined ? {} : { sabotage };
  const waysToDieAgain = new Map<string, number>();
  const worse = new Map<string, readonly Crash[]>();
  const once = { ways: 0, runs: 0 };
  const twice = { ways: 0, runs: 0 };

  /** Goes on from remains that were not seen before, and says how many ways to die there are after them. */
  async function goOn(left: Remains, mortal: boolean): Promise<number> {
    const print = fingerprintOf(left);
    const known = waysToDieAgain.get(print);
    if (known !== undefined) return known;
    const { crashes } = left;
    const counts = crashes.length === 1 ? once : twice;
    counts.runs += 1;
    const run = await crashRun(left, { ...options, mortal });
    for (const what of worseThan(baseline, run, crashes)) if (!worse.has(what)) worse.set(what, crashes);
    let ways = 0;
    for await (const again of remainsOf(run, second)) {
      ways += 1;
      await goOn(again, false);
    }
    waysToDieAgain.set(print, ways);
    return ways;
  }

  const calm = await calmRun(baseline.start, baseline.scenario.stages, { ...options, mortal: true });
  for (const restart of first) {
    for await (const left of remainsOf(calm, [restart])) {
      once.ways += 1;
      twice.ways += await goOn(left, second.includes(restart));
    }
  }
  return { once, twice, worse };
}

/** Everything in which a run with crashes differs from the one without; empty when it is as good. */
function worseThan({ run: calm, scenario }: Baseline, run: Run, crashes: readonly Crash[]): string[] {
  const misled = scenario.hides === true && crashes.some(({ restart }) => restart.stale === 'object');
  const worse = run.violations.filter((what) => !(misled && what.endsWith(': is not there yet')));
  const lagged = crashes.some(({ restart }) => restart.stale === 'list');
  const forgot = crashes.some(({ restart }) => isForgotten(scenario, restart));
  const absent = crashes.some(({ restart }) => wasAbsent(scenario, restart));
  for (const region of new Set([...calm.journal.keys(), ...run.journal.keys()])) {
    const verbsOf = ({ journal }: Run, isAsked: (verb: string) => boolean) =>
      journal.get(region)?.filter(isAsked) ?? [];
    const isCounted = (verb: string) => verb !== 'repair' && !(lagged && verb === 'update'); // a PATCH may say the same again
    const [expected, actual] = [verbsOf(calm, isCounted), verbsOf(run, isCounted)];
    // A repair in place that heals nothing leaves no trace: it may be made once more for each crash.
    const [repairs, made] = [calm, run].map((one) => verbsOf(one, (verb) => verb === 'repair').length) as [
      number,
      number,
    ];
    if (made > repairs + crashes.length) worse.push(`${region}: ${made} repairs instead of ${repairs}`);
    const more = forgot || absent ? 2 * crashes.length : 0;
    const least = absent ? Math.min(actual.length, expected.length) : expected.length;
    const isBegun = isDeepStrictEqual(expected.slice(0, least), actual.slice(0, least));
    const as = isBegun && actual.length <= expected.length + more;
    if (!as) worse.push(`${region}: ${actual.join()} instead of ${expected.join()}`);
  }
  if (forgot || absent) return worse;
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

/**
 * Whether a replica may have been made and broken while nobody looked, or the status does not show that it was made. One
 * that status does not know may have served, and is repaired in place instead of being made again; of one that was being
 * made nobody has seen that it served.
 */
function wasAbsent({ fails }: Scenario, { afterMs, stale }: Restart): boolean {
  return fails === 'Failed' && (afterMs > 10_000 || stale === 'object');
}
