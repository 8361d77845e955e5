import { isDeleting } from '../api/registryreplication.ts';
import { type Account, isUnconfirmed } from './account.ts';
import { alteredSettings } from './differences.ts';
import type { Facts, Observed } from './pass.ts';
import type { Difference } from './plan-lines.ts';
import type { Region } from './region.ts';
import { type Change, isProvisioned } from './replication.ts';

/** What somebody else did to one region. */
export type Drift = { readonly region: Region } & (
  | { readonly kind: 'added' | 'deleted' }
  | { readonly kind: 'altered'; readonly settings: readonly (keyof Change)[] }
);

/**
 * What came to differ from an unchanged spec since status was written: each change once, and before it is put right.
 * What Azure did by itself (a replica that failed, or vanished while being made) is none, nor is what LIST alone says where
 * a GET can tell: only in mode Observe none is made.
 */
export function driftsOf({ object, memory, finding }: Facts, differences: readonly Difference[]): readonly Drift[] {
  const known = memory.status?.registry !== undefined && memory.current;
  if (!known || isDeleting(object) || finding.kind !== 'observed') return [];
  // Until now it was not looked at: what is found there was there before.
  if ([...memory.conditions.values()].some(({ reason }) => reason === 'RegistryClaimed')) return [];
  const byRegion = new Map(differences.map((difference) => [difference.region, difference]));
  return finding.accounts.flatMap((account) => {
    const news = !memory.altered.has(account.region);
    return driftOf(account, finding, byRegion.get(account.region), news) ?? [];
  });
}

/** `news`: status did not say yet that settings of the region differ. */
function driftOf(
  account: Account,
  { registry }: Observed,
  difference: Difference | undefined,
  news: boolean,
): Drift | undefined {
  const { region, wish, before, decision, result, replica } = account;
  if (decision === undefined || isUnconfirmed(account)) return undefined;
  if (wish === undefined && region !== registry.home) {
    const prunable = decision.kind !== 'keep' && decision.kind !== 'blocked';
    return before?.state === undefined && replica !== undefined && prunable ? { region, kind: 'added' } : undefined;
  }
  if (!isProvisioned(before?.state)) return undefined;
  const missing = decision.kind === 'create' && result?.kind !== 'found';
  const going = decision.kind === 'wait' && replica?.state === 'Deleting';
  if (missing || going) return { region, kind: 'deleted' };
  const settings = alteredByOthers(account, difference);
  return news && settings.length > 0 ? { region, kind: 'altered', settings } : undefined;
}

/** While an update runs, which may be the operator's own, the settings are not final. */
function alteredByOthers(account: Account, difference: Difference | undefined): readonly (keyof Change)[] {
  const { decision, before, result, replica } = account;
  const isSeen = decision?.kind === 'update' || (before?.state !== 'Updating' && difference?.kind === 'altered');
  if (!isSeen) return [];
  const shown = decision?.kind === 'update' && result?.kind !== 'found' ? decision.replica : replica;
  return alteredSettings(account, shown).filter((setting) => setting !== 'routing' || !isOwnTurn(account));
}

/** Whether a drain begins or ends: then routing is not as it is wanted now, and nobody else has changed it. */
function isOwnTurn({ course, before }: Account): boolean {
  return course !== undefined && (course.kind !== 'drained' || before?.routing !== 'Disabled');
}

/** For people, after the region's name. */
export function driftText(drift: Drift): string {
  const what = drift.kind === 'altered' ? `${drift.settings.join(' and ')} changed` : drift.kind;
  return `${what} outside the operator.`;
}
