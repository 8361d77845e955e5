import type { Failure } from '../../domain/failure.ts';
import { steadyPhrase } from './wording.ts';

/** Code of an answer that does not come from Azure or cannot be understood. */
export const badAnswer = 'BadAnswer';

/** The longest title of a page that is told, in characters. */
const longestTitle = 100;

/** The failure for an answer that a proxy or a firewall gave in Azure's place. Nothing in it counts as Azure's word. */
export function inBetween(answer: { readonly status: number; readonly body: string }, host = 'Azure'): Failure {
  const { status, body } = answer;
  const why = { kind: 'retryable', pace: 'slow', busy: true, reason: 'Retrying', code: badAnswer } as const;
  if (status === 407) {
    return {
      ...why,
      message: `The proxy on the way to ${host} asks for a name and a password (407).`,
      advice: 'Put them into HTTPS_PROXY, or name the host in NO_PROXY.',
    };
  }
  return {
    ...why,
    message: `The answer ${status} does not come from Azure; something in between gave it${pageTitle(body)}.`,
    advice: `Let the operator reach ${host} itself: check proxy, firewall and the address; the operator tries again by itself.`,
  };
}

/** The title of a page as the end of a sentence: `, "502 Bad Gateway"`; empty for what has none. */
export function pageTitle(body: string): string {
  const title = steadyPhrase(/<title>([^<]*)<\/title>/i.exec(body.slice(0, 4_000))?.[1] ?? '', longestTitle);
  return title === '' ? '' : `, "${title}"`;
}
