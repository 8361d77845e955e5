import { type AzureFor, createAzureAccess } from '../azure/access.ts';
import { type CredentialConfig, credentialFor } from '../azure/identity/credential.ts';
import { signInFirst } from '../azure/identity/sign-in-first.ts';
import { operatorSigner } from '../azure/identity/signer-of.ts';
import type { SteadyCredential } from '../azure/identity/token.ts';
import { createThrottle } from '../azure/limits/throttle.ts';
import { classify } from '../azure/refusals/classify.ts';
import type { Signer } from '../azure/refusals/signer.ts';
import { endpointMemory } from '../azure/regional-endpoints.ts';
import { createReplicationApi } from '../azure/replications.ts';
import { armClients } from '../azure/wire/client.ts';
import { graphCalls } from '../azure/wire/graph-calls.ts';
import { queryPath } from '../azure/wire/graph-request.ts';
import type { ArmRequest } from '../ports/arm-request.ts';
import type { AzureAccess, CredentialSource } from '../ports/azure.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time/clock.ts';
import { version } from '../version.ts';
import type { Config } from './config.ts';

export interface AzureSideOptions {
  readonly config: Pick<Config, 'azure' | 'armQuotaShare' | 'resourceGraph'>;
  /** The credentials that objects refer to. */
  readonly source: CredentialSource;
  /** Called last of all before a write is sent; what it throws keeps the write back. */
  readonly fence: (() => void) | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
}

/** Azure as the operator, and as everybody whom objects refer to. */
export interface AzureSide {
  readonly access: AzureAccess;
  /** Gets a token for the operator's own identity, from the cache that its calls use if there is one. */
  getToken(signal: AbortSignal): Promise<unknown>;
  /** Says in one line for people, without secrets, why `getToken` failed. */
  explain(error: unknown): string;
}

/** Builds the way to Azure. No call is made before the first pass or probe. */
export function createAzureSide({ config, source, fence, metrics, log, clock }: AzureSideOptions): AzureSide {
  const { cloud, disableInstanceDiscovery, credential: own } = config.azure;
  const signIn = (choice: CredentialConfig['choice']): SteadyCredential =>
    credentialFor({ choice, cloud, disableInstanceDiscovery, clock });
  const credential = signIn(own);
  const ownSigner = operatorSigner(own);
  const throttle = createThrottle({ clock, share: config.armQuotaShare, meter: metrics });
  metrics.countLookWait(() => throttle.lookWaitMs());

  function tokenOf(as: SteadyCredential, abortSignal: AbortSignal): Promise<unknown> {
    return as.getToken(cloud.tokenScope, { abortSignal, enableCae: true });
  }

  function connectAs(as: SteadyCredential, signer: Signer): AzureFor {
    // Azure counts requests by client id, in each subscription.
    const principal = (signer.clientId ?? 'operator').toLowerCase();
    const onRequest = (request: ArmRequest, subscriptionId: string): void => {
      throttle.heard(principal, subscriptionId, request.remaining);
      countArmRequest(request, metrics, log);
    };
    const fenced = fence === undefined ? {} : { fence };
    const asks = config.resourceGraph ? { answerable: queryPath } : {};
    const clientFor = armClients({ cloud, credential: as, clock, version, onRequest, ...fenced, ...asks });
    const graph = { calls: graphCalls(clientFor, cloud), quotas: throttle.graph(principal), log };
    const apiFor = createReplicationApi({
      clientFor,
      clock,
      signer,
      onRead: (by) => metrics.read(by),
      ...(config.resourceGraph ? { graph } : {}),
    });
    const signingIn = { signer, now: () => clock.now(), getToken: (signal: AbortSignal) => tokenOf(as, signal) };
    const rememberingEndpoints = endpointMemory(clock);
    return ({ correlationId, urgency }) =>
      rememberingEndpoints(signInFirst(throttle.guard(principal, apiFor(correlationId), urgency), signingIn));
  }

  return {
    access: createAzureAccess({
      own: connectAs(credential, ownSigner),
      source,
      connect: (principal, signer) => connectAs(signIn(principal), signer),
      clock,
    }),
    getToken: (signal) => tokenOf(credential, signal),
    explain: (error) => classify(error, { ref: noRegistry, signer: ownSigner }, clock.now()).message,
  };
}

/** Stands for the registry in a failure that is about none. */
const noRegistry = { subscriptionId: '', resourceGroup: '', name: '' };

function countArmRequest(request: ArmRequest, metrics: Metrics, log: Log): void {
  const { operation, status, durationMs, correlationId, remaining } = request;
  metrics.armRequest(operation, status, durationMs);
  for (const kind of ['reads', 'writes', 'deletes'] as const) {
    const count = remaining[kind];
    if (count !== undefined) metrics.armRemaining(kind, count);
  }
  if (log.isDebugEnabled()) {
    log.debug('azure request', { operation, status, durationMs: Math.round(durationMs), correlationId });
  }
}
