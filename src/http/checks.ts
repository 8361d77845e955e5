import { abortable } from '../time/abortable.ts';
import type { Clock } from '../time/clock.ts';

/** One question about the operator's health. */
export interface Check {
  readonly name: string;
  /** Says in one line, without secrets, what is wrong; undefined when nothing is. A thrown error counts as wrong. */
  problem(signal: AbortSignal): string | undefined | Promise<string | undefined>;
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

/** Fails until the objects of the cluster have been read once. */
export function cacheSynced(isSynced: () => boolean): Check {
  return {
    name: 'cache',
    problem: () => (isSynced() ? undefined : 'the objects have not been read from the API server yet'),
  };
}

/** Fails when the API server has not been heard of for `limitMs`; `silentMs` is undefined while it never was. */
export function apiServerHeard(silentMs: () => number | undefined, limitMs = 3 * 60_000): Check {
  return {
    name: 'api-server',
    problem() {
      const ms = silentMs();
      if (ms === undefined) return 'the API server has not answered yet';
      return ms <= limitMs ? undefined : `the API server was last heard of ${minutes(ms)} ago`;
    },
  };
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
  readonly clock: Clock;
}

/** The time limit of one attempt to get a token. */
const tokenTimeoutMs = 30_000;
/** How long an attempt's outcome is believed, in milliseconds: probes come every few seconds. */
const believedMs = { good: 60_000, bad: 10_000 } as const;

/** Fails while Azure gives no token. Asks in the background, so that a slow token issuer delays only the first probe. */
export function azureToken({ getToken, explain, clock }: TokenCheckOptions): Check {
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
      if (last !== undefined && clock.now().getTime() < last.untilMs) return last.problem;
      asking ??= askForToken();
      return last === undefined ? asking : last.problem;
    },
  };
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
