import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { abortable } from '../../time/abortable.ts';
import type { Clock } from '../../time/clock.ts';
import { type Heard, TokenError } from '../refusals/token-error.ts';

/** Entra's tokens last an hour or more. The identity library answers from its own cache until 5 minutes before. */
const renewBeforeMs = 4 * 60_000;
/** A token is used until this long before it expires: one request's time limit. */
const unusableBeforeMs = 30_000;
/** Pause after a failed renewal while the old token is still good, and between two tokens because of refusals. */
const renewPauseMs = 15_000;

interface Slot {
  token: AccessToken | undefined;
  fetching: Promise<AccessToken> | undefined;
  renewAfter: number;
  /** Until then a refusal leaves the token where it is. */
  readonly keepUntil: number;
}

export interface SteadyCredential extends TokenCredential {
  /**
   * Azure refused this token before its time. True when the next getToken gives another one; false during a pause
   * after the last time, shared by all callers, in which the newest token stays: Azure may accept it elsewhere.
   */
  tokenRefused(scopes: string | string[], token: string): boolean;
}

/**
 * A credential that is asked once for all callers, with a time limit and a cache that outlives a short outage of the
 * token issuer. One caller's abort doesn't fail the others. Every failure is a TokenError.
 *
 * `make` gives a credential with an empty cache: the libraries' own ones know no other way past it.
 *
 * Instead of the SDK's own token cache, which renews in the background and leaves a failure there unhandled: the
 * process would die.
 */
export function steady(
  make: () => TokenCredential,
  clock: Clock,
  heard: () => Heard | undefined = () => undefined,
  limitMs = 25_000,
): SteadyCredential {
  let credential = make();
  const slots = new Map<string, Slot>();

  async function askIssuer(scopes: string | string[], options: GetTokenOptions): Promise<AccessToken> {
    const limit = AbortSignal.timeout(limitMs);
    try {
      const token = await abortable(credential.getToken(scopes, { ...options, abortSignal: limit }), limit);
      if (!isToken(token)) throw new Error('the credential gave no token');
      return token;
    } catch (cause) {
      throw new TokenError(limit.aborted ? limit.reason : cause, heard());
    }
  }

  function fetchToken(slot: Slot, scopes: string | string[], options: GetTokenOptions): Promise<AccessToken> {
    slot.fetching ??= askIssuer(scopes, options)
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

  function slotOf(key: string): Slot {
    const slot = slots.get(key) ?? { token: undefined, fetching: undefined, renewAfter: 0, keepUntil: 0 };
    slots.set(key, slot);
    return slot;
  }

  /** Another slot, so that an answer still to come for the old one changes nothing. */
  function drop(key: string, now: number): void {
    slots.set(key, { token: undefined, fetching: undefined, renewAfter: 0, keepUntil: now + renewPauseMs });
    credential = make();
  }

  return {
    getToken(scopes, options = {}) {
      const key = slotKey(scopes);
      const now = clock.now().getTime();
      if (options.claims !== undefined && now >= slotOf(key).keepUntil) drop(key, now); // a refusal as well
      const slot = slotOf(key);
      const usable = slot.token !== undefined && now < slot.token.expiresOnTimestamp - unusableBeforeMs;
      if (!usable || slot.token === undefined) return fetchToken(slot, scopes, options);
      if (now >= slot.renewAfter) fetchToken(slot, scopes, options).catch(() => undefined); // the old one still works
      return Promise.resolve(slot.token);
    },
    tokenRefused(scopes, token) {
      const key = slotKey(scopes);
      const now = clock.now().getTime();
      const slot = slotOf(key);
      if (slot.token?.token !== token) return true; // replaced since, or about to be
      if (now < slot.keepUntil) return false;
      drop(key, now);
      return true;
    },
  };
}

/** The libraries take over what the issuer says without looking; a header takes visible ASCII only. */
function isToken(token: AccessToken | null): token is AccessToken {
  if (typeof token?.token !== 'string' || !/^[!-~]+$/.test(token.token)) return false;
  return Number.isFinite(token.expiresOnTimestamp);
}

function slotKey(scopes: string | string[]): string {
  return [scopes].flat().join(' ');
}
