import type { Failure } from '../../domain/failure.ts';
import { networkFailure } from './network-failure.ts';
import type { TokenError } from './token-error.ts';
import { steadyText } from './wording.ts';

/**
 * What Entra's commonest refusals mean. Source:
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const refusals: Readonly<Record<string, string>> = {
  AADSTS70021: 'No federated credential of the application matches the service account (issuer, subject or audience).',
  AADSTS90002: 'There is no tenant with the configured id.',
  AADSTS700016: 'The tenant has no application with the configured client id.',
  AADSTS700024: "The service account's token has expired or is not valid yet.",
  AADSTS700027: 'The certificate is not registered with the application.',
  AADSTS700211: 'No federated credential of the application names the issuer of this cluster.',
  AADSTS700212: 'No federated credential of the application accepts the audience of the service account token.',
  AADSTS700213: 'No federated credential of the application names this service account.',
  AADSTS900023: 'The configured tenant id is neither an id nor a domain name.',
  AADSTS7000215: 'The client secret is wrong; it must be the value of the secret, not its id.',
  AADSTS7000222: 'The client secret has expired.',
};

/** Codes with which Entra asks to try again. */
const passing: ReadonlySet<string> = new Set(['AADSTS90006', 'AADSTS90024', 'AADSTS90033', 'AADSTS90055']);

/** Explains why there is no token, from all that the identity library and its HTTP client said. */
export function tokenFailure({ heard, cause }: TokenError): Failure {
  const errors = chainOf(cause);
  const answer = heard !== undefined && 'status' in heard ? heard : undefined;
  const texts = [...(answer === undefined ? [] : [answer.body]), ...errors.map((e) => e.message)];
  const code = texts.map((text) => /AADSTS\d+/.exec(text)?.[0]).find((match) => match !== undefined);
  if (code !== undefined) {
    if (passing.has(code)) return soon(code, 'Microsoft Entra is busy and gave no token.');
    const said = texts.find((text) => text.includes(code)) ?? '';
    return authenticationFailed(code, `Microsoft Entra gave no token: ${refusals[code] ?? sentenceAfter(code, said)}`);
  }
  const missing = errors.find((e) => e.code === 'ENOENT' || e.code === 'EACCES');
  if (missing !== undefined) {
    return authenticationFailed(
      missing.code ?? '',
      `A file with credentials cannot be read: ${filePathIn(missing.message)}.`,
    );
  }
  if (errors.some((e) => e.name === 'ManagedIdentityError')) {
    const { text } = answer === undefined ? { text: 'its endpoint does not answer' } : { text: saidBy(answer) };
    return authenticationFailed('ManagedIdentityUnavailable', `The machine's managed identity gave no token: ${text}.`);
  }
  const host = heard?.host ?? 'Microsoft Entra';
  if (heard !== undefined && 'error' in heard) return networkFailure(heard.error, host);
  if (answer !== undefined && (answer.status >= 500 || answer.status === 429 || answer.status === 408)) {
    return soon(String(answer.status), `${host} answered ${answer.status} instead of a token.`);
  }
  if (answer !== undefined)
    return authenticationFailed(String(answer.status), `${host} gave no token: ${saidBy(answer)}.`);
  if (errors.some((e) => e.name === 'TimeoutError' || e.name === 'AbortError')) {
    return soon('ETIMEDOUT', `${host} gave no token in time.`);
  }
  return authenticationFailed(
    'NoToken',
    `No token for Azure: ${steadyText(errors.at(-1)?.message ?? 'no reason given')}`,
  );
}

function authenticationFailed(code: string, message: string): Failure {
  return { kind: 'retryable', pace: 'slow', reason: 'AuthenticationFailed', code, message };
}

function soon(code: string, message: string): Failure {
  return { kind: 'retryable', pace: 'soon', reason: 'Retrying', code, message };
}

/** Entra's own sentence about the code, without the ids and times that follow it. */
function sentenceAfter(code: string, text: string): string {
  const description = text.slice(text.indexOf(code) + code.length).replace(/^:\s*/, '');
  const own = description.split(/\s*\b(Trace ID|Correlation ID|Timestamp)\b/i)[0] ?? '';
  return `${steadyText(own.split('"')[0] ?? '').replace(/\.$/, '')} (${code}).`;
}

/** OAuth's error and description in the answer, or the answer's status where it has none. */
function saidBy({ status, body }: { readonly status: number; readonly body: string }): string {
  const error = /"error"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  const description = /"error_description"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  if (error === undefined) return `answer ${status}`;
  return steadyText(description === undefined ? error : `${error}, ${description}`).replace(/\.$/, '');
}

/** One error in a chain of causes. */
interface Link {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

/** The error and its causes, ten at most. */
function chainOf(cause: unknown): readonly Link[] {
  const links: Link[] = [];
  for (let error = cause; error instanceof Error && links.length < 10; error = error.cause) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    links.push({ name: error.name, message: error.message, code });
  }
  return links;
}

/** The path that Node quotes in the message about a file. */
function filePathIn(message: string): string {
  return /'([^']+)'/.exec(message)?.[1] ?? 'unknown';
}
