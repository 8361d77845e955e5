import type { Column } from '../output/table.ts';
import type { RegionRow } from './rows.ts';

/** What there is to show. */
export interface Shown {
  readonly isWide: boolean;
  /** Whether it is known where the nodes are. */
  readonly isPlaced: boolean;
  /** Whether the objects could be read. */
  readonly hasObjects: boolean;
}

export function columnsOf({ isWide, isPlaced, hasObjects }: Shown): readonly Column<RegionRow>[] {
  const wide: readonly Column<RegionRow>[] = [
    { title: 'DISPLAY NAME', cell: ({ displayName }) => displayName, drop: 4 },
    { title: 'GEOGRAPHY', cell: ({ geography }) => geography, drop: 3 },
  ];
  const near: readonly Column<RegionRow>[] = [
    { title: 'DISTANCE', cell: ({ km = 0, nodes }) => (nodes > 0 ? `here (${nodes})` : `${km} km`) },
  ];
  return [
    { title: 'REGION', cell: ({ region }) => region },
    ...(isWide ? wide : wide.slice(1)),
    { title: 'PAIR', cell: ({ pair }) => pair ?? '', drop: 2 },
    { title: 'ZONES', cell: ({ zones }) => (zones === 0 ? '' : String(zones)), drop: 1 },
    ...(isPlaced ? near : []),
    ...(hasObjects ? [{ title: 'REGISTRIES', cell: ({ registries }: RegionRow) => registries.join(', ') }] : []),
  ];
}
