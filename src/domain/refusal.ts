import type { Account } from './account.ts';
import { explain, type Failure } from './failure.ts';
import type { Memory } from './memory.ts';
import type { FailureReason } from './reasons.ts';

/** Pauses after a failure: at first this long, then growing, up to these. */
export const pauseMs = { soon: { first: 2_000, last: 60_000 }, slow: { first: 30_000, last: 300_000 } } as const;
/** So long a refusal that often passes by itself after a change is not called a person's to mend. */
const settlingMs = 5 * 60_000;
/** A conflict that says the same for so long is no change that goes on. */
const busyMs = 10 * 60_000;

/** Since when Azure has been answering so about the region. */
export function refusedSince({ before }: Account, { code }: Failure, now: Date): Date {
  const last = before?.refusal;
  return last?.code === code && last.since !== undefined ? last.since : now;
}

/** Since when reading Azure has been failing so. */
export function unreadSince({ readError }: Pick<Memory, 'readError'>, { code }: Failure, now: Date): Date {
  return readError?.code === code ? readError.since : now;
}

/** How people and programs are told of a failure that has been the same since `since`: by its reason and in words. */
export function judgedFailure(
  failure: Failure,
  since: Date,
  now: Date,
): { readonly code: string; readonly reason: FailureReason; readonly message: string } {
  const lastsMs = now.getTime() - since.getTime();
  const { code } = failure;
  if (isSettling(failure, lastsMs)) return { code, reason: 'Retrying', message: `${explain(failure)} ${settlingText}` };
  const reason = failure.busy === true && lastsMs >= busyMs ? 'Rejected' : failure.reason;
  return { code, reason, message: explain({ ...failure, reason }) };
}

const settlingText = 'This often passes by itself within minutes of a change.';

/** How long a region whose change was refused is left alone; never less than Azure asked for, and the interval at most. */
export function refusalPauseMs(failure: Failure, since: Date, now: Date, intervalMs: number): number {
  const lastsMs = now.getTime() - since.getTime();
  const askedMs = failure.until === undefined ? 0 : failure.until.getTime() - now.getTime();
  const { first, last } = pauseMs[paceAfter(failure, lastsMs)];
  const growing = Math.min(Math.max(lastsMs, first), last, judgedAnewMs(failure, lastsMs));
  return Math.max(askedMs, failure.kind === 'terminal' ? intervalMs : Math.min(growing, intervalMs), 1_000);
}

/** How quickly a failure that has lasted so long is tried again; one that may settle quickly at first. */
export function paceAfter(failure: Failure, lastsMs: number): keyof typeof pauseMs {
  const slow = failure.kind === 'retryable' && failure.pace === 'slow';
  return slow && !isSettling(failure, lastsMs) ? 'slow' : 'soon';
}

function isSettling({ settles }: Failure, lastsMs: number): boolean {
  return settles === true && lastsMs < settlingMs;
}

/** In how many milliseconds a failure that stays the same is told otherwise: then it is tried again. */
export function judgedAnewMs(failure: Failure, lastsMs: number): number {
  if (isSettling(failure, lastsMs)) return settlingMs - lastsMs;
  return failure.busy === true && lastsMs < busyMs ? busyMs - lastsMs : Number.POSITIVE_INFINITY;
}
