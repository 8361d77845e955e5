import { type Account, isPuttingBack } from './account.ts';
import { isDraining } from './drains.ts';
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
  if ((wish !== undefined || isHome || isPuttingBack(account)) && !deleting) {
    if (wish !== undefined && !isHome && !isProvisioned(replica?.state)) return { kind: 'missing', region };
    const altered = decision?.kind === 'lag' ? [] : alteredSettings(account, replica); // Azure does not show them yet
    const settings = altered.map((setting) =>
      setting === 'routing' && isDraining(account.course) ? 'drain' : setting,
    );
    return settings.length === 0 ? undefined : { kind: 'altered', region, settings };
  }
  const surplus = deleting ? wish !== undefined : decision?.kind !== 'keep';
  return surplus && replica !== undefined && !isHome ? { kind: 'surplus', region } : undefined;
}

/** The settings that a replica is to have otherwise than it has them. */
export function alteredSettings({ settings }: Account, replica: Replica | undefined): readonly (keyof Change)[] {
  return settingsIn(settings && replica && changeFor(settings, replica));
}

/** The settings of a change, sorted. */
export function settingsIn(change: Change | undefined): readonly (keyof Change)[] {
  return (Object.keys(change ?? {}) as (keyof Change)[]).sort();
}
