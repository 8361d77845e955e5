import type { IncomingHttpHeaders } from 'node:http';
import { plainText } from '../../domain/text.ts';
import { KubeError, retryAfterMs } from './error.ts';

/** Reason of an answer that Kubernetes did not give: something answers in its place, or stands in between. */
const notKubernetes = 'NotKubernetes';

/** How many characters of a page are told. */
const shownCharacters = 200;
/** How many characters of a page are looked at for its title. */
const searchedCharacters = 4_000;

/** An answer that has come whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Whether a value is a typed object of Kubernetes, as all its answers are but those of a watch. */
export function isTyped(value: unknown): value is { readonly apiVersion: string; readonly kind: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind } = value as Readonly<Record<string, unknown>>;
  return typeof apiVersion === 'string' && typeof kind === 'string';
}

/** Whether a line begins as an event of a watch does. */
export function isEventLike(line: string): boolean {
  return /^\s*\{\s*"(?:type"\s*:\s*"(?:ADDED|MODIFIED|DELETED|BOOKMARK|ERROR)"|object"\s*:)/.test(line);
}

/**
 * The error for an answer that is not Kubernetes'. Its status is 0, as if none had come, so that nothing in it counts as
 * Kubernetes' word: a 404 does not say that an object is gone, nor a 403 that a right is lacking. 429 and 5xx stay, for
 * they mean the same whoever gives them.
 */
export function strangeAnswer(request: string, answer: WholeAnswer): KubeError {
  const { status, headers } = answer;
  return new KubeError({
    request,
    status: status === 429 || status >= 500 ? status : 0,
    answered: status,
    reason: notKubernetes,
    message: shownOf(answer),
    retryAfterMs: retryAfterMs(headers['retry-after']),
  });
}

/** What was answered, in a few words. Of a success only the title is told, for a broken list may hold a Secret. */
function shownOf({ status, headers, body }: WholeAnswer): string {
  const to = headers.location === undefined ? null : URL.parse(headers.location, 'https://api.invalid');
  if (status >= 300 && status < 400 && to !== null) {
    return plainText(`a redirect to ${to.hostname === 'api.invalid' ? '' : to.origin}${to.pathname}`, shownCharacters);
  }
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body.slice(0, searchedCharacters))?.[1] ?? '';
  const words = plainText(title === '' && status >= 300 ? withoutTags(body) : title, shownCharacters);
  if (words !== '') return JSON.stringify(words);
  if (body.trim() === '') return 'an empty answer';
  return /^\s*[[{]/.test(body) ? 'JSON, but no object of Kubernetes' : 'a page';
}

function withoutTags(page: string): string {
  return page
    .slice(0, searchedCharacters)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}
