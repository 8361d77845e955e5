import { wrapped } from '../help.ts';

/** A column of a table; those with the highest `drop` go first where the terminal is too narrow. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Paints a cell after it was measured. */
  readonly paint?: (row: Row, text: string) => string;
  /** Undefined: it always stays. */
  readonly drop?: number;
  /** Whether the row's other cells say the same: the column goes, after those with `drop`, where all rows' do. */
  readonly isSpare?: (row: Row) => boolean;
  /** Only of the last column: its text goes on below itself where the terminal is too narrow. */
  readonly wraps?: true;
}

/** In characters, between columns: the widest with which all fits; the narrowest only where no column can go any more. */
const gaps = [3, 2];
const narrowestGap = 1;
/** In characters: a column is not wrapped into less. */
const leastWrapped = 20;

/**
 * Aligned columns without borders, as kubectl prints them. Where `width` is too small, columns move together, and then
 * those are left out that the table says can go. No line ends in blanks.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string {
  const { shown, widths, gap } = fitting(columns, rows, width);
  const offset = widths.slice(0, -1).reduce((sum, one) => sum + one + gap, 0);
  const room = width === undefined || shown.at(-1)?.wraps !== true ? Infinity : Math.max(width - offset, leastWrapped);
  const line = (cells: readonly string[], painted: readonly string[] = cells): string =>
    cells
      .map((cell, i) => `${painted[i] ?? ''}${' '.repeat(Math.max((widths[i] ?? 0) - cell.length, 0))}`)
      .join(' '.repeat(gap))
      .trimEnd();
  const titles = line(shown.map(({ title }) => title));
  const body = rows.flatMap((row) => {
    const cells = shown.map(({ cell }) => cell(row));
    const [last = '', ...more] = wrapped(cells.at(-1) ?? '', room);
    const first = [...cells.slice(0, -1), last];
    const painted = shown.map(({ paint }, i) => (paint === undefined ? (first[i] ?? '') : paint(row, first[i] ?? '')));
    return [line(first, painted), ...more.map((text) => `${' '.repeat(offset)}${text}`)];
  });
  return [titles, ...body].map((text) => `${text}\n`).join('');
}

interface Layout<Row> {
  readonly shown: readonly Column<Row>[];
  readonly widths: readonly number[];
  readonly gap: number;
}

function fitting<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width = Number.POSITIVE_INFINITY,
): Layout<Row> {
  const widths = columns.map((column) => widthOf(column, rows));
  const least = columns.map(({ wraps }, i) =>
    wraps === true ? Math.min(widths[i] ?? 0, leastWrapped) : (widths[i] ?? 0),
  );
  const total = least.reduce((sum, one) => sum + one, 0);
  const gap = gaps.find((one) => total + one * (columns.length - 1) <= width);
  if (gap !== undefined) return { shown: columns, widths, gap };
  const most = Math.max(...columns.map(({ drop = -1 }) => drop));
  const kept = columns.filter(
    most < 0 ? ({ isSpare }) => isSpare === undefined || !rows.every(isSpare) : goesLater(most),
  );
  return kept.length === columns.length ? { shown: columns, widths, gap: narrowestGap } : fitting(kept, rows, width);
}

function goesLater(most: number): (column: { readonly drop?: number }) => boolean {
  return ({ drop = -1 }) => drop !== most;
}

function widthOf<Row>({ title, cell }: Column<Row>, rows: readonly Row[]): number {
  return rows.reduce((most, row) => Math.max(most, cell(row).length), title.length);
}
