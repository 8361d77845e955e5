import { driftsOf } from '../domain/drift.ts';
import type { Facts } from '../domain/pass.ts';
import { keyOf, type Log } from './ports.ts';

/** One line per write to Azure and per refusal; with LOG_LEVEL=debug one for everything else that was decided. */
export function reportPass({ object, finding }: Facts, log: Log): void {
  const { generation } = object.metadata;
  const about = { object: keyOf(object), generation };
  if (finding.kind === 'unobserved') {
    const { reason, code, message } = finding.failure;
    log.warn('azure could not be read', { ...about, reason, code, cause: message });
  }
  if (finding.kind !== 'observed') {
    if (log.isDebugEnabled()) log.debug('nothing decided', { ...about, because: finding.kind });
    return;
  }
  for (const decision of finding.decisions) {
    const { kind, region } = decision;
    const result = finding.results.get(region);
    if (result?.kind === 'failed') {
      const { reason, code, message } = result.failure;
      log.warn('azure refused', { ...about, region, decision: kind, reason, code, cause: message });
    } else if (result?.kind === 'created') log.info('creating replica', { ...about, region, attempt: result.attempt });
    else if (result?.kind === 'updated') log.info('updating replica', { ...about, region });
    else if (result?.kind === 'deleting') log.info('deleting replica', { ...about, region, attempt: result.attempt });
    else if (log.isDebugEnabled()) log.debug('decided', { ...about, region, decision: kind, result: result?.kind });
  }
}

const writes: ReadonlySet<string> = new Set(['created', 'updated', 'deleting']);

/** Writes of this pass that put right what somebody else changed. */
export function driftsCorrected(facts: Facts): number {
  const { finding } = facts;
  if (finding.kind !== 'observed') return 0;
  return driftsOf(facts).filter(({ region }) => writes.has(finding.results.get(region)?.kind ?? '')).length;
}
