import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often it is looked whether there is something to do. In milliseconds. */
const everyMs = 5_000;
/** Share of the time in which the event loop works, below which it counts as idle. */
const idleShare = 0.02;
/** The heap is collected again when it has grown by this much. In bytes. */
const worthBytes = 4 * 2 ** 20;

/**
 * Collects the heap when nothing is to do, because V8 collects when a program allocates: what a start over 10,000 objects has
 * left would stay until the next thousand passes. Costs 10 to 40 ms each time, and nothing while the heap does not grow.
 */
export function collectWhenIdle(): void {
  const collect = collector();
  let last = performance.eventLoopUtilization();
  let collectedBytes = 0;
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (utilization > idleShare || usedBytes() - collectedBytes < worthBytes) return;
    collect();
    collectedBytes = usedBytes();
  }, everyMs).unref();
}

function usedBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/** V8's own collector, which is shown to contexts that are made after this flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return gc;
}
