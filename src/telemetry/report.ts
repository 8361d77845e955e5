import type { RegistryReplication } from '../api/registryreplication.ts';
import { correlationIdOf } from '../domain/correlation.ts';
import type { Occurrence } from '../domain/events.ts';
import { because, foundText } from '../domain/explanation.ts';
import { waitsItsTurn } from '../domain/failure.ts';
import { keyOf } from '../domain/key.ts';
import type { Facts } from '../domain/pass.ts';
import type { Log } from '../ports/log.ts';

/** One line per write to Azure and per refusal; with LOG_LEVEL=debug one for everything else that was decided, and why. */
export function reportPass({ object, finding }: Facts, log: Log): void {
  const about = aboutOf(object);
  if (finding.kind === 'unobserved' && waitsItsTurn(finding.failure)) {
    return log.debug('put off', { ...about, because: finding.failure.message });
  }
  if (finding.kind === 'unobserved') {
    const { reason, code, message } = finding.failure;
    log.warn('azure could not be read', { ...about, reason, code, cause: message });
  }
  if (finding.kind !== 'observed') {
    if (log.isDebugEnabled()) log.debug('nothing decided', { ...about, because: finding.kind });
    return;
  }
  for (const account of finding.accounts) {
    const { region, decision, result } = account;
    if (decision === undefined) continue;
    const wrote = result === undefined ? undefined : lineOf[result.kind];
    const refusal = result?.kind === 'failed' && !waitsItsTurn(result.failure) ? result.failure : undefined;
    if (wrote === undefined && refusal === undefined && !log.isDebugEnabled()) continue;
    const line = { ...about, region, because: because(account, finding.desired) };
    if (refusal !== undefined) {
      const { reason, code, message } = refusal;
      log.warn('azure refused', { ...line, decision: decision.kind, reason, code, cause: message });
    } else if (result?.kind === 'failed') log.debug('put off', { ...line, decision: decision.kind });
    else if (wrote !== undefined) log.info(wrote, line);
    else log.debug('decided', { ...line, decision: decision.kind, found: foundText(result) });
  }
}

/** One line when an object goes and its replicas stay, or may stay. */
export function reportRetained(object: RegistryReplication, occurrences: readonly Occurrence[], log: Log): void {
  for (const { reason, note } of occurrences) {
    if (reason === 'ReplicaRetained') log.warn('replicas stay in azure', { ...aboutOf(object), because: note });
    if (reason === 'RegistryGone') log.warn('the registry is taken for gone', { ...aboutOf(object), because: note });
  }
}

function aboutOf(object: RegistryReplication) {
  return { object: keyOf(object), generation: object.metadata.generation, correlationId: correlationIdOf(object) };
}

const lineOf = {
  created: 'creating replica',
  updated: 'updating replica',
  deleting: 'deleting replica',
  found: undefined,
  failed: undefined,
} as const;
