import { isRecord, jsonOf } from '../wire/arm-error.ts';
import { steadyPhrase } from './wording.ts';

/** The error of OAuth in a token issuer's answer. */
export interface OauthError {
  readonly error: string;
  /** Empty where the issuer gave none. */
  readonly description: string;
  /** Both in one line without a full stop, without secrets and the ids of the call. */
  readonly text: string;
}

/** Parses an issuer's error; undefined for a body that holds none, such as the page of a proxy. */
export function oauthError(body: string): OauthError | undefined {
  const said = jsonOf(body);
  if (!isRecord(said)) return undefined;
  const inner = isRecord(said['error']) ? said['error'] : {}; // as App Service gives it
  const error = textIn(said['error']) ?? textIn(inner['code']);
  if (error === undefined) return undefined;
  const description = textIn(said['error_description']) ?? textIn(inner['message']) ?? '';
  return { error, description, text: steadyPhrase(description === '' ? error : `${error}, ${description}`) };
}

/** Whether an issuer's answer says that it cannot answer now, whatever code stands in it. */
export function passesByItself(status: number, error: string | undefined): boolean {
  if (status >= 500 || status === 429 || status === 408) return true;
  return error === 'temporarily_unavailable' || error === 'server_error';
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
