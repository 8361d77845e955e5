import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../time/clock.ts';
import { controllerName } from './queue-metrics.ts';

/** How a pass ended, in controller-runtime's words: requeue_after when it chose an earlier look than the interval. */
const passResults = ['success', 'requeue_after', 'error'] as const;
export type PassResult = (typeof passResults)[number];

/** What controller-runtime counts of passes. */
export interface PassMetrics {
  /** Call at the start of a pass, and call the function that it returns once, at the end. The time is measured here. */
  passStarted(): (result: PassResult) => void;
  /** Call with how many passes may run at once. */
  maxConcurrentPasses(count: number): void;
}

/** Buckets for passes, in seconds: some of those of controller-runtime. */
const passSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Registers the metrics of passes. `passed` is called at the end of each pass that did all it had to, Azure's refusals
 * included; `runningSeconds` tells how long each pass that runs now has been running.
 */
export function createPassMetrics(
  registry: Registry,
  clock: Clock,
  passed: () => void,
): PassMetrics & { readonly runningSeconds: () => readonly number[] } {
  const { count, errors, time, active, most } = passSeries(registry);
  const running = new Set<{ readonly startedMs: number }>();
  return {
    passStarted() {
      const pass = { startedMs: clock.monotonicMs() };
      running.add(pass);
      active.inc();
      return (result) => {
        running.delete(pass);
        active.dec();
        count.inc({ controller: controllerName, result });
        if (result === 'error') errors.inc();
        else passed();
        time.observe((clock.monotonicMs() - pass.startedMs) / 1_000);
      };
    },
    maxConcurrentPasses: (passes) => most.set(passes),
    runningSeconds() {
      const nowMs = clock.monotonicMs();
      return [...running].map(({ startedMs }) => (nowMs - startedMs) / 1_000);
    },
  };
}

/** Registers the series, with zeros where nothing was counted yet. */
function passSeries(registry: Registry) {
  const controller = controllerName;
  const registers = [registry];
  const common = { labelNames: ['controller'] as const, registers };
  const count = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Passes by how they ended.',
    labelNames: ['controller', 'result'] as const,
    registers,
  });
  for (const result of passResults) count.inc({ controller, result }, 0);
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
  return { count, errors, time, active, most };
}
