import { setTimeout as delay } from 'node:timers/promises';
import { auditMark, trafficSince } from './audit.ts';
import { armCalls } from './emulator-process.ts';
import { type Bench, createObjects, measureCpu, start, startLab } from './lab.ts';
import { watchReady } from './ready-watch.ts';
import { figure, inTurn, type Section } from './section.ts';

const times = { operationMs: 10_000, syncMs: 5_000 };
const latencyMs = 20;
const regions = ['japaneast', 'westeurope', 'brazilsouth', 'uksouth', 'australiaeast'];
/** How long calls and writes are still counted after Ready. */
const settleMs = 3_000;

/** What an operator adds to the time that Azure needs for five regions, and what it asks of both APIs for it. */
export async function measureReady(bench: Bench): Promise<Section> {
  const { runs, pace } = bench;
  const [operationMs, syncMs, restMs] = [times.operationMs * pace, times.syncMs * pace, settleMs * pace];
  await using lab = await startLab(bench, { registries: runs * 2, latencyMs });
  const { control } = lab.azure;
  const floorMs = operationMs + syncMs;
  const results = await inTurn(lab, { runs, what: `apply → Ready, ${floorMs / 1_000} s` }, async (entrant, run) => {
    await using watch = await watchReady(lab.plane, entrant);
    const operator = await start(lab, entrant, { run: 'ready' });
    try {
      // One object first: what is only done once is done by then.
      await control.setTimes({ operationMs: 100, syncMs: 0 });
      await createObjects(lab, entrant, [run * 2], regions.slice(0, 1));
      await watch.reached(run * 2 + 1, 60_000);
      await delay(restMs);
      await control.setTimes({ operationMs, syncMs });
      await control.resetCounters();
      const mark = auditMark(lab.plane);
      const used = measureCpu(lab, [operator]);
      const began = performance.now();
      await createObjects(lab, entrant, [run * 2 + 1], regions);
      const readyAt = await watch.reached(run * 2 + 2, floorMs + 60_000);
      await delay(restMs);
      const cpu = used([operator]);
      const traffic = trafficSince(lab.plane, mark, entrant);
      return {
        overMs: readyAt - began - floorMs,
        armCalls: (await armCalls(control)).total,
        kubeWrites: traffic.writes,
        kubeEvents: traffic.events,
        operatorCpuS: cpu.operatorS,
        apiserverCpuS: cpu.apiserverS,
      };
    } finally {
      await operator.stop();
    }
  });
  return {
    id: 'ready',
    title: `apply → Ready of ${regions.length} regions, operation ${operationMs / 1_000} s + sync ${syncMs / 1_000} s`,
    figures: [
      figure('overMs', 'beyond these', 'ms'),
      figure('armCalls', 'calls to ARM', ''),
      figure('kubeWrites', 'writes to Kubernetes, without Events', ''),
      figure('kubeEvents', 'Events', ''),
      figure('operatorCpuS', 'CPU of the operator', 's'),
      figure('apiserverCpuS', 'CPU of the API server', 's'),
    ],
    results,
    legend: [
      'From sending the object to the watch event with Ready; the operator has made another object Ready before.',
      `${latencyMs} ms are added to each of Azure's answers. Calls, writes and CPU until ${settleMs / 1_000} s after Ready; calls for`,
      'tokens apart. Writes: all but get, list and watch in the audit log, by the user of the operator.',
    ],
  };
}
