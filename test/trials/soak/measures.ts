import type { Findings } from './findings.ts';
import type { Life, Sample } from './operator-lives.ts';
import { growth, lows, type Point, slopePerHour } from './slope.ts';

/** The figures that must stay flat. Limits hold for a life that was watched for `judgedMs` after its warm-up. */
const figures = {
  'resident memory': { unit: 'MiB', digits: 1, slope: 40, growth: 10, of: ({ rssMiB }: Sample) => rssMiB },
  'heap after collection': { unit: 'MiB', digits: 1, slope: 40, growth: 10, of: ({ heapMiB }: Sample) => heapMiB },
  'file handles': { unit: '', digits: 1, slope: 20, growth: 5, of: ({ files }: Sample) => files },
  connections: { unit: '', digits: 1, slope: 20, growth: 5, of: ({ sockets }: Sample) => sockets },
} as const;
type Figure = keyof typeof figures;

const warmUpMs = 3 * 60_000;
const judgedMs = 6 * 60_000;
/** A window longer than the time between two collections of the whole heap. */
const heapWindowMs = 4 * 60_000;

/** One line per long life and figure, one for all lives together; what is not flat becomes a finding. */
export function measures(lives: readonly Life[], findings: Findings): readonly string[] {
  const names = Object.keys(figures) as Figure[];
  const judged = lives.filter((life) => lengthOf(life) >= warmUpMs + judgedMs);
  const shown = judged.length > 0 ? judged : lives.filter((life) => life.samples.length > 2);
  const rows = names.flatMap((name) => {
    const { unit, digits, of, ...limit } = figures[name];
    const show = (value: number) => `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
    const signed = (value: number) => `${value < 0 ? '' : '+'}${show(value)}`;
    const each = shown.map((life) => {
      const points = pointsOf(life, name, of, judged.length > 0 ? warmUpMs : lengthOf(life) * 0.3);
      const [slope, grown] = [slopePerHour([points]), growth(points)];
      const [first, last] = [points[0]?.value ?? Number.NaN, points.at(-1)?.value ?? Number.NaN];
      const minutes = Math.round(lengthOf(life) / 60_000);
      const text = `life ${life.number} (${minutes} min): ${show(first)} → ${show(last)}, slope ${signed(slope)}/h, thirds ${signed(grown)}`;
      if (judged.includes(life) && slope > limit.slope && grown > limit.growth)
        findings.add(`${name} not flat`, `${text}; ${points.map(({ value }) => value.toFixed(digits)).join(' ')}`);
      return text;
    });
    const all = slopePerHour(
      shown.map((life) => pointsOf(life, name, of, judged.length > 0 ? warmUpMs : lengthOf(life) * 0.3)),
    );
    return [`${name}: overall slope ${signed(all)}/h`, ...each.map((text) => `  ${text}`)];
  });
  return judged.length > 0 ? rows : [...rows, 'No life was long enough to judge: the slopes are those of starting.'];
}

/** The common slope of one figure, for the row of the report. */
export function overallSlope(lives: readonly Life[], name: Figure): number {
  const long = lives.filter((life) => lengthOf(life) >= warmUpMs + judgedMs);
  return slopePerHour(long.map((life) => pointsOf(life, name, figures[name].of, warmUpMs)));
}

function pointsOf(life: Life, name: Figure, of: (sample: Sample) => number, skipMs: number): readonly Point[] {
  const points = life.samples
    .filter(({ at }) => at >= life.startedAt + skipMs)
    .map((sample) => ({ at: sample.at, value: of(sample) }))
    .filter(({ value }) => !Number.isNaN(value));
  return name === 'heap after collection' ? lows(points, heapWindowMs) : points;
}

function lengthOf({ startedAt, samples }: Life): number {
  return (samples.at(-1)?.at ?? startedAt) - startedAt;
}
