import { type PipelinePolicy, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';

import { guidPattern } from '../../domain/entra.ts';
import type { Cloud } from '../cloud.ts';

/** Code of the error for a request that would leave the registries of this Azure. */
export const strayLink = 'StrayLink';

/** Names of registries and replicas are letters and digits: no dots, which a URL takes for a way up. */
const path = new RegExp(
  String.raw`^/subscriptions/${guidPattern}/resourceGroups/([^/]+)/providers/Microsoft\.ContainerRegistry/registries/[a-z0-9]+(/replications(/[a-z0-9]+)?)?$`,
  'i',
);
/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources */
const groupName = /^[-\p{L}\p{Nd}_.()]{0,89}[-\p{L}\p{Nd}_()]$/u;

/**
 * The token goes to Azure's own host, and there to registries and their replicas only: reading both, changing replicas.
 * Whatever a nextLink in an answer says, or a name that would change the path, is refused before it is sent.
 */
export function targetPolicy({ resourceManagerEndpoint }: Cloud): PipelinePolicy {
  const { origin } = new URL(resourceManagerEndpoint);
  return {
    name: 'acr-replication-operator-target',
    sendRequest(request, next) {
      if (isOurs(request, origin)) return next(request);
      throw new RestError('it points to another place', { code: strayLink });
    },
  };
}

function isOurs({ method, url }: PipelineRequest, origin: string): boolean {
  const target = URL.parse(url); // which resolves dots, as whoever sends it does
  const [, group = '', , replica] = target?.origin === origin ? (path.exec(target.pathname) ?? []) : [];
  return groupName.test(decoded(group)) && (method === 'GET' || replica !== undefined);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
