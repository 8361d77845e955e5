import { setTimeout as delay } from 'node:timers/promises';
import { type AzureProcess, startAzure } from './emulator-process.ts';
import { residentMiB } from './process-figures.ts';
import { measure, type Section } from './report.ts';
import { disposable, oneReady } from './start.ts';
import { type Bench, registries, startMeasured } from './world.ts';

const idleMs = 10_000;

/** Measures the resident memory of an operator that has nothing to do. */
export async function measureMemory(bench: Bench): Promise<Section> {
  const { cluster } = bench;
  await using azure = disposable(await startAzure({ cluster, registries: registries(1), operationMs: 100 }));
  const empty = await cluster.kube.createNamespace('empty');
  const one = await cluster.kube.createNamespace('one');
  await oneReady(bench, azure, one);
  const none = await idle(bench, azure, empty, 'no object');
  const some = await idle(bench, azure, one, 'one object');
  return {
    title: 'Memory, idle',
    measures: [
      measure(
        'memory.emptyMiB',
        'resident, no object',
        'MiB',
        none.map(({ now }) => now),
        36,
      ),
      measure(
        'memory.oneMiB',
        'resident, one Ready object',
        'MiB',
        some.map(({ now }) => now),
      ),
      measure(
        'memory.onePeakMiB',
        'highest until then, one Ready object',
        'MiB',
        some.map(({ peak }) => peak),
      ),
    ],
    legend: [
      `VmRSS and VmHWM of /proc/PID/status ${idleMs / 1_000} s after the start, of a process that has meanwhile answered`,
      '/readyz (which gets a token from Azure) and /metrics once.',
    ],
  };
}

async function idle(bench: Bench, azure: AzureProcess, namespace: string, what: string) {
  const samples: { readonly now: number; readonly peak: number }[] = [];
  for (let run = 1; run <= bench.runs; run++) {
    bench.say(`memory with ${what}, run ${run} of ${bench.runs}`);
    const operator = await startMeasured(bench, azure, namespace);
    try {
      await delay(1_000);
      for (const url of [`${operator.healthUrl}/readyz`, operator.metricsUrl]) {
        const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
        await response.text();
        if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      }
      await delay(idleMs - 1_000);
      samples.push(residentMiB(operator.pid));
    } finally {
      await operator.kill();
    }
  }
  return samples;
}
