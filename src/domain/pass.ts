import type { RegistryReplication } from '../api/registryreplication.ts';
import { absenceAfter, isAbsent } from './absence.ts';
import { type Account, isFoundUntagged, isProvenGone, isPutBack } from './account.ts';
import { type Failure, waitsItsTurn } from './failure.ts';
import type { Memory } from './memory.ts';
import type { Ownership } from './ownership.ts';
import type { Desired, Registry } from './replication.ts';

/** All that one pass learned. Status and the next look are functions of this. */
export interface Facts {
  readonly object: RegistryReplication;
  /** What status remembered when the pass began. */
  readonly memory: Memory;
  readonly owner: Ownership;
  readonly now: Date;
  /** Passes of this object in a row that met a failure, this one not counted. */
  readonly retries: number;
  readonly finding: Finding;
}

export type Finding =
  | { readonly kind: 'suspended'; readonly desired: Desired | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }
  /** An older object manages the registry. */
  | { readonly kind: 'claimed'; readonly holder: string; readonly desired: Desired }
  /** Azure did not say what there is. */
  | { readonly kind: 'unobserved'; readonly failure: Failure; readonly desired: Desired }
  | {
      readonly kind: 'observed';
      readonly desired: Desired;
      readonly registry: Registry;
      readonly accounts: readonly Account[];
    };

export type Observed = Finding & { readonly kind: 'observed' };

/** Everything that Azure refused, or that could not be asked, in this pass. */
export function failuresOf(finding: Finding): Failure[] {
  if (finding.kind === 'unobserved') return [finding.failure];
  if (finding.kind !== 'observed') return [];
  return finding.accounts.flatMap(({ result }) => (result?.kind === 'failed' ? [result.failure] : []));
}

/** The same without calls that only wait their turn: nothing is wrong with those. */
export function refusalsOf(finding: Finding): Failure[] {
  return failuresOf(finding).filter((failure) => !waitsItsTurn(failure));
}

/**
 * Whether an object that is being deleted may go: home is in routing again if it was drained, and each replica that it holds is proven gone by a GET of its own that no
 * LIST contradicts, or the registry is by several looks, or nothing in Azure ever was this object's to delete.
 */
export function isReleased({ finding, memory, now }: Facts): boolean {
  switch (finding.kind) {
    case 'suspended':
    case 'invalid': // it may have been valid when it made replicas
      return false;
    case 'claimed':
      return true;
    case 'unobserved':
      return isAbsent(absenceAfter(finding.failure, memory, now));
    case 'observed':
      return finding.accounts.every(
        (account) =>
          account.decision === undefined ||
          isProvenGone(account) ||
          isFoundUntagged(account) ||
          (account.isHome && isPutBack(account)),
      );
  }
}
