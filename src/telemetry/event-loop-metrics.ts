import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/**
 * Registers how long the event loop was blocked since the scrape before, under prom-client's names. Node measures each
 * turn of the loop without the time it waits for something to do (`samplePerIteration`, of Node 24.21), which costs nothing
 * while the process is idle: a timer of 10 ms, which an older Node uses instead, takes 3 ms of processor time a second.
 */
export function addEventLoopMetrics(registry: Registry): void {
  const delay = monitorEventLoopDelay({ samplePerIteration: true });
  delay.enable();
  const longest = new Gauge({
    name: 'nodejs_eventloop_lag_max_seconds',
    help: 'The longest that the event loop was blocked since the scrape before.',
    registers: [],
    // Sets the other one, too: a scrape asks for them in the order in which they were registered.
    collect() {
      this.set(delay.max / 1e9);
      usual.set(delay.percentile(99) / 1e9);
      delay.reset();
    },
  });
  registry.registerMetric(longest);
  const usual = new Gauge({
    name: 'nodejs_eventloop_lag_p99_seconds',
    help: 'For 99 of 100 turns of the event loop, the longest that it was blocked since the scrape before.',
    registers: [registry],
  });
}
