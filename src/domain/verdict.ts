import { type Condition, isDeleting, type Phase } from '../api/registryreplication.ts';
import type { Account } from './account.ts';
import { concernsOf, localPullHelps, toldTogether } from './concerns.ts';
import { correlationIdOf } from './correlation.ts';
import { heldText, isOut, longestDrainMs, waitingText } from './drains.ts';
import type { Memory } from './memory.ts';
import { type Facts, type Finding, type Observed, refusalsOf } from './pass.ts';
import { prunes } from './plan.ts';
import { type Difference, planLine } from './plan-lines.ts';
import { needsPerson, progressReasons, type Reason } from './reasons.ts';
import { judgedFailure, unreadSince } from './refusal.ts';
import { type Region, regionOf } from './region.ts';
import { type Desired, isReady, type Wish } from './replication.ts';

/** What the pass means for people and programs; phase and conditions are written from it. */
export interface Verdict {
  readonly kind: 'ready' | 'reconciling' | 'planned' | 'stalled' | 'suspended';
  readonly phase: Phase;
  readonly ready: Condition['status'];
  /** One of the table of reasons; while suspended the one that status had, which another version may have written. */
  readonly reason: string;
  readonly message: string;
}

export function verdictOf(facts: Facts, differences: readonly Difference[]): Verdict {
  const verdict = bareVerdict(facts, differences);
  const { kind, reason, message } = verdict;
  const id = correlationIdOf(facts.object);
  const refused = refusalsOf(facts.finding).length > 0 || tellsOfRefusal(facts.finding);
  const traced = id !== undefined && (refused || reason === 'RepairExhausted' || reason === 'Repairing');
  const stuck = isDeleting(facts.object) && (kind === 'stalled' || reason === 'Retrying');
  const sentences = [
    message,
    ...drainSentences(facts),
    ...(stuck ? [wayOut] : []),
    ...(traced ? [`Correlation id: ${id}.`] : []),
  ];
  return { ...verdict, message: sentences.join(' ') };
}

/** What is told of drains that do nothing, or whose end waits. Drains in course are told of by a condition of their own. */
function drainSentences(facts: Facts): readonly string[] {
  const { finding, memory, object } = facts;
  const recorded = recordedIn(memory);
  const told = () => {
    switch (finding.kind) {
      case 'suspended':
      case 'invalid':
      case 'claimed':
        return [
          ...each(recorded, 'drained; meanwhile no drain begins or ends.'),
          ...each(
            dueIn(facts).filter((region) => !recorded.includes(region)),
            'its drain does not begin meanwhile.',
          ),
        ];
      case 'unobserved':
        return finding.desired.mode === 'Observe' || isDeleting(object) ? [] : unreachedDrains(facts);
      case 'observed':
        return isDeleting(object) ? [] : finding.accounts.flatMap(waitsIn);
    }
  };
  const texts = told();
  return texts.length === 0 ? [] : [toldTogether(texts)];
}

interface Told {
  readonly region: Region;
  readonly text: string;
}

function waitsIn({ region, waiting, decision, wish }: Account): readonly Told[] {
  const isHeld = decision?.kind === 'hold' && wish !== undefined;
  const texts = [waitingText(waiting), isHeld ? heldText : undefined];
  return texts.flatMap((text) => (text === undefined ? [] : [{ region, text }]));
}

/** What is told of drains that are to begin or to end while Azure cannot be read. */
function unreachedDrains(facts: Facts): readonly Told[] {
  const { regions } = facts.memory;
  const due = dueIn(facts);
  const begin = due.filter((region) => !isOut(regions.get(region) ?? {}));
  const end = recordedIn(facts.memory).filter((region) => !due.includes(region));
  return [
    ...each(end, 'its drain is over; it stays out of routing until Azure answers, and its own host goes on serving.'),
    ...each(begin, `its drain begins once Azure answers. ${localPullHelps}`),
  ];
}

/** Regions of which status has a drain on record. */
function recordedIn({ regions }: Facts['memory']): readonly Region[] {
  return [...regions.values()].flatMap(({ region, drained }) => (drained === undefined ? [] : [region]));
}

function each(regions: readonly Region[], text: string): readonly Told[] {
  return regions.map((region) => ({ region, text }));
}

/** Regions of drains whose end has not come, and is not too far away for them to begin; sorted. */
function dueIn({ object, now }: Facts): readonly Region[] {
  const due = (object.spec.drains ?? []).filter(({ until }) => {
    const aheadMs = Date.parse(until) - now.getTime();
    return aheadMs > 0 && aheadMs <= longestDrainMs;
  });
  return due.map(({ location }) => regionOf(location)).toSorted();
}

/** What else a person can do whose object cannot go. */
const wayOut = 'To let go of the replicas as they are: spec.deletionPolicy: Retain.';

