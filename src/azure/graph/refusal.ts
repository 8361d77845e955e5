import type { GraphReply } from '../wire/graph-calls.ts';

/** How Resource Graph is asked: by the LIST of one registry, or by a query over a subscription. */
export type Way = 'list' | 'query';

/** For how long, and for what, Resource Graph is not asked again in a way that it has refused. */
export interface Shut {
  readonly scope: 'registry' | 'subscription';
  readonly ms: number;
}

type Refused = Pick<GraphReply & { readonly kind: 'refused' }, 'status'>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * What follows from a refusal, until the provider is all that is asked. 422: Resource Graph cannot index the resource, and
 * never will for this request. 404: it does not know the registry, or not yet. 401 and 403: rights that are missing, or
 * spreading. 400 to a query, and whatever else is not expected: this Azure does not know the request. 5xx pass, as does silence.
 * https://learn.microsoft.com/azure/governance/resource-graph/concepts/azure-resource-graph-get-list-api
 */
export function shutAfter(way: Way, { status = 0 }: Refused): Shut {
  const scope = way === 'query' ? 'subscription' : 'registry';
  if (status === 422) return { scope, ms: 24 * hourMs };
  if (status >= 500 || status === 0) return { scope: 'subscription', ms: minuteMs };
  if (status === 401 || status === 403) return { scope, ms: 10 * minuteMs };
  if (status === 404 && way === 'list') return { scope, ms: minuteMs };
  return { scope, ms: hourMs };
}

/** After an answer that came from the provider although Resource Graph was asked: Azure does not route such requests there. */
export const shutWhenIgnored: Shut = { scope: 'subscription', ms: hourMs };
