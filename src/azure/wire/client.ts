import type { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import {
  type ContainerRegistryManagementContext,
  createContainerRegistryManagement,
} from '@azure/arm-containerregistry/api';
import { get as getRegistry } from '@azure/arm-containerregistry/api/registries';
import {
  create as createReplication,
  $delete as deleteReplication,
  get as getReplication,
  list as listReplications,
  update as updateReplication,
} from '@azure/arm-containerregistry/api/replications';
import {
  bearerTokenAuthenticationPolicy,
  getDefaultProxySettings,
  type HttpClient,
  type HttpMethods,
  type Pipeline,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  proxyPolicy,
  RestError,
  type SendRequest,
} from '@azure/core-rest-pipeline';
import type { ArmOperation, ArmRequest, QuotaKind } from '../../ports/arm-request.ts';
import type { Clock } from '../../time/clock.ts';
import type { Cloud } from '../cloud.ts';
import { parseArmError } from './arm-error.ts';
import { bounded } from './bounded.ts';
import { fencePolicy } from './fence.ts';
import { isFlagged, isQuery } from './graph-request.ts';
import { createHttpClient } from './http.ts';
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
  /** Default: one that keeps connections and heeds HTTPS_PROXY and NODE_EXTRA_CA_CERTS. */
  readonly httpClient?: HttpClient;
  /** Time limit of one request until its whole answer is read. Default: 30 s; ARM itself gives up after 60. */
  readonly timeoutMs?: number;
  /**
   * Longest answer that is read, in bytes after decompression. Default: 4 MiB; the list of a registry that is in all 60
   * regions, with the most tags in each (50 of 768 characters), has 2.3. Each worker may be reading one at a time.
   */
  readonly maxAnswerBytes?: number;
}

type Sdk = ContainerRegistryManagementClient;

/** The requests of one subscription, as the SDK makes them. It never retries and never talks to another host. */
export interface ArmClient {
  readonly registries: Pick<Sdk['registries'], 'get'>;
  /** The same in a preview version of the API, which tells more. */
  readonly previews: Pick<Sdk['registries'], 'get'>;
  readonly replications: Pick<Sdk['replications'], 'list' | 'get' | 'create' | 'update' | 'delete'>;
  /** Sends what the SDK has no operation for. */
  readonly send: SendRequest;
  /** The version in which the SDK asks. */
  readonly apiVersion: string;
}

export type ClientFor = (subscriptionId: string) => ArmClient;

/** Gives the client of a subscription, half a kilobyte. All share one way to Azure. */
export function armClients(config: ArmClientsConfig): ClientFor {
  const send = wayToAzure(config);
  const options = { endpoint: config.cloud.resourceManagerEndpoint, pipeline: pipelineOf(send) };
  return (subscriptionId) => {
    const context = createContainerRegistryManagement(config.credential, subscriptionId, options);
    return {
      ...operationsIn(context),
      previews: { get: (...asked) => getRegistry({ ...context, apiVersion: previewVersion }, ...asked) },
      send,
      apiVersion: context.apiVersion,
    };
  };
}

/**
 * The newest version of the API that has regional endpoints, which no stable one has yet: Registry.models.tsp in
 * specification/containerregistry of azure-rest-api-specs.
 */
const previewVersion = '2026-09-01-preview';

function operationsIn(context: ContainerRegistryManagementContext): Pick<ArmClient, 'registries' | 'replications'> {
  return {
    registries: { get: (...asked) => getRegistry(context, ...asked) },
    replications: {
      list: (...asked) => listReplications(context, ...asked),
      get: (...asked) => getReplication(context, ...asked),
      create: (...asked) => createReplication(context, ...asked),
      update: (...asked) => updateReplication(context, ...asked),
      delete: (...asked) => deleteReplication(context, ...asked),
    },
  };
}

/**
 * What stands around each request, outermost first. That is all: the SDK's own pipeline also follows redirects, sleeps,
 * repeats, decompresses and traces, and takes several times as long.
 */
