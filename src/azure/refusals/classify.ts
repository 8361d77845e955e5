import { isRestError } from '@azure/core-rest-pipeline';
import { type Failure, failed, type Outcome, ok } from '../../domain/failure.ts';
import { plainText } from '../../domain/text.ts';
import { abortable } from '../../time/abortable.ts';
import { parseArmError } from '../wire/arm-error.ts';
import { strayLink } from '../wire/target.ts';
import { networkFailure } from './network-failure.ts';
import { type ArmRefusal, quoted } from './refusal-text.ts';
import { retryAfter } from './retry-after.ts';
import { ruleFor, type Subject } from './rules.ts';
import { TokenError } from './token-error.ts';
import { tokenFailure } from './token-failure.ts';
import { steadyText } from './wording.ts';

/** Code of an answer that does not come from Azure or cannot be understood. */
const badAnswer = 'BadAnswer';

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

/** Makes a Failure of an error of the SDK's; throws an error that it does not know. */
export function classify(error: unknown, subject: Subject, now: Date): Failure {
  const failure = failureOf(error, subject, now);
  return { ...failure, message: plainText(failure.message, longestMessage) };
}

function failureOf(error: unknown, subject: Subject, now: Date): Failure {
  if (error instanceof TokenError) return tokenFailure(error);
  if (isTokenError(error)) return tokenFailure(new TokenError(error, undefined));
  if (isRestError(error)) {
    const { statusCode: status, response } = error;
    if (status !== undefined && status >= 400) {
      const until = retryAfter(response?.headers.get('retry-after'), now);
      const said = parseArmError(response?.bodyAsText ?? '') ?? { code: undefined, message: '', info: undefined };
      return ofAnswer({ status, ...said, until }, subject);
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
    return ofAnswer(
      { status: 200, code: code || 'OperationFailed', message, info: undefined, until: undefined },
      subject,
    );
  }
  // The SDK reads fields of answers without looking whether they are there.
  if (error instanceof TypeError || error instanceof RangeError) return senselessAnswer('a part is missing');
  throw error;
}

/** Codes of a 404 that speaks of something around the replica. */
const outsideTheReplica = new Set([
  'ParentResourceNotFound',
  'ResourceGroupNotFound',
  'SubscriptionNotFound',
  'InvalidResourceType',
]);

/**
 * Whether an error says that this one replica is not there: a 404 that has a code of Azure's, or no body at all, and
 * does not speak of the registry. A proxy's page says nothing about replicas.
 */
export function isReplicaMissing(error: unknown): boolean {
  if (!isRestError(error) || error.statusCode !== 404) return false;
  const body = error.response?.bodyAsText ?? '';
  const said = parseArmError(body);
  if (said?.code === undefined) return body === '';
  const registryItself = /\/registries\/[^/']+'/i.test(said.message);
  return !outsideTheReplica.has(said.code) && !registryItself;
}

/** The failure of a call whose answer cannot be understood. Taken for "nothing there" it would create and delete. */
export function senselessAnswer(why: string, pace: 'soon' | 'slow' = 'soon'): Failure {
  const message = `Azure's answer makes no sense: ${steadyText(why)}`;
  return { kind: 'retryable', pace, reason: 'Retrying', code: badAnswer, message };
}

function ofAnswer(answer: ArmRefusal & { readonly until: Date | undefined }, subject: Subject): Failure {
  const { status, until } = answer;
  const code = answer.code ?? String(status);
  if (status === 429) {
    const message = `Azure limits the requests to subscription ${subject.ref.subscriptionId} (${code}).`;
    return { kind: 'throttled', until, reason: 'Throttled', code, message };
  }
  if (status >= 500) {
    const message = `Azure is in trouble. ${quoted(answer)}`;
    if (until !== undefined) return { kind: 'throttled', until, reason: 'Retrying', code, message };
    return { kind: 'retryable', pace: 'soon', reason: 'Retrying', code, message };
  }
  if (answer.code === undefined && status !== 401 && status !== 408 && status !== 409) {
    // ARM always gives a code: this is a proxy's page. Above all, no 404 of a proxy may pass for a missing registry.
    const message = `The answer ${status} does not come from Azure; something in between gave it.`;
    return { kind: 'retryable', pace: 'slow', reason: 'Retrying', code: badAnswer, message };
  }
  const { reason, pace, text, advice } = ruleFor(answer, subject);
  const why = { reason, code, message: text(answer, subject), ...(advice === undefined ? {} : { advice }) };
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
