import { type PipelinePolicy, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { guidPattern } from '../../domain/entra.ts';
import type { Cloud } from '../cloud.ts';

/** Code of the error for a request that would leave the registries of this Azure. */
export const strayLink = 'StrayLink';

/** The paths that may be asked for. Names of registries and replicas hold no dots, which a URL takes for a way up. */
const path = new RegExp(
  String.raw`^/subscriptions/${guidPattern}/resourceGroups/([^/]+)/providers/Microsoft\.ContainerRegistry/registries/[a-z0-9]+(/replications(/[a-z0-9]+)?)?$`,
  'i',
);
/**
 * Names of resource groups:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources
 */
const groupName = /^[-\p{L}\p{Nd}_.()]{0,89}[-\p{L}\p{Nd}_()]$/u;

/** Paths that may be asked for beside those of registries and their replicas. Default: none. */
export interface Besides {
  /** By GET. */
  readonly readable?: RegExp;
  /** By a POST that Azure answers without changing anything. */
  readonly answerable?: RegExp;
}

/**
 * Lets requests go to Azure's own host only, and there only to read registries and replicas and to change replicas. A
 * request that goes elsewhere, because of a nextLink in an answer or a name that changes the path, is not sent, so
 * that no other host gets the token. `besides` says what else may be asked for: paths below a subscription.
 */
export function targetPolicy({ resourceManagerEndpoint }: Cloud, besides: Besides = {}): PipelinePolicy {
  const { origin } = new URL(resourceManagerEndpoint);
  return {
    name: 'acr-replication-operator-target',
    sendRequest(request, next) {
      if (isOurs(request, origin) || isBeside(request, origin, besides)) return next(request);
      throw new RestError('it points to another place', { code: strayLink });
    },
  };
}

function isOurs({ method, url }: PipelineRequest, origin: string): boolean {
  const target = URL.parse(url); // resolves dots, as whoever sends the request does
  const [, group = '', , replica] = target?.origin === origin ? (path.exec(target.pathname) ?? []) : [];
  return groupName.test(decoded(group)) && (method === 'GET' || replica !== undefined);
}

function isBeside({ method, url }: PipelineRequest, origin: string, { readable, answerable }: Besides): boolean {
  const target = URL.parse(url);
  const allowed = method === 'GET' ? readable : method === 'POST' ? answerable : undefined;
  return target?.origin === origin && allowed?.test(target.pathname) === true;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
