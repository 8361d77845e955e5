import { expect, test, vi } from 'vitest';
import type { Phase, RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import { keyOf } from '../../../src/domain/key.ts';
import { createStock, type Inventory } from '../../../src/telemetry/inventory.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { systemClock } from '../../../src/time/clock.ts';

async function samples(metrics: ReturnType<typeof createMetrics>): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** The inventory when these objects are all that was ever seen, each under a name of its own. */
function inventoryOf(objects: readonly RegistryReplication[]): Inventory {
  const stock = createStock();
  for (const [index, current] of objects.entries()) {
    const metadata = { ...current.metadata, name: `contoso-${index}` };
    stock.noticed(keyOf({ metadata }), { previous: undefined, current });
  }
  return stock.taken();
}

function object(phase: Phase | undefined, replicas: NonNullable<Status['replicas']>): RegistryReplication {
  const status = phase === undefined ? {} : { status: { phase, replicas } };
  return { metadata: { name: 'contoso', namespace: 'platform' }, spec: {}, ...status } as RegistryReplication;
}

test('a pass is counted and timed under the names of controller-runtime', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
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

test('a pass is timed by the clock that nobody sets, and remembered by the time of day', async () => {
  const times = { monotonicMs: 5_000, now: new Date('2026-09-10T12:00:00Z') };
  const clock = { now: () => times.now, monotonicMs: () => times.monotonicMs };
  const metrics = createMetrics({ version: '1.2.3', clock });
  const end = metrics.passStarted();
  times.monotonicMs += 1_500;
  times.now = new Date('2026-09-10T11:00:00Z'); // somebody set it back
  const queue = '{name="registryreplication",controller="registryreplication"}';
  expect((await samples(metrics)).get(`workqueue_longest_running_processor_seconds${queue}`)).toBe(1.5);
  end('success');
  const seen = await samples(metrics);
  expect(seen.get('controller_runtime_reconcile_time_seconds_sum{controller="registryreplication"}')).toBe(1.5);
  expect(seen.get('acr_replication_last_successful_pass_timestamp_seconds')).toBe(times.now.getTime() / 1_000);
});

test('the queue is counted under the names of client-go, in seconds', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  metrics.queue.added();
  metrics.queue.retried();
  metrics.queue.depth(3);
  metrics.queue.taken(1_500);
  metrics.queue.finished(500);
  const seen = await samples(metrics);
  const name = '{name="registryreplication",controller="registryreplication"}';
  expect(seen.get(`workqueue_adds_total${name}`)).toBe(1);
  expect(seen.get(`workqueue_retries_total${name}`)).toBe(1);
  expect(seen.get(`workqueue_depth${name}`)).toBe(3);
  expect(seen.get(`workqueue_queue_duration_seconds_sum${name}`)).toBe(1.5);
  expect(seen.get(`workqueue_work_duration_seconds_sum${name}`)).toBe(0.5);
});

test('requests to Azure are counted by operation and status, and without an answer as none', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
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

test('what becomes of Events is counted, from nought', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  metrics.eventEnded('dropped');
  const seen = await samples(metrics);
  expect(seen.get('acr_replication_events_total{result="dropped"}')).toBe(1);
  expect(seen.get('acr_replication_events_total{result="written"}')).toBe(0);
});

test('calls that are put off are counted by kind, and how long they waited in the end', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  metrics.throttled('writes');
  metrics.throttleWaited('writes', 2_500);
  const seen = await samples(metrics);
  expect(seen.get('acr_replication_local_throttled_total{kind="writes"}')).toBe(1);
  expect(seen.get('acr_replication_local_throttled_total{kind="deletes"}')).toBe(0);
  expect(seen.get('acr_replication_throttle_wait_seconds_sum{kind="writes"}')).toBe(2.5);
});

