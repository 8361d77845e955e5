/** A column of a table; those with the highest `drop` go first where the terminal is too narrow. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Paints a cell after it was measured. */
  readonly paint?: (row: Row, text: string) => string;
  /** Undefined: it always stays. */
  readonly drop?: number;
}

const gap = '   ';

/**
 * Aligned columns without borders, as kubectl prints them. Where `width` is too small, columns are left out that the
 * table says can go. No line ends in blanks.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string {
  const shown = fitting(columns, rows, width);
  const widths = shown.map((column) => widthOf(column, rows));
  const line = (cells: readonly string[], painted: readonly string[] = cells): string =>
    cells
      .map((cell, i) => `${painted[i] ?? ''}${' '.repeat(Math.max((widths[i] ?? 0) - cell.length, 0))}`)
      .join(gap)
      .trimEnd();
  const titles = line(shown.map(({ title }) => title));
  const body = rows.map((row) => {
    const cells = shown.map(({ cell }) => cell(row));
    return line(
      cells,
      shown.map(({ paint }, i) => (paint === undefined ? (cells[i] ?? '') : paint(row, cells[i] ?? ''))),
    );
  });
  return [titles, ...body].map((text) => `${text}\n`).join('');
}

function fitting<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): readonly Column<Row>[] {
  const total = columns.reduce((sum, column) => sum + widthOf(column, rows) + gap.length, -gap.length);
  const most = Math.max(...columns.map(({ drop = -1 }) => drop));
  if (width === undefined || total <= width || most < 0) return columns;
  return fitting(
    columns.filter(({ drop = -1 }) => drop !== most),
    rows,
    width,
  );
}

function widthOf<Row>({ title, cell }: Column<Row>, rows: readonly Row[]): number {
  return rows.reduce((most, row) => Math.max(most, cell(row).length), title.length);
}
