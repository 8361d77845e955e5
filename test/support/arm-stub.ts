import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { clouds } from '../../src/azure/cloud.ts';
import { createReplicationApi, type ReplicationApiConfig } from '../../src/azure/replications.ts';
import { type ArmClientsConfig, armClients } from '../../src/azure/wire/client.ts';
import { regionOf } from '../../src/domain/region.ts';
import type { Registry, RegistryRef } from '../../src/domain/replication.ts';
import type { ReplicationApi } from '../../src/ports/azure.ts';
import { clockAt } from './clock.ts';

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** The request's time limit in milliseconds; 0: it has none. */
  readonly timeout: number;
}

export interface Answered {
  readonly status: number;
  /** Sent as JSON, or as it is when it is a text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answers to give: the first to the first request and so on; the last one repeats. */
export type Answers = readonly (Answered | Error | ((request: PipelineRequest) => Promise<Answered>))[];

/**
 * The HTTP client below the real SDK, which gives the answers it is told to. It has no replicas and no state on purpose: so
 * a test can give answers that no Azure would.
 */
export function stubHttp(answers: Answers): { readonly httpClient: HttpClient; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    httpClient: {
      async sendRequest(request) {
        const answer = answers[Math.min(sent.length, answers.length - 1)];
        const body: unknown = typeof request.body === 'string' ? parsed(request.body) : request.body;
        const { method, url, timeout } = request;
        sent.push({ method, url, timeout, body, headers: request.headers.toJSON() });
        if (answer === undefined) throw new Error(`unexpected ${request.method} ${request.url}`);
        if (answer instanceof Error) throw answer;
        const { status, body: content, headers } = typeof answer === 'function' ? await answer(request) : answer;
        const bodyAsText = content === undefined || typeof content === 'string' ? content : JSON.stringify(content);
        return {
          request,
          status,
          headers: createHttpHeaders({ 'content-type': 'application/json; charset=utf-8', ...headers }),
          ...(bodyAsText === undefined ? {} : { bodyAsText }),
        };
      },
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

export const ref: RegistryRef = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'rg1',
  name: 'clireg000002',
};

export const registryId = `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${ref.name}`;
export const registryUrl = `https://management.azure.com${registryId}`;
export const apiVersion = 'api-version=2025-11-01';

/** The registry of the recorded exchanges as its object's status knows it. */
export const known: Registry = {
  id: registryId,
  loginServer: 'clireg000002.azurecr.io',
  home: regionOf('westus'),
  sku: 'Premium',
};

export const registryBody = {
  type: 'Microsoft.ContainerRegistry/registries',
  id: registryId,
  name: ref.name,
  location: 'westus',
  sku: { name: 'Premium', tier: 'Premium' },
  properties: {
    loginServer: 'clireg000002.azurecr.io',
    provisioningState: 'Succeeded',
    status: null,
    regionalEndpoints: 'Disabled', // newer than the SDK
    policies: { softDeletePolicy: { status: 'disabled' } },
  },
};

/**
 * A replica as Azure showed it on 2026-09-10: Azure/azure-cli, recordings/test_acr_create_replication.yaml @ 0363f19
 * (MIT).
 */
export function replicaBody(location: string, properties: object = {}, rest: object = {}): object {
  return {
    type: 'Microsoft.ContainerRegistry/registries/replications',
    id: `${registryId}/replications/${location}`,
    name: location,
    location,
    tags: {},
    systemData: {
      createdBy: 'test@example.com',
      createdByType: 'User',
      createdAt: '2026-09-10T06:44:50.2658749+00:00',
      lastModifiedBy: 'test@example.com',
      lastModifiedByType: 'User',
      lastModifiedAt: '2026-09-10T06:44:50.2658749+00:00',
    },
    properties: {
      provisioningState: 'Succeeded',
      status: { displayStatus: 'Ready', timestamp: '2026-09-10T06:45:02.7848059Z' },
      regionEndpointEnabled: true,
      zoneRedundancy: 'Disabled',
      ...properties,
    },
    ...rest,
  };
}

/** The adapter over the real SDK, which talks to the answers given. */
export function stubbedApi(
  answers: Answers,
  config: Partial<ReplicationApiConfig & ArmClientsConfig & { readonly correlationId: string }> = {},
): { readonly api: ReplicationApi; readonly sent: Sent[] } {
  const { httpClient, sent } = stubHttp(answers);
  const clock = clockAt(() => new Date('2026-09-10T06:45:00Z'));
  const clientFor = armClients({
    cloud: clouds.AzurePublicCloud,
    credential: {
      getToken: () => Promise.resolve({ token: 'secret-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    clock,
    version: '0.1.0',
    httpClient,
    ...config,
  });
  return { api: createReplicationApi({ clientFor, clock, ...config })(config.correlationId), sent };
}
