import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ArmOperation, QuotaKind } from '../controller/ports.ts';
import { type Inventory, phases, regionStates, takeInventory } from './inventory.ts';
import { addProcessMetrics } from './process-metrics.ts';

/** The `controller` and `name` label of the names that controller-runtime dashboards know. */
const controller = 'registryreplication';

/** How a pass ended, in controller-runtime's words: requeue_after when it chose an earlier look than the interval. */
const passResults = ['success', 'requeue_after', 'error'] as const;
export type PassResult = (typeof passResults)[number];

/** What the operator counts. Every label comes from a closed set: never an object, region or registry name. */
export interface Metrics {
  /** Call at the start of a pass, and what it returns once at its end. Measures the time by itself. */
  passStarted(): (result: PassResult) => void;
  /** How many passes may run at once. */
  maxConcurrentPasses(count: number): void;
  readonly queue: QueueMetrics;
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
  /** Whether this process leads; `name` is the lease's. */
  leads(name: string, leads: boolean): void;
  /** Counted at each scrape, so it should take milliseconds for all objects. */
  countFrom(inventory: () => Inventory): void;
}

export interface QueueMetrics {
  /** A key was added and was not waiting already. */
  added(): void;
  /** A key was added again because its pass failed. */
  retried(): void;
  /** Keys that are due and wait for a worker. */
  depth(count: number): void;
  /** A worker took a key that was due for so long. */
  taken(waitedMs: number): void;
  /** The worker is done with the key. */
  finished(workedMs: number): void;
}

/** controller-runtime's buckets for passes, in seconds. */
const passSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** client-go's buckets for the work queue: powers of ten from 10 ns; finer ones than 1 ms tell nothing here. */
const queueSeconds = [0.001, 0.01, 0.1, 1, 10, 100, 1_000];
/** A GET takes 0.1 s, an accepted PUT one second; the request times out after 30. */
const armSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Azure's limits refill within seconds; a thousand new objects wait minutes. */
const throttleSeconds = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800];

/** The metrics on a registry of their own, so that several operators in one process stay apart. */
export function createMetrics(): Metrics & { readonly registry: Registry } {
  const registry = new Registry();
  const registers = [registry];
  addProcessMetrics(registry);

  const labelNames = ['controller'] as const;
  const passes = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Passes by how they ended.',
    labelNames: ['controller', 'result'] as const,
    registers,
  });
  for (const result of passResults) passes.inc({ controller, result }, 0);
  const passErrors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Passes that ended with an error.',
    labelNames,
    registers,
  }).labels(controller);
  passErrors.inc(0);
  const passTime = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Length of a pass.',
    labelNames,
    buckets: passSeconds,
    registers,
  }).labels(controller);
  const active = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Passes running now.',
    labelNames,
    registers,
  }).labels(controller);
  active.set(0);
  const maxPasses = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Passes that may run at once.',
    labelNames,
    registers,
  }).labels(controller);

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
  for (const kind of ['reads', 'writes', 'deletes'] as const) throttled.inc({ kind }, 0);
  const drift = new Counter({
    name: 'acr_replication_drift_corrected_total',
    help: 'Replicas put right after somebody else had changed them.',
    registers,
  });

  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process leads, 0 while it waits to; name is the lease.',
    labelNames: ['name'] as const,
    registers,
  });

  let inventory = (): Inventory => takeInventory([]);
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_objects',
      help: 'RegistryReplication objects by phase; none while another process leads.',
      labelNames: ['phase'] as const,
      registers: [],
      collect() {
        const { objects } = inventory();
        for (const phase of phases) this.set({ phase }, objects[phase]);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_regions',
      help: 'Regions of all objects by the state of their replica; none while another process leads.',
      labelNames: ['state'] as const,
      registers: [],
      collect() {
        const { regions } = inventory();
        for (const state of regionStates) this.set({ state }, regions[state]);
      },
    }),
  );

  return {
    registry,
    passStarted() {
      const startedMs = performance.now();
      active.inc();
      return (result) => {
        active.dec();
        passes.inc({ controller, result });
        if (result === 'error') passErrors.inc();
        passTime.observe((performance.now() - startedMs) / 1_000);
      };
    },
    maxConcurrentPasses: (count) => maxPasses.set(count),
    queue: createQueueMetrics(registry),
    armRequest(operation, status, durationMs) {
      armRequests.inc({ operation, code: status === undefined ? 'none' : String(status) });
      armTime.observe({ operation }, durationMs / 1_000);
    },
    armRemaining: (kind, count) => remaining.set({ kind }, count),
    throttled: (kind) => throttled.inc({ kind }),
    throttleWaited: (kind, ms) => throttleWait.observe({ kind }, ms / 1_000),
    driftCorrected: (count) => drift.inc(count),
    leads: (name, leads) => leader.set({ name }, leads ? 1 : 0),
    countFrom(read) {
      inventory = read;
    },
  };
}

function createQueueMetrics(registry: Registry): QueueMetrics {
  const common = { labelNames: ['name'] as const, registers: [registry] };
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added.', ...common }).labels(controller);
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys added again.', ...common }).labels(
    controller,
  );
  const depth = new Gauge({ name: 'workqueue_depth', help: 'Keys that wait for a worker.', ...common }).labels(
    controller,
  );
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a due key waits for a worker.',
    buckets: queueSeconds,
    ...common,
  }).labels(controller);
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long a worker is busy with a key.',
    buckets: queueSeconds,
    ...common,
  }).labels(controller);
  adds.inc(0);
  retries.inc(0);
  depth.set(0);
  return {
    added: () => adds.inc(),
    retried: () => retries.inc(),
    depth: (count) => depth.set(count),
    taken: (waitedMs) => waited.observe(waitedMs / 1_000),
    finished: (workedMs) => worked.observe(workedMs / 1_000),
  };
}
