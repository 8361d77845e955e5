import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import {
  bearerTokenAuthenticationPolicy,
  bearerTokenAuthenticationPolicyName,
  type HttpClient,
  type HttpMethods,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
  redirectPolicyName,
} from '@azure/core-rest-pipeline';
import type { ArmOperation, ArmRequest, QuotaKind } from '../../ports/arm-request.ts';
import type { Clock } from '../../time/clock.ts';
import type { Cloud } from '../cloud.ts';
import { mapOfUsed } from '../limits/used.ts';
import { parseArmError } from './arm-error.ts';
import { bounded } from './bounded.ts';
import { fencePolicy } from './fence.ts';
import { type ArmCredential, refusedTokenPolicy } from './refused-token.ts';
import { type Besides, targetPolicy } from './target.ts';

export interface ArmClientsConfig extends Besides {
  readonly cloud: Cloud;
  /** Is asked for each request, so it must cache its tokens. */
  readonly credential: ArmCredential;
  /** Measures how long each request takes. */
  readonly clock: Clock;
  /** The operator's version, for the user agent. */
  readonly version: string;
  /** Is told of each request when it has ended, in whatever way. */
  readonly onRequest?: (request: ArmRequest, subscriptionId: string) => void;
  /** Is called last of all before a write is sent; when it throws, the write is not sent. */
  readonly fence?: () => void;
  /** Default: the SDK's client, which keeps connections and heeds HTTPS_PROXY and NODE_EXTRA_CA_CERTS. */
  readonly httpClient?: HttpClient;
  /** Time limit of one request until its whole answer is read. Default: 30 s; ARM itself gives up after 60. */
  readonly timeoutMs?: number;
  /**
   * Longest answer that is read, in bytes after decompression. Default: 4 MiB; the list of a registry that is in all 60
   * regions, with the most tags in each (50 of 768 characters), has 2.3. Each worker may be reading one at a time.
   */
  readonly maxAnswerBytes?: number;
}

/** A client that nobody used for this long is dropped; a new one costs no call. */
const unusedMs = 3_600_000;

export type ClientFor = (subscriptionId: string) => ContainerRegistryManagementClient;

/** Gives one client per subscription, made when first asked for. It never retries and never talks to another host. */
export function armClients(config: ArmClientsConfig): ClientFor {
  const clients = mapOfUsed<ContainerRegistryManagementClient>(() => config.clock.now().getTime(), unusedMs);
  const fence = config.fence === undefined ? undefined : fencePolicy(config.fence);
  return (subscriptionId) => {
    const client = clients.get(subscriptionId) ?? createClient(config, fence, subscriptionId);
    clients.set(subscriptionId, client);
    return client;
  };
}

function createClient(
  config: ArmClientsConfig,
  fence: PipelinePolicy | undefined,
  subscriptionId: string,
): ContainerRegistryManagementClient {
  const { cloud, credential, version, httpClient } = config;
  const client = new ContainerRegistryManagementClient(credential, subscriptionId, {
    endpoint: cloud.resourceManagerEndpoint,
    credentials: { scopes: [cloud.tokenScope] },
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: `acr-replication-operator/${version}` },
    ...(httpClient === undefined ? {} : { httpClient }),
  });
  client.pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
  client.pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({
      credential,
      scopes: cloud.tokenScope,
      challengeCallbacks: {
        async authorizeRequest({ request }) {
          const token = await credential.getToken(cloud.tokenScope, { enableCae: true });
          if (token !== null) request.headers.set('Authorization', `Bearer ${token.token}`);
        },
      },
    }),
  );
  client.pipeline.addPolicy(refusedTokenPolicy(credential, cloud.tokenScope), {
    beforePolicies: [bearerTokenAuthenticationPolicyName],
  });
  client.pipeline.removePolicy({ name: redirectPolicyName });
  client.pipeline.addPolicy(targetPolicy(cloud, config), { phase: 'Serialize' }); // first of all
  client.pipeline.addPolicy(wirePolicy(config, subscriptionId), { afterPhase: 'Retry' });
  if (fence !== undefined) client.pipeline.addPolicy(fence, { afterPolicies: [wirePolicyName] });
  return client;
}

const wirePolicyName = 'acr-replication-operator';

/** Limits every request in time and size, reports it, and makes an error of an answer that is one. */
function wirePolicy(config: ArmClientsConfig, subscriptionId: string): PipelinePolicy {
  const { clock, onRequest, timeoutMs = 30_000, maxAnswerBytes = 4 * 2 ** 20 } = config;
  return {
    name: wirePolicyName,
    async sendRequest(request, next) {
      request.timeout = timeoutMs;
      const beganMs = clock.monotonicMs();
      let response: PipelineResponse | undefined;
      try {
        response = await bounded(request, maxAnswerBytes, next);
      } finally {
        const seen: ArmRequest = {
          operation: operationOf(request),
          status: response?.status,
          durationMs: clock.monotonicMs() - beganMs,
          correlationId: response?.headers.get('x-ms-correlation-request-id') ?? '',
          remaining: remainingOf(response),
        };
        onRequest?.(seen, subscriptionId);
      }
      // Thrown here, because the SDK loses the error's text when paging and the status when the body is empty.
      if (response.status >= 400) {
        const { code, message } = parseArmError(response.bodyAsText ?? '') ?? {};
        const { status: statusCode } = response;
        throw new RestError(message ?? `Azure answered ${statusCode}`, {
          statusCode,
          request,
          response,
          ...(code === undefined ? {} : { code }),
        });
      }
      return response;
    },
  };
}

function operationOf({ method, url }: PipelineRequest): ArmOperation {
  const path = new URL(url).pathname.toLowerCase();
  if (/\/registries\/[^/]+\/?$/.test(path)) return method === 'GET' ? 'registry_get' : 'other';
  if (/\/replications\/?$/.test(path)) return method === 'GET' ? 'replications_list' : 'other';
  if (!/\/replications\/[^/]+\/?$/.test(path)) return 'other';
  return replicationOperations[method] ?? 'other';
}

const replicationOperations: Partial<Record<HttpMethods, ArmOperation>> = {
  GET: 'replication_get',
  PUT: 'replication_put',
  PATCH: 'replication_patch',
  DELETE: 'replication_delete',
};

/** Reads the headers x-ms-ratelimit-remaining-subscription-writes and -subscription-global-writes, and so on. */
function remainingOf(response: PipelineResponse | undefined): ArmRequest['remaining'] {
  const remaining: Partial<Record<QuotaKind, number>> = {};
  for (const kind of ['reads', 'writes', 'deletes'] as const) {
    for (const scope of ['subscription', 'subscription-global']) {
      const text = response?.headers.get(`x-ms-ratelimit-remaining-${scope}-${kind}`);
      const count = Number(text);
      if (text && Number.isFinite(count)) remaining[kind] = Math.min(count, remaining[kind] ?? count);
    }
  }
  return remaining;
}
