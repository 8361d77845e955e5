import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The `controller` and `name` label of the names that controller-runtime dashboards know. */
const controller = 'registryreplication';

/** How a pass ended, in controller-runtime's words: requeue_after when it chose an earlier look than the interval. */
const passResults = ['success', 'requeue_after', 'error'] as const;
export type PassResult = (typeof passResults)[number];

/** What controller-runtime and client-go count, under their names and labels, so that dashboards for them work. */
export interface RuntimeMetrics {
  /** Call at the start of a pass, and what it returns once at its end. Measures the time by itself. */
  passStarted(): (result: PassResult) => void;
  /** How many passes may run at once. */
  maxConcurrentPasses(count: number): void;
  readonly queue: QueueMetrics;
  /** Whether this process leads; `name` is the lease's. */
  leads(name: string, leads: boolean): void;
  /** One request to the API server has been answered, or not (undefined). */
  readonly kubeRequest: (host: string, method: string, status: number | undefined) => void;
  /** The serving certificate was read again; false: it is of no use, and the one before stays. */
  certificateRead(good: boolean): void;
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

/** Some of controller-runtime's buckets for passes, in seconds. */
const passSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** client-go's buckets for the work queue: powers of ten from 10 ns; finer ones than 1 ms tell nothing here. */
const queueSeconds = [0.001, 0.01, 0.1, 1, 10, 100, 1_000];

/** `passed` is called at the end of each pass that did all it had to, Azure's refusals included. */
export function createRuntimeMetrics(registry: Registry, passed: () => void): RuntimeMetrics {
  const registers = [registry];
  const common = { labelNames: ['controller'] as const, registers };
  const passes = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Passes by how they ended.',
    labelNames: ['controller', 'result'] as const,
    registers,
  });
  for (const result of passResults) passes.inc({ controller, result }, 0);
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Passes that ended with an error: the API server refused a write, or a bug.',
    ...common,
  }).labels(controller);
  errors.inc(0);
  const time = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Length of a pass.',
    buckets: passSeconds,
    ...common,
  }).labels(controller);
  const active = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Passes running now.',
    ...common,
  }).labels(controller);
  active.set(0);
  const most = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Passes that may run at once.',
    ...common,
  }).labels(controller);
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process leads, 0 while it waits to; name is the lease.',
    labelNames: ['name'] as const,
    registers,
  });
  const kubeRequests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by HTTP status, method and host; code "<error>" when no answer came.',
    labelNames: ['code', 'method', 'host'] as const,
    registers,
  });
  const certificates = new Counter({
    name: 'certwatcher_read_certificate_total',
    help: 'Readings of the serving certificate.',
    registers,
  });
  const badCertificates = new Counter({
    name: 'certwatcher_read_certificate_errors_total',
    help: 'Readings that gave no usable serving certificate; the one before stays.',
    registers,
  });

  const running = new Set<{ readonly startedMs: number }>();
  return {
    passStarted() {
      const pass = { startedMs: performance.now() };
      running.add(pass);
      active.inc();
      return (result) => {
        running.delete(pass);
        active.dec();
        passes.inc({ controller, result });
        if (result === 'error') errors.inc();
        else passed();
        time.observe((performance.now() - pass.startedMs) / 1_000);
      };
    },
    maxConcurrentPasses: (count) => most.set(count),
    queue: createQueueMetrics(registry, () => {
      const now = performance.now();
      return [...running].map(({ startedMs }) => (now - startedMs) / 1_000);
    }),
    leads: (name, leads) => leader.set({ name }, leads ? 1 : 0),
    kubeRequest: (host, method, status) =>
      kubeRequests.inc({ code: status === undefined ? '<error>' : String(status), method, host }),
    certificateRead(good) {
      certificates.inc();
      if (!good) badCertificates.inc();
    },
  };
}

/** `runningSeconds`: how long each pass that runs now has been running. */
function createQueueMetrics(registry: Registry, runningSeconds: () => readonly number[]): QueueMetrics {
  const common = { labelNames: ['name', 'controller'] as const, registers: [registry] };
  const labels = { name: controller, controller };
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added.', ...common }).labels(labels);
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys added again.', ...common }).labels(labels);
  const depth = new Gauge({ name: 'workqueue_depth', help: 'Keys that wait for a worker.', ...common }).labels(labels);
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a due key waits for a worker.',
    buckets: queueSeconds,
    ...common,
  }).labels(labels);
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long a worker is busy with a key.',
    buckets: queueSeconds,
    ...common,
  }).labels(labels);
  const unfinished = new Gauge({
    name: 'workqueue_unfinished_work_seconds',
    help: 'Seconds that the passes running now have taken so far, all together.',
    ...common,
    collect() {
      this.set(
        labels,
        runningSeconds().reduce((sum, seconds) => sum + seconds, 0),
      );
    },
  });
  const longest = new Gauge({
    name: 'workqueue_longest_running_processor_seconds',
    help: 'Seconds that the longest running pass has taken so far.',
    ...common,
    collect() {
      this.set(labels, Math.max(0, ...runningSeconds()));
    },
  });
  for (const gauge of [unfinished, longest]) gauge.set(labels, 0);
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
