import { driftsOf } from '../domain/drift.ts';
import type { FailureReason } from '../domain/failure.ts';
import { type Facts, refusalsOf } from '../domain/pass.ts';
import { vanishedCode } from '../domain/plan.ts';

const writes: ReadonlySet<string> = new Set(['created', 'updated', 'deleting']);

/** Writes of this pass that put right what somebody else changed. */
export function driftsCorrected(facts: Facts): number {
  const { finding } = facts;
  if (finding.kind !== 'observed') return 0;
  return driftsOf(facts).filter(({ region }) => writes.has(finding.results.get(region)?.kind ?? '')).length;
}

/** Repairs begun in this pass: a broken replica's DELETE, or the PUT of one that vanished while it was created. */
export function repairsBegun({ object, finding }: Facts): number {
  if (finding.kind !== 'observed') return 0;
  const vanished = new Set(
    object.status?.replicas?.filter(({ error }) => error?.code === vanishedCode).map(({ location }) => location),
  );
  return finding.decisions.filter((decision) => {
    const result = finding.results.get(decision.region)?.kind;
    if (decision.kind === 'delete') return decision.repair && result === 'deleting';
    return decision.kind === 'create' && result === 'created' && vanished.has(decision.region);
  }).length;
}

/** What Azure refused in this pass; a call that only waits its turn is none. */
export function refusals({ finding }: Facts): readonly FailureReason[] {
  return refusalsOf(finding).map(({ reason }) => reason);
}
