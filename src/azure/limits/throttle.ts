import { registryKey } from '../../domain/desired.ts';
import { type Failure, failed, localThrottle, type Outcome } from '../../domain/failure.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import type { Urgency } from '../../domain/urgency.ts';
import type { ArmRequest, QuotaKind } from '../../ports/arm-request.ts';
import type { ReplicationApi } from '../../ports/azure.ts';
import type { Clock } from '../../time/clock.ts';
import { createQuota, type Quota } from './quota.ts';
import type { Limit } from './token-bucket.ts';
import { type MapOfUsed, mapOfUsed } from './used.ts';

/**
 * Azure's limits for one principal in one subscription. Some subscriptions have more; the operator never goes faster
 * than this, whatever Azure's headers say.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
const azureLimits: Readonly<Record<QuotaKind | GraphKind, Limit>> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
  // 4,000 in any minute for one principal and subscription, and 15 in any 5 seconds for one principal: a bucket lets
  // through its size and what flows in meanwhile, which together are the limit.
  // https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
  graphLists: { size: 2_000, perSecond: 2_000 / 60 },
  graphQueries: { size: 5, perSecond: 2 },
};

/** Kinds of requests that Resource Graph answers, each with a limit beside those of the provider. */
type GraphKind = 'graphLists' | 'graphQueries';

/**
 * A quota that nobody asked for this long is forgotten: it is full by then, and no pause, which lasts an hour at most, is
 * left of it.
 */
const unusedMs = 2 * 3_600_000;

export interface ThrottleMeter {
  /** Counts a call that was put off. */
  throttled(kind: QuotaKind): void;
  /** Measures how long after that the call was made. */
  throttleWaited(kind: QuotaKind, ms: number): void;
}

export interface ThrottleOptions {
  readonly clock: Clock;
  /** The part of Azure's limits to use, above 0 and up to 1; the rest is left to others with the same identity. */
  readonly share: number;
  readonly meter: ThrottleMeter;
}

/** Keeps all objects together within Azure's request limits. `principal` names whom Azure counts: one per identity. */
export interface Throttle {
  /**
   * The same Azure, for a pass of this urgency. A call whose turn it is not fails at once with localThrottle and the
   * moment of its turn; nothing ever sleeps. A registry that is not remembered costs two reads. Two kinds of requests are rare, fit into what is
   * left to others, and are not counted: a remembered registry's GET once an hour, and pages of a LIST after the
   * first.
   */
  guard(principal: string, api: ReplicationApi, urgency: Urgency): ReplicationApi;
  /** The quotas of Resource Graph for a principal. */
  graph(principal: string): GraphQuotas;
  /** Takes note of how many requests Azure says are left. */
  heard(principal: string, subscriptionId: string, remaining: ArmRequest['remaining']): void;
  /** For how long one more look would wait where looks wait longest, in milliseconds. */
  lookWaitMs(): number;
}

/** Quotas of requests that Resource Graph answers. */
export interface GraphQuotas {
  /** LISTs of replicas, in one subscription. */
  lists(subscriptionId: string): Quota;
  /** Pages of queries, over all subscriptions together. */
  queries(): Quota;
}

/** One call that is to be counted. */
interface Counted {
  readonly kind: QuotaKind;
  readonly ref: RegistryRef;
  /** Names the call among those of the registry, so that whoever comes back for it finds its place in the line. */
  readonly what: string;
  /** Number of requests that the call makes. Default: 1. */
  readonly cost?: number;
}

/** Who asks, and how urgently. */
interface Asker {
  readonly principal: string;
  readonly urgency: Urgency;
}

type InTurn = <T>(counted: Counted, call: () => Promise<Outcome<T>>) => Promise<Outcome<T>>;

