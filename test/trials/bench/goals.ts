import { ratioOf, shown } from './report.ts';
import type { Section, Unit } from './section.ts';
import { summaryOf } from './statistics.ts';

/** What a figure is to be at most: a number, or so many times the other contender's. */
interface Goal {
  readonly section: string;
  readonly figure: string;
  readonly most: number | { readonly times: number };
}

/** Sections are named without what a run may choose: sizes that are not here have no goals. */
const goals: readonly Goal[] = [
  { section: 'start', figure: 'statusMs', most: 300 },
  { section: 'start', figure: 'residentMiB', most: 60 },
  { section: 'start', figure: 'privateMiB', most: 16 },
  { section: 'ready', figure: 'overMs', most: 1_000 },
  { section: 'ready', figure: 'armCalls', most: 20 },
  { section: 'ready', figure: 'kubeWrites', most: 4 },
  { section: 'ready', figure: 'kubeEvents', most: 2 },
  { section: 'bulk.1000', figure: 'wallS', most: { times: 1 } },
  { section: 'bulk.1000', figure: 'armCalls', most: 8_000 },
  { section: 'bulk.1000', figure: 'operatorCpuS', most: { times: 1.5 } },
  { section: 'bulk.1000', figure: 'apiserverCpuS', most: { times: 1 } },
  { section: 'bulk.1000', figure: 'peakMiB', most: 100 },
  { section: 'idle.1', figure: 'restMiB', most: 60 },
  { section: 'idle.1000', figure: 'restMiB', most: 75 },
  { section: 'idle.10000', figure: 'restMiB', most: 110 },
  { section: 'idle.10000', figure: 'restPeakMiB', most: 140 },
  ...['restart.1000', 'restart.10000'].flatMap((section): readonly Goal[] => [
    { section, figure: 'wallS', most: { times: 1 } },
    { section, figure: 'operatorCpuS', most: { times: 1.2 } },
    { section, figure: 'armWrites', most: 0 },
    { section, figure: 'kubeWrites', most: 0 },
  ]),
  ...['none', 'throttled', 'hanging'].map(
    (trouble): Goal => ({ section: `edits.10000.${trouble}`, figure: 'p99Ms', most: 1_000 }),
  ),
  { section: 'loop.10000', figure: 'restartLoopMs', most: 50 },
  { section: 'loop.10000', figure: 'restLoopMs', most: 50 },
  { section: 'loop.10000', figure: 'restScrapeMs', most: 10 },
];

/** A line has at most 120 columns. */
const nameWidth = 82;

/** Each goal that these sections say something about, with the median beside it and whether it is met. */
export function goalLines(sections: readonly Section[]): readonly string[] {
  const lines = goals.flatMap((goal) => lineOf(goal, sections));
  return lines.length === 0 ? [] : ['Goals', ...lines];
}

function lineOf({ section: id, figure: figureId, most }: Goal, sections: readonly Section[]): readonly string[] {
  const section = sections.find((one) => one.id === id);
  const figure = section?.figures.find((one) => one.id === figureId);
  if (section === undefined || figure === undefined) return [];
  const [mine, others] = section.results.map(({ samples }) =>
    summaryOf(samples.map((sample) => sample[figureId] ?? Number.NaN)),
  );
  if (mine === undefined) return [];
  const ratio = ratioOf(mine, others);
  const name = `  ${short(section.title)}: ${figure.name}`.slice(0, nameWidth).padEnd(nameWidth);
  const line = (atMost: string, met: boolean, value: string) => [
    `${name} ${`at most ${atMost}`.padEnd(18)} ${value.padStart(9)}  ${met ? 'met' : 'missed'}`,
  ];
  if (typeof most === 'number')
    return line(withUnit(most, figure.unit), mine.median <= most, withUnit(mine.median, figure.unit));
  const { times } = most;
  if (ratio === undefined) return [];
  return line(`${times} × ${section.results[1]?.contender ?? ''}`, ratio <= times, `${ratio.toFixed(2)} ×`);
}

const short = (title: string) => title.split(/[,;] | until /)[0] ?? title;
const withUnit = (value: number, unit: Unit) => `${shown(value, unit)}${unit === '' ? '' : ` ${unit}`}`;
