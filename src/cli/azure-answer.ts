import type { Failure, Outcome } from '../domain/failure.ts';
import { reasons } from '../domain/reasons.ts';
import type { Azure } from './azure.ts';
import { Problem } from './command.ts';

/** What Azure answered; a refusal is thrown as a Problem with its next step, for whom has no object whose spec is wrong. */
export function answered<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const { failure } = outcome;
  const isAsked = failure.reason === 'RegistryNotFound' && failure.advice === undefined;
  throw new Problem(failure.message, isAsked ? 'az acr list --output table' : adviceOf(failure));
}

/** The next step of the person at the terminal; nobody tries again by itself. */
export function adviceOf({ reason, code, advice }: Failure): string {
  if (reason === 'Retrying' || reason === 'Throttled') return 'the same command again, a minute later';
  if (code === 'SubscriptionNotFound') return 'az account list --output table';
  if (reason === 'RegistryNotFound') return 'az acr list --output table';
  return advice ?? reasons[reason].advice;
}

/** The entries of a list of ARM, page by page; one GET per page. */
export async function listed(
  azure: Azure,
  path: string,
  apiVersion: string,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page = answered(await azure.get(next, apiVersion, signal)) as {
      readonly value?: readonly unknown[];
      readonly nextLink?: string;
    } | null;
    entries.push(...(page?.value ?? []));
    next = page?.nextLink === undefined ? undefined : pathOfLink(page.nextLink);
  }
  return entries;
}

/** Path and query of a link, so that the token is sent to no other host; the api-version is added again to each GET. */
export function pathOfLink(link: string): string {
  const { pathname, searchParams } = new URL(link);
  searchParams.delete('api-version');
  return `${pathname}?${searchParams.toString()}`;
}
