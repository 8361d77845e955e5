import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type FailureReason, failureReasons } from '../domain/reasons.ts';
import type { ArmOperation, QuotaKind } from '../ports/arm-request.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import { addInventoryMetrics } from './inventory-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { createRuntimeMetrics, type RuntimeMetrics } from './runtime-metrics.ts';

/** What the operator counts. Every label comes from a closed set: never an object, region or registry name. */
export interface Metrics extends RuntimeMetrics {
  /** One request to Azure has ended; `status` is undefined when no answer came. */
  armRequest(operation: ArmOperation, status: number | undefined, durationMs: number): void;
  /** What Azure says is left of a subscription's quota. */
  armRemaining(kind: QuotaKind, count: number): void;
  /** A call to Azure was not made, to stay within its request limits. */
  throttled(kind: QuotaKind): void;
  /** A call that was held back has been made, so long after it was first asked for. */
  throttleWaited(kind: QuotaKind, ms: number): void;
  /** So many replicas were changed behind the operator's back and are being put right. */
  driftCorrected(count: number): void;
  /** So many broken replicas are being made again. */
  repaired(count: number): void;
  /** Azure refused something, or could not be asked. */
  failed(reason: FailureReason): void;
  /** An object became Ready, so long after its spec last changed. */
  becameReady(ms: number): void;
  /** Counted at each scrape, so it should take milliseconds for all objects. */
  countFrom(inventory: () => Inventory): void;
}

/** A GET takes 0.1 s, an accepted PUT one second; the request times out after 30. */
const armSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Azure's limits refill within seconds; a thousand new objects wait minutes. */
const throttleSeconds = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800];
/** A changed tag takes seconds, a new replica minutes, the copy of a large registry hours. */
const readySeconds = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];

/** The metrics on a registry of their own, so that several operators in one process stay apart. */
export function createMetrics({ version }: { readonly version: string }): Metrics & { readonly registry: Registry } {
  const registry = new Registry();
  const registers = [registry];
  addProcessMetrics(registry);
  new Gauge({
    name: 'acr_replication_build_info',
    help: "Always 1; version is the operator's.",
    labelNames: ['version'] as const,
    registers,
  }).set({ version }, 1);

  const lastPass = new Gauge({
    name: 'acr_replication_last_successful_pass_timestamp_seconds',
    help: 'When the last pass ended that wrote down what it found; 0 when this process has made none.',
    registers,
  });
  const runtime = createRuntimeMetrics(registry, () => lastPass.set(Date.now() / 1_000));

  const armRequests = new Counter({
    name: 'acr_replication_arm_requests_total',
    help: 'Requests to Azure Resource Manager by HTTP status; code "none" when no answer came.',
    labelNames: ['operation', 'code'] as const,
    registers,
  });
  const armTime = new Histogram({
    name: 'acr_replication_arm_request_duration_seconds',
    help: 'Time from sending a request to Azure Resource Manager to its answer.',
    labelNames: ['operation'] as const,
    buckets: armSeconds,
    registers,
  });
  const remaining = new Gauge({
    name: 'acr_replication_arm_remaining',
    help: 'Requests that Azure says are left to the subscription, by kind.',
    labelNames: ['kind'] as const,
    registers,
  });
  const throttled = new Counter({
    name: 'acr_replication_local_throttled_total',
    help: "Calls that were put off to stay within Azure's request limits, by kind.",
    labelNames: ['kind'] as const,
    registers,
  });
  const throttleWait = new Histogram({
    name: 'acr_replication_throttle_wait_seconds',
    help: 'Time from putting off a call to making it, by kind.',
    labelNames: ['kind'] as const,
    buckets: throttleSeconds,
    registers,
  });
  for (const kind of ['reads', 'writes', 'deletes'] as const) {
    throttled.inc({ kind }, 0);
    throttleWait.zero({ kind });
  }
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
  let inventory = (): Inventory => takeInventory([]);
  addInventoryMetrics(registry, () => inventory());

  return {
    ...runtime,
    registry,
    armRequest(operation, status, durationMs) {
      armRequests.inc({ operation, code: status === undefined ? 'none' : String(status) });
      armTime.observe({ operation }, durationMs / 1_000);
    },
    armRemaining: (kind, count) => remaining.set({ kind }, count),
    throttled: (kind) => throttled.inc({ kind }),
    throttleWaited: (kind, ms) => throttleWait.observe({ kind }, ms / 1_000),
    driftCorrected: (count) => drift.inc(count),
    repaired: (count) => repairs.inc(count),
    failed: (reason) => failures.inc({ reason }),
    becameReady: (ms) => ready.observe(ms / 1_000),
    countFrom(read) {
      inventory = read;
    },
  };
}
