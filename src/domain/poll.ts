/** Polls of a running operation: 2 s at first, then a fifth of the time it has lasted, up to these. */
export const firstPollMs = 2_000;
/** The first poll of a creation: on a live Azure none took less than 10 s. */
const firstOfCreationMs = 3_500;
const share = 1 / 5;
const slowestMs = { provisioning: 15_000, syncing: 60_000 } as const;

/** How long a replica that has been in this provisioning state for `ageMs` is left before the next look. */
export function pollAfterMs(state: string, ageMs: number): number {
  const slowest = state === 'Succeeded' ? slowestMs.syncing : slowestMs.provisioning;
  const first = state === 'Creating' && ageMs < firstPollMs ? firstOfCreationMs : firstPollMs;
  return Math.min(Math.max(ageMs * share, first), slowest);
}
