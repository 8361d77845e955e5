import { isRestError } from '@azure/core-rest-pipeline';
import { type Failure, failed, type Outcome, ok } from '../../domain/failure.ts';
import { plainText } from '../../domain/text.ts';
import { abortable } from '../../time/abortable.ts';
import { parseArmError } from '../wire/arm-error.ts';
import { strayLink } from '../wire/target.ts';
import { badAnswer, inBetween, pageTitle } from './between.ts';
import { networkFailure } from './network-failure.ts';
import { type ArmRefusal, quoted } from './refusal-text.ts';
import { retryAfter } from './retry-after.ts';
import { ruleFor, type Subject } from './rules.ts';
import { TokenError } from './token-error.ts';
import { tokenFailure } from './token-failure.ts';
import { steadyText } from './wording.ts';

/**
 * Calls the SDK, and is the one place that catches its errors: what Azure or the way to it said becomes a Failure. An
 * abort of `signal` rejects at once, even where the SDK ignores it; an error that is no answer of Azure's (a bug) is
 * thrown on.
 */
export async function attempt<T>(
  call: () => Promise<T>,
  subject: Subject,
  now: () => Date,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  signal.throwIfAborted();
  try {
    return ok(await abortable(call(), signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return failed(classify(error, subject, now()));
  }
}

/** In characters: with the next step after it, a message fits into the 2,048 that the CRD takes. */
const longestMessage = 1_500;
/** In characters, room for the longest names that a next step repeats. */
const longestAdvice = 500;

/** Makes a Failure of an error of the SDK's; throws an error that it does not know. */
export function classify(error: unknown, subject: Subject, now: Date): Failure {
  const failure = failureOf(error, subject, now);
  const { message, advice } = failure;
  const shown = { ...failure, message: plainText(message, longestMessage) };
  return advice === undefined ? shown : { ...shown, advice: plainText(advice, longestAdvice) };
}

function failureOf(error: unknown, subject: Subject, now: Date): Failure {
  if (error instanceof TokenError) return tokenFailure(error, subject.signer, now);
  if (isTokenError(error)) return tokenFailure(new TokenError(error, undefined), subject.signer, now);
  if (isRestError(error)) {
    const { statusCode: status, response } = error;
    if (status !== undefined && status >= 400) {
      const until = retryAfter(response?.headers.get('retry-after'), now);
      const failure = ofAnswer(status, response?.bodyAsText ?? '', subject);
      return until === undefined ? failure : { ...failure, until };
    }
    if (error.code === strayLink) return senselessAnswer(error.message, 'slow');
    if (status === undefined && error.code !== undefined) return networkFailure(error, hostOf(error.request?.url));
    return senselessAnswer(status === undefined ? error.message : 'it is not JSON');
  }
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
    return networkFailure(error, 'Azure'); // not our caller's abort: the time limit
  }
  const operation =
    error instanceof Error ? /^The long-running operation has failed\. ([^\s.]*)\.? ?(.*)$/s.exec(error.message) : null;
  if (operation !== null) {
    const [, code, message = ''] = operation;
    return ofRefusal({ status: 200, code: code || 'OperationFailed', message, info: undefined }, subject);
  }
  // The SDK reads fields of answers without looking whether they are there.
  if (error instanceof TypeError || error instanceof RangeError) return senselessAnswer('a part is missing');
  throw error;
}

/** The failure of a call whose answer cannot be understood. Taken for "nothing there" it would create and delete. */
export function senselessAnswer(why: string, pace: 'soon' | 'slow' = 'soon'): Failure {
  const message = `Azure's answer makes no sense: ${steadyText(why)}`;
  return { kind: 'retryable', pace, reason: 'Retrying', code: badAnswer, message };
}

function ofAnswer(status: number, body: string, subject: Subject): Failure {
  const { code, ...said } = parseArmError(body) ?? { code: undefined, message: '', info: undefined };
  if (status === 429) {
    const message = `Azure limits the requests to subscription ${subject.ref.subscriptionId} (${code ?? status}).`;
    return { kind: 'throttled', reason: 'Throttled', code: code ?? '429', message };
  }
  if (status >= 500) {
    const isPage = code === undefined && body !== '';
    const message = isPage
      ? `Azure is in trouble, or something in front of it: answer ${status}${pageTitle(body)}.`
      : `Azure is in trouble. ${quoted({ status, code, ...said })}`;
    return { kind: 'retryable', pace: 'soon', reason: 'Retrying', code: code ?? String(status), message };
  }
  // ARM gives a code with each refusal but some of these three. Above all, no 404 of a proxy, nor an empty one, may
  // pass for a missing registry.
  const isArms = code !== undefined || status === 408 || (body === '' && (status === 401 || status === 409));
  if (!isArms) return inBetween({ status, body });
  return ofRefusal({ status, code, ...said }, subject);
}

function ofRefusal(refusal: ArmRefusal, subject: Subject): Failure {
  const { reason, pace, text, advice, settles, busy } = ruleFor(refusal, subject);
  const step = advice?.(refusal, subject);
  const why = {
    reason,
    code: refusal.code ?? String(refusal.status),
    message: text(refusal, subject),
    ...(step === undefined ? {} : { advice: step }),
    ...(settles === undefined ? {} : { settles }),
    ...(busy === undefined ? {} : { busy }),
  };
  return pace === 'terminal' ? { kind: 'terminal', ...why } : { kind: 'retryable', pace, ...why };
}

function isTokenError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(AuthenticationRequired|CredentialUnavailable|AggregateAuthentication|Authentication)Error$/.test(error.name)
  );
}

function hostOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : 'Azure';
}
