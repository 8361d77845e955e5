import type { Condition, Phase } from '../api/registryreplication.ts';
import { correlationIdOf } from './correlation.ts';
import { differencesOf } from './differences.ts';
import { explain, type Failure, type FailureReason, reasons, waitsItsTurn } from './failure.ts';
import { type Facts, isReady, type Observed, refusalsOf, replicasAfter } from './pass.ts';
import { changeFor, type Decision, isBroken, prunes, vanishedText } from './plan.ts';
import type { Region } from './region.ts';
import type { Desired, Replica, ReplicaState } from './replication.ts';
import { shortened } from './text.ts';

/** Reasons of work that goes on by itself, the most telling first. */
export const progress = ['Throttled', 'Retrying', 'Repairing', 'Creating', 'Updating', 'Deleting', 'Syncing'] as const;
type Progress = (typeof progress)[number];

export const otherReasons = ['InSync', 'PlanPending', 'RegistryClaimed', 'Suspended'] as const;

/** Every reason the conditions can carry. */
export type Reason = FailureReason | Progress | (typeof otherReasons)[number];

/** What the pass means for people and programs; phase and conditions are written from it. */
export interface Verdict {
  readonly kind: 'ready' | 'reconciling' | 'planned' | 'stalled' | 'suspended';
  readonly phase: Phase;
  readonly ready: Condition['status'];
  readonly reason: Reason;
  readonly message: string;
}

export function verdictOf(facts: Facts): Verdict {
  const verdict = judged(facts);
  const id = correlationIdOf(facts.object);
  const refused = refusalsOf(facts.finding).length > 0;
  const traced =
    id !== undefined && (refused || verdict.reason === 'RepairExhausted' || verdict.reason === 'Repairing');
  return traced ? { ...verdict, message: `${verdict.message} Correlation id: ${id}.` } : verdict;
}

function judged(facts: Facts): Verdict {
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
        `${finding.holder} is older and manages this registry. Delete one of the two objects; this one writes nothing to Azure meanwhile.`,
      );
    case 'unobserved': {
      const { reason } = finding.failure;
      const message = explain(finding.failure);
      return isStalled(reason) ? stalled(facts, reason, message) : reconciling(facts, reason, message);
    }
    case 'observed':
      return observed(facts, finding);
  }
}

function observed(facts: Facts, finding: Observed): Verdict {
  if (finding.desired.mode === 'Observe') {
    const differences = differencesOf(finding, false);
    if (differences.length > 0) return planned(differences);
  }
  const concerns = concernsOf(facts, finding);
  const blocking = concerns.filter((c) => isStalled(c.reason));
  const [first] = blocking;
  if (first !== undefined) return stalled(facts, first.reason, textOf(blocking));
  const reason = progress.find((p) => concerns.some((c) => c.reason === p)) ?? concerns[0]?.reason;
  if (reason !== undefined) return reconciling(facts, reason, textOf(concerns));
  if (facts.object.metadata.deletionTimestamp !== undefined) {
    return reconciling(facts, 'Deleting', 'The replicas of this set are gone.');
  }
  const count = finding.desired.wishes.size;
  const message = count === 1 ? 'The region is ready.' : `All ${count} regions are ready.`;
  return { kind: 'ready', phase: 'Ready', ready: 'True', reason: 'InSync', message };
}

/** Nothing is done about it, so it is neither under way nor stuck. */
function planned(differences: readonly string[]): Verdict {
  const message = `Mode is Observe. With Apply these would be changed: ${differences.join(', ')}.`;
  return { kind: 'planned', phase: 'Pending', ready: 'False', reason: 'PlanPending', message };
}

/** What keeps one region from being as wanted. */
interface Concern {
  readonly region: Region;
  readonly reason: FailureReason | Progress;
  readonly text: string;
}

function concernsOf(facts: Facts, finding: Observed): Concern[] {
  const after = replicasAfter(finding);
  return finding.decisions.flatMap((decision) => {
    const concern = concernOf(facts, finding, decision, after.get(decision.region));
    return concern === undefined ? [] : [{ region: decision.region, ...concern }];
  });
}

