import { type FailureReason, reasons } from './reasons.ts';

/** Why Azure (or the way to it) said no, as a value. */
export type Failure = {
  readonly reason: FailureReason;
  /** Azure's own code, or ours where there is none, such as ETIMEDOUT. */
  readonly code: string;
  /** Cause in plain words, ending without the next step; no secrets, no times, no counters, no request ids. */
  readonly message: string;
  /** The next step, where it is another than the reason's. */
  readonly advice?: string;
} & (
  | { readonly kind: 'throttled'; readonly until: Date | undefined }
  /** soon: it passes in seconds (5xx, network, running operation). slow: a lock, a role, a policy, a quota. */
  | { readonly kind: 'retryable'; readonly pace: 'soon' | 'slow' }
  /** This spec cannot succeed; still looked at again at the interval. */
  | { readonly kind: 'terminal' }
);

/** Code of a call that was not made, because others of this operator come first within Azure's request limits. */
const localThrottleCode = 'LocalThrottle';

/** It is nobody's fault and nothing is wrong: the call's turn comes at `until`. */
export function localThrottle(message: string, until: Date): Failure {
  return { kind: 'throttled', until, reason: 'Throttled', code: localThrottleCode, message };
}

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
