import { isDeepStrictEqual } from 'node:util';
import { type Condition, isDeleting, type Spec, type Status } from '../api/registryreplication.ts';
import { absenceAfter } from './absence.ts';
import { type Account, isAccountReady, isFoundGone } from './account.ts';
import { defaultIntervalMs } from './desired.ts';
import { isOut } from './drains.ts';
import { entriesOf, entriesUnseen } from './entries.ts';
import { waitsItsTurn } from './failure.ts';
import { ignoredRecreations } from './ignored-recreation.ts';
import type { Judged } from './judgement.ts';
import { recreateOf, regionsIn, requestOf } from './memory.ts';
import { isOwn } from './ownership.ts';
import type { Facts, Observed } from './pass.ts';
import { planLine } from './plan-lines.ts';
import { paceAfter, unreadSince } from './refusal.ts';
import { regionOf } from './region.ts';
import { isHomeWell, ownerOf, type Registry } from './replication.ts';
import { stamp } from './stamp.ts';
import { plainText, shortened } from './text.ts';

/** Longest message of a condition, by Kubernetes' API conventions and the CRD. */
const longestMessage = 32_768;

/** Failures in a row before a Ready object stops being called so because Azure could not be asked: 14 s and 30 s of them. */
const patience = { soon: 3, slow: 1 } as const;

/** Regions that `status.locations` names: what is printed behind it should still be seen. */
const locationsNamed = 5;

/** What `spec.interval` says when it says nothing. */
const defaultInterval = `${defaultIntervalMs / 60_000}m`;

/**
 * The whole status after a pass: equal facts give equal status. It speaks of what was observed, never of what was only
 * asked for. Undefined when there is nothing new to say.
 */