function concernOf(
  { object }: Facts,
  { desired, actual, results }: Observed,
  decision: Decision,
  replica: Replica | undefined,
): Omit<Concern, 'region'> | undefined {
  const result = results.get(decision.region);
  if (result?.kind === 'failed') return failedConcern(decision, result.failure);
  if (decision.kind === 'blocked') return { reason: decision.reason, text: blockedText(decision, desired) };
  const wanted = desired.wishes.has(decision.region) && object.metadata.deletionTimestamp === undefined;
  if (decision.region === actual.registry.home) {
    return replica?.state === 'Updating' ? progressOf(replica) : undefined;
  }
  if (!wanted && decision.kind === 'keep') return undefined; // outside the set, and not to be pruned
  if (!wanted) return replica === undefined ? undefined : { reason: 'Deleting', text: leavingText(decision, replica) };
  if (isReady(replica, desired)) {
    // A GET showed other settings than LIST: the next pass plans from them.
    const wish = result?.kind === 'found' ? desired.wishes.get(decision.region) : undefined;
    const differs = wish !== undefined && replica !== undefined && changeFor(wish, replica) !== undefined;
    return differs ? { reason: 'Updating', text: 'to be updated.' } : undefined;
  }
  const last = object.status?.replicas?.find((r) => r.location === decision.region);
  if (isRepair(decision, replica) || (replica?.state === 'Creating' && (last?.attempts ?? 0) > 0)) {
    return { reason: 'Repairing', text: repairText(decision, replica) };
  }
  return progressOf(replica);
}

/** A call that waits its turn is work under way, not a failure. */
function failedConcern({ kind }: Decision, failure: Failure): Omit<Concern, 'region'> {
  if (!waitsItsTurn(failure)) return { reason: failure.reason, text: explain(failure) };
  const reason = kind === 'delete' ? 'Deleting' : kind === 'update' ? 'Updating' : 'Creating';
  return { reason, text: "waits its turn within Azure's request limits." };
}

function isRepair(decision: Decision, replica: Replica | undefined): boolean {
  if (decision.kind === 'pause') return true;
  if (decision.kind === 'delete') return decision.repair;
  if (decision.kind === 'verify') return replica === undefined || isBroken(replica.state);
  return decision.kind === 'create' && decision.attempt > 0 && replica?.state !== 'Succeeded';
}

/** A wanted replica on its way. */
function progressOf(replica: Replica | undefined): Omit<Concern, 'region'> {
  switch (replica?.state) {
    case undefined:
    case 'Creating':
    case 'Unknown':
      return { reason: 'Creating', text: 'being created.' };
    case 'Updating':
      return { reason: 'Updating', text: 'being updated.' };
    case 'Deleting':
      return { reason: 'Deleting', text: 'being deleted; it will be created again.' };
    case 'Failed':
    case 'Canceled':
      return { reason: 'Repairing', text: 'failed and is being made again.' };
    case 'Succeeded':
      return { reason: 'Syncing', text: syncingText(replica) };
  }
}

function syncingText({ status, message }: Replica): string {
  if (status === '') return 'provisioned; Azure does not say whether the images have arrived.';
  return `provisioned; Azure reports ${status}${message === '' ? '' : ` (${message})`}.`;
}

function leavingText(decision: Decision, replica: Replica): string {
  if (decision.kind === 'hold') return 'will be deleted once every wanted region is provisioned.';
  return decision.kind === 'wait' && replica.state !== 'Deleting'
    ? 'will be deleted once Azure is done with it.'
    : 'being deleted.';
}

function blockedText(decision: Decision & { readonly kind: 'blocked' }, { wishes }: Desired): string {
  const { advice } = reasons[decision.reason];
  if (decision.reason === 'Conflict') {
    const step = wishes.has(decision.region)
      ? advice
      : 'Let it go there, or keep it here: list it, or set prune: Owned or None.';
    return `belongs to ${decision.owner}, so it is not deleted. ${step}`;
  }
  if (decision.replica === undefined) return `vanished each time it was created. ${vanishedText} ${advice}`;
  return `is failed and could not be repaired.${saidOf(decision.replica) || causeUnknown} ${advice}`;
}

