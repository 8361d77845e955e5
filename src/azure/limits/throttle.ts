import { registryKey } from '../../domain/desired.ts';
import { type Failure, failed, localThrottle, type Outcome } from '../../domain/failure.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import type { ArmRequest, QuotaKind } from '../../ports/arm-request.ts';
import type { ReplicationApi } from '../../ports/azure.ts';
import type { Clock } from '../../time/clock.ts';
import { createQuota, type Quota } from './quota.ts';
import type { Limit } from './token-bucket.ts';

/**
 * Per subscription and principal. https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 * Some subscriptions have more; Azure's headers never make the operator faster than this.
 */
const azureLimits: Readonly<Record<QuotaKind, Limit>> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
};

export interface ThrottleMeter {
  /** A call was not made. */
  throttled(kind: QuotaKind): void;
  /** A call that was not made at first has been, so much later. */
  throttleWaited(kind: QuotaKind, ms: number): void;
}

export interface ThrottleOptions {
  readonly clock: Clock;
  /** Of Azure's limits, above 0 and up to 1; the rest is left to people and other programs with the same identity. */
  readonly share: number;
  readonly meter: ThrottleMeter;
}

/** Keeps all objects together within Azure's request limits. `principal` is who Azure counts: one per identity. */
export interface Throttle {
  /**
   * The same Azure. A call whose turn it is not fails at once with localThrottle and the moment of its turn; nothing
   * ever sleeps. A registry that is not remembered costs two reads. Not counted, for they are rare and fit into what is
   * left to others: a remembered registry's GET once an hour, and pages of a LIST after the first.
   */
  guard(principal: string, api: ReplicationApi): ReplicationApi;
  /** What Azure said is left. */
  heard(principal: string, subscriptionId: string, remaining: ArmRequest['remaining']): void;
}

export function createThrottle({ clock, share, meter }: ThrottleOptions): Throttle {
  const quotas = new Map<string, Quota>();
  const nowMs = (): number => clock.now().getTime();

  function quotaOf(principal: string, subscriptionId: string, kind: QuotaKind): Quota {
    const key = `${kind} ${subscriptionId.toLowerCase()} ${principal}`;
    const quota = quotas.get(key) ?? createQuota(azureLimits[kind], share, nowMs());
    quotas.set(key, quota);
    return quota;
  }

  function guard(principal: string, api: ReplicationApi): ReplicationApi {
    /** `what` names the call among those of the registry: who comes back for it finds its place in the line. */
    async function inTurn<T>(
      kind: QuotaKind,
      ref: RegistryRef,
      { what, cost = 1 }: { readonly what: string; readonly cost?: number },
      call: () => Promise<Outcome<T>>,
    ): Promise<Outcome<T>> {
      const quota = quotaOf(principal, ref.subscriptionId, kind);
      const caller = `${registryKey(ref)} ${what.toLowerCase()}`;
      const turn = quota.ask(caller, cost, nowMs());
      if (turn.kind === 'wait') {
        meter.throttled(kind);
        return failed(notYet(ref.subscriptionId, turn.untilMs));
      }
      if (turn.waitedMs !== undefined) meter.throttleWaited(kind, turn.waitedMs);
      const outcome = await call();
      if (outcome.ok || outcome.failure.kind !== 'throttled' || outcome.failure.reason !== 'Throttled') {
        quota.passed(nowMs());
        return outcome;
      }
      const { failure } = outcome;
      const untilMs = quota.refused(caller, cost, failure.until?.getTime(), nowMs());
      return failed({ ...failure, until: new Date(untilMs) });
    }

    return {
      observe: (ref, known, signal) =>
        inTurn('reads', ref, { what: '', cost: known === undefined ? 2 : 1 }, () => api.observe(ref, known, signal)),
      get: (ref, name, signal) => inTurn('reads', ref, { what: name }, () => api.get(ref, name, signal)),
      create: (ref, replica, signal) =>
        inTurn('writes', ref, { what: replica.name }, () => api.create(ref, replica, signal)),
      update: (ref, name, change, signal) =>
        inTurn('writes', ref, { what: name }, () => api.update(ref, name, change, signal)),
      remove: (ref, name, signal) => inTurn('deletes', ref, { what: name }, () => api.remove(ref, name, signal)),
    };
  }

  return {
    guard,
    heard(principal, subscriptionId, remaining) {
      for (const kind of ['reads', 'writes', 'deletes'] as const) {
        const count = remaining[kind];
        if (count !== undefined) quotaOf(principal, subscriptionId, kind).heard(count, nowMs());
      }
    },
  };
}

function notYet(subscriptionId: string, untilMs: number): Failure {
  const message = `The operator paces its requests to subscription ${subscriptionId} to stay within Azure's limits; this one waits its turn.`;
  return localThrottle(message, new Date(untilMs));
}
