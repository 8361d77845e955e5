import type { Failure } from './failure.ts';
import type { Memory } from './memory.ts';

/** Codes with which Azure says that the registry, or the group it was in, does not exist. No right at all is told otherwise. */
const absentCodes: ReadonlySet<string> = new Set(['ResourceNotFound', 'ResourceGroupNotFound']);
/** Azure answers 404 for seconds about things that exist: so many looks in a row, so far apart, prove that one does not. */
const looksNeeded = 3;
const apartMs = 20_000;

/** Looks in a row that found no registry, this one included; undefined when this one says nothing of the kind. */
export function absenceAfter(failure: Failure, { absence }: Memory, now: Date): Memory['absence'] {
  if (failure.reason !== 'RegistryNotFound' || !absentCodes.has(failure.code)) return undefined;
  if (absence === undefined) return { looks: 1, last: now };
  if (now.getTime() - absence.last.getTime() < apartMs) return absence;
  return { looks: Math.min(absence.looks + 1, looksNeeded), last: now };
}

/** Whether the registry is proven to be gone. */
export function isAbsent(absence: Memory['absence']): boolean {
  return absence !== undefined && absence.looks >= looksNeeded;
}

/** When the next look counts, in milliseconds from now; undefined when nothing is to be proven. */
export function nextProofMs(absence: Memory['absence'], now: Date): number | undefined {
  return absence === undefined ? undefined : Math.max(absence.last.getTime() + apartMs - now.getTime(), 0);
}