export function createThrottle({ clock, share, meter }: ThrottleOptions): Throttle {
  const nowMs = (): number => clock.now().getTime();
  const quotas: Readonly<Record<QuotaKind | GraphKind, MapOfUsed<Quota>>> = {
    reads: mapOfUsed(nowMs, unusedMs),
    writes: mapOfUsed(nowMs, unusedMs),
    deletes: mapOfUsed(nowMs, unusedMs),
    graphLists: mapOfUsed(nowMs, unusedMs),
    graphQueries: mapOfUsed(nowMs, unusedMs),
  };

  function quotaOf(principal: string, subscriptionId: string, kind: QuotaKind | GraphKind): Quota {
    const key = `${subscriptionId.toLowerCase()} ${principal}`;
    const quota = quotas[kind].get(key) ?? createQuota(azureLimits[kind], share, nowMs());
    quotas[kind].set(key, quota);
    return quota;
  }

  async function inTurn<T>(
    { principal, urgency }: Asker,
    { kind, ref, what, cost = 1 }: Counted,
    call: () => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const quota = quotaOf(principal, ref.subscriptionId, kind);
    const counted = { caller: `${registryKey(ref)} ${what.toLowerCase()}`, cost, urgency };
    const admission = quota.ask(counted, nowMs());
    if (admission.kind === 'wait') {
      meter.throttled(kind);
      return failed(notYet(ref.subscriptionId, admission.untilMs));
    }
    if (admission.waitedMs !== undefined) meter.throttleWaited(kind, admission.waitedMs);
    const outcome = await call();
    if (outcome.ok || outcome.failure.kind !== 'throttled' || outcome.failure.reason !== 'Throttled') {
      quota.passed(nowMs());
      return outcome;
    }
    const { failure } = outcome;
    const untilMs = quota.refused(counted, failure.until?.getTime(), nowMs());
    return failed({ ...failure, until: new Date(untilMs) });
  }

  return {
    graph: (principal) => ({
      lists: (subscriptionId) => quotaOf(principal, subscriptionId, 'graphLists'),
      queries: () => quotaOf(principal, '', 'graphQueries'),
    }),
    guard: (principal, api, urgency) => guarded(api, (counted, call) => inTurn({ principal, urgency }, counted, call)),
    heard(principal, subscriptionId, remaining) {
      for (const kind of ['reads', 'writes', 'deletes'] as const) {
        const count = remaining[kind];
        if (count !== undefined) quotaOf(principal, subscriptionId, kind).heard(count, nowMs());
      }
    },
    lookWaitMs: () => Math.max(0, ...quotas.reads.values().map((quota) => quota.lookWaitMs(nowMs()))),
  };
}

/** The same Azure, each of whose calls goes through `inTurn`. */
function guarded(api: ReplicationApi, inTurn: InTurn): ReplicationApi {
  const { readEndpoints } = api;
  return {
    ...(api.glance === undefined ? {} : { glance: api.glance }), // has quotas of its own
    ...(readEndpoints === undefined
      ? {}
      : {
          readEndpoints: (ref, signal) =>
            inTurn({ kind: 'reads', ref, what: '/endpoints' }, () => readEndpoints(ref, signal)),
        }),
    observe: (ref, known, signal, how) =>
      inTurn({ kind: 'reads', ref, what: '', cost: known === undefined ? 2 : 1 }, () =>
        api.observe(ref, known, signal, how),
      ),
    readRegistry: (ref, signal, how) =>
      inTurn({ kind: 'reads', ref, what: '/registry' }, () => api.readRegistry(ref, signal, how)),
    get: (ref, name, signal) => inTurn({ kind: 'reads', ref, what: name }, () => api.get(ref, name, signal)),
    create: (ref, replica, signal) =>
      inTurn({ kind: 'writes', ref, what: replica.name }, () => api.create(ref, replica, signal)),
    update: (ref, name, change, signal) =>
      inTurn({ kind: 'writes', ref, what: name }, () => api.update(ref, name, change, signal)),
    remove: (ref, name, signal) => inTurn({ kind: 'deletes', ref, what: name }, () => api.remove(ref, name, signal)),
  };
}

/** The failure of a call that was not made. */
function notYet(subscriptionId: string, untilMs: number): Failure {
  const message = `The operator paces its requests to subscription ${subscriptionId} to stay within Azure's limits; this one waits its turn.`;
  return localThrottle(message, new Date(untilMs));
}
