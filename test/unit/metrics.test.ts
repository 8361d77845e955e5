import { expect, test } from 'vitest';
import type { Phase, RegistryReplication, Status } from '../../src/api/registryreplication.ts';
import { takeInventory } from '../../src/telemetry/inventory.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

async function samples(metrics: ReturnType<typeof createMetrics>): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

function object(phase: Phase | undefined, replicas: NonNullable<Status['replicas']>): RegistryReplication {
  const status = phase === undefined ? {} : { status: { phase, replicas } };
  return { metadata: { name: 'contoso', namespace: 'platform' }, ...status } as RegistryReplication;
}

test('a pass is counted and timed under the names of controller-runtime', async () => {
  const metrics = createMetrics();
  metrics.maxConcurrentPasses(32);
  const first = metrics.passStarted();
  const second = metrics.passStarted();
  first('error');
  const seen = await samples(metrics);
  expect(seen.get('controller_runtime_reconcile_total{controller="registryreplication",result="error"}')).toBe(1);
  expect(seen.get('controller_runtime_reconcile_total{controller="registryreplication",result="success"}')).toBe(0);
  expect(seen.get('controller_runtime_reconcile_errors_total{controller="registryreplication"}')).toBe(1);
  expect(seen.get('controller_runtime_reconcile_time_seconds_count{controller="registryreplication"}')).toBe(1);
  expect(seen.get('controller_runtime_active_workers{controller="registryreplication"}')).toBe(1);
  expect(seen.get('controller_runtime_max_concurrent_reconciles{controller="registryreplication"}')).toBe(32);
  second('success');
  expect((await samples(metrics)).get('controller_runtime_active_workers{controller="registryreplication"}')).toBe(0);
});

test('the queue is counted under the names of client-go, in seconds', async () => {
  const metrics = createMetrics();
  metrics.queue.added();
  metrics.queue.retried();
  metrics.queue.depth(3);
  metrics.queue.taken(1_500);
  metrics.queue.finished(500);
  const seen = await samples(metrics);
  const name = '{name="registryreplication"}';
  expect(seen.get(`workqueue_adds_total${name}`)).toBe(1);
  expect(seen.get(`workqueue_retries_total${name}`)).toBe(1);
  expect(seen.get(`workqueue_depth${name}`)).toBe(3);
  expect(seen.get(`workqueue_queue_duration_seconds_sum${name}`)).toBe(1.5);
  expect(seen.get(`workqueue_work_duration_seconds_sum${name}`)).toBe(0.5);
});

test('requests to Azure are counted by operation and status, and without an answer as none', async () => {
  const metrics = createMetrics();
  metrics.armRequest('replication_put', 201, 1_200);
  metrics.armRequest('replication_put', undefined, 30_000);
  metrics.armRemaining('reads', 249);
  metrics.driftCorrected(1);
  const seen = await samples(metrics);
  expect(seen.get('acr_replication_arm_requests_total{operation="replication_put",code="201"}')).toBe(1);
  expect(seen.get('acr_replication_arm_requests_total{operation="replication_put",code="none"}')).toBe(1);
  expect(seen.get('acr_replication_arm_request_duration_seconds_sum{operation="replication_put"}')).toBe(31.2);
  expect(seen.get('acr_replication_arm_remaining{kind="reads"}')).toBe(249);
  expect(seen.get('acr_replication_drift_corrected_total')).toBe(1);
});

test('calls that are put off are counted by kind, and how long they waited in the end', async () => {
  const metrics = createMetrics();
  metrics.throttled('writes');
  metrics.throttleWaited('writes', 2_500);
  const seen = await samples(metrics);
  expect(seen.get('acr_replication_local_throttled_total{kind="writes"}')).toBe(1);
  expect(seen.get('acr_replication_local_throttled_total{kind="deletes"}')).toBe(0);
  expect(seen.get('acr_replication_throttle_wait_seconds_sum{kind="writes"}')).toBe(2.5);
});

test('objects and regions are counted at the scrape, each state of a replica once', async () => {
  const metrics = createMetrics();
  metrics.countFrom(() =>
    takeInventory([
      object(undefined, []),
      object('Syncing', [
        { location: 'eastus', provisioningState: 'Succeeded', status: 'Ready' },
        { location: 'japaneast', provisioningState: 'Succeeded', status: 'Syncing' },
        { location: 'westeurope', provisioningState: 'Creating', status: '' },
        { location: 'brazilsouth' },
        { location: 'uksouth', provisioningState: 'SomethingNew', status: 'Ready' },
      ]),
    ]),
  );
  const seen = await samples(metrics);
  expect(seen.get('acr_replication_objects{phase="Pending"}')).toBe(1);
  expect(seen.get('acr_replication_objects{phase="Syncing"}')).toBe(1);
  for (const state of ['Ready', 'Syncing', 'Creating', 'Missing', 'Unknown']) {
    expect(seen.get(`acr_replication_regions{state="${state}"}`), state).toBe(1);
  }
  expect(seen.get('acr_replication_regions{state="Failed"}')).toBe(0);
});

test('a thousand objects cost no more series than one', async () => {
  const series = async (count: number): Promise<number> => {
    const metrics = createMetrics();
    metrics.countFrom(() => takeInventory(Array.from({ length: count }, () => object('Ready', []))));
    return (await samples(metrics)).size;
  };
  expect(await series(1_000)).toBe(await series(1));
});

test('two operators in one process do not share their counts', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.driftCorrected(1);
  expect((await samples(other)).get('acr_replication_drift_corrected_total')).toBe(0);
});

test('the process tells its processor time, memory and start', async () => {
  const seen = await samples(createMetrics());
  expect(seen.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  expect(seen.get('process_start_time_seconds')).toBeGreaterThan(1_700_000_000);
});
