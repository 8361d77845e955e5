import { type FailureReason, reasons } from './reasons.ts';

/** Why Azure (or the way to it) said no, as a value. */
export type Failure = {
  readonly reason: FailureReason;
  /** Azure's own code, or ours where there is none, such as ETIMEDOUT. */
  readonly code: string;
  /** The cause in plain words, without the next step, and without secrets, times, counters and request ids: status must not churn. */
  readonly message: string;
  /** The next step, where it is not the reason's. */
  readonly advice?: string;
  /** Azure asked not to be called again before this moment. Any kind of failure can have it. */
  readonly until?: Date | undefined;
  /**
   * True for a failure that often passes by itself within minutes of a change: a role that is spreading, a registry
   * that is not visible yet, a federated credential just made.
   */
  readonly settles?: true;
  /**
   * True for a failure that as a rule passes, because another change is under way (409) or because something between
   * the operator and Azure answered. When it has stayed the same for ten minutes, a person must act.
   */
  readonly busy?: true;
} /** Azure limits the requests; asking for other regions would be refused as well. */ & (
  | { readonly kind: 'throttled' }
  /** `soon` passes in seconds (5xx, network, running operation), `slow` lasts (a lock, a role, a policy, a quota). */
  | { readonly kind: 'retryable'; readonly pace: 'soon' | 'slow' }
  /** This spec cannot succeed; it is still looked at again at the interval. */
  | { readonly kind: 'terminal' }
);

/** Code of a call that was not made, because others of this operator come first within Azure's request limits. */
const localThrottleCode = 'LocalThrottle';

/** The failure of a call that was not made because its turn comes only at `until`: nothing is wrong. */
export function localThrottle(message: string, until: Date): Failure {
  return { kind: 'throttled', until, reason: 'Throttled', code: localThrottleCode, message };
}

/** Whether the call was not made because its turn had not come. */
export function waitsItsTurn({ code }: Failure): boolean {
  return code === localThrottleCode;
}

/** What happened and the next step, for people. */
export function explain({ message, reason, advice = reasons[reason].advice }: Failure): string {
  return `${message} ${advice}`;
}

/** What Azure said: a value or a Failure. Bugs and aborts are thrown. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export function ok<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function failed(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure };
}
