import { setTimeout as delay } from 'node:timers/promises';
import { armCalls, startAzure } from './emulator-process.ts';
import { cpuSeconds, residentMiB, withSpawnTime } from './process-figures.ts';
import { watchReady } from './ready-watch.ts';
import { measure, type Section } from './report.ts';
import { disposable } from './start.ts';
import { type Bench, kubeTraffic, manifest, registries, startMeasured } from './world.ts';

const [operationMs, syncMs, latencyMs] = [5_000, 2_000, 20];
const regions = ['japaneast', 'westeurope', 'brazilsouth'];
const applyAtOnce = 16;

/** Measures many objects: some are there before the operator starts, others are applied while it runs. */
export async function measureScale(bench: Bench, objects: number): Promise<Section> {
  const existing = await run(bench, objects, 'objects first');
  const arriving = await run(bench, objects, 'operator first');
  const reference = objects === 1_000;
  const go = (value: number) => (reference ? value : undefined);
  const lines = (id: string, name: string, sample: Sample, compared: boolean) => {
    const figures = [
      measure(`${id}.wallS`, 'until the last is Ready', 's', [sample.wallS], compared ? go(15.5) : undefined),
      measure(`${id}.armCalls`, 'ARM calls', '', [sample.armCalls], compared ? go(8_010) : undefined),
      measure(`${id}.kubeWrites`, 'Kubernetes writes', '', [sample.kubeWrites]),
      measure(`${id}.cpuS`, 'CPU time of the operator', 's', [sample.cpuS], compared ? go(4.5) : undefined),
      measure(`${id}.peakMiB`, 'highest resident memory', 'MiB', [sample.peakMiB], compared ? go(51) : undefined),
      measure(`${id}.idleMiB`, 'resident 5 s later', 'MiB', [sample.idleMiB]),
      measure(`${id}.reconnects`, 'watches begun again', '', [sample.reconnects]),
    ];
    return figures.map((figure) => ({ ...figure, name: `${name}: ${figure.name}` }));
  };
  return {
    title: `${objects.toLocaleString('en')} objects, ${regions.length} regions each`,
    measures: [
      ...lines('scale.existing', 'all there', existing, true),
      ...lines('scale.arriving', 'applied', arriving, false),
    ],
    legend: [
      `Operation ${operationMs / 1_000} s, sync ${syncMs / 1_000} s, ${latencyMs} ms added to each of Azure's answers; one run each. All there: the objects exist,`,
      'the clock starts with the operator’s process. Applied: the clock starts with the first apply,',
      `${applyAtOnce} at a time, to an operator that runs; that figure holds the time to apply them (${arriving.applyS.toFixed(1)} s).`,
      '20 registries to a subscription, so that Azure’s request limits play no part.',
      'Etcd, API server, Azure and the measuring program share the machine’s processors with the operator.',
    ],
  };
}

interface Sample {
  readonly wallS: number;
  readonly applyS: number;
  readonly armCalls: number;
  readonly kubeWrites: number;
  readonly cpuS: number;
  readonly peakMiB: number;
  readonly idleMiB: number;
  readonly reconnects: number;
}

async function run(bench: Bench, objects: number, order: 'objects first' | 'operator first'): Promise<Sample> {
  const { cluster, say } = bench;
  const given = { cluster, registries: registries(objects), operationMs, syncMs, latencyMs };
  await using azure = disposable(await startAzure(given));
  const namespace = await cluster.kube.createNamespace('scale');
  await using watch = disposable(await watchReady(cluster, namespace));
  const deadlineMs = 60_000 + objects * 60;
  const first = order === 'operator first' ? disposable(await startMeasured(bench, azure, namespace)) : undefined;
  say(`${objects} objects, ${order}: applying`);
  const applyBegan = performance.now();
  await applyAll(bench, namespace, objects);
  const applyS = (performance.now() - applyBegan) / 1_000;
  say(`${objects} objects, ${order}: waiting for Ready`);
  let began = applyBegan;
  let operator = first;
  if (operator === undefined) {
    const start = await withSpawnTime(() => startMeasured(bench, azure, namespace));
    began = performance.now() - (Date.now() - start.at);
    operator = disposable(start.value);
  }
  await using _ = operator;
  const { pid } = operator;
  const wallS = ((await watch.reached(objects, deadlineMs)) - began) / 1_000;
  const [cpuS, { peak: peakMiB }] = [cpuSeconds(pid), residentMiB(pid)];
  await delay(5_000);
  const [traffic, calls] = [await kubeTraffic(cluster, namespace), await armCalls(azure.control)];
  return {
    wallS,
    applyS,
    armCalls: calls.total,
    kubeWrites: traffic.writes,
    cpuS,
    peakMiB,
    idleMiB: residentMiB(pid).now,
    reconnects: traffic.watches - 1,
  };
}

async function applyAll({ cluster }: Bench, namespace: string, objects: number): Promise<void> {
  const left = Array.from({ length: objects }, (_, index) => index).values();
  const apply = async () => {
    for (const index of left) await cluster.kube.apply(manifest(namespace, index, regions));
  };
  await Promise.all(Array.from({ length: applyAtOnce }, apply));
}
