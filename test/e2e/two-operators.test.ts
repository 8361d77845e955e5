import { test, vi } from 'vitest';
import type { OperatorProcess } from '../sandbox/operator.ts';
import { startCutProxy } from '../support/cut-proxy.ts';
import { type ElectionWorld, electionWorld, said } from '../support/election-world.ts';

/** A busy machine takes its time; how long a takeover really takes is measured by `npm run test:handovers`. */
const slackMs = 40_000;
const within = (ms: number) => ({ timeout: ms + slackMs, interval: 50 });
const ofLeases = 20_000;

const leads = async (operator: OperatorProcess, ms = ofLeases) =>
  await vi.waitFor(() => {
    const at = said(operator, 'leading');
    if (at === undefined) throw new Error(`it does not lead:\n${operator.output()}`);
    return at;
  }, within(ms));
const standsBy = async (operator: OperatorProcess) =>
  await vi.waitFor(() => {
    if (said(operator, 'another operator leads') === undefined) throw new Error('it does not stand by');
  }, within(ofLeases));
const leaderAndStandby = async (world: ElectionWorld, options?: Parameters<ElectionWorld['startNumber']>[1]) => {
  const first = await world.startNumber(0, options);
  await leads(first);
  const second = await world.startNumber(1, options);
  await standsBy(second);
  return [first, second] as const;
};
const regions = (...locations: readonly string[]) => ({ regions: locations.map((location) => ({ location })) });
const three = regions('japaneast', 'uksouth', 'westeurope');

test('of operators that start at once one leads; the others are ready, and ask nothing of Azure', async (t) => {
  const world = await electionWorld(t, { operators: 3 });
  const operators = await Promise.all([0, 1, 2].map((number) => world.startNumber(number)));
  await world.apply('contoso', three);
  await world.untilReady('contoso');
  await Promise.all(operators.map((operator) => t.expect.poll(() => ready(operator), within(10_000)).toBe(200)));
  const asked = await Promise.all([0, 1, 2].map(async (number) => (await world.requestsOf(number)).length > 0));
  const leading = operators.map((operator) => said(operator, 'leading') !== undefined);
  t.expect(leading.filter(Boolean)).toHaveLength(1);
  t.expect(asked).toEqual(leading);
  const master = 'leader_election_master_status{name="acr-replication-operator"}';
  t.expect(await metricOf(operators, master)).toEqual(leading.map(Number));
  t.expect(await metricOf(operators, 'acr_replication_objects{phase="Ready"}')).toEqual(leading.map(Number));
  t.expect(await world.writes()).toEqual({ PUT: 3, PATCH: 0, DELETE: 0 });
});

test('when the leader is killed the standby leads as soon as the lease has expired, and finishes the work', async (t) => {
  const world = await electionWorld(t, { operators: 2, operationMs: 4_000 });
  const [first, second] = await leaderAndStandby(world);
  await world.apply('contoso', three);
  await t.expect.poll(async () => (await world.writes()).PUT, within(20_000)).toBeGreaterThan(0);
  await first.kill();
  await world.apply('contoso', regions('japaneast', 'uksouth', 'brazilsouth'));
  await leads(second);
  await world.untilReady('contoso');
  t.expect(await world.locations()).toEqual(['brazilsouth', 'eastus', 'japaneast', 'uksouth']);
  const puts = (await world.azure.control.journal({ verb: 'PUT' })).map(({ region }) => region);
  t.expect(puts).toEqual([...new Set(puts)]);
});

test('SIGTERM: the pass in hand is finished, the lease released, and the standby leads without waiting for it', async (t) => {
  const world = await electionWorld(t, { operators: 2 });
  const [first, second] = await leaderAndStandby(world);
  await world.azure.control.addFault({ match: { verb: 'LIST' }, effect: { kind: 'latency', ms: 1_000 } });
  await world.apply('contoso', three);
  await t.expect.poll(async () => (await world.azure.control.counters())['LIST replications'], within(20_000)).toBe(1);
  t.expect(await first.stop()).toBe('exit code 0');
  t.expect(said(first, 'leadership released')).toBeDefined();
  const ledAt = await leads(second);
  for (const { at } of await world.writesOf(0)) t.expect(at).toBeLessThanOrEqual(ledAt);
  await world.untilReady('contoso');
  t.expect((await world.writesOf(0)).map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT']);
  t.expect(await world.writesOf(1)).toEqual([]);
});

test('a leader paused beyond its lease, in the middle of a pass, changes nothing when it wakes, and ends by itself', async (t) => {
  const world = await electionWorld(t, { operators: 2 });
  const [first, second] = await leaderAndStandby(world);
  await world.apply('contoso', regions('japaneast'));
  await world.untilReady('contoso');
  const before = {
    azure: (await world.writesOf(0)).length,
    lists: (await world.azure.control.counters())['LIST replications'] ?? 0,
  };
  const fault = await world.azure.control.addFault({ match: { verb: 'LIST' }, effect: { kind: 'latency', ms: 2_000 } });
  await world.apply('contoso', regions('japaneast', 'uksouth'));
  await t.expect
    .poll(async () => (await world.azure.control.counters())['LIST replications'] ?? 0, within(20_000))
    .toBeGreaterThan(before.lists);
  process.kill(first.pid, 'SIGSTOP'); // its answer, without uksouth, waits in its socket from now on
  await world.azure.control.clearFaults(fault);
  await leads(second);
  await world.untilReady('contoso');
  await world.apply('contoso', regions('japaneast'));
  await t.expect.poll(() => world.locations(), within(20_000)).toEqual(['eastus', 'japaneast']);
  await world.untilReady('contoso');
  const { metadata } = (await world.get('contoso')) ?? {};
  process.kill(first.pid, 'SIGCONT');
  t.expect(await first.ended).toBe('exit code 1');
  t.expect(said(first, 'leadership lost')).toBeDefined();
  t.expect(await world.writesOf(0)).toHaveLength(before.azure);
  t.expect((await world.get('contoso'))?.metadata.resourceVersion).toBe(metadata?.resourceVersion);
  t.expect(await world.holder()).toBeDefined();
});

test('when the API server is away for longer than the renew deadline the leader steps down, and nobody leads meanwhile', async (t) => {
  const world = await electionWorld(t, { operators: 2 });
  await using proxy = await startCutProxy(world.cluster.url);
  const [first, second] = await leaderAndStandby(world, { apiServer: proxy.url });
  await world.apply('contoso', three);
  await world.untilReady('contoso');
  proxy.cut();
  t.expect(await first.ended).toBe('exit code 1');
  t.expect(first.log().find(({ message }) => message === 'leadership lost')?.['why']).toMatch(/not renewed in time/);
  await world.apply('contoso', regions('japaneast'));
  t.expect(said(second, 'leading')).toBeUndefined();
  proxy.mend();
  await leads(second);
  await world.untilReady('contoso');
  t.expect(await world.writesOf(0)).toHaveLength(3);
  t.expect((await world.writesOf(1)).map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
});

async function ready({ healthUrl }: OperatorProcess): Promise<number> {
  return (await fetch(`${healthUrl}/readyz`)).status;
}

async function metricOf(operators: readonly OperatorProcess[], name: string): Promise<readonly number[]> {
  const texts = await Promise.all(operators.map(async ({ metricsUrl }) => (await fetch(metricsUrl)).text()));
  return texts.map((text) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    ),
  );
}
