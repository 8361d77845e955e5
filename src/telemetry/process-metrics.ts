import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../time/clock.ts';

/**
 * Registers the metrics of the process that alerts use and that cost nothing between scrapes: the library's own set keeps
 * timers and observers.
 */
export function addProcessMetrics(registry: Registry, clock: Clock): void {
  const registers: Registry[] = [];
  registry.registerMetric(
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time used, user and system.',
      registers,
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1_000_000);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory.',
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'nodejs_heap_size_used_bytes',
      help: 'JavaScript heap in use.',
      registers,
      collect() {
        this.set(process.memoryUsage().heapUsed);
      },
    }),
  );
  const started = new Gauge({ name: 'process_start_time_seconds', help: 'Start, seconds since 1970.', registers });
  started.set(clock.now().getTime() / 1_000 - process.uptime());
  registry.registerMetric(started);
}
