import { failed, type Outcome, ok } from '../domain/failure.ts';
import { credentialsName } from '../domain/replication.ts';
import type { AzureAccess, CredentialSource, ReplicationApi, ServicePrincipal } from '../ports/azure.ts';
import type { Clock } from '../time/clock.ts';
import type { ReplicationApiFor } from './replications.ts';

export interface AzureAccessOptions {
  /** Azure as the operator itself, for objects that name no credentials. */
  readonly own: ReplicationApiFor;
  readonly source: CredentialSource;
  /** Makes a way to Azure as somebody else, with a memory and a token of its own. */
  readonly connect: (principal: ServicePrincipal) => ReplicationApiFor;
  readonly clock: Clock;
}

interface KeptConnection {
  readonly principal: ServicePrincipal;
  readonly apiFor: ReplicationApiFor;
  usedAtMs: number;
}

/** A connection that no pass has used for this long is forgotten. */
const unusedMs = 3_600_000;

/** Keeps one connection for all objects with the same credentials, until those change or nobody uses them any more. */
export function createAzureAccess({ own, source, connect, clock }: AzureAccessOptions): AzureAccess {
  const connections = new Map<string, KeptConnection>();

  function forgetUnused(nowMs: number): void {
    for (const [name, { usedAtMs }] of connections) if (nowMs - usedAtMs > unusedMs) connections.delete(name);
  }

  return {
    async as(credentials, correlationId, signal) {
      const nowMs = clock.now().getTime();
      forgetUnused(nowMs);
      if (credentials === undefined) return ok(own(correlationId));
      const name = credentialsName(credentials);
      const read = await source.read(credentials, signal);
      if (!read.ok) {
        connections.delete(name);
        return read;
      }
      const principal = read.value;
      if (principal.kind === 'federated') {
        // Asked before Azure is called, because the identity library would lose the reason of a failure.
        const assertion = await principal.assertion(signal);
        if (!assertion.ok) return assertion;
      }
      const known = connections.get(name);
      if (known?.principal === principal) {
        known.usedAtMs = nowMs;
        return ok(advising(known.apiFor(correlationId), name));
      }
      const apiFor = connect(principal);
      connections.set(name, { principal, apiFor, usedAtMs: nowMs });
      return ok(advising(apiFor(correlationId), name));
    },
  };
}

/** The same Azure, whose refusals advise to look at the credentials of this name. */
function advising(api: ReplicationApi, name: string): ReplicationApi {
  async function advised<T>(outcome: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const answer = await outcome;
    if (answer.ok) return answer;
    const { failure } = answer;
    if (failure.reason === 'AuthenticationFailed') return failed({ ...failure, advice: `Correct ${name}.` });
    if (failure.reason !== 'Forbidden') return answer;
    return failed({ ...failure, advice: `Grant this action on the registry to the identity of ${name}.` });
  }
  return {
    observe: (...args) => advised(api.observe(...args)),
    get: (...args) => advised(api.get(...args)),
    create: (...args) => advised(api.create(...args)),
    update: (...args) => advised(api.update(...args)),
    remove: (...args) => advised(api.remove(...args)),
  };
}
