import { setTimeout as delay } from 'node:timers/promises';
import { armCalls, startAzure } from './emulator-process.ts';
import { watchReady } from './ready-watch.ts';
import { measure, type Section } from './report.ts';
import { disposable } from './start.ts';
import { type Bench, kubeTraffic, manifest, registries, registryName, startMeasured } from './world.ts';

const [operationMs, syncMs] = [10_000, 5_000];
const regions = ['japaneast', 'westeurope', 'brazilsouth', 'uksouth', 'australiaeast'];
/** How long calls and writes are still counted after Ready. */
const settleMs = 3_000;

/** Measures what the operator adds to the time that Azure needs, and what it asks of both APIs for it. */
export async function measureLatency(bench: Bench): Promise<Section> {
  const { cluster, runs, say } = bench;
  const given = { cluster, registries: registries(runs), operationMs, syncMs };
  await using azure = disposable(await startAzure(given));
  const namespace = await cluster.kube.createNamespace('latency');
  await using _ = disposable(await startMeasured(bench, azure, namespace));

  const samples: { over: number; calls: Awaited<ReturnType<typeof armCalls>>; writes: number }[] = [];
  const kinds: Record<string, number> = {};
  let before = await kubeTraffic(cluster, namespace);
  for (let run = 0; run < runs; run++) {
    say(`apply → Ready, run ${run + 1} of ${runs}, ${(operationMs + syncMs) / 1_000} s each`);
    await azure.control.resetCounters();
    await using watch = disposable(await watchReady(cluster, namespace, registryName(run)));
    const object = manifest(namespace, run, regions);
    const began = performance.now();
    await cluster.kube.apply(object);
    const readyAt = await watch.reached(1, 90_000);
    await delay(settleMs);
    const traffic = await kubeTraffic(cluster, namespace);
    const calls = await armCalls(azure.control);
    samples.push({ over: readyAt - began - operationMs - syncMs, calls, writes: traffic.writes - before.writes });
    Object.assign(kinds, traffic.byKind);
    before = traffic;
  }
  const verbs = [...new Set(samples.flatMap(({ calls }) => Object.keys(calls.byVerb)))].sort();
  const of = <T>(pick: (sample: (typeof samples)[number]) => T) => samples.map(pick);
  return {
    title: `One object, ${regions.length} regions`,
    measures: [
      measure(
        'latency.overMs',
        'apply → Ready, beyond the time of Azure',
        'ms',
        of((s) => s.over),
        1_350,
      ),
      measure(
        'latency.armCalls',
        'ARM calls',
        '',
        of((s) => s.calls.total),
        15,
      ),
      ...verbs.map((verb) =>
        measure(
          `latency.armCalls.${verb.replace(' ', '.')}`,
          `  ${verb}`,
          '',
          of((s) => s.calls.byVerb[verb] ?? 0),
        ),
      ),
      measure(
        'latency.kubeWrites',
        'Kubernetes writes',
        '',
        of((s) => s.writes),
        4,
      ),
    ],
    legend: [
      `From sending the apply to the watch event with Ready=True, less ${operationMs / 1_000} s of operation and`,
      `${syncMs / 1_000} s of sync. Calls and writes until ${settleMs / 1_000} s after Ready; calls for tokens apart. Writes: everything but`,
      'get, list and watch in the audit log of the API server, by the operator’s service account.',
    ],
  };
}
