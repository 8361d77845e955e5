import { ok } from '../domain/failure.ts';
import { credentialsName } from '../domain/replication.ts';
import type { AzureAccess, CredentialSource, Errand, ReplicationApi, ServicePrincipal } from '../ports/azure.ts';
import type { Clock } from '../time/clock.ts';
import { objectSigner } from './identity/signer-of.ts';
import { mapOfUsed } from './limits/used.ts';
import type { Signer } from './refusals/signer.ts';

/** Gives Azure as one identity, for one errand. */
export type AzureFor = (errand: Errand) => ReplicationApi;

export interface AzureAccessOptions {
  /** Azure as the operator itself, for objects that name no credentials. */
  readonly own: AzureFor;
  readonly source: CredentialSource;
  /** Makes a way to Azure as somebody else, with a memory and a token of its own; messages name the signer. */
  readonly connect: (principal: ServicePrincipal, signer: Signer) => AzureFor;
  readonly clock: Clock;
}

interface KeptConnection {
  readonly principal: ServicePrincipal;
  readonly azureFor: AzureFor;
}

/** A connection that no pass has used for this long is forgotten. */
const unusedMs = 3_600_000;

/** Keeps one connection for all objects with the same credentials, until those change or nobody uses them any more. */
export function createAzureAccess({ own, source, connect, clock }: AzureAccessOptions): AzureAccess {
  const connections = mapOfUsed<KeptConnection>(() => clock.now().getTime(), unusedMs);

  return {
    async as(credentials, errand, signal) {
      if (credentials === undefined) return ok(own(errand));
      const name = credentialsName(credentials);
      const read = await source.read(credentials, signal);
      if (!read.ok) {
        connections.delete(name);
        return read;
      }
      const principal = read.value;
      if (principal.kind === 'federated') {
        // Asked before Azure is called, so that a pass which cannot sign in makes no call.
        const assertion = await principal.assertion(signal);
        if (!assertion.ok) return assertion;
      }
      const known = connections.get(name);
      if (known?.principal === principal) return ok(known.azureFor(errand));
      const azureFor = connect(principal, objectSigner(credentials, principal));
      connections.set(name, { principal, azureFor });
      return ok(azureFor(errand));
    },
  };
}
