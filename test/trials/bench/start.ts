import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, createObjects, measureCpu, purge, start, startLab } from './lab.ts';
import { watchReady } from './ready-watch.ts';
import { figure, inTurn, type Section } from './section.ts';

const regions = ['japaneast', 'westeurope', 'brazilsouth'];
/** How long the API server is left alone with the new object before the operator starts. */
const restMs = 1_000;

/** From the start of the process to the first status of an object that waits, whose replicas are all there. */
export async function measureStart(bench: Bench): Promise<Section> {
  const { runs } = bench;
  await using lab = await startLab(bench, { registries: runs, replicas: regions, operationMs: 100 });
  const { control } = lab.azure;
  const results = await inTurn(lab, { runs, what: 'start' }, async (entrant, run) => {
    await createObjects(lab, entrant, [run], regions);
    const watch = await watchReady(lab.plane, entrant);
    await delay(restMs * bench.pace);
    await control.clearJournal();
    const used = measureCpu(lab);
    const operator = await start(lab, entrant, { run: 'start' });
    try {
      const readyAt = await watch.reached(1, 60_000).catch((error: unknown) => {
        operator.mustRun();
        throw error;
      });
      const { operatorS } = used([operator]);
      const { now, private: own, peak } = operator.memory();
      const calls = await control.journal();
      const first = (kinds: readonly string[]) =>
        (calls.find(({ kind }) => kinds.includes(kind))?.at ?? Number.NaN) - operator.startedDate;
      return {
        statusMs: readyAt - operator.startedAt,
        tokenMs: first(['token']),
        callMs: first(['registry', 'replications', 'replication']),
        cpuS: operatorS,
        residentMiB: now,
        privateMiB: own,
        peakMiB: peak,
      };
    } finally {
      await operator.stop();
      await watch.stop();
      await purge(lab, entrant, run);
    }
  });
  return {
    id: 'start',
    title: 'Process start → first status of one waiting object',
    figures: [
      figure('statusMs', 'process start → first status', 'ms'),
      figure('tokenMs', 'process start → request for a token', 'ms'),
      figure('callMs', 'process start → first call to ARM', 'ms'),
      figure('cpuS', 'CPU until then', 's'),
      figure('residentMiB', 'resident', 'MiB'),
      figure('privateMiB', 'private', 'MiB'),
      figure('peakMiB', 'resident, peak', 'MiB'),
    ],
    results,
    legend: [
      'From the making of the process to the watch event in which the object is Ready: its three replicas are there.',
    ],
  };
}
