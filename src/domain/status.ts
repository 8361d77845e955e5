import { isDeepStrictEqual } from 'node:util';
import { type Condition, isDeleting, type Status } from '../api/registryreplication.ts';
import { entriesOf, entriesUnseen } from './entries.ts';
import { waitsItsTurn } from './failure.ts';
import type { Judged } from './judgement.ts';
import { requestOf } from './memory.ts';
import type { Facts, Observed } from './pass.ts';
import { planLine } from './plan-lines.ts';
import { needsPerson } from './reasons.ts';
import { isReady, type Registry } from './replication.ts';
import { stamp } from './stamp.ts';
import { shortened } from './text.ts';

/** Longest message of a condition, by Kubernetes' API conventions and the CRD. */
const longestMessage = 32_768;

/** Failures in a row before a Ready object stops being called so because Azure could not be asked. */
const patience = 3;

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
  const summary = observed === undefined ? last?.summary : summaryOf(observed);
  const status: Status = {
    observedGeneration: object.metadata.generation,
    phase: verdict.phase,
    ...(summary === undefined ? {} : { summary }),
    ...(registry === undefined ? {} : { registry }),
    ...(differences.length === 0 ? {} : { plan: differences.map(planLine) }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(request === '' ? {} : { lastHandledRequest: request }),
    conditions: conditionsOf(judged),
  };
  return isDeepStrictEqual(status, last) ? undefined : status;
}

/** One failed read of a registry that was fine says nothing about the registry. */
function isBlip({ object, memory, finding, retries }: Facts): boolean {
  if (finding.kind !== 'unobserved' || needsPerson(finding.failure.reason)) return false;
  if (waitsItsTurn(finding.failure)) return true; // Azure was not even asked
  return memory.current && memory.status?.phase === 'Ready' && !isDeleting(object) && retries < patience;
}

function registryEntry({ id, loginServer, home, sku }: Registry): NonNullable<Status['registry']> {
  return { id, loginServer, homeRegion: home, sku };
}

function summaryOf({ desired, accounts }: Observed): string {
  const ready = accounts.filter(
    ({ wish, isHome, replica }) =>
      wish !== undefined && (isHome || (replica !== undefined && isReady(replica, desired))),
  );
  return `${ready.length}/${desired.wishes.size}`;
}

function conditionsOf({ object, memory, now, verdict }: Judged): Condition[] {
  const { reason, ready, kind } = verdict;
  const message = shortened(verdict.message, longestMessage);
  const condition = (type: string, status: Condition['status']): Condition => {
    const last = memory.conditions.get(type);
    const lastTransitionTime = last?.status === status ? last.lastTransitionTime : stamp(now);
    return { type, status, reason, message, observedGeneration: object.metadata.generation, lastTransitionTime };
  };
  return [
    condition('Ready', ready),
    ...(kind === 'reconciling' ? [condition('Reconciling', 'True')] : []),
    ...(kind === 'stalled' ? [condition('Stalled', 'True')] : []),
  ];
}