export function statusOf(judged: Judged): Status | undefined {
  const { object, memory, finding, verdict, differences } = judged;
  if (isBlip(judged)) return undefined;
  const last = memory.status;
  const observed = finding.kind === 'observed' ? finding : undefined;
  const replicas = observed === undefined ? entriesUnseen(judged) : entriesOf(judged, observed);
  const registry = observed === undefined ? last?.registry : registryEntry(observed.registry);
  const request = requestOf(object);
  const owner = observed === undefined ? last?.owner : ownerEntry(judged, observed);
  const interval =
    'desired' in finding && finding.desired !== undefined ? (object.spec.interval ?? defaultInterval) : last?.interval;
  const absence =
    finding.kind === 'unobserved' && isDeleting(object) ? absenceAfter(finding.failure, memory, judged.now) : undefined;
  const readError = readErrorOf(judged);
  const recreated = recreatedOf(judged);
  const summary = observed === undefined ? last?.summary : summaryOf(observed);
  const status: Status = {
    observedGeneration: object.metadata.generation,
    phase: verdict.phase,
    ...(summary === undefined ? {} : { summary }),
    locations: locationsOf(object.spec),
    ...(registry === undefined ? {} : { registry }),
    ...(owner === undefined ? {} : { owner }),
    ...(interval === undefined ? {} : { interval }),
    ...(absence === undefined ? {} : { absence: { looks: absence.looks, lastTime: stamp(absence.last) } }),
    ...(readError === undefined ? {} : { readError }),
    ...(differences.length === 0 ? {} : { plan: differences.map(planLine) }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(request === '' ? {} : { lastHandledRequest: request }),
    ...(recreated === '' ? {} : { lastHandledRecreate: recreated }),
    conditions: conditionsOf(judged, replicas),
  };
  return isDeepStrictEqual(status, last) ? undefined : status;
}

/** One failed read of a registry that was fine says nothing about the registry. */
function isBlip({ object, memory, finding, retries, verdict, now }: Judged): boolean {
  if (finding.kind !== 'unobserved' || verdict.kind === 'stalled') return false;
  const { failure } = finding;
  if (waitsItsTurn(failure)) return true; // Azure was not even asked
  if (!memory.current || memory.status?.phase !== 'Ready' || isDeleting(object)) return false;
  return retries < patience[paceAfter(failure, now.getTime() - unreadSince(memory, failure, now).getTime())];
}

/** Since when Azure cannot be read for the reason that it cannot be read for now. */
function readErrorOf({ finding, memory, now }: Facts): Status['readError'] {
  if (finding.kind !== 'unobserved') return undefined;
  const { failure } = finding;
  return { code: failure.code, startTime: stamp(unreadSince(memory, failure, now)) };
}

function registryEntry({ id, loginServer, home, sku }: Registry): NonNullable<Status['registry']> {
  return { id, loginServer, homeRegion: home, sku };
}

/**
 * The owner tag of this object; after the cluster was renamed, the former one while a replica still bears it, or may
 * bear it: LIST can be wrong about tags.
 */
function ownerEntry({ owner, memory }: Facts, { accounts }: Observed): string {
  const former = accounts.flatMap(({ replica, before }) => {
    const tag = replica && isOwn(replica, owner, before) ? ownerOf(replica) : undefined;
    return tag === undefined || tag === owner.tag ? [] : [tag];
  });
  if (former[0] !== undefined) return former[0];
  const isUnseen = accounts.some((account) => {
    const isBorne = account.replica !== undefined && ownerOf(account.replica) === owner.tag;
    return account.before?.managed === 'Created' && !isBorne && !isFoundGone(account);
  });
  return isUnseen ? (memory.status?.owner ?? owner.tag) : owner.tag;
}

/** The regions of the annotation `recreate` whose replicas were deleted for it, were not there, or are not to be made anew. */
function recreatedOf(facts: Facts): string {
  const { object, memory, finding } = facts;
  const accounts = finding.kind === 'observed' ? finding.accounts : [];
  const done = new Set([
    ...accounts.filter(isRecreated).map(({ region }) => region),
    ...ignoredRecreations(facts).keys(),
  ]);
  return regionsIn(recreateOf(object))
    .filter((region) => !memory.recreate.has(region) || done.has(region))
    .join();
}

/** Whether the replica of a region is on its way out, gone, or just created: there is nothing left to make anew. */
function isRecreated({ wish, result, replica, isHome }: Account): boolean {
  if (isHome || wish === undefined) return true;
  if (result?.kind === 'created' || result?.kind === 'deleting') return true;
  return replica === undefined || replica.state === 'Deleting';
}

function summaryOf({ desired, accounts }: Observed): string {
  const ready = accounts.filter((account) => {
    if (account.wish === undefined) return false;
    return account.isHome ? isHomeWell(account.replica) : isAccountReady(account, desired);
  });
  return `${ready.length}/${desired.wishes.size}`;
}

/** The listed regions by name, for a column of kubectl; it changes only with the spec, so it costs no write of its own. */
function locationsOf({ regions }: Spec): string {
  const names = [...new Set(regions.map(({ location }) => regionOf(location)))].sort();
  const named = names.slice(0, locationsNamed).join(', ');
  return names.length <= locationsNamed ? named : `${named} and ${names.length - locationsNamed} more`;
}

/** Which regions are out of routing by a drain, until when, and why; empty when none is. */
function drainedText({ drains = [] }: Spec, replicas: NonNullable<Status['replicas']>): string {
  const reasons = new Map(drains.map(({ location, reason }) => [regionOf(location), plainText(reason, 200)]));
  const texts = replicas.filter(isOut).map(({ location, drained }) => {
    const reason = reasons.get(regionOf(location));
    return `${location} until ${drained?.until}: ${reason ?? 'no longer asked for, to be put back in routing'}`;
  });
  return texts.length === 0 ? '' : `${texts.map((text) => text.replace(/\.$/, '')).join('; ')}.`;
}

function conditionsOf({ object, memory, now, verdict }: Judged, replicas: Status['replicas']): Condition[] {
  const { ready, kind } = verdict;
  const told = { reason: verdict.reason, message: shortened(verdict.message, longestMessage) };
  const drained = drainedText(object.spec, replicas ?? []);
  const condition = (type: string, status: Condition['status'], { reason, message } = told): Condition => {
    const last = memory.conditions.get(type);
    const lastTransitionTime = last?.status === status ? last.lastTransitionTime : stamp(now);
    return { type, status, reason, message, observedGeneration: object.metadata.generation, lastTransitionTime };
  };
  return [
    condition('Ready', ready),
    ...(kind === 'reconciling' ? [condition('Reconciling', 'True')] : []),
    ...(kind === 'stalled' ? [condition('Stalled', 'True')] : []),
    ...(drained === '' ? [] : [condition('Drained', 'True', { reason: 'Drained', message: drained })]),
  ];
}
