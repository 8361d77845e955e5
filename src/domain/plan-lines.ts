import { type Region, regionOf } from './region.ts';
import type { Change } from './replication.ts';

/** One thing in which Azure differs from the spec. */
export type Difference = {
  readonly region: Region;
} /** The region is wanted and has no replica that is provisioned. */ & (
  | { readonly kind: 'missing' }
  /** The replica is there and is to go. */
  | { readonly kind: 'surplus' }
  /** The replica is there with other settings than the spec states; drain: it is to be taken out of routing for a while. */
  | { readonly kind: 'altered'; readonly settings: readonly (keyof Change | 'drain')[] }
);

const signs = { missing: '+', surplus: '-', altered: '~' } as const satisfies Record<Difference['kind'], string>;

/** A line of status.plan: `+region`, `-region`, `~region routing tags`, or `~region drain`. */
export function planLine(difference: Difference): string {
  const words = [difference.region, ...(difference.kind === 'altered' ? difference.settings : [])];
  return `${signs[difference.kind]}${words.join(' ')}`;
}

/** The regions of which the lines of a status.plan say that their settings differ. */
export function alteredIn(lines: readonly string[]): ReadonlySet<Region> {
  const altered = lines.filter((line) => line.startsWith(signs.altered));
  return new Set(altered.map((line) => regionOf(line.slice(signs.altered.length).split(' ', 1)[0] ?? '')));
}
