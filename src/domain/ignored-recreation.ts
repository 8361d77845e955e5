import { isDeleting } from '../api/registryreplication.ts';
import type { Memory } from './memory.ts';
import { type Ownership, strangerOwning } from './ownership.ts';
import type { Facts, Observed } from './pass.ts';
import type { Region } from './region.ts';

/**
 * Regions of the annotation `recreate` whose replica is not made anew, with the reason, which follows the region's name. They
 * count as handled: a request that lay in wait could delete a replica long after anybody thinks of it.
 */
export function ignoredRecreations({ object, memory, owner, finding }: Facts): ReadonlyMap<Region, string> {
  if (finding.kind !== 'observed' || isDeleting(object)) return new Map();
  const asked = [...memory.recreate].map((region) => [region, whyIgnored(region, finding, memory, owner)] as const);
  return new Map(asked.flatMap(([region, why]) => (why === undefined ? [] : [[region, why]])));
}

function whyIgnored(
  region: Region,
  { desired, accounts }: Observed,
  memory: Memory,
  owner: Ownership,
): string | undefined {
  if (desired.mode === 'Observe') return 'not made anew, for the mode is Observe.';
  const account = accounts.find((one) => one.region === region);
  if (account?.isHome === true) return 'not made anew, for it is the home region, which cannot be deleted.';
  if (!desired.wishes.has(region)) return 'not made anew, for it is not in spec.regions.';
  const stranger = account?.replica && strangerOwning(account.replica, owner, memory.regions.get(region));
  return stranger === undefined ? undefined : `not made anew, for it belongs to ${stranger}.`;
}
