import type { JournalEntry } from '../../sandbox/emulator/journal.ts';

/**
 * Longest time from the LIST of a pass to its last write, with calls that faults hold or delay. What Resource Graph alone
 * led to would come an interval or more after the last LIST, for an object at rest is not listed meanwhile.
 */
const longestPassMs = 60_000;

/** Whether the provider's own answer to a LIST of the registry came before the write, in the same pass as far as can be told. */
export function isLed(write: JournalEntry, lists: readonly JournalEntry[]): boolean {
  return lists.some(
    ({ at, status, registry, kind, verb, correlationId = write.correlationId }) =>
      verb === 'LIST' &&
      kind === 'replications' &&
      status === 200 &&
      registry === write.registry &&
      at <= write.at &&
      at >= write.at - longestPassMs &&
      correlationId === write.correlationId,
  );
}
