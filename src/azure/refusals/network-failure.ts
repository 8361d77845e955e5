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

const wayAdvice = (host: string): string =>
  `Let the operator reach ${host} itself: check proxy, firewall and the address; the operator tries again by itself.`;

const passingAdvice = 'The operator tries again by itself; if this stays, check DNS, firewall and proxy.';

/** The failure for an error below HTTP. Most such errors pass in seconds; a certificate that is not trusted stays. */
export function networkFailure(error: unknown, host: string): Failure {
  const aborted = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
  const code = aborted ? 'ETIMEDOUT' : networkCode(error);
  if (certificate.test(code)) {
    const message = `The certificate of ${host} ${certificateProblem(code)} (${code}).`;
    return {
      kind: 'retryable',
      pace: 'slow',
      busy: true,
      reason: 'Retrying',
      code,
      message,
      advice: trustAdvice(code),
    };
  }
  const message = `${host} ${words[code] ?? 'cannot be talked to'} (${code})${proxyText(error, host)}.`;
  const why = { reason: 'Retrying', code, message } as const;
  if (!lasting.has(code)) return { kind: 'retryable', pace: 'soon', ...why, advice: passingAdvice };
  return { kind: 'retryable', pace: 'slow', busy: true, ...why, advice: wayAdvice(host) };
}

function certificateProblem(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'is not valid yet';
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'names another host' : 'is not trusted';
}

function trustAdvice(code: string): string {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return 'Have the certificate renewed, or set the clock of the node right.';
  }
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID'
    ? 'Check the address and the proxy: something else answers there.'
    : 'Give the operator the authority that signed it in NODE_EXTRA_CA_CERTS, a proxy for example has its own.';
}

/** Says which address it was when the host was not asked itself: a proxy has another port than the host. */
function proxyText(error: unknown, host: string): string {
  const address = error instanceof Error ? /E[A-Z]+ (\[?[\w.:]+\]?:(\d{1,5}))$/.exec(error.message) : null;
  const [, whole, port] = address ?? [];
  return whole === undefined || port === (/:(\d+)$/.exec(host)?.[1] ?? '443') ? '' : `, asked through ${whole}`;
}

function networkCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'NetworkError';
}
