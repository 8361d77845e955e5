import type { Figure, Section, Unit } from './section.ts';
import { type Summary, summaryOf } from './statistics.ts';

/** Where and with what figures were taken. */
export interface Machine {
  readonly takenAt: string;
  readonly processors: number;
  readonly model: string;
  readonly memoryMiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly kubernetes: string;
  readonly etcd: string;
  /** Load of the last minute when the measuring began: much more than 0 makes figures worth little. */
  readonly load: number;
}

const names = { width: 44, value: 10, range: 17, ratio: 6 } as const;

/** Quiet colours, or none. */
export interface Paint {
  readonly title: (text: string) => string;
  readonly dim: (text: string) => string;
}

export const plain: Paint = { title: (text) => text, dim: (text) => text };
export const coloured: Paint = {
  title: (text) => `\x1b[1m${text}\x1b[22m`,
  dim: (text) => `\x1b[2m${text}\x1b[22m`,
};

/** All sections as a table of at most 120 columns: median, least and most; with two contenders, the ratio of medians. */
export function table(sections: readonly Section[], machine: Machine, paint: Paint = plain): string {
  return [
    ...machineLines(machine).map(paint.dim),
    ...sections.flatMap((section) => ['', ...lines(section, paint)]),
  ].join('\n');
}

function machineLines({ takenAt, processors, model, memoryMiB, load, ...versions }: Machine): readonly string[] {
  const { kernel, node, kubernetes, etcd } = versions;
  return [
    `${processors} processors ${model}, ${Math.round(memoryMiB / 1_024)} GiB, ${kernel}; load ${load.toFixed(2)} at the start`,
    `Node ${node}, Kubernetes ${kubernetes}, etcd ${etcd}; ${takenAt}`,
  ];
}

function lines(section: Section, { title, dim }: Paint): readonly string[] {
  const { figures, results, legend } = section;
  const runs = Math.max(...results.map(({ samples }) => samples.length));
  const head = results.map(({ contender }) => contender.padStart(names.value).padEnd(names.value + 1 + names.range));
  const ratio = results.length === 2 ? 'ratio'.padStart(names.ratio) : '';
  return [
    title(section.title),
    dim(`${`  ${runs} ${runs === 1 ? 'run' : 'runs'}`.padEnd(names.width)}${head.join('')}${ratio}`.trimEnd()),
    ...figures.flatMap((figure) => row(figure, section)),
    ...legend.map((line) => dim(`  ${line}`)),
  ];
}

function row({ id, name, unit }: Figure, { results }: Section): readonly string[] {
  const summaries = results.map(({ samples }) => summaryOf(samples.map((sample) => sample[id] ?? Number.NaN)));
  if (summaries.every((summary) => summary === undefined)) return [];
  const [first, second] = summaries;
  const ratio = ratioOf(first, second);
  const cells = summaries.map((summary) => cell(summary, unit));
  return [
    `${`  ${name}`.padEnd(names.width)}${cells.join('')}${ratio === undefined ? '' : ratio.toFixed(2).padStart(names.ratio)}`.trimEnd(),
  ];
}

function cell(summary: Summary | undefined, unit: Unit): string {
  if (summary === undefined) return '–'.padStart(names.value).padEnd(names.value + 1 + names.range);
  const { median, min, max, runs } = summary;
  const range = runs > 1 ? `${shown(min, unit)} … ${shown(max, unit)}` : '';
  const value = unit === '' ? shown(median, unit) : `${shown(median, unit)} ${unit}`;
  return `${value.padStart(names.value)} ${` ${range}`.padEnd(names.range)}`;
}

/** The first contender's median in terms of the second's. */
export function ratioOf(first: Summary | undefined, second: Summary | undefined): number | undefined {
  if (first === undefined || second === undefined || second.median === 0) return undefined;
  const ratio = first.median / second.median;
  return Number.isFinite(ratio) ? ratio : undefined;
}

const digits = { ms: 0, s: 2, MiB: 0, '%': 1, '': 0 } as const satisfies Record<Unit, number>;

/** A number as it stands in tables: `1,234`, `12.3`. */
export function shown(value: number, unit: Unit): string {
  // A small figure needs its tenths where a large one does not.
  const places = unit === 'ms' && Math.abs(value) < 10 ? 1 : unit === 's' && Math.abs(value) >= 10 ? 1 : digits[unit];
  return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** Everything as one JSON document: each figure with its values and, per contender, median, min and max; null: never. */
export function documentOf(sections: readonly Section[], machine: Machine, options: unknown): unknown {
  return {
    machine,
    options,
    sections: sections.map(({ id, title, figures, results, legend }) => ({
      id,
      title,
      legend,
      results: results.map(({ contender, samples }) => ({
        contender,
        figures: figures.map((figure) => {
          const values = samples
            .map((sample) => sample[figure.id] ?? Number.NaN)
            .filter((value) => !Number.isNaN(value));
          const { runs = 0, ...summary } = summaryOf(values) ?? {};
          return { ...figure, runs, ...summary, values };
        }),
      })),
    })),
  };
}
