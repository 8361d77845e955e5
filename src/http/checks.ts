import { abortable } from '../time/abortable.ts';
import type { Clock } from '../time/clock.ts';

/** One question about the operator's health. */
export interface Check {
  readonly name: string;
  /** Says in one line, without secrets, what is wrong; undefined when nothing is. A thrown error counts as wrong. */
  problem(signal: AbortSignal): string | undefined | Promise<string | undefined>;
  /** Says in one line what is worth knowing while nothing is wrong; undefined when nothing is. */
  note?(): string | undefined;
}

/** Fails when the oldest running pass has taken longer than any pass can: a worker hangs then. */
export function passesEnd(oldestPassMs: () => number, limitMs = 10 * 60_000): Check {
  return {
    name: 'passes',
    problem() {
      const runningMs = oldestPassMs();
      if (runningMs <= limitMs) return undefined;
      return `a pass has been running for ${minutes(runningMs)}, the limit is ${minutes(limitMs)}`;
    },
  };
}

/** A namespace whose objects the API server refuses to show, and why in one line. */
interface Unseen {
  readonly namespace: string;
  readonly because: string;
}

export interface CacheCheckOptions {
  readonly isSynced: () => boolean;
  /** Why the API server does not show the objects, in one line; undefined when it does, or has not answered. */
  readonly trouble: () => string | undefined;
  /** The namespaces that cannot be read while others can. */
  readonly unreadable: () => readonly Unseen[];
}

/** How many namespaces an answer names. */
const namedNamespaces = 5;

/** Fails until the objects of the cluster have been read once. Names the namespaces that cannot be read. */
export function cacheSynced({ isSynced, trouble, unreadable }: CacheCheckOptions): Check {
  return {
    name: 'cache',
    problem() {
      if (isSynced()) return undefined;
      return `the objects have not been read from the API server yet${after(trouble())}`;
    },
    note() {
      const all = unreadable();
      if (all.length === 0) return undefined;
      const named = all.slice(0, namedNamespaces).map(({ namespace, because }) => `${namespace} (${because})`);
      const more = all.length > named.length ? [`${all.length - named.length} more`] : [];
      return `${all.length} of the namespaces cannot be read: ${[...named, ...more].join(', ')}`;
    },
  };
}

export interface ApiServerCheckOptions {
  /** Milliseconds since the API server was last heard of; undefined while it never was. */
  readonly silentMs: () => number | undefined;
  /** Why it cannot be talked to, in one line; undefined when nothing has failed. */
  readonly trouble: () => string | undefined;
  readonly limitMs?: number;
}

/** Fails when the API server has not been heard of for `limitMs`. */
export function apiServerHeard({ silentMs, trouble, limitMs = 3 * 60_000 }: ApiServerCheckOptions): Check {
  return {
    name: 'api-server',
    problem() {
      const ms = silentMs();
      if (ms === undefined) return trouble() ?? 'the API server has not answered yet';
      return ms <= limitMs ? undefined : `the API server was last heard of ${minutes(ms)} ago${after(trouble())}`;
    },
  };
}

/** The reason as the end of a sentence; nothing when there is none. */
function after(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}

/** Fails when the API server refuses to show or give the lease, but not while somebody else has it. */
export function leaseAskable(problem: () => string | undefined): Check {
  return { name: 'lease', problem };
}

export interface TokenCheckOptions {
  /** Gets a token, from the credential's cache if there is one. */
  readonly getToken: (signal: AbortSignal) => Promise<unknown>;
  /** Says in one line for people, without secrets, what went wrong when `getToken` failed. */
  readonly explain: (error: unknown) => string;
  /** Whether anybody works with this token. */
  readonly isNeeded: () => boolean;
  readonly clock: Clock;
}

/** The time limit of one attempt to get a token. */
const tokenTimeoutMs = 30_000;
/** How long an attempt's outcome is believed, in milliseconds: probes come every few seconds. */
const believedMs = { good: 60_000, bad: 10_000 } as const;

/**
 * Fails while Azure gives no token that somebody needs. Asks in the background, so that a slow token issuer delays only
 * the first probe.
 */
export function azureToken({ getToken, explain, isNeeded, clock }: TokenCheckOptions): Check {
  let last: { readonly untilMs: number; readonly problem: string | undefined } | undefined;
  let asking: Promise<string | undefined> | undefined;

  async function askForToken(): Promise<string | undefined> {
    let problem: string | undefined;
    try {
      const signal = AbortSignal.timeout(tokenTimeoutMs);
      await abortable(getToken(signal), signal);
    } catch (error) {
      problem = explain(error);
    }
    last = { untilMs: clock.now().getTime() + (problem === undefined ? believedMs.good : believedMs.bad), problem };
    asking = undefined;
    return problem;
  }

  return {
    name: 'azure-token',
    problem() {
      if (!isNeeded()) return undefined;
      if (last !== undefined && clock.now().getTime() < last.untilMs) return last.problem;
      asking ??= askForToken();
      return last === undefined ? asking : last.problem;
    },
    note: () => (isNeeded() ? undefined : 'not asked for, nothing uses it'),
  };
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
