import { expect, type TestContext, test } from 'vitest';
import { userWith } from '../../support/cli-users.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { plugin } from '../../support/plugin.ts';

const regions = [{ location: 'japaneast' }, { location: 'westeurope' }];

/** An operator with a registry that is ready, and a person who may edit its object. */
async function readyWorld(context: TestContext) {
  const world = await operatorWorld(context);
  await world.start();
  await world.apply('contoso', { regions });
  await world.untilReady('contoso');
  const kubeconfig = await userWith(world.cluster, world.namespace, ['acr-replication-edit']);
  const run = (...words: readonly string[]) => plugin(words, { kubeconfig, namespace: world.namespace });
  return { world, run };
}

/** Deletions of replicas, once nothing is under way. */
async function settledDeletes(world: OperatorWorld): Promise<number> {
  await world.untilReady('contoso');
  return (await world.writes()).DELETE;
}

test('reconcile looks now: what somebody deleted is back when it says so', async (context) => {
  const { world, run } = await readyWorld(context);
  await world.azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
  const { code, out, err } = await run('reconcile', 'contoso');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^contoso 2\/2 InSync: /) });
  expect(err).toMatch(/Creating|Syncing/);
  expect(await world.locations()).toEqual(['eastus', 'japaneast', 'westeurope']);
});

test('suspend stops the work, resume goes on with it', async (context) => {
  const { world, run } = await readyWorld(context);
  expect((await run('suspend', 'contoso')).out).toBe('contoso suspended\n');
  await world.until('contoso', 'Suspended', ({ status }) => status?.phase === 'Suspended');
  expect((await run('resume', 'contoso')).out).toBe('contoso resumed\n');
  await world.untilReady('contoso');
});

test('drain takes a region out of routing, a rollout leaves it, undrain puts it back', async (context) => {
  const { world, run } = await readyWorld(context);
  const isOut = (routing: string) =>
    world.until('contoso', routing, ({ status }) => {
      const entry = status?.replicas?.find(({ location }) => location === 'japaneast');
      return entry?.routing === routing && (entry.drained === undefined) === (routing === 'Enabled');
    });
  const drained = await run('drain', 'Japan East', '--for', '2h', '--reason', 'INC-4711');
  expect(drained).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^japaneast of contoso goes out of routing, until /),
  });
  await isOut('Disabled');
  expect((await run('drain', 'eastus', 'contoso', '--for', '1h', '--reason', 'drill')).code).toBe(0);
  const { spec } = await world.apply('contoso', { regions });
  expect(spec.drains).toMatchObject([{ location: 'japaneast', reason: 'INC-4711' }, { location: 'eastus' }]);
  expect((await run('undrain', 'japaneast')).code).toBe(0);
  await isOut('Enabled');
  const { code, err } = await run('undrain', 'eastus');
  expect({ code, err }).toEqual({ code: 0, err: expect.not.stringContaining('warning:') });
  await world.until('contoso', 'no drain', ({ spec, status }) => {
    return spec.drains === undefined && !status?.conditions?.some(({ type }) => type === 'Drained');
  });
});

test('drain says who states the drain already, undrain ends it though the region has left the set', async (context) => {
  const { world, run } = await readyWorld(context);
  const drains = [{ location: 'japaneast', until: '2026-09-10T18:00:00Z', reason: 'of Git' }];
  await world.apply('contoso', { regions, drains });
  const { code, err } = await run('drain', 'japaneast', '--for', '2h', '--reason', 'INC-4711');
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(
      /^error: spec.drains has japaneast until \S+ already, stated by \S+: change it in that file/,
    ),
  });
  await world.apply('contoso', { regions: [{ location: 'westeurope' }], drains });
  const ended = await run('undrain', 'japaneast');
  expect(ended).toMatchObject({ code: 0, err: expect.stringContaining('see how it goes: kubectl acr-replication') });
  await world.until('contoso', 'no drain', ({ spec }) => (spec.drains ?? []).length === 0);
});

test('recreate waits while drains leave the replica alone in routing, and status says so', async (context) => {
  const { world, run } = await readyWorld(context);
  for (const region of ['eastus', 'westeurope']) {
    expect((await run('drain', region, '--for', '2h', '--reason', 'drill')).code).toBe(0);
  }
  await world.until('contoso', 'both drained', ({ status }) => {
    const out = status?.replicas?.filter(({ routing, drained }) => drained !== undefined && routing === 'Disabled');
    return out?.length === 2;
  });
  expect((await run('recreate', 'contoso', 'japaneast', '--yes')).code).toBe(0);
  await world.until('contoso', 'recreation waits, and Ready', ({ status }) => {
    const isTold = status?.conditions?.some(({ message }) => message.includes('japaneast: is made anew once another'));
    return isTold === true && status?.phase === 'Ready';
  });
  expect((await world.writes()).DELETE).toBe(0);
  expect((await run('undrain', 'eastus')).code).toBe(0);
  await world.until('contoso', 'made anew', ({ status }) => status?.lastHandledRecreate === 'japaneast');
  expect(await settledDeletes(world)).toBe(1);
});

test('recreate makes a replica anew, as often as it is asked for', async (context) => {
  const { world, run } = await readyWorld(context);
  for (const times of [1, 2]) {
    expect(await run('recreate', 'contoso', 'Japan East', '--yes')).toMatchObject({
      code: 0,
      out: 'the replica of contoso in japaneast will be made anew\n',
    });
    await world.until(
      'contoso',
      `deletion ${times}`,
      ({ status, metadata }) =>
        status?.lastHandledRecreate === metadata.annotations?.['acr-replication.dev/recreate'] &&
        status?.phase !== 'Ready',
    );
    expect(await settledDeletes(world)).toBe(times);
    expect(await world.locations()).toEqual(['eastus', 'japaneast', 'westeurope']);
  }
});
