import type { FailureReason } from './reasons.ts';

/** Code of the status error of a replica that was being created and is gone. It is ours: Azure says nothing then. */
export const vanishedCode = 'Vanished';
export const vanishedText =
  "Azure gave up creating the replica and removed it. A known cause is a private endpoint's subnet without a free IP address: each replica needs one.";

/** How long a replica must have been broken before repair 1, 2 and 3; there is no fourth. */
const pausesMs = [0, 60_000, 300_000] as const;
export const maxRepairs = pausesMs.length;

/** Reasons of a refusal of the request as it is. One for another reason passes when somebody lifts its cause, or by itself. */
const definite: ReadonlySet<FailureReason> = new Set(['InvalidSpec', 'Rejected', 'RegionUnavailable']);

/** Whether a repair that Azure refused for this reason counts as one: sending the same again would be refused again. */
export function isSpent(reason: FailureReason): boolean {
  return definite.has(reason);
}

/** After so many changes that did not last, the object says so and asks for a person. */
export const maxChanges = 3;
/** The shortest pause between changes that do not last, once a person was asked for: at most four an hour. */
const lastingPauseMs = 15 * 60_000;
/** A replica that was as wanted for so long is healthy: repairs and changes count anew. */
const healthyMs = 10 * 60_000;

/** When the next repair may begin of a replica that is broken since `since` and was repaired `tried` times. */
export function nextRepairAt(since: string | undefined, tried: number): Date {
  const sinceMs = since === undefined ? 0 : Date.parse(since);
  return new Date(sinceMs + (pausesMs[tried] ?? 0));
}

/** How long to leave a replica alone after change number `tried`: longer each time, and at last for the interval. */
export function pauseAfterMs(tried: number, intervalMs: number): number {
  return pausesMs[tried] ?? Math.max(intervalMs, lastingPauseMs);
}

/** Whether a replica that is as wanted has been so long enough. `moments`: when it last changed, or was left alone until. */
export function isHealthy(moments: readonly (Date | undefined)[], now: Date): boolean {
  return moments.every((moment) => moment === undefined || now.getTime() - moment.getTime() >= healthyMs);
}
