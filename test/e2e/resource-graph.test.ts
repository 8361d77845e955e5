import { describe, type TestContext, test } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';

const resourceGroup = 'registries';
const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `fleet${String(i).padStart(4, '0')}`);
const anHourAgo = () => `${new Date(Date.now() - 3_600_000).toISOString().slice(0, 19)}Z`;

/** Calls that ask for replicas, by the emulator's names of their kinds. */
async function reads({ azure }: OperatorWorld) {
  const counters = await azure.control.counters();
  return {
    provider: counters['LIST replications'] ?? 0,
    lists: counters['LIST replicationsGraph'] ?? 0,
    queries: counters['POST resourceGraphQuery'] ?? 0,
  };
}

/**
 * Objects that have been ready for an hour, each with a replica beside home, and no operator: the next one that starts
 * looks at each of them once, and then at every interval. That a look asks the provider although nothing differs happens
 * once a week: in one of 20,000 looks at 30 s.
 */
async function restedWorld(t: TestContext, names: readonly string[], interval = '30s'): Promise<OperatorWorld> {
  const world = await operatorWorld(t, {
    registries: names.map((name) => ({ name, resourceGroup, location: 'eastus' })),
    operationMs: 0,
    syncMs: 0,
    homeDelayMs: 0,
    journalSize: 100_000,
  });
  const { azure, cluster } = world;
  const operator = await world.start();
  const left = names.values();
  const make = async () => {
    for (const name of left) {
      await azure.control.createReplica({ registry: name, location: 'japaneast' });
      await world.apply(name, {
        registry: { name, resourceGroup },
        regions: [{ location: 'japaneast' }],
        interval,
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, make));
  for (const name of names) await world.until(name, 'Ready', ({ status }) => status?.phase === 'Ready', 60_000);
  await operator.stop();
  const since = anHourAgo();
  for (const name of names) {
    const { status } = (await world.get(name)) as RegistryReplication;
    await cluster.kube.patch(`${world.path(name)}/status`, {
      status: {
        conditions: status?.conditions?.map((condition) => ({ ...condition, lastTransitionTime: since })),
        replicas: status?.replicas?.map((entry) => ({ ...entry, since })),
      },
    });
  }
  await azure.control.resetCounters();
  await azure.control.setResourceGraph({ ageMs: 0 });
  return world;
}

/** From now on Resource Graph shows what there is now. */
async function freeze({ expect }: TestContext, { azure }: OperatorWorld): Promise<void> {
  await azure.control.setResourceGraph({ frozen: true });
  const frozenAt = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(frozenAt); // later changes are of a later moment
}

/** How many looks at replicas were answered, and by whom, as the running operator's metrics say. */
async function looks({ metricsUrl }: { readonly metricsUrl: string }) {
  const metrics = await (await fetch(metricsUrl)).text();
  const by = (way: string) =>
    Number(metrics.split(`acr_replication_reads_total{by="${way}"} `)[1]?.split('\n')[0] ?? Number.NaN);
  return { provider: by('provider'), lists: by('resource_graph_list'), queries: by('resource_graph_query') };
}

/** Starts an operator and waits until so many looks were answered. */
async function started(
  { expect }: TestContext,
  world: OperatorWorld,
  count: number,
  env: Readonly<Record<string, string>> = {},
) {
  const operator = await world.start(env);
  const all = async () => Object.values(await looks(operator)).reduce((a, b) => a + b);
  await expect.poll(all, { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
  return operator;
}

describe('a restart over objects at rest', () => {
  test('costs the provider nothing: a few registries are looked at by the LIST of each', async (t) => {
    const world = await restedWorld(t, namesOf(3));
    const operator = await started(t, world, 3);
    t.expect(await looks(operator)).toEqual({ provider: 0, lists: 3, queries: 0 });
    t.expect(await reads(world)).toEqual({ provider: 0, lists: 3, queries: 0 });
    t.expect(await world.azure.control.counters()).not.toHaveProperty('GET registry');
  });

  test('of 300 registries in one subscription costs a hundred LISTs and one query', async (t) => {
    const world = await restedWorld(t, namesOf(300), '5m');
    const operator = await started(t, world, 300);
    const { provider, lists } = await looks(operator);
    t.expect(provider).toBeLessThan(5); // one of 2,000 looks at 5 minutes asks the provider anyway
    t.expect(lists).toBe(100);
    t.expect(await reads(world)).toEqual({ provider, lists: 100, queries: 1 });
    const drifted = 'fleet0299';
    await world.azure.control.deleteReplica({ registry: drifted, region: 'japaneast' });
    await operator.stop();
    await world.azure.control.resetCounters();
    await started(t, world, 300);
    await t.expect.poll(() => world.locations(drifted), { timeout: 30_000 }).toEqual(['eastus', 'japaneast']);
    t.expect(await world.writes()).toEqual({ PUT: 1, PATCH: 0, DELETE: 0 });
  });

  test('with AZURE_RESOURCE_GRAPH=false asks the provider alone', async (t) => {
    const world = await restedWorld(t, namesOf(3));
    await started(t, world, 3, { AZURE_RESOURCE_GRAPH: 'false' });
    t.expect(await reads(world)).toEqual({ provider: 3, lists: 0, queries: 0 });
  });
});

describe('what Resource Graph shows', () => {
  test('leads to no write: data from before a drift hides it, data from after it makes the provider be asked', async (t) => {
    const world = await restedWorld(t, ['fleet0000']);
    const { control } = world.azure;
    await freeze(t, world);
    await control.deleteReplica({ registry: 'fleet0000', region: 'japaneast' });
    const blind = await started(t, world, 1);
    t.expect(await reads(world)).toEqual({ provider: 0, lists: 1, queries: 0 });
    await blind.stop();
    t.expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
    await control.setResourceGraph({ frozen: false });
    await started(t, world, 2);
    await t.expect.poll(() => world.locations('fleet0000'), { timeout: 30_000 }).toEqual(['eastus', 'japaneast']);
    t.expect(await world.writes()).toEqual({ PUT: 1, PATCH: 0, DELETE: 0 });
    const calls = (await control.journal()).map(({ method, kind }) => `${method} ${kind}`);
    const sinceGlance = calls.slice(calls.lastIndexOf('GET replicationsGraph') + 1);
    t.expect(sinceGlance.slice(0, 3)).toEqual(['GET replications', 'GET replication', 'PUT replication']);
  });

  test('is old data of a drift that is over: nothing is written', async (t) => {
    const world = await restedWorld(t, ['fleet0000']);
    const { control } = world.azure;
    const resourceVersion = (await world.get('fleet0000'))?.metadata.resourceVersion;
    await control.deleteReplica({ registry: 'fleet0000', region: 'japaneast' });
    await freeze(t, world);
    await control.createReplica({ registry: 'fleet0000', location: 'japaneast' });
    await started(t, world, 2);
    t.expect(await reads(world)).toEqual({ provider: 1, lists: 1, queries: 0 });
    t.expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
    t.expect((await world.get('fleet0000'))?.metadata.resourceVersion).toBe(resourceVersion);
  });

  test('makes a drift known within the interval and the age of the data', async (t) => {
    const world = await restedWorld(t, ['fleet0000']);
    const { control } = world.azure;
    await control.setResourceGraph({ ageMs: 2_000 });
    await started(t, world, 1);
    await control.deleteReplica({ registry: 'fleet0000', region: 'japaneast' });
    const began = Date.now();
    await t.expect.poll(() => world.locations('fleet0000'), { timeout: 60_000 }).toEqual(['eastus', 'japaneast']);
    // At an interval that varies by a twentieth; one that began before the data showed the drift is not the last.
    t.expect((Date.now() - began) / 1_000).toBeLessThan(2 * 31.5 + 2);
  });
});

describe('an Azure in which Resource Graph does not answer is asked without it', () => {
  const ways = {
    'the flag is ignored': {
      fault: { effect: { kind: 'graphIgnored' } },
      lists: 0,
    },
    'it cannot show the registry (422)': {
      fault: { effect: { kind: 'graphUnprocessable' } },
      lists: 1,
    },
    'it is down (500)': {
      fault: {
        match: { kind: 'replicationsGraph' },
        effect: { kind: 'respond', status: 500, code: 'InternalServerError' },
      },
      lists: 1,
    },
    'it does not let the operator read (403)': {
      fault: {
        match: { kind: 'replicationsGraph' },
        effect: { kind: 'respond', status: 403, code: 'AuthorizationFailed' },
      },
      lists: 1,
    },
  } as const;
  for (const [name, { fault, lists }] of Object.entries(ways)) {
    test(`because ${name}`, async (t) => {
      const world = await restedWorld(t, ['fleet0000']);
      await world.azure.control.deleteReplica({ registry: 'fleet0000', region: 'japaneast' });
      await world.azure.control.addFault(fault);
      await started(t, world, 1);
      await t.expect.poll(() => world.locations('fleet0000'), { timeout: 30_000 }).toEqual(['eastus', 'japaneast']);
      t.expect(await world.writes()).toEqual({ PUT: 1, PATCH: 0, DELETE: 0 });
      t.expect((await reads(world)).lists).toBe(lists);
    });
  }
});
