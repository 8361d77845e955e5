import { Counter, Histogram, type Registry } from 'prom-client';
import { type FailureReason, failureReasons } from '../domain/reasons.ts';
import { type EventResult, eventResults } from '../ports/event-result.ts';

/** What the operator counts of the outcome of its passes. */
export interface OutcomeMetrics {
  /** Call when so many replicas were changed behind the operator's back and are being put right. */
  driftCorrected(count: number): void;
  /** Call when so many broken replicas are being made again. */
  repaired(count: number): void;
  /** Call when Azure refused something, or could not be asked. */
  failed(reason: FailureReason): void;
  /** Call when an object became Ready; `ms` is the time since its spec last changed. */
  becameReady(ms: number): void;
  /** Call when it is known what becomes of something that an Event was to tell. */
  readonly eventEnded: (result: EventResult) => void;
}

/** Buckets for becoming Ready: a changed tag takes seconds, a new replica minutes, a large registry's copy hours. */
const readySeconds = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];

/** Registers the metrics of the outcome of passes. */
export function createOutcomeMetrics(registry: Registry): OutcomeMetrics {
  const registers = [registry];
  const failures = new Counter({
    name: 'acr_replication_failures_total',
    help: 'What Azure refused or could not be asked, by reason, as in the Ready condition.',
    labelNames: ['reason'] as const,
    registers,
  });
  for (const reason of failureReasons) failures.inc({ reason }, 0);
  const drift = new Counter({
    name: 'acr_replication_drift_corrected_total',
    help: 'Writes to Azure that put right what somebody else changed.',
    registers,
  });
  const repairs = new Counter({
    name: 'acr_replication_repairs_total',
    help: 'Broken replicas that were begun to be made again.',
    registers,
  });
  const ready = new Histogram({
    name: 'acr_replication_time_to_ready_seconds',
    help: 'Time from the last change of a spec to Ready; changes that this process has not seen happen are left out.',
    buckets: readySeconds,
    registers,
  });
  const events = new Counter({
    name: 'acr_replication_events_total',
    help: 'What Events were to tell: written, joined with an Event that waits, dropped because too many wait, or refused.',
    labelNames: ['result'] as const,
    registers,
  });
  for (const result of eventResults) events.inc({ result }, 0);
  return {
    driftCorrected: (count) => drift.inc(count),
    repaired: (count) => repairs.inc(count),
    failed: (reason) => failures.inc({ reason }),
    becameReady: (ms) => ready.observe(ms / 1_000),
    eventEnded: (result) => events.inc({ result }),
  };
}
