import {
  createHttpHeaders,
  createPipelineRequest,
  isRestError,
  type PipelineRequestOptions,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { RegistryRef } from '../../domain/replication.ts';
import type { Cloud } from '../cloud.ts';
import { isRecord, jsonOf } from './arm-error.ts';
import { tooLong } from './bounded.ts';
import type { ArmClient, ClientFor } from './client.ts';

const queryVersion = '2024-04-01';

/** What came of a request that Resource Graph may answer. */
export type GraphReply = { readonly quota: GraphQuota } & (
  | {
      readonly kind: 'answered';
      readonly body: unknown;
      /** False: Azure routed the request to the provider itself. */
      readonly isGraphs: boolean;
    }
  | {
      readonly kind: 'refused';
      /** Undefined: the answer was longer than what is read. */
      readonly status: number | undefined;
      /** The code of the error's first detail, which tells more than the error's own; empty when it has none. */
      readonly code: string;
      readonly retryAfter: string | undefined;
    }
);

/** How many queries Azure says are left to this identity, and when all are there again; undefined where it does not say. */
export interface GraphQuota {
  readonly remaining: number | undefined;
  readonly resetsAfterMs: number | undefined;
}

/** One query: KQL, and where the page begins that is asked for. */
export interface GraphQuestion {
  readonly query: string;
  /** At most 1,000. */
  readonly top: number;
  /** From the answer with the page before; undefined for the first page. */
  readonly skipToken: string | undefined;
}

/** The requests that Resource Graph may answer. An answer that Azure gave is a value, everything else is thrown. */
export interface GraphCalls {
  /** One GET: the LIST of a registry's replicas with the flag that routes it to Resource Graph. */
  list(ref: RegistryRef, signal: AbortSignal): Promise<GraphReply>;
  /** One POST: one page of the answer to a query over one subscription. */
  query(subscriptionId: string, question: GraphQuestion, signal: AbortSignal): Promise<GraphReply>;
}

/** Sends as the clients do: to the same host, with the same token, limits of time and size as every other request. */
export function graphCalls(clientFor: ClientFor, { resourceManagerEndpoint }: Cloud): GraphCalls {
  async function sent(
    { send }: ArmClient,
    path: string,
    options: Omit<PipelineRequestOptions, 'url'>,
  ): Promise<GraphReply> {
    const request = createPipelineRequest({ ...options, url: `${resourceManagerEndpoint}${path}` });
    try {
      return replyOf(await send(request));
    } catch (error) {
      if (!isRestError(error)) throw error;
      if (error.code === tooLong) return { kind: 'refused', status: undefined, code: tooLong, ...unsaid };
      if (error.statusCode === undefined || error.response === undefined) throw error;
      return refusalOf(error.statusCode, error.response);
    }
  }

  return {
    list({ subscriptionId, resourceGroup, name }, abortSignal) {
      const group = `/subscriptions/${subscriptionId}/resourceGroups/${encodeURIComponent(resourceGroup)}`;
      const path = `${group}/providers/Microsoft.ContainerRegistry/registries/${encodeURIComponent(name)}/replications`;
      const client = clientFor(subscriptionId);
      return sent(client, `${path}?api-version=${client.apiVersion}&useResourceGraph=true`, {
        method: 'GET',
        abortSignal,
      });
    },
    query(subscriptionId, { query, top, skipToken }, abortSignal) {
      const options = { $top: top, resultFormat: 'objectArray', ...(skipToken && { $skipToken: skipToken }) };
      return sent(
        clientFor(subscriptionId),
        `/providers/Microsoft.ResourceGraph/resources?api-version=${queryVersion}`,
        {
          method: 'POST',
          headers: createHttpHeaders({ 'content-type': 'application/json' }),
          body: JSON.stringify({ subscriptions: [subscriptionId], query, options }),
          abortSignal,
        },
      );
    },
  };
}

const unsaid = { retryAfter: undefined, quota: { remaining: undefined, resetsAfterMs: undefined } } as const;

function replyOf(response: PipelineResponse): GraphReply {
  const isGraphs = response.headers.has('x-ms-resource-graph-request-duration');
  return { kind: 'answered', body: jsonOf(response.bodyAsText ?? ''), isGraphs, quota: quotaOf(response) };
}

function refusalOf(status: number, response: PipelineResponse): GraphReply {
  const retryAfter = response.headers.get('retry-after');
  return { kind: 'refused', status, code: detailIn(response.bodyAsText ?? ''), retryAfter, quota: quotaOf(response) };
}

function detailIn(text: string): string {
  const body = jsonOf(text);
  const error = isRecord(body) ? body['error'] : undefined;
  const details = isRecord(error) ? error['details'] : undefined;
  const first: unknown = Array.isArray(details) ? details[0] : undefined;
  return isRecord(first) && typeof first['code'] === 'string' ? first['code'] : '';
}

/** Reads `x-ms-user-quota-remaining: 14` and `x-ms-user-quota-resets-after: 00:00:05`. */
function quotaOf({ headers }: PipelineResponse): GraphQuota {
  const remaining = /^\d+$/.exec(headers.get('x-ms-user-quota-remaining') ?? '')?.[0];
  const [, hours, minutes, seconds] =
    /^(\d+):(\d\d):(\d\d)/.exec(headers.get('x-ms-user-quota-resets-after') ?? '') ?? [];
  const resetsAfter = hours === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return {
    remaining: remaining === undefined ? undefined : Number(remaining),
    resetsAfterMs: resetsAfter === undefined ? undefined : resetsAfter * 1_000,
  };
}
