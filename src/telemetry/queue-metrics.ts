import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The value of the labels `controller` and `name`, by which dashboards for controller-runtime know a controller. */
export const controllerName = 'registryreplication';

/** What client-go counts of its work queue. */
export interface QueueMetrics {
  /** Call when a key was added and was not waiting already. */
  added(): void;
  /** Call when a key was added again because its pass failed. */
  retried(): void;
  /** Call with the number of keys that are due and wait for a worker. */
  depth(count: number): void;
  /** Call when a worker took a key that had been due for so long. */
  taken(waitedMs: number): void;
  /** Call when the worker is done with the key. */
  finished(workedMs: number): void;
}

/** Buckets for the work queue, in seconds: those of client-go, powers of ten, without the ones below 1 ms. */
const queueSeconds = [0.001, 0.01, 0.1, 1, 10, 100, 1_000];

/** Registers the queue's metrics; `runningSeconds` tells how long each pass that runs now has been running. */
export function createQueueMetrics(registry: Registry, runningSeconds: () => readonly number[]): QueueMetrics {
  const common = { labelNames: ['name', 'controller'] as const, registers: [registry] };
  const labels = { name: controllerName, controller: controllerName };
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
