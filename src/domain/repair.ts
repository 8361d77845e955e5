/** Code of the status error of a replica that was being created and is gone. It is ours: Azure says nothing then. */
export const vanishedCode = 'Vanished';
export const vanishedText =
  "Azure gave up creating the replica and removed it. A known cause is a private endpoint's subnet without a free IP address: each replica needs one.";

/** How long a replica must have been broken before repair 1, 2 and 3; there is no fourth. */
const pausesMs = [0, 60_000, 300_000] as const;
export const maxRepairs = pausesMs.length;

/** When the next repair may begin of a replica that is broken since `since` and was repaired `tried` times. */
export function nextRepairAt(since: string | undefined, tried: number): Date {
  const sinceMs = since === undefined ? 0 : Date.parse(since);
  return new Date(sinceMs + (pausesMs[tried] ?? 0));
}
