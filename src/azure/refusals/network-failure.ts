import type { Failure } from '../../domain/failure.ts';
import { redirected, tooLong } from '../wire/bounded.ts';

/** What each error code says about the host, as the end of a sentence. */
const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has no address in DNS',
  EAI_AGAIN: 'cannot be looked up, DNS does not answer',
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'broke the connection off',
  EPIPE: 'broke the connection off',
  PARSE_ERROR: 'broke off its answer', // the SDK's code for a body that ended too early
  ETIMEDOUT: 'does not answer in time',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  [tooLong]: 'gives an answer that is too long to be read',
  [redirected]: 'redirects to another address, which is not followed',
};
/** Codes of errors that last until somebody changes something. */
const lasting: ReadonlySet<string> = new Set([tooLong, redirected]);

/** Codes of errors about the host's certificate. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|^ERR_SSL/;

/** The failure for an error below HTTP. Most such errors pass in seconds; a certificate that is not trusted stays. */
export function networkFailure(error: unknown, host: string): Failure {
  const aborted = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
  const code = aborted ? 'ETIMEDOUT' : networkCode(error);
  if (certificate.test(code)) {
    const message = `The certificate of ${host} is not trusted (${code}).`;
    return { kind: 'retryable', pace: 'slow', reason: 'Retrying', code, message };
  }
  const message = `${host} ${words[code] ?? 'cannot be talked to'} (${code}).`;
  return { kind: 'retryable', pace: lasting.has(code) ? 'slow' : 'soon', reason: 'Retrying', code, message };
}

function networkCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'NetworkError';
}
