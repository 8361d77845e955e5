import REGIONS from './data/regions.json' with { type: 'json' };
import type { Cloud } from './model.ts';

interface Region {
  readonly name: string;
  readonly displayName: string;
  readonly geography: string;
  readonly geographyGroup: string;
  readonly physicalLocation: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly pairedRegion: string | null;
  /** Number of availability zones. */
  readonly zones: number;
  readonly category: string;
  readonly cloud: Cloud;
}

/** api-versions the service accepts, from the header `api-supported-versions` of the recording. */
export const API_VERSIONS: readonly string[] = [
  '2020-11-01-preview',
  '2021-06-01-preview',
  '2021-08-01-preview',
  '2021-09-01',
  '2021-12-01-preview',
  '2022-02-01-preview',
].concat(
  ['2022-12-01', '2023-01-01-preview', '2023-06-01-preview', '2023-07-01', '2023-08-01-preview', '2023-11-01-preview'],
  [
    '2024-01-01-preview',
    '2024-11-01-preview',
    '2025-03-01-preview',
    '2025-04-01',
    '2025-05-01-preview',
    '2025-06-01-preview',
  ],
  [
    '2025-09-01-preview',
    '2025-11-01',
    '2025-12-01-preview',
    '2026-01-01-preview',
    '2026-03-01-preview',
    '2026-09-01-preview',
    '2026-11-01',
  ],
);

/** Regions of a cloud, in the order of the data file. */
export function regionsOf(cloud: Cloud): readonly Region[] {
  return (REGIONS as readonly Region[]).filter((r) => r.cloud === cloud);
}

/** The names of all regions of all clouds, sorted. */
export const REGION_NAMES: readonly string[] = REGIONS.map(({ name }) => name).toSorted();
