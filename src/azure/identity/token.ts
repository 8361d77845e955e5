import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { abortable } from '../../time/abortable.ts';
import type { Clock } from '../../time/clock.ts';
import { type Heard, TokenError } from '../refusals/token-error.ts';

/** A token is renewed this long before it expires; the identity library's own cache answers until 5 minutes before. */
const renewBeforeMs = 4 * 60_000;
/** A token is used until this long before it expires: one request's time limit. */
const unusableBeforeMs = 30_000;
/** Pause after a failed renewal while the old token is still good, and between two tokens because of refusals. */
const renewPauseMs = 15_000;

/** The token for one set of scopes. Times are in milliseconds since 1970. */
interface Slot {
  token: AccessToken | undefined;
  /** The one request for a token that all callers wait for. */
  fetching: Promise<AccessToken> | undefined;
  renewAfterMs: number;
  /** A refusal before this moment leaves the token where it is. */
  readonly keepUntilMs: number;
}

export interface SteadyCredential extends TokenCredential {
  /**
   * Takes note that Azure refused this token before its time. True when the next getToken gives another one; false
   * during a pause after the last time, shared by all callers, in which the newest token stays: Azure may accept it
   * elsewhere.
   */
  tokenRefused(scopes: string | string[], token: string): boolean;
}

/**
 * A credential that is asked once for all callers, with a time limit and a cache that outlives a short outage of the
 * token issuer. One caller's abort doesn't fail the others. Every failure is a TokenError.
 *
 * `make` gives a credential with an empty cache, for there is no other way past the libraries' own caches. `heard`
 * gives what the token issuer answered last.
 *
 * Stands in for the SDK's own token cache, which renews in the background and leaves a failure there unhandled: the
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
  const nowMs = (): number => clock.now().getTime();

  function slotOf(key: string): Slot {
    const slot = slots.get(key) ?? emptySlot(0);
    slots.set(key, slot);
    return slot;
  }

  /** Begins another slot, so that an answer still to come for the old one changes nothing. */
  function drop(key: string): void {
    slots.set(key, emptySlot(nowMs() + renewPauseMs));
    credential = make();
  }

  return {
    getToken(scopes, options = {}) {
      const key = slotKey(scopes);
      const now = nowMs();
      if (options.claims !== undefined && now >= slotOf(key).keepUntilMs) drop(key); // claims tell of a refusal, too
      const slot = slotOf(key);
      const fetchToken = (): Promise<AccessToken> =>
        fill(slot, nowMs, () => askIssuer(credential, scopes, options, limitMs, heard));
      const usable = slot.token !== undefined && now < slot.token.expiresOnTimestamp - unusableBeforeMs;
      if (!usable || slot.token === undefined) return fetchToken();
      if (now >= slot.renewAfterMs) fetchToken().catch(() => undefined); // the old one still works
      return Promise.resolve(slot.token);
    },
    tokenRefused(scopes, token) {
      const key = slotKey(scopes);
      const slot = slotOf(key);
      if (slot.token?.token !== token) return true; // replaced since, or about to be
      if (nowMs() < slot.keepUntilMs) return false;
      drop(key);
      return true;
    },
  };
}

function emptySlot(keepUntilMs: number): Slot {
  return { token: undefined, fetching: undefined, renewAfterMs: 0, keepUntilMs };
}

/** Puts a new token into the slot and gives it. Whoever calls while one is on its way gets that one. */
function fill(slot: Slot, nowMs: () => number, ask: () => Promise<AccessToken>): Promise<AccessToken> {
  slot.fetching ??= ask()
    .then((token) => {
      slot.token = token;
      slot.renewAfterMs = token.refreshAfterTimestamp ?? token.expiresOnTimestamp - renewBeforeMs;
      return token;
    })
    .catch((error: unknown) => {
      slot.renewAfterMs = nowMs() + renewPauseMs;
      throw error;
    })
    .finally(() => {
      slot.fetching = undefined;
    });
  return slot.fetching;
}

/** Asks the credential once, for `limitMs` at most, even where it ignores the signal. */
async function askIssuer(
  credential: TokenCredential,
  scopes: string | string[],
  options: GetTokenOptions,
  limitMs: number,
  heard: () => Heard | undefined,
): Promise<AccessToken> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const token = await abortable(credential.getToken(scopes, { ...options, abortSignal: limit }), limit);
    if (!isToken(token)) throw new Error('the credential gave no token');
    return token;
  } catch (cause) {
    throw new TokenError(limit.aborted ? limit.reason : cause, heard());
  }
}

/** Whether a token can stand in a header (visible ASCII only): the libraries pass on whatever the issuer says. */
function isToken(token: AccessToken | null): token is AccessToken {
  if (typeof token?.token !== 'string' || !/^[!-~]+$/.test(token.token)) return false;
  return Number.isFinite(token.expiresOnTimestamp);
}

function slotKey(scopes: string | string[]): string {
  return [scopes].flat().join(' ');
}
