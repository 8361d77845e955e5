import { abortable } from '../time/abortable.ts';
import type { Clock } from '../time/clock.ts';

/** One question about the operator's health. */
export interface Check {
  readonly name: string;
  /** What is wrong, in one line without secrets; undefined when all is well. A thrown error counts as wrong. */
  problem(signal: AbortSignal): string | undefined | Promise<string | undefined>;
}

/** Wrong when the oldest running pass has been running for longer than any pass can: then a worker hangs. */
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

/** Wrong until the objects of the cluster have been read once. */
export function cacheSynced(isSynced: () => boolean): Check {
  return {
    name: 'cache',
    problem: () => (isSynced() ? undefined : 'the objects have not been read from the API server yet'),
  };
}

/** Wrong when the API server has not been heard of lately; `silentMs` is undefined while it never was. */
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

/** Wrong when the API server refuses to show or give the lease, not while somebody else has it. */
export function leaseAskable(problem: () => string | undefined): Check {
  return { name: 'lease', problem };
}

export interface TokenCheckOptions {
  /** Gets a token, from the credential's cache if it can. */
  readonly getToken: (signal: AbortSignal) => Promise<unknown>;
  /** One line for people about what `getToken` threw, without secrets. */
  readonly explain: (error: unknown) => string;
  readonly clock: Clock;
}

/** How long one attempt may take. */
const tokenTimeoutMs = 30_000;
/** How long an attempt's outcome is believed, in milliseconds: probes come every few seconds. */
const believedMs = { good: 60_000, bad: 10_000 } as const;

/** Wrong while Azure gives no token. Asks in the background, so that a slow identity endpoint never delays a probe twice. */
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
