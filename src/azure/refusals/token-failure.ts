import type { Failure } from '../../domain/failure.ts';
import { inBetween } from './between.ts';
import { entraRule, isKnownCode } from './entra.ts';
import { managedIdentityFailure } from './managed-identity-failure.ts';
import { networkFailure } from './network-failure.ts';
import { oauthError, passesByItself } from './oauth-error.ts';
import { retryAfter } from './retry-after.ts';
import type { Signer } from './signer.ts';
import type { TokenError } from './token-error.ts';
import { steadyText } from './wording.ts';

/** Codes of what passes by itself: Entra asks to try again, or took many attempts for a loop. */
const passing: ReadonlySet<string> = new Set([
  'AADSTS50087',
  'AADSTS50196',
  'AADSTS90006',
  'AADSTS90012',
  'AADSTS90024',
  'AADSTS90033',
  'AADSTS90055',
]);

/** Explains why there is no token, from all that the identity library and its HTTP client said. */
export function tokenFailure({ heard, cause }: TokenError, signer: Signer, now: Date): Failure {
  if (heard !== undefined && 'failure' in heard) return heard.failure;
  const answer = heard !== undefined && 'status' in heard ? heard : undefined;
  const until = retryAfter(answer?.retryAfter, now);
  const failure = failureOfToken(heard, chainOf(cause), signer);
  return until === undefined ? failure : { ...failure, until };
}

type HeardOnTheWay = Exclude<TokenError['heard'], { readonly failure: Failure }>;

function failureOfToken(heard: HeardOnTheWay, errors: readonly Link[], signer: Signer): Failure {
  if (errors.some((e) => e.name === 'ManagedIdentityError')) return managedIdentityFailure(heard, signer);
  const answer = heard !== undefined && 'status' in heard ? heard : undefined;
  const oauth = oauthError(answer?.body ?? '');
  const texts = [oauth?.description ?? answer?.body ?? '', ...errors.map((e) => e.message)];
  const code = codeIn(texts);
  const host = heard?.host ?? 'Microsoft Entra';
  if (code !== undefined && passing.has(code))
    return soon(code, `Microsoft Entra is busy and gave no token (${code}).`);
  if (answer !== undefined && passesByItself(answer.status, oauth?.error)) {
    return soon(code ?? String(answer.status), `${host} answered ${answer.status} instead of a token.`);
  }
  if (code !== undefined) return entraFailure(code, texts.find((text) => text.includes(code)) ?? '', signer);
  const missing = errors.find((e) => e.code === 'ENOENT' || e.code === 'EACCES');
  if (missing !== undefined) {
    return signInFailed(
      missing.code ?? '',
      `A file with credentials cannot be read: ${filePathIn(missing.message)}.`,
      `Mount the file, or correct ${signer.credentials}.`,
    );
  }
  if (heard !== undefined && 'error' in heard) return networkFailure(heard.error, host);
  if (answer !== undefined && oauth === undefined) return inBetween(answer, host);
  if (answer !== undefined) {
    return signInFailed(String(answer.status), `${host} gave no token: ${oauth?.text ?? ''}.`, correctionOf(signer));
  }
  if (errors.some((e) => e.name === 'TimeoutError' || e.name === 'AbortError')) {
    return soon('ETIMEDOUT', `${host} gave no token in time.`);
  }
  const reason = steadyText(errors.at(-1)?.message ?? 'no reason given');
  return signInFailed('NoToken', `No token for Azure: ${reason}`, correctionOf(signer));
}

function entraFailure(code: string, description: string, signer: Signer): Failure {
  const { text, advice, settles } = entraRule(code);
  const said = wordsAfter(code, description);
  const message = `Microsoft Entra gave no token: ${text(said, signer)}`;
  const failure = signInFailed(code, message, advice(said, signer));
  return settles === undefined ? failure : { ...failure, settles };
}

function signInFailed(code: string, message: string, advice: string): Failure {
  return { kind: 'retryable', pace: 'slow', reason: 'AuthenticationFailed', code, message, advice };
}

function correctionOf({ credentials }: Signer): string {
  return `Correct ${credentials}.`;
}

function soon(code: string, message: string): Failure {
  return { kind: 'retryable', pace: 'soon', reason: 'Retrying', code, message };
}

/** The code in the first text that has one; of several the first about which more is known. */
function codeIn(texts: readonly string[]): string | undefined {
  const codes = texts.map((text) => text.match(/AADSTS\d+/g) ?? []).find(({ length }) => length > 0) ?? [];
  return codes.find((code) => passing.has(code) || isKnownCode(code)) ?? codes[0];
}

/** Entra's own words about the code, without the ids and times of the call that follow them. */
function wordsAfter(code: string, text: string): string {
  const description = text.slice(text.indexOf(code) + code.length).replace(/^:\s*/, '');
  const own = description.split(/\s*\b(?:Trace ID|Correlation ID|Timestamp)\b/i)[0] ?? '';
  return (own.split('"')[0] ?? '').slice(0, 2_000);
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
