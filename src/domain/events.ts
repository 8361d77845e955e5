import { type Condition, isDeleting, type RegistryReplication, type Status } from '../api/registryreplication.ts';
import { type Account, isFoundGone } from './account.ts';
import { noticeText, toldTogether } from './concerns.ts';
import { settingsIn } from './differences.ts';
import { isOut, waitingText } from './drains.ts';
import { driftText } from './drift.ts';
import { ignoredRecreations } from './ignored-recreation.ts';
import type { Judged } from './judgement.ts';
import { type Memory, type Remembered, rememberedIn } from './memory.ts';
import type { Observed } from './pass.ts';
import { stalledReasons } from './reasons.ts';
import type { Region } from './region.ts';
import { type Desired, isBroken, isReady } from './replication.ts';

/** Every reason an Event can carry, in the order in which one pass tells them. `action` is for machines. */
export const eventReasons = {
  DriftDetected: { type: 'Warning', action: 'Observe' },
  ReplicaFailed: { type: 'Warning', action: 'Observe' },
  ReplicaRepairing: { type: 'Normal', action: 'Repair' },
  ReplicaDeleted: { type: 'Normal', action: 'Delete' },
  ReplicaDeleting: { type: 'Normal', action: 'Delete' },
  ReplicaCreating: { type: 'Normal', action: 'Create' },
  ReplicaUpdated: { type: 'Normal', action: 'Update' },
  ReplicaDrained: { type: 'Normal', action: 'Drain' },
  ReplicaRestored: { type: 'Normal', action: 'Restore' },
  ReplicaDrainWaiting: { type: 'Warning', action: 'Drain' },
  ReplicaReady: { type: 'Normal', action: 'Observe' },
  ReplicaNoticed: { type: 'Warning', action: 'Observe' },
  RecreateIgnored: { type: 'Warning', action: 'Observe' },
  ReplicaRetained: { type: 'Warning', action: 'Release' },
  RegistryGone: { type: 'Warning', action: 'Release' },
  Throttled: { type: 'Warning', action: 'Reconcile' },
  Stalled: { type: 'Warning', action: 'Reconcile' },
  Recovered: { type: 'Normal', action: 'Reconcile' },
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
export function eventsOf(judged: Judged, status: Status | undefined): readonly Occurrence[] {
  if (status === undefined) return [];
  const { finding, drifts } = judged;
  const told: { readonly reason: EventReason; readonly region: Region; readonly text: string }[] = [
    ...drifts.map((drift) => ({ reason: 'DriftDetected' as const, region: drift.region, text: driftText(drift) })),
    ...(finding.kind === 'observed' ? turnsOf(judged, finding, status) : []),
    ...[...ignoredRecreations(judged)].map(([region, text]) => ({ reason: 'RecreateIgnored' as const, region, text })),
  ];
  const notes = new Map<EventReason, string>();
  for (const [reason, turns] of Map.groupBy(told, (t) => t.reason)) notes.set(reason, toldTogether(turns));
  const throttled = begun('Reconciling', judged, status);
  if (throttled?.reason === 'Throttled') notes.set('Throttled', throttled.message);
  const stuck = stuckReason(judged.memory);
  const stalled = status.conditions?.find(({ type }) => type === 'Stalled');
  if (stalled !== undefined && stalled.reason !== stuck) notes.set('Stalled', `${stalled.reason}: ${stalled.message}`);
  if (stuck !== undefined && hasRecovered(judged))
    notes.set('Recovered', `no longer ${stuck}: ${judged.verdict.message}`);
  return (Object.keys(eventReasons) as EventReason[]).flatMap((reason) => {
    const note = notes.get(reason);
    return note === undefined ? [] : [{ ...eventReasons[reason], reason, note }];
  });
}

/** The condition, if it has just appeared or its reason has just changed. */
function begun(type: Condition['type'], { memory }: Judged, status: Status): Condition | undefined {
  const now = status.conditions?.find((condition) => condition.type === type);
  return now?.reason === memory.conditions.get(type)?.reason ? undefined : now;
}

/** For what a person was needed until now; while the object is suspended, Ready keeps the reason. */
function stuckReason({ conditions }: Memory): string | undefined {
  const last = conditions.get('Ready')?.reason;
  return conditions.get('Stalled')?.reason ?? stalledReasons.find((reason) => reason === last);
}

/**
 * Whether Azure has shown that nobody is needed any more: it could be read where it could not, or it refused nothing. An
 * error that passes, a suspension and a deletion show nothing of the kind.
 */
function hasRecovered({ object, memory, finding, verdict }: Judged): boolean {
  if (finding.kind !== 'observed' || verdict.kind === 'stalled' || isDeleting(object)) return false;
  return memory.readError !== undefined || !finding.accounts.some(isRefused);
}

function isRefused({ decision, result }: Account): boolean {
  return result?.kind === 'failed' || (decision?.kind === 'pause' && decision.why.kind === 'refused');
}

/** One thing that happened to one region. */
type Telling = readonly [reason: EventReason, text: string];

function turnsOf({ object }: Judged, { desired, accounts }: Observed, status: Status) {
  const deleting = isDeleting(object);
  const entries = rememberedIn(status);
  return accounts.flatMap((account) => {
    const { region, isHome, wish } = account;
    const now = entries.get(region);
    const whole = wish !== undefined && !deleting ? growing(account, now, desired) : leaving(account, now);
    const turns = [...updated(account), ...drained(account, now), ...(isHome ? [] : whole)];
    return turns.map(([reason, text]) => ({ reason, region, text }));
  });
}

function updated({ decision, result, course }: Account): readonly Telling[] {
  if (result?.kind !== 'updated' || decision?.kind !== 'update') return [];
  const settings = settingsIn(decision.change).filter((setting) => setting !== 'routing' || course === undefined);
  return settings.length === 0 ? [] : [['ReplicaUpdated', `${settings.join(' and ')} set.`]];
}

/** What became of a drain of the region. `now`: what the new status says of it. */
function drained({ before, waiting, course }: Account, now: Remembered | undefined): readonly Telling[] {
  const wasOut = before !== undefined && isOut(before);
  const told: Telling[] = [];
  if (now !== undefined && isOut(now) && !wasOut) told.push(['ReplicaDrained', 'out of routing.']);
  if (now?.state !== undefined && now.routing === 'Enabled' && wasOut && course?.kind !== 'drained')
    told.push(['ReplicaRestored', 'back in routing.']);
  if (now?.routing === 'Disabled' && wasOut && now.drained === undefined) {
    told.push([
      'ReplicaRestored',
      'its drain is over; it stays out of routing, as the spec states or as it was before.',
    ]);
  }
  const text = waitingText(waiting);
  if (text !== undefined && now !== undefined && before?.note.startsWith(text) !== true)
    told.push(['ReplicaDrainWaiting', text]);
  return told;
}

/** A replica that is to go, or that nobody asked for. `now`: what the new status says of it. */
function leaving(account: Account, now: Remembered | undefined): readonly Telling[] {
  const { before, decision } = account;
  const noticed = decision?.kind === 'pause' && decision.why.kind === 'notice' && before?.notBefore === undefined;
  if (noticed) return [['ReplicaNoticed', noticeText]];
  if (now?.state === 'Deleting' && before?.state !== 'Deleting') return [['ReplicaDeleting', 'being deleted.']];
  // LIST alone can leave out what is there.
  const isGone = now?.state === undefined && (before?.state === 'Deleting' || isFoundGone(account));
  return isGone && before?.state !== undefined ? [['ReplicaDeleted', 'deleted.']] : [];
}

/** A replica that is to be. `now`: what the new status says of it. */
function growing(account: Account, now: Remembered | undefined, desired: Desired): readonly Telling[] {
  const { before, decision, result } = account;
  const turns: Telling[] = [];
  if (isBroken(now?.state) && !isBroken(before?.state)) {
    turns.push(['ReplicaFailed', now?.state === 'Canceled' ? 'its creation was canceled.' : 'failed in Azure.']);
  }
  const replacing = decision?.kind === 'delete' && result?.kind === 'deleting';
  if (decision?.kind === 'restore' && result?.kind === 'updated') {
    turns.push(['ReplicaRepairing', 'sent its own settings again.']);
  } else if (replacing || (isBroken(before?.state) && now?.state === 'Deleting')) {
    turns.push(['ReplicaRepairing', 'being deleted, to be created again.']);
  }
  const wasLost = before?.vanished !== undefined;
  if (now?.vanished !== undefined && !wasLost) turns.push(['ReplicaFailed', 'vanished while it was being created.']);
  if (now?.state === 'Creating' && wasLost) turns.push(['ReplicaRepairing', 'being created again.']);
  else if (now?.state === 'Creating' && before?.state !== 'Creating') {
    turns.push(['ReplicaCreating', 'being created.']);
  }
  const serves = (entry: Remembered | undefined) => entry !== undefined && isReady(entry, desired);
  if (serves(now) && !serves(before)) turns.push(['ReplicaReady', 'ready.']);
  return turns;
}

/**
 * What is told when an object goes and leaves replicas in Azure that it made or listed, or drained; undefined when there are
 * none.
 * `seen`: what the last pass saw, and undefined when it did not look.
 */
export function retentionOf(memory: Memory, seen?: Observed): Occurrence | undefined {
  const there = seen?.accounts.flatMap(({ replica }) =>
    replica === undefined || replica.state === 'Deleting' ? [] : [replica.region],
  );
  const names = setIn(memory, ({ region }) => there?.includes(region) ?? true);
  const drained = seen === undefined ? [...memory.regions.values()].filter(isOut) : seen.accounts.filter(isLeftOut);
  const out = drained.map(({ region }) => region).join(', ');
  if (names === '' && out === '') return undefined;
  const sentences = [
    ...(names === '' ? [] : [`${names}: left in Azure, where they go on being billed.`]),
    ...(out === '' ? [] : [`${out}: drained, and left out of routing; nobody puts that back.`]),
  ];
  const note = sentences.join(' ');
  return { ...eventReasons.ReplicaRetained, reason: 'ReplicaRetained', note };
}

/** Whether a replica is left in Azure out of routing that was in it before its drain. */
function isLeftOut({ course, replica }: Account): boolean {
  const isThere = replica !== undefined && replica.state !== 'Deleting';
  return isThere && course?.kind === 'end' && course.before === 'Enabled' && replica.routing === 'Disabled';
}

/** The same when an object goes because several looks found no registry. One that was moved looks the same. */
export function lossOf(memory: Memory): Occurrence | undefined {
  const names = setIn(memory, () => true);
  if (names === '') return undefined;
  const note = `the registry is gone, and its replicas with it: ${names}. If it was only moved to another resource group or subscription, they are there, and go on being billed.`;
  return { ...eventReasons.RegistryGone, reason: 'RegistryGone', note };
}

/** Replicas that the object made or listed and of which `isMeant` holds, by name. */
function setIn({ regions }: Memory, isMeant: (entry: Remembered) => boolean): string {
  return [...regions.values()]
    .filter((entry) => (entry.managed === 'Created' || entry.managed === 'Adopted') && isMeant(entry))
    .map(({ region, name }) => (name === undefined || name === region ? region : `${name} in ${region}`))
    .join(', ');
}
