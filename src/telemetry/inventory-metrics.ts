import { Gauge, type Registry } from 'prom-client';
import { type Inventory, phases, regionStates, stalledReasons } from './inventory.ts';

/** Registers the metrics of the objects. The inventory is taken once for each scrape. */
export function addInventoryMetrics(registry: Registry, inventory: () => Inventory): void {
  const registers = [registry];
  const objects = new Gauge({
    name: 'acr_replication_objects',
    help: 'RegistryReplication objects by phase; none while another process leads.',
    labelNames: ['phase'] as const,
    // Sets the other metrics too: a scrape asks for them in the order in which they were registered.
    collect() {
      const now = inventory();
      for (const phase of phases) this.set({ phase }, now.objects[phase]);
      for (const reason of stalledReasons) stalled.set({ reason }, now.stalled.get(reason) ?? 0);
      for (const state of regionStates) regions.set({ state }, now.regions[state]);
      oldest.reset();
      for (const [state, since] of Object.entries(now.oldest)) oldest.set({ state }, since.getTime() / 1_000);
      drained.set(now.drained);
      drainedSince.set((now.drainedSince?.getTime() ?? 0) / 1_000);
      shortest.set((now.shortestIntervalMs ?? 0) / 1_000);
    },
    registers: [],
  });
  registry.registerMetric(objects);
  const stalled = new Gauge({
    name: 'acr_replication_stalled_objects',
    help: 'Objects that need a person, by the reason of their Stalled condition; none while another process leads.',
    labelNames: ['reason'] as const,
    registers,
  });
  const regions = new Gauge({
    name: 'acr_replication_regions',
    help: 'Regions of all objects by the state of their replica; none while another process leads.',
    labelNames: ['state'] as const,
    registers,
  });
  const oldest = new Gauge({
    name: 'acr_replication_regions_oldest_timestamp_seconds',
    help: 'Since when the region has been in the state that has been in it longest; absent without such a region.',
    labelNames: ['state'] as const,
    registers,
  });
  const drained = new Gauge({
    name: 'acr_replication_drained_regions',
    help: 'Regions that drains keep out of routing; none while another process leads.',
    registers,
  });
  const drainedSince = new Gauge({
    name: 'acr_replication_drained_oldest_timestamp_seconds',
    help: 'Since when the object that has had a drained region longest has had one; 0 without any.',
    registers,
  });
  const shortest = new Gauge({
    name: 'acr_replication_shortest_interval_seconds',
    help: 'The shortest spec.interval of the objects that are neither suspended nor invalid; 0 without any.',
    registers,
  });
}
