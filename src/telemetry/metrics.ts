import { Gauge, Registry } from 'prom-client';
import type { Clock } from '../time/clock.ts';
import { type ArmMetrics, createArmMetrics } from './arm-metrics.ts';
import { addEventLoopMetrics } from './event-loop-metrics.ts';
import { createStock, type Inventory } from './inventory.ts';
import { addInventoryMetrics } from './inventory-metrics.ts';
import { createOutcomeMetrics, type OutcomeMetrics } from './outcome-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { createRuntimeMetrics, type RuntimeMetrics } from './runtime-metrics.ts';

/** What the operator counts. Every label comes from a closed set: never an object, region or registry name. */
export interface Metrics extends RuntimeMetrics, ArmMetrics, OutcomeMetrics {
  /** Sets how the objects are counted at each scrape. */
  countFrom(inventory: () => Inventory): void;
  /** Sets how many watched namespaces cannot be read; asked at each scrape. */
  countUnreadable(namespaces: () => number): void;
}

export interface MetricsOptions {
  /** The operator's version, which one of the metrics has as its label. */
  readonly version: string;
  readonly clock: Clock;
}

/** Makes the metrics on a registry of their own, so that several operators in one process stay apart. */
export function createMetrics({ version, clock }: MetricsOptions): Metrics & { readonly registry: Registry } {
  const registry = new Registry();
  const registers = [registry];
  addProcessMetrics(registry, clock);
  addEventLoopMetrics(registry);
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
  let unreadable = (): number => 0;
  const namespaces = new Gauge({
    name: 'acr_replication_unreadable_namespaces',
    help: 'Watched namespaces whose objects the API server refuses to show, while it shows those of others.',
    collect() {
      this.set(unreadable());
    },
    registers: [],
  });
  registry.registerMetric(namespaces);
  const runtime = createRuntimeMetrics(registry, clock, () => lastPass.set(clock.now().getTime() / 1_000));
  const arm = createArmMetrics(registry);
  const outcomes = createOutcomeMetrics(registry);
  let inventory: () => Inventory = createStock().taken;
  addInventoryMetrics(registry, () => inventory());
  return {
    ...runtime,
    ...arm,
    ...outcomes,
    registry,
    countFrom(read) {
      inventory = read;
    },
    countUnreadable(read) {
      unreadable = read;
    },
  };
}
