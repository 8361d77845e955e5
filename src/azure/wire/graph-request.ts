import type { PipelineRequest } from '@azure/core-rest-pipeline';

/**
 * The one path by which Resource Graph is queried. The request is a POST and reads only.
 * https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
 */
export const queryPath = /^\/providers\/Microsoft\.ResourceGraph\/resources$/;

/** Whether a request is the POST that reads by a query. */
export function isQuery({ method, url }: Pick<PipelineRequest, 'method' | 'url'>): boolean {
  return method === 'POST' && queryPath.test(URL.parse(url)?.pathname ?? '');
}

/** Whether a request is a LIST that Azure may route to Resource Graph. */
export function isFlagged(url: string): boolean {
  return url.includes('useResourceGraph=true');
}
