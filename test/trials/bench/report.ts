import { cpus, loadavg, totalmem } from 'node:os';

/** One line of the table: the same figure, taken once per run. */
export interface Measure {
  /** The figure's name for programs, which stays: `start.firstArmCallMs`. */
  readonly id: string;
  readonly name: string;
  readonly unit: 'ms' | 's' | 'MiB' | '';
  readonly values: readonly number[];
  /** The same figure of the reference implementation. */
  readonly go?: number;
}

export interface Section {
  readonly title: string;
  readonly measures: readonly Measure[];
  /** What the figures mean, to the letter. */
  readonly legend: readonly string[];
}

/** A line with the values that were measured: a run that could not take the figure gives NaN, which is left out. */
export function measure(id: string, name: string, unit: Measure['unit'], values: readonly number[], go?: number) {
  const taken = values.filter((value) => Number.isFinite(value));
  return { id, name, unit, values: taken, ...(go === undefined ? {} : { go }) } satisfies Measure;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

export function table(sections: readonly Section[]): string {
  const head = ['', 'median', 'min', 'max', 'runs', 'Go (reference)'];
  const rows = sections.map(({ title, measures }) => ({ title, lines: measures.map(cells) }));
  const all = [head, ...rows.flatMap(({ lines }) => lines)];
  const widths = head.map((_, column) => Math.max(...all.map((line) => (line[column] ?? '').length)));
  const text = (line: readonly string[]) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const body = rows.flatMap(({ title, lines }) => ['', title, ...lines.map(text)]);
  const legend = sections.flatMap(({ title, legend }) => ['', `${title}:`, ...legend.map((line) => `  ${line}`)]);
  return [text(head), ...body, '', 'What the figures mean', ...legend, '', ...reference].join('\n');
}

const reference = [
  'Go (reference): the same job written in Go with controller-runtime, measured once, elsewhere, on a machine of this',
  '  kind (2 cores); this command does not measure it.',
];

function cells({ name, unit, values, go }: Measure): string[] {
  const shown = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? '–' : figure(value, unit));
  const extremes = values.length < 2 ? ['', ''] : [shown(Math.min(...values)), shown(Math.max(...values))];
  return [
    `  ${name}`,
    shown(median(values)),
    ...extremes,
    String(values.length),
    go === undefined ? '' : figure(go, unit),
  ];
}

function figure(value: number, unit: Measure['unit']): string {
  const digits = unit === 's' ? 2 : unit === 'MiB' ? 1 : 0;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? number : `${number} ${unit}`;
}

/** Everything as one JSON document. */
export function document(sections: readonly Section[], nodeOptions: string | undefined): unknown {
  return {
    takenAt: new Date().toISOString(),
    machine: {
      platform: process.platform,
      cpus: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      memoryMiB: Math.round(totalmem() / 2 ** 20),
      loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
    },
    node: process.version,
    ...(nodeOptions === undefined ? {} : { nodeOptions }),
    measures: sections.flatMap(({ measures }) =>
      measures.map((m) => ({
        ...m,
        median: values(m) ? median(m.values) : null,
        min: values(m) ? Math.min(...m.values) : null,
        max: values(m) ? Math.max(...m.values) : null,
      })),
    ),
  };
}

function values({ values }: Measure): boolean {
  return values.length > 0;
}
