import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ArmOperation, QuotaKind, ReadWay } from '../ports/arm-request.ts';

/** What the operator counts of its calls to Azure. */
export interface ArmMetrics {
  /** Call when a request to Azure has ended; `status` is undefined when no answer came. */
  armRequest(operation: ArmOperation, status: number | undefined, durationMs: number): void;
  /** Call with what Azure says is left of a subscription's quota. */
  armRemaining(kind: QuotaKind, count: number): void;
  /** Call when a look at a registry's replicas was answered. */
  read(way: ReadWay): void;
  /** Call when a call to Azure was not made, to stay within its request limits. */
  throttled(kind: QuotaKind): void;
  /** Call when a call that was held back has been made; `ms` is the time since it was first asked for. */
  throttleWaited(kind: QuotaKind, ms: number): void;
  /** Sets what tells for how long one more look would wait where looks wait longest; asked at each scrape. */
  countLookWait(waitMs: () => number): void;
}

/** Buckets for requests to Azure: a GET takes 0.1 s, an accepted PUT one second; a request times out after 30. */
const armSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Buckets for calls that wait: Azure's limits refill within seconds, and a thousand new objects wait minutes. */
const throttleSeconds = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800];

/** Registers the metrics of calls to Azure. */
export function createArmMetrics(registry: Registry): ArmMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'acr_replication_arm_requests_total',
    help: 'Requests to Azure Resource Manager by HTTP status; code "none" when no answer came.',
    labelNames: ['operation', 'code'] as const,
    registers,
  });
  const time = new Histogram({
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
  const reads = new Counter({
    name: 'acr_replication_reads_total',
    help: "Looks at a registry's replicas by who answered: its provider, or Azure Resource Graph by the registry's LIST or by a query that many registries share. One that the provider was asked for after Resource Graph counts for both.",
    labelNames: ['by'] as const,
    registers,
  });
  for (const by of ['provider', 'resource_graph_list', 'resource_graph_query'] as const) reads.inc({ by }, 0);
  return {
    read: (by) => reads.inc({ by }),
    armRequest(operation, status, durationMs) {
      requests.inc({ operation, code: status === undefined ? 'none' : String(status) });
      time.observe({ operation }, durationMs / 1_000);
    },
    armRemaining: (kind, count) => remaining.set({ kind }, count),
    ...throttleMetrics(registry),
  };
}

function throttleMetrics(registry: Registry): Pick<ArmMetrics, 'throttled' | 'throttleWaited' | 'countLookWait'> {
  const common = { labelNames: ['kind'] as const, registers: [registry] };
  const throttled = new Counter({
    name: 'acr_replication_local_throttled_total',
    help: "Calls that were put off to stay within Azure's request limits, by kind.",
    ...common,
  });
  const waited = new Histogram({
    name: 'acr_replication_throttle_wait_seconds',
    help: 'Time from putting off a call to making it, by kind.',
    buckets: throttleSeconds,
    ...common,
  });
  let lookWaitMs = (): number => 0;
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_look_delay_seconds',
      help: "How much later than its interval a look comes, to stay within Azure's request limits, where that is most.",
      registers: [],
      collect() {
        this.set(lookWaitMs() / 1_000);
      },
    }),
  );
  for (const kind of ['reads', 'writes', 'deletes'] as const) {
    throttled.inc({ kind }, 0);
    waited.zero({ kind });
  }
  return {
    throttled: (kind) => throttled.inc({ kind }),
    throttleWaited: (kind, ms) => waited.observe({ kind }, ms / 1_000),
    countLookWait(waitMs) {
      lookWaitMs = waitMs;
    },
  };
}
