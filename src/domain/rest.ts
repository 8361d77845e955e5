import { isDeleting, type RegistryReplication } from '../api/registryreplication.ts';
import type { Judged } from './judgement.ts';
import type { Memory, Remembered } from './memory.ts';
import { statusOf } from './status.ts';

/**
 * How long an object must have been ready before a glance at it is worth anything: what Azure Resource Graph shows is
 * mostly seconds behind, and what was just changed would only be asked for twice.
 * https://learn.microsoft.com/azure/governance/resource-graph/concepts/azure-resource-graph-get-list-api
 */
const quietMs = 2 * 60_000;
/**
 * Each registry at rest is read from its provider about once in this time, however long Resource Graph shows no change:
 * nobody promises a longest age of what it shows.
 */
const readAnywayMs = 7 * 24 * 3_600_000;

/**
 * Whether nothing is under way with an object, by what its status says: it is ready for the spec as it is, has been so for
 * minutes, nobody has asked to look, and nothing waits or counts. Such an object may be glanced at.
 */
export function isAtRest(object: RegistryReplication, memory: Memory, now: Date): boolean {
  const { status, conditions, regions, recreate, readError, registry } = memory;
  const ready = conditions.get('Ready');
  return (
    !isDeleting(object) &&
    !memory.newlyAsked &&
    status?.phase === 'Ready' &&
    ready?.status === 'True' &&
    ready.reason === 'InSync' &&
    isPast(ready.lastTransitionTime, now) &&
    registry !== undefined &&
    readError === undefined &&
    recreate.size === 0 &&
    status.plan === undefined &&
    !hasDrain(object, now) &&
    [...regions.values()].every((region) => isRegionAtRest(region, now))
  );
}

/** Whether a drain may begin or end: what begins one is a GET, and what ends one must not wait. */
function hasDrain({ spec }: RegistryReplication, now: Date): boolean {
  return spec.drains?.some(({ until }) => Date.parse(until) > now.getTime()) === true;
}

/** A region of an object that is ready has a replica that succeeded, and nothing is remembered of attempts to change it. */
function isRegionAtRest(region: Remembered, now: Date): boolean {
  const { state, since, notBefore, attempts, refusal, vanished, drained } = region;
  if (drained !== undefined) return false;
  const isQuiet = notBefore === undefined && attempts === 0 && refusal === undefined && vanished === undefined;
  return isQuiet && state === 'Succeeded' && (since === undefined || isPast(since, now));
}

function isPast(moment: string, now: Date): boolean {
  return now.getTime() - Date.parse(moment) >= quietMs;
}

/** Whether this look is one of those that ask the provider all the same. `random` from 0 to 1; 0 never is. */
export function isDueAnyway(intervalMs: number, random: number): boolean {
  return (1 - random) * readAnywayMs < intervalMs;
}

/**
 * Whether what a glance showed leaves everything as it is: each region is kept, and status would not change. Anything else
 * is no more than a reason to read from the provider, and to go on from that alone.
 */
export function leavesAsItIs(judged: Judged): boolean {
  const { finding } = judged;
  if (finding.kind !== 'observed') return false;
  const isKept = finding.accounts.every(({ decision }) => decision === undefined || decision.kind === 'keep');
  return isKept && statusOf(judged) === undefined;
}