test('objects and regions are counted at the scrape, each state of a replica once', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  metrics.countFrom(() =>
    inventoryOf([
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

test('regions that drains keep out of routing are counted, and since when there has been one', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  const out = (since: string, ...routings: readonly ('Enabled' | 'Disabled')[]) => {
    const drained = { until: '2026-09-11T12:00:00Z', before: 'Enabled' } as const;
    const condition = {
      type: 'Drained',
      status: 'True',
      reason: 'Drained',
      message: 'x',
      lastTransitionTime: since,
    } as const;
    const { status, ...rest } = object(
      'Ready',
      routings.map((routing, i) => ({ location: `region${i}`, routing, drained })),
    );
    return { ...rest, status: { ...status, conditions: [condition] } };
  };
  const told = async (name: string) => (await samples(metrics)).get(`acr_replication_drained_${name}`);
  metrics.countFrom(() => inventoryOf([object('Ready', [{ location: 'eastus', routing: 'Disabled' }])]));
  expect(await told('regions')).toBe(0);
  expect(await told('oldest_timestamp_seconds')).toBe(0);
  metrics.countFrom(() =>
    inventoryOf([
      out('2026-09-10T12:00:00Z', 'Disabled', 'Enabled'),
      out('2026-09-10T11:00:00Z', 'Disabled', 'Disabled'),
    ]),
  );
  expect(await told('regions')).toBe(3);
  expect(await told('oldest_timestamp_seconds')).toBe(Date.parse('2026-09-10T11:00:00Z') / 1_000);
});

test('a thousand objects cost no more series than one', async () => {
  const series = async (count: number): Promise<number> => {
    const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
    metrics.countFrom(() => inventoryOf(Array.from({ length: count }, () => object('Ready', []))));
    return (await samples(metrics)).size;
  };
  expect(await series(1_000)).toBe(await series(1));
});

test('two operators in one process do not share their counts', async () => {
  const [one, other] = [
    createMetrics({ version: '1.2.3', clock: systemClock }),
    createMetrics({ version: '1.2.3', clock: systemClock }),
  ];
  one.driftCorrected(1);
  expect((await samples(other)).get('acr_replication_drift_corrected_total')).toBe(0);
});

test('the process tells its processor time, memory and start', async () => {
  const seen = await samples(createMetrics({ version: '1.2.3', clock: systemClock }));
  expect(seen.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  expect(seen.get('process_start_time_seconds')).toBeGreaterThan(1_700_000_000);
});

test('a pass that runs shows in the queue as unfinished work, until it ends', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  const ends = [metrics.passStarted(), metrics.passStarted()];
  const labels = '{name="registryreplication",controller="registryreplication"}';
  const unfinished = async () => (await samples(metrics)).get(`workqueue_unfinished_work_seconds${labels}`);
  const longest = async () => (await samples(metrics)).get(`workqueue_longest_running_processor_seconds${labels}`);
  expect(await unfinished()).toBeGreaterThan(0);
  expect(await longest()).toBeGreaterThan(0);
  for (const end of ends) end('success');
  expect([await unfinished(), await longest()]).toEqual([0, 0]);
});

test('only a pass without error is remembered as the last that succeeded', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  const last = async () =>
    (await samples(metrics)).get('acr_replication_last_successful_pass_timestamp_seconds') ?? Number.NaN;
  metrics.passStarted()('error');
  expect(await last()).toBe(0);
  metrics.passStarted()('requeue_after');
  expect(await last()).toBeGreaterThan(1_700_000_000);
});

test('objects that need a person are counted by reason, those of another version as Unknown', async () => {
  const stalled = (reason: string, status = 'True') =>
    ({
      ...object('Failed', []),
      status: { phase: 'Failed', conditions: [{ type: 'Stalled', status, reason }] },
    }) as unknown as RegistryReplication;
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  metrics.countFrom(() =>
    inventoryOf([
      stalled('Conflict'),
      stalled('RegistryClaimed'),
      stalled('RegistryClaimed'),
      stalled('FromTheFuture'),
      stalled('Locked', 'False'),
    ]),
  );
  const seen = await samples(metrics);
  const counts = { Conflict: 1, RegistryClaimed: 2, Unknown: 1, Locked: 0, AuthenticationFailed: 0 };
  for (const [reason, count] of Object.entries(counts))
    expect(seen.get(`acr_replication_stalled_objects{reason="${reason}"}`), reason).toBe(count);
});

test('since when the oldest region is in a state is told only while there is one', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  const syncing = (since: string) => ({ location: 'eastus', provisioningState: 'Succeeded', status: 'Syncing', since });
  const oldest = async () =>
    (await samples(metrics)).get('acr_replication_regions_oldest_timestamp_seconds{state="Syncing"}');
  metrics.countFrom(() =>
    inventoryOf([
      object('Syncing', [syncing('2026-09-10T12:00:00Z'), syncing('2026-09-10T11:00:00Z')]),
      object('Syncing', [syncing('2026-09-10T13:00:00Z')]),
    ]),
  );
  expect(await oldest()).toBe(Date.parse('2026-09-10T11:00:00Z') / 1_000);
  metrics.countFrom(() => inventoryOf([object('Ready', [])]));
  expect(await oldest()).toBeUndefined();
});

test('the shortest interval leaves out objects that only an edit brings back, suspended and invalid ones', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  const spec = (changes: object) => ({ ...object('Ready', []), spec: changes }) as RegistryReplication;
  const shortest = async () => (await samples(metrics)).get('acr_replication_shortest_interval_seconds');
  const invalid = {
    ...spec({ interval: '30s' }),
    status: { phase: 'Failed', conditions: [{ type: 'Stalled', status: 'True', reason: 'InvalidSpec' }] },
  } as unknown as RegistryReplication;
  expect(await shortest()).toBe(0);
  metrics.countFrom(() =>
    inventoryOf([spec({ interval: '30s', suspend: true }), invalid, spec({ interval: '1h' }), spec({})]),
  );
  expect(await shortest()).toBe(300);
});

test('the objects are counted once for each scrape, however many metrics tell of them', async () => {
  const metrics = createMetrics({ version: '0', clock: systemClock });
  const inventory = vi.fn(() => inventoryOf([]));
  metrics.countFrom(inventory);
  await samples(metrics);
  expect(inventory).toHaveBeenCalledTimes(1);
});

test('the longest that the process was blocked is told once, to the scrape after it', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  const longest = async () => (await samples(metrics)).get('nodejs_eventloop_lag_max_seconds') ?? Number.NaN;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  const untilMs = performance.now() + 300;
  while (performance.now() < untilMs);
  await turn();
  await turn();
  const blocked = await longest();
  await turn();
  expect(blocked).toBeGreaterThan(0.29);
  expect(await longest()).toBeLessThan(blocked);
});

test('how much later looks come is asked at each scrape', async () => {
  const metrics = createMetrics({ version: '1.2.3', clock: systemClock });
  const delay = async () => (await samples(metrics)).get('acr_replication_look_delay_seconds');
  expect(await delay()).toBe(0);
  metrics.countLookWait(() => 150_000);
  expect(await delay()).toBe(150);
});