/** Azure tells the cause only to who polls the operation from its start; the replica seldom repeats it. */
const causeUnknown =
  " Azure does not say why; the registry's activity log may. A known cause is a private endpoint with static IP addresses.";

function repairText(decision: Decision, replica: Replica | undefined): string {
  const vanished = decision.kind === 'verify' && decision.replica.state === 'Creating' && replica === undefined;
  if (decision.kind !== 'pause' && !vanished) return `failed and is being made again.${saidOf(replica)}`;
  if (replica === undefined) return `${vanishedText} The next repair waits its turn.`;
  return `failed; the next repair waits its turn.${saidOf(replica)}`;
}

/** What Azure says of a failed replica, in at most 300 characters: a condition's message is bounded. */
function saidOf(replica: Replica | undefined): string {
  if (replica === undefined || replica.message === '' || replica.state === 'Creating') return '';
  return ` Azure says: ${shortened(replica.message, 300).replace(/\.$/, '')}.`;
}

/** "japaneast, westeurope: being created. brazilsouth: …", equal texts together. */
export function textOf(concerns: readonly Pick<Concern, 'region' | 'text'>[]): string {
  const byText = Map.groupBy(concerns, (c) => c.text);
  return [...byText].map(([text, group]) => `${group.map((c) => c.region).join(', ')}: ${text}`).join(' ');
}

function isStalled(reason: Reason): boolean {
  return reason in reasons && reasons[reason as FailureReason].stalled;
}

function stalled({ object }: Facts, reason: Reason, message: string): Verdict {
  const deleting = object.metadata.deletionTimestamp !== undefined;
  const way = deleting ? ' To let go of the replicas as they are: spec.deletionPolicy: Retain.' : '';
  return { kind: 'stalled', phase: deleting ? 'Deleting' : 'Failed', ready: 'False', reason, message: message + way };
}

function reconciling({ object, finding }: Facts, reason: Reason, message: string): Verdict {
  const deleting = object.metadata.deletionTimestamp !== undefined;
  const unseen = finding.kind === 'unobserved' && object.status?.registry === undefined;
  if (deleting) return { kind: 'reconciling', phase: 'Deleting', ready: 'False', reason, message };
  return {
    kind: 'reconciling',
    phase: unseen ? 'Pending' : 'Syncing',
    ready: unseen ? 'Unknown' : 'False',
    reason,
    message,
  };
}

/** Suspending changes nothing about what is known; a Ready that the new spec contradicts is not kept. */
function suspended({ object }: Facts, desired: Desired | undefined): Verdict {
  const last = object.status?.conditions?.find((c) => c.type === 'Ready');
  const holds = stillHolds(object.status?.replicas ?? [], desired) && !mayWantOtherTags(object, desired);
  const keep = last !== undefined && (last.status !== 'True' || holds);
  return {
    kind: 'suspended',
    phase: 'Suspended',
    ready: keep ? last.status : 'Unknown',
    reason: keep ? (last.reason as Reason) : 'Suspended',
    message: 'Suspended: Azure is neither read nor changed until spec.suspend is false. Ready is as last known.',
  };
}

/** Status does not hold tags: after an edit nobody knows whether Azure has those of the spec. */
function mayWantOtherTags({ metadata, status }: Facts['object'], desired: Desired | undefined): boolean {
  if (status?.observedGeneration === metadata.generation) return false;
  return [...(desired?.wishes.values() ?? [])].some(({ tags }) => Object.keys(tags).length > 0);
}

function stillHolds(
  replicas: NonNullable<NonNullable<Facts['object']['status']>['replicas']>,
  desired: Desired | undefined,
): boolean {
  if (desired === undefined) return false;
  const known = new Map(replicas.map((r) => [r.location, r]));
  const allReady = [...desired.wishes.values()].every(({ region, routing }) => {
    const entry = known.get(region);
    const replica = { state: entry?.provisioningState as ReplicaState, status: entry?.status ?? '' };
    return isReady(replica, desired) && (routing === undefined || routing === entry?.routing);
  });
  const noneToGo = replicas.every(
    ({ location, managed }) =>
      managed === 'Home' || desired.wishes.has(location as Region) || !prunes(desired, managed),
  );
  return allReady && noneToGo;
}
