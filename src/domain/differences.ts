import { type Observed, replicasAfter } from './pass.ts';
import { changeFor } from './plan.ts';
import type { Region } from './region.ts';
import { type Change, isProvisioned } from './replication.ts';

/**
 * What still differs between the spec and Azure, sorted: `+region` wanted and not provisioned, `-region` there and to go,
 * `~region routing tags` there with other settings. True until Azure has done it, not until it was asked to.
 */
export function differencesOf(finding: Observed, deleting: boolean): readonly string[] {
  const { desired, actual, decisions } = finding;
  const { home } = actual.registry;
  const after = replicasAfter(finding);
  const differences: string[] = [];
  for (const [region, wish] of desired.wishes) {
    if (deleting) continue;
    const replica = after.get(region);
    const change =
      replica === undefined ? undefined : changeFor(region === home ? { ...wish, tags: {} } : wish, replica);
    if (region !== home && !isProvisioned(replica)) differences.push(`+${region}`);
    else if (change !== undefined) differences.push(`~${region} ${settingsOf(change)}`);
  }
  const kept = new Set<Region>(decisions.filter(({ kind }) => kind === 'keep').map(({ region }) => region));
  for (const region of after.keys()) {
    const unwanted = deleting ? desired.wishes.has(region) : !desired.wishes.has(region) && !kept.has(region);
    if (unwanted && region !== home) differences.push(`-${region}`);
  }
  return differences.sort();
}

function settingsOf(change: Change): string {
  return Object.keys(change).sort().join(' ');
}
