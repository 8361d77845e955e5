import type { Account } from './account.ts';
import type { Observed } from './pass.ts';
import { changeFor } from './plan.ts';
import { type Difference, planLine } from './plan-lines.ts';
import { type Change, isProvisioned, type Replica } from './replication.ts';

/** What still differs between the spec and Azure, in the order of status.plan. True until Azure has done it, not until it was asked to. */
export function differencesOf({ accounts }: Observed, deleting: boolean): readonly Difference[] {
  return accounts
    .flatMap((account) => differenceOf(account, deleting) ?? [])
    .map((difference) => ({ difference, line: planLine(difference) }))
    .sort((a, b) => (a.line < b.line ? -1 : 1))
    .map(({ difference }) => difference);
}

function differenceOf(account: Account, deleting: boolean): Difference | undefined {
  const { region, isHome, wish, decision, replica } = account;
  if (wish !== undefined && !deleting) {
    if (!isHome && !isProvisioned(replica?.state)) return { kind: 'missing', region };
    const settings = decision?.kind === 'lag' ? [] : alteredSettings(account, replica); // Azure does not show them yet
    return settings.length === 0 ? undefined : { kind: 'altered', region, settings };
  }
  const surplus = deleting ? wish !== undefined : decision?.kind !== 'keep';
  return surplus && replica !== undefined && !isHome ? { kind: 'surplus', region } : undefined;
}

/** The settings that the spec states otherwise than the replica has them; of home only its routing can be stated. */
export function alteredSettings({ isHome, wish }: Account, replica: Replica | undefined): readonly (keyof Change)[] {
  const stated = wish && (isHome ? { ...wish, tags: {} } : wish);
  return settingsIn(stated && replica && changeFor(stated, replica));
}

/** The settings of a change, sorted. */
export function settingsIn(change: Change | undefined): readonly (keyof Change)[] {
  return (Object.keys(change ?? {}) as (keyof Change)[]).sort();
}
