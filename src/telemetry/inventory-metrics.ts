import { Gauge, type Registry } from 'prom-client';
import { type Inventory, phases, regionStates, stalledReasons } from './inventory.ts';

/** What is counted anew at each scrape. */
export function addInventoryMetrics(registry: Registry, inventory: () => Inventory): void {
  const registers: Registry[] = [];
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_objects',
      help: 'RegistryReplication objects by phase; none while another process leads.',
      labelNames: ['phase'] as const,
      registers,
      collect() {
        const { objects } = inventory();
        for (const phase of phases) this.set({ phase }, objects[phase]);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_stalled_objects',
      help: 'Objects that need a person, by the reason of their Stalled condition; none while another process leads.',
      labelNames: ['reason'] as const,
      registers,
      collect() {
        const { stalled } = inventory();
        for (const reason of stalledReasons) this.set({ reason }, stalled.get(reason) ?? 0);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_regions',
      help: 'Regions of all objects by the state of their replica; none while another process leads.',
      labelNames: ['state'] as const,
      registers,
      collect() {
        const { regions } = inventory();
        for (const state of regionStates) this.set({ state }, regions[state]);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_regions_oldest_timestamp_seconds',
      help: 'Since when the region has been in the state that has been in it longest; absent without such a region.',
      labelNames: ['state'] as const,
      registers,
      collect() {
        this.reset();
        for (const [state, since] of Object.entries(inventory().oldest)) this.set({ state }, since.getTime() / 1_000);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'acr_replication_shortest_interval_seconds',
      help: 'The shortest spec.interval of the objects that are neither suspended nor invalid; 0 without any.',
      registers,
      collect() {
        this.set((inventory().shortestIntervalMs ?? 0) / 1_000);
      },
    }),
  );
}
