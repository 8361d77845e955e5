import { type Condition, isDeleting, type Phase } from '../api/registryreplication.ts';
import { concernsOf, toldTogether } from './concerns.ts';
import { correlationIdOf } from './correlation.ts';
import { waitingText } from './drains.ts';
import type { Memory } from './memory.ts';
import { type Facts, type Finding, type Observed, refusalsOf } from './pass.ts';
import { prunes } from './plan.ts';
import { type Difference, planLine } from './plan-lines.ts';
import { needsPerson, progressReasons, type Reason } from './reasons.ts';
import { judgedFailure, unreadSince } from './refusal.ts';
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
function drainSentences({ finding, memory, object }: Facts): readonly string[] {
  if (finding.kind === 'suspended' || finding.kind === 'invalid' || finding.kind === 'claimed') {
    const out = [...memory.regions.values()].flatMap((entry) => (entry.drained === undefined ? [] : [entry.region]));
    return out.length === 0 ? [] : [`${out.join(', ')}: drained; meanwhile no drain begins or ends.`];
  }
  if (finding.kind !== 'observed' || isDeleting(object)) return [];
  const waiting = finding.accounts.flatMap((account) => {
    const text = waitingText(account.waiting);
    return text === undefined ? [] : [{ region: account.region, text }];
  });
  return waiting.length === 0 ? [] : [toldTogether(waiting)];
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
