import type { Condition, RegistryReplication, ReplicaStatus, Status } from '../api/registryreplication.ts';
import { driftsOf } from './drift.ts';
import { type Facts, isReady, type Observed } from './pass.ts';
import { type Decision, isBroken, vanishedCode } from './plan.ts';
import type { Region } from './region.ts';
import type { ReplicaState } from './replication.ts';
import { textOf } from './verdict.ts';

/** Every reason an Event can carry, in the order in which one pass tells them. `action` is for machines. */
export const eventReasons = {
  DriftDetected: { type: 'Warning', action: 'Observe' },
  ReplicaFailed: { type: 'Warning', action: 'Observe' },
  ReplicaRepairing: { type: 'Normal', action: 'Repair' },
  ReplicaDeleted: { type: 'Normal', action: 'Delete' },
  ReplicaDeleting: { type: 'Normal', action: 'Delete' },
  ReplicaCreating: { type: 'Normal', action: 'Create' },
  ReplicaUpdated: { type: 'Normal', action: 'Update' },
  ReplicaReady: { type: 'Normal', action: 'Observe' },
  Throttled: { type: 'Warning', action: 'Reconcile' },
  Stalled: { type: 'Warning', action: 'Reconcile' },
} as const satisfies Record<string, { readonly type: 'Normal' | 'Warning'; readonly action: string }>;

export type EventReason = keyof typeof eventReasons;

/** Something that happened, told once. */
export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  readonly action: string;
  /** "brazilsouth, japaneast: being created.": all regions of one pass together. */
  readonly note: string;
}

/** Passes on what happened to an object; returns at once and never throws. */
export type Announce = (object: RegistryReplication, occurrences: readonly Occurrence[]) => void;

/**
 * What changed from the status before the pass to the one after it; at most one per reason. `status` is what statusOf
 * said: undefined means that nothing changed, so nothing happened.
 */
export function eventsOf(facts: Facts, status: Status | undefined): readonly Occurrence[] {
  if (status === undefined) return [];
  const told: { readonly reason: EventReason; readonly region: Region; readonly text: string }[] = [
    ...driftsOf(facts).map((drift) => ({ reason: 'DriftDetected' as const, ...drift })),
    ...(facts.finding.kind === 'observed' ? turnsOf(facts, facts.finding, status) : []),
  ];
  const notes = new Map<EventReason, string>();
  for (const [reason, turns] of Map.groupBy(told, (t) => t.reason)) notes.set(reason, textOf(turns));
  const throttled = begun('Reconciling', facts.object.status, status);
  if (throttled?.reason === 'Throttled') notes.set('Throttled', throttled.message);
  const stalled = begun('Stalled', facts.object.status, status);
  if (stalled !== undefined) notes.set('Stalled', `${stalled.reason}: ${stalled.message}`);
  return (Object.keys(eventReasons) as EventReason[]).flatMap((reason) => {
    const note = notes.get(reason);
    return note === undefined ? [] : [{ ...eventReasons[reason], reason, note }];
  });
}

/** The condition, if it has just appeared or its reason has just changed. */
function begun(type: Condition['type'], before: Status | undefined, after: Status): Condition | undefined {
  const now = after.conditions?.find((c) => c.type === type);
  return now?.reason === before?.conditions?.find((c) => c.type === type)?.reason ? undefined : now;
}

type Turn = readonly [reason: EventReason, text: string];

function turnsOf(facts: Facts, finding: Observed, status: Status) {
  const before = new Map(facts.object.status?.replicas?.map((entry) => [entry.location, entry]));
  const after = new Map(status.replicas?.map((entry) => [entry.location, entry]));
  const regions = [...new Set([...before.keys(), ...after.keys()])].sort() as Region[];
  return regions.flatMap((region) => {
    const decision = finding.decisions.find((d) => d.region === region);
    const turns = turnOf(facts, finding, { region, decision, last: before.get(region), entry: after.get(region) });
    return turns.map(([reason, text]) => ({ reason, region, text }));
  });
}

interface Step {
  readonly region: Region;
  readonly decision: Decision | undefined;
  readonly last: ReplicaStatus | undefined;
  readonly entry: ReplicaStatus | undefined;
}

function turnOf({ object }: Facts, finding: Observed, step: Step): readonly Turn[] {
  const { region, decision, last, entry } = step;
  const { desired, actual, results } = finding;
  const result = results.get(region);
  const updated: readonly Turn[] =
    result?.kind === 'updated' && decision?.kind === 'update'
      ? [['ReplicaUpdated', `${Object.keys(decision.change).sort().join(' and ')} set.`]]
      : [];
  if (region === actual.registry.home) return updated;
  const wanted = desired.wishes.has(region) && object.metadata.deletionTimestamp === undefined;
  return wanted ? [...updated, ...growing(finding, step)] : leaving(last, entry);
}

/** A replica that is to go, or that nobody asked for. */
function leaving(last: ReplicaStatus | undefined, entry: ReplicaStatus | undefined): readonly Turn[] {
  const [before, now] = [last?.provisioningState, entry?.provisioningState];
  if (now === 'Deleting' && before !== 'Deleting') return [['ReplicaDeleting', 'being deleted.']];
  return now === undefined && before !== undefined ? [['ReplicaDeleted', 'deleted.']] : [];
}

/** A replica that is to be. */
function growing({ desired, results }: Observed, { region, decision, last, entry }: Step): readonly Turn[] {
  const result = results.get(region);
  const [before, now] = [last, entry].map((e) => e?.provisioningState as ReplicaState | undefined);
  const replacing = decision?.kind === 'delete' && decision.repair && result?.kind === 'deleting';
  const turns: Turn[] = [];
  if (isBroken(now) && !isBroken(before)) {
    turns.push(['ReplicaFailed', now === 'Canceled' ? 'its creation was canceled.' : 'failed in Azure.']);
  }
  if (replacing || (isBroken(before) && now === 'Deleting')) {
    turns.push(['ReplicaRepairing', 'being deleted, to be created again.']);
  }
  const wasLost = last?.error?.code === vanishedCode;
  if (entry?.error?.code === vanishedCode && !wasLost) {
    turns.push(['ReplicaFailed', 'vanished while it was being created.']);
  }
  if (now === 'Creating' && wasLost) turns.push(['ReplicaRepairing', 'being created again.']);
  else if (now === 'Creating' && before !== 'Creating') turns.push(['ReplicaCreating', 'being created.']);
  const ready = (e: ReplicaStatus | undefined, state: ReplicaState | undefined) =>
    state !== undefined && isReady({ state, status: e?.status ?? '' }, desired);
  if (ready(entry, now) && !ready(last, before)) turns.push(['ReplicaReady', 'ready.']);
  return turns;
}
