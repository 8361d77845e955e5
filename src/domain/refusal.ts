import type { Account } from './account.ts';
import { explain, type Failure } from './failure.ts';
import type { FailureReason } from './reasons.ts';

/** Pauses after a refusal: at first this long, then as long as it has lasted, up to these. */
const pauseMs = { soon: { first: 2_000, last: 60_000 }, slow: { first: 30_000, last: 300_000 } } as const;
/** So long a refusal that often passes by itself after a change is not called a person's to mend. */
const settlingMs = 5 * 60_000;
/** A conflict that says the same for so long is no change that goes on. */
const busyMs = 10 * 60_000;

/** Since when Azure has been answering so about the region. */
export function refusedSince({ before }: Account, { code }: Failure, now: Date): Date {
  const last = before?.refusal;
  return last?.code === code && last.since !== undefined ? last.since : now;
}

/** How people and programs are told of a refusal that Azure has been giving since `since`: by its reason and in words. */
export function judgedFailure(
  failure: Failure,
  since: Date,
  now: Date,
): { readonly code: string; readonly reason: FailureReason; readonly message: string } {
  const lastsMs = now.getTime() - since.getTime();
  const { code } = failure;
  const reason = reasonAfter(failure, lastsMs);
  return { code, reason, message: explain({ ...failure, reason }) };
}

function reasonAfter({ reason, settles, busy }: Failure, lastsMs: number): FailureReason {
  if (settles === true && lastsMs < settlingMs) return 'Retrying';
  return busy === true && lastsMs >= busyMs ? 'Rejected' : reason;
}

/** How long a region whose change was refused is left alone; never less than Azure asked for, and the interval at most. */
export function refusalPauseMs(failure: Failure, since: Date, now: Date, intervalMs: number): number {
  const lastsMs = now.getTime() - since.getTime();
  const askedMs = failure.until === undefined ? 0 : failure.until.getTime() - now.getTime();
  const ownMs = failure.kind === 'terminal' ? intervalMs : Math.min(growing(failure, lastsMs), intervalMs);
  return Math.max(askedMs, ownMs, 1_000);
}

function growing(failure: Failure, lastsMs: number): number {
  const slow = failure.kind === 'retryable' && failure.pace === 'slow';
  const settling = failure.settles === true && lastsMs < settlingMs;
  const { first, last } = pauseMs[slow && !settling ? 'slow' : 'soon'];
  return Math.min(Math.max(lastsMs, first), last);
}
