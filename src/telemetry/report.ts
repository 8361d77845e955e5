import { correlationIdOf } from '../domain/correlation.ts';
import { because, foundText } from '../domain/explanation.ts';
import { keyOf } from '../domain/key.ts';
import type { Facts } from '../domain/pass.ts';
import type { Log } from '../ports/log.ts';

/** One line per write to Azure and per refusal; with LOG_LEVEL=debug one for everything else that was decided, and why. */
export function reportPass({ object, finding }: Facts, log: Log): void {
  const { generation } = object.metadata;
  const about = { object: keyOf(object), generation, correlationId: correlationIdOf(object) };
  if (finding.kind === 'unobserved') {
    const { reason, code, message } = finding.failure;
    log.warn('azure could not be read', { ...about, reason, code, cause: message });
  }
  if (finding.kind !== 'observed') {
    if (log.isDebugEnabled()) log.debug('nothing decided', { ...about, because: finding.kind });
    return;
  }
  const { desired, actual, decisions, results } = finding;
  for (const decision of decisions) {
    const { kind, region } = decision;
    const result = results.get(region);
    const wrote = result === undefined ? undefined : lineOf[result.kind];
    if (wrote === undefined && result?.kind !== 'failed' && !log.isDebugEnabled()) continue;
    const line = { ...about, region, because: because(decision, desired, actual.registry.home) };
    if (result?.kind === 'failed') {
      const { reason, code, message } = result.failure;
      log.warn('azure refused', { ...line, decision: kind, reason, code, cause: message });
    } else if (wrote !== undefined) log.info(wrote, line);
    else log.debug('decided', { ...line, decision: kind, found: foundText(result) });
  }
}

const lineOf = {
  created: 'creating replica',
  updated: 'updating replica',
  deleting: 'deleting replica',
  found: undefined,
  failed: undefined,
} as const;
