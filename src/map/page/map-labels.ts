import { useMemo } from 'preact/hooks';
import { placeLabels } from './labels.ts';
import { type Mark, rankOf } from './marks.ts';
import { widest } from './text-width.ts';
import { labelOf } from './told.ts';
import type { Size } from './viewport.ts';

interface LabelsOf {
  readonly places: readonly {
    readonly mark: Mark;
    readonly id: string;
    readonly x: number;
    readonly y: number;
    readonly stand: { readonly target: boolean };
  }[];
  readonly selected: string | undefined;
  readonly size: Size;
  readonly unit: number;
  readonly hit: number;
  readonly now: Date;
  readonly zoom: number;
}

const isFree = ({ kind, draft, nodes }: Mark): boolean => kind === 'free' && draft === undefined && nodes === 0;

/** From this zoom on, regions that could be had are named, too. */
const namedFrom = 2.5;

/** The labels that find a place on the map, and where. They are placed anew only when something moves. */
export function useLabels({ places, selected, size, unit, hit, now, zoom }: LabelsOf) {
  const seen = places.filter(
    ({ x, y, stand }) => stand.target && x > -hit && y > -hit && x < size.width + hit && y < size.height + hit,
  );
  const wanted = seen.filter(({ mark }) => !isFree(mark) || zoom >= namedFrom);
  const lines = new Map(wanted.map(({ id, mark }) => [id, labelOf(mark, now)]));
  const sizes = wanted.map(({ id, mark, x, y }) => {
    const text = lines.get(id) ?? [];
    const rank = id === selected ? -1 : mark.home ? 0 : mark.draft !== undefined ? 1 : 2 + rankOf(mark.state);
    // Digits that run do not move what stands around them: a label's width is that of its longest time.
    const width = widest(
      text.map((line) => line.replaceAll(/\d/g, '0')),
      unit,
    );
    return { id, x, y, radius: hit / 2 + unit, width, height: (text.length * 14 + 3) * unit, rank };
  });
  const key = JSON.stringify([sizes, size]);
  const found = useMemo(
    () =>
      placeLabels(
        sizes,
        seen.map(({ x, y, mark }) => ({ x, y, radius: isFree(mark) ? 5 * unit : hit / 2 })),
        size,
      ),
    [key],
  );
  return wanted.flatMap(({ id, mark, x, y }) => {
    const place = found.get(id);
    const strong = id === selected || mark.kind !== 'free' || mark.draft !== undefined;
    return place === undefined ? [] : [{ id, place, strong, at: { x, y }, lines: lines.get(id) ?? [] }];
  });
}