/** Whether a write that Azure refused in an earlier pass waits for its next try. */
function tellsOfRefusal(finding: Finding): boolean {
  if (finding.kind !== 'observed') return false;
  return finding.accounts.some(({ decision }) => decision?.kind === 'pause' && decision.why.kind === 'refused');
}

/** The verdict without the way out of a deletion, and without the id that leads from its message to log and Azure. */
function bareVerdict(facts: Facts, differences: readonly Difference[]): Verdict {
  const { finding } = facts;
  switch (finding.kind) {
    case 'suspended':
      return suspended(facts, finding.desired);
    case 'invalid':
      return stalled(facts, 'InvalidSpec', `${finding.problems.join('; ')}.`);
    case 'claimed':
      return stalled(
        facts,
        'RegistryClaimed',
        `${finding.holder} manages this registry already. Delete one of the two objects; this one writes nothing to Azure meanwhile.`,
      );
    case 'unobserved': {
      const { failure } = finding;
      const { reason, message } = judgedFailure(failure, unreadSince(facts.memory, failure, facts.now), facts.now);
      return needsPerson(reason) ? stalled(facts, reason, message) : reconciling(facts, reason, message);
    }
    case 'observed': {
      const observes = finding.desired.mode === 'Observe';
      return observes && differences.length > 0 ? planned(differences) : observed(facts, finding);
    }
  }
}

function observed(facts: Facts, finding: Observed): Verdict {
  const concerns = concernsOf(facts, finding);
  const blocking = concerns.filter(({ reason }) => needsPerson(reason));
  const [first] = blocking;
  if (first !== undefined) return stalled(facts, first.reason, toldTogether(blocking));
  const reason = progressReasons.find((reason) => concerns.some((concern) => concern.reason === reason));
  if (reason !== undefined) return reconciling(facts, reason, toldTogether(concerns));
  if (isDeleting(facts.object)) return reconciling(facts, 'Deleting', 'The replicas of this set are gone.');
  const count = finding.desired.wishes.size;
  const message = count === 1 ? 'The region is ready.' : `All ${count} regions are ready.`;
  return { kind: 'ready', phase: 'Ready', ready: 'True', reason: 'InSync', message };
}

/** Nothing is done about the differences, so they are neither under way nor stuck. */
function planned(differences: readonly Difference[]): Verdict {
  const message = `Mode is Observe. With Apply these would be changed: ${differences.map(planLine).join(', ')}.`;
  return { kind: 'planned', phase: 'Pending', ready: 'False', reason: 'PlanPending', message };
}

function stalled({ object }: Facts, reason: Reason, message: string): Verdict {
  return { kind: 'stalled', phase: isDeleting(object) ? 'Deleting' : 'Failed', ready: 'False', reason, message };
}

function reconciling({ object, memory, finding }: Facts, reason: Reason, message: string): Verdict {
  if (isDeleting(object)) return { kind: 'reconciling', phase: 'Deleting', ready: 'False', reason, message };
  const unseen = finding.kind === 'unobserved' && memory.status?.registry === undefined;
  const [phase, ready] = unseen ? (['Pending', 'Unknown'] as const) : (['Syncing', 'False'] as const);
  return { kind: 'reconciling', phase, ready, reason, message };
}

/** Suspending changes nothing about what is known; a Ready that the new spec contradicts is not kept. */
function suspended({ memory }: Facts, desired: Desired | undefined): Verdict {
  const last = memory.conditions.get('Ready');
  const keep = last !== undefined && (last.status !== 'True' || stillHolds(memory, desired));
  return {
    kind: 'suspended',
    phase: 'Suspended',
    ready: keep ? last.status : 'Unknown',
    reason: keep ? last.reason : 'Suspended',
    message: 'Suspended: Azure is neither read nor changed until spec.suspend is false. Ready is as last known.',
  };
}

/** Whether what status remembers is what the spec asks for now. */
function stillHolds(memory: Memory, desired: Desired | undefined): boolean {
  if (desired === undefined) return false;
  const wishes = [...desired.wishes.values()];
  // Status does not hold tags: after an edit nobody knows whether Azure has those of the spec.
  if (!memory.current && wishes.some(({ tags }) => Object.keys(tags).length > 0)) return false;
  const asWished = ({ region, routing }: Wish): boolean => {
    const entry = memory.regions.get(region);
    if (entry === undefined || !isReady(entry, desired)) return false;
    return routing === undefined || routing === entry.routing || entry.drained !== undefined;
  };
  const noneToGo = [...memory.regions.values()].every(
    ({ region, managed }) => managed === 'Home' || desired.wishes.has(region) || !prunes(desired, managed),
  );
  return wishes.every(asWished) && noneToGo;
}
