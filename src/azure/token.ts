import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import type { Clock } from '../controller/ports.ts';
import { abortable } from './abortable.ts';

/** The last failing answer, or error, that a token issuer's address gave. The identity library forgets it. */
export type Heard = { readonly host: string } & (
  | { readonly status: number; readonly body: string }
  | { readonly error: unknown }
);

/** No token could be had. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly heard: Heard | undefined;

  constructor(cause: unknown, heard: Heard | undefined) {
    super('no token for Azure', { cause });
    this.heard = heard;
  }
}

/** Entra's tokens last an hour or more. The identity library answers from its own cache until 5 minutes before. */
const renewBeforeMs = 4 * 60_000;
/** A token is used until this long before it expires: one request's time limit. */
const unusableBeforeMs = 30_000;
/** Pause after a failed renewal while the old token is still good. */
const renewPauseMs = 15_000;

interface Slot {
  token: AccessToken | undefined;
  fetching: Promise<AccessToken> | undefined;
  renewAfter: number;
}

/**
 * The same credential, asked once for all callers, with a time limit and a cache that outlives a short outage of the
 * token issuer. One caller's abort doesn't fail the others. Every failure is a TokenError.
 *
 * Instead of the SDK's own token cache, which renews in the background and leaves a failure there unhandled: the
 * process would die.
 */
export function steady(
  credential: TokenCredential,
  clock: Clock,
  heard: () => Heard | undefined = () => undefined,
  limitMs = 25_000,
): TokenCredential {
  const slots = new Map<string, Slot>();

  async function ask(scopes: string | string[], options: GetTokenOptions): Promise<AccessToken> {
    const limit = AbortSignal.timeout(limitMs);
    try {
      const token = await abortable(credential.getToken(scopes, { ...options, abortSignal: limit }), limit);
      if (token === null) throw new Error('the credential gave no token');
      return token;
    } catch (cause) {
      throw new TokenError(limit.aborted ? limit.reason : cause, heard());
    }
  }

  function fetch(slot: Slot, scopes: string | string[], options: GetTokenOptions): Promise<AccessToken> {
    slot.fetching ??= ask(scopes, options)
      .then((token) => {
        slot.token = token;
        slot.renewAfter = token.refreshAfterTimestamp ?? token.expiresOnTimestamp - renewBeforeMs;
        return token;
      })
      .catch((error: unknown) => {
        slot.renewAfter = clock.now().getTime() + renewPauseMs;
        throw error;
      })
      .finally(() => {
        slot.fetching = undefined;
      });
    return slot.fetching;
  }

  return {
    getToken(scopes, options = {}) {
      const key = [scopes].flat().join(' ');
      const slot = slots.get(key) ?? { token: undefined, fetching: undefined, renewAfter: 0 };
      slots.set(key, slot);
      if (options.claims !== undefined) return ask(scopes, options).then((token) => (slot.token = token));
      const now = clock.now().getTime();
      const usable = slot.token !== undefined && now < slot.token.expiresOnTimestamp - unusableBeforeMs;
      if (!usable || slot.token === undefined) return fetch(slot, scopes, options);
      if (now >= slot.renewAfter) fetch(slot, scopes, options).catch(() => undefined); // the old one still works
      return Promise.resolve(slot.token);
    },
  };
}