function wayToAzure(config: ArmClientsConfig): SendRequest {
  const { cloud, credential, httpClient = createHttpClient(), fence } = config;
  const policies: readonly PipelinePolicy[] = [
    targetPolicy(cloud, config),
    namePolicy(config),
    refusedTokenPolicy(credential, cloud.tokenScope),
    tokenPolicy(config),
    ...(getDefaultProxySettings() === undefined ? [] : [proxyPolicy()]),
    wirePolicy(config),
    ...(fence === undefined ? [] : [fencePolicy(fence)]),
  ];
  return policies.reduceRight<SendRequest>(
    (next, policy) => (request) => policy.sendRequest(request, next),
    (request) => httpClient.sendRequest(request),
  );
}

/**
 * The same as the SDK wants it. What it would add is in place: its one policy puts the API version into an URL without one,
 * and both its paths and ARM's links have one.
 */
function pipelineOf(send: SendRequest): Pipeline {
  const pipeline: Pipeline = {
    addPolicy: () => {},
    removePolicy: () => [],
    getOrderedPolicies: () => [],
    clone: () => pipeline,
    sendRequest: (_httpClient, request) => send(request),
  };
  return pipeline;
}

/** Says who asks, and gives each request a name that Azure's support can find. */
function namePolicy({ version }: ArmClientsConfig): PipelinePolicy {
  const userAgent = `acr-replication-operator/${version} azsdk-js-arm-containerregistry Node/${process.versions.node}`;
  return {
    name: 'acr-replication-operator-name',
    sendRequest(request, next) {
      request.headers.set('user-agent', userAgent);
      request.headers.set('x-ms-client-request-id', request.requestId);
      return next(request);
    },
  };
}

/** Asks for a token each time, and answers challenges that hold claims (continuous access evaluation). */
function tokenPolicy({ cloud: { tokenScope }, credential }: ArmClientsConfig): PipelinePolicy {
  return bearerTokenAuthenticationPolicy({
    credential,
    scopes: tokenScope,
    challengeCallbacks: {
      async authorizeRequest({ request }) {
        const token = await credential.getToken(tokenScope, { enableCae: true });
        if (token !== null) request.headers.set('Authorization', `Bearer ${token.token}`);
      },
    },
  });
}

/** Limits every request in time and size, reports it, and makes an error of an answer that is one. */
function wirePolicy(config: ArmClientsConfig): PipelinePolicy {
  const { clock, onRequest, timeoutMs = 30_000, maxAnswerBytes = 4 * 2 ** 20 } = config;
  return {
    name: 'acr-replication-operator-wire',
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
        onRequest?.(seen, subscriptionOf(request));
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

const subscription = /\/subscriptions\/([^/?]+)/i;

/** In small letters. */
function subscriptionOf({ url }: PipelineRequest): string {
  return subscription.exec(url)?.[1]?.toLowerCase() ?? '';
}

/** The end of a path, before the query: a registry, its replicas, or one of them. */
const pathEnd = /\/registries\/[^/?]+(?:(\/replications)(\/[^/?]+)?)?\/?(?:\?|$)/i;

function operationOf({ method, url }: PipelineRequest): ArmOperation {
  if (isQuery({ method, url })) return 'resource_graph_query';
  const [whole, replications, replica] = pathEnd.exec(url) ?? [];
  if (replica !== undefined) return replicationOperations[method] ?? 'other';
  if (whole === undefined || method !== 'GET') return 'other';
  if (replications === undefined) return 'registry_get';
  return isFlagged(url) ? 'resource_graph_list' : 'replications_list';
}

const replicationOperations: Partial<Record<HttpMethods, ArmOperation>> = {
  GET: 'replication_get',
  PUT: 'replication_put',
  PATCH: 'replication_patch',
  DELETE: 'replication_delete',
};

const kinds: readonly QuotaKind[] = ['reads', 'writes', 'deletes'];
const remainingHeaders = kinds.flatMap((kind) =>
  ['subscription', 'subscription-global'].map((scope) => ({ kind, name: `x-ms-ratelimit-remaining-${scope}-${kind}` })),
);

/** What Azure says is left: of two limits for one kind, of the one with less. */
function remainingOf(response: PipelineResponse | undefined): ArmRequest['remaining'] {
  const remaining: Partial<Record<QuotaKind, number>> = {};
  for (const { kind, name } of remainingHeaders) {
    const text = response?.headers.get(name);
    if (!text) continue;
    const count = Number(text);
    if (Number.isFinite(count)) remaining[kind] = Math.min(count, remaining[kind] ?? count);
  }
  return remaining;
}
