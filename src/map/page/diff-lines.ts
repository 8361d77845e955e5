import type { Draft } from '../wire.ts';

type Line = Draft['diff'][number];

/** A line to show, or how many lines that stay as they are were left out. */
export type DiffRow = Line | { readonly sign: '…'; readonly count: number };

const context = 2;

/** What changes, with two lines around each change; the rest is counted. */
export function changedPart(diff: readonly Line[]): readonly DiffRow[] {
  const near = (i: number): boolean =>
    diff.slice(Math.max(i - context, 0), i + context + 1).some(({ sign }) => sign !== ' ');
  const rows: DiffRow[] = [];
  let skipped = 0;
  const close = (): void => {
    if (skipped > 0) rows.push({ sign: '…', count: skipped });
    skipped = 0;
  };
  diff.forEach((line, i) => {
    if (!near(i)) {
      skipped += 1;
      return;
    }
    close();
    rows.push(line);
  });
  close();
  return rows;
}
