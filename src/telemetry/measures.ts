import type { Account } from '../domain/account.ts';
import type { Judged } from '../domain/judgement.ts';

const writes: ReadonlySet<string> = new Set(['created', 'updated', 'deleting']);

/** Writes of this pass that put right what somebody else changed. */
export function driftsCorrected({ finding, drifts }: Judged): number {
  if (finding.kind !== 'observed') return 0;
  const altered = new Set(drifts.map(({ region }) => region));
  return finding.accounts.filter(({ region, result }) => altered.has(region) && writes.has(result?.kind ?? '')).length;
}

/** Repairs begun in this pass: a broken replica's DELETE, or the PUT of one that vanished while it was created. */
export function repairsBegun({ finding }: Judged): number {
  return finding.kind === 'observed' ? finding.accounts.filter(isRepairBegun).length : 0;
}

function isRepairBegun({ before, decision, result }: Account): boolean {
  if (decision?.kind === 'delete') return decision.then === 'repaired' && result?.kind === 'deleting';
  if (decision?.kind === 'restore') return result?.kind === 'updated';
  return decision?.kind === 'create' && result?.kind === 'created' && before?.vanished !== undefined;
}
