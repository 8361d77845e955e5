import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext, test, vi } from 'vitest';
import type { Draft } from '../../../src/map/wire.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { userWith } from '../../support/cli-users.ts';
import { type Visitor, visitedMap } from '../../support/map-visitor.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { plugin } from '../../support/plugin.ts';

const soon = { timeout: 60_000, interval: 50 };

/** An operator with a registry that is ready in Japan, and a person who may edit its object and reads Azure. */
async function scene(context: TestContext, env: Readonly<Record<string, string>> = {}) {
  const world = await operatorWorld(context);
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
  await world.untilReady('contoso');
  const kubeconfig = await userWith(world.cluster, world.namespace, ['acr-replication-edit']);
  const login = { ...azureLogin(world.azure), ...env };
  const { namespace } = world;
  const words = ['--cluster-name', 'sandbox'];
  const map = await visitedMap(words, { kubeconfig, namespace, env: login, lifetime: context });
  const page = await map.follow();
  await vi.waitFor(() => expect(page.events).toContain('synced'), soon);
  const stateOf = (region: string) =>
    page.objects.get(`${namespace}/contoso`)?.replicas.find((one) => one.region === region)?.state;
  return { world, kubeconfig, login, map, stateOf };
}

async function drafted(map: Visitor, { namespace }: OperatorWorld, regions: readonly string[]): Promise<Draft> {
  const { status, text, json } = await map.post('/api/draft', { namespace, name: 'contoso', regions });
  expect(status, text).toBe(200);
  return json;
}

test('what is drafted is what plan says of the manifest, and what the operator then does, live on the map', async (context) => {
  const { world, kubeconfig, login, map, stateOf } = await scene(context);
  const { namespace } = world;
  const regions = ['japaneast', 'westeurope', 'uksouth'];
  const draft = await drafted(map, world, regions);
  expect(draft.plan.seen).toBe('Azure as it is now, read with your login.');
  expect(draft.plan.lines.map(({ kind, region }) => `${kind} ${region}`)).toEqual([
    'keep eastus',
    'keep japaneast',
    'create uksouth',
    'create westeurope',
  ]);
  expect(draft.fears).toContain('It costs 101.41 USD more a month.');

  const file = join(await mkdtemp(join(tmpdir(), 'map-')), 'contoso.yaml');
  await writeFile(file, draft.manifest);
  const words = ['plan', '-f', file, '-o', 'json', '--cluster-name', 'sandbox'];
  const run = await plugin(words, { kubeconfig, namespace, env: login });
  const planned = (
    JSON.parse(run.out) as { objects: readonly { regions: readonly { plan: string; region: string }[] }[] }
  ).objects[0]?.regions;
  expect(draft.plan.lines.map(({ kind, region }) => ({ plan: kind, region }))).toEqual(
    planned?.map(({ plan, region }) => ({ plan, region })),
  );

  const { version } = draft;
  const applied = await map.post('/api/apply', { namespace, name: 'contoso', regions, version });
  expect(applied.json).toMatchObject({
    undo: true,
    said: expect.arrayContaining(['uksouth and westeurope are wanted now.']),
  });
  await vi.waitFor(() => expect(['creating', 'syncing']).toContain(stateOf('uksouth')), soon);
  for (const region of regions) await vi.waitFor(() => expect(stateOf(region)).toBe('ready'), soon);
  expect(await world.locations()).toEqual(['eastus', 'japaneast', 'uksouth', 'westeurope']);

  expect((await map.post('/api/undo', { namespace, name: 'contoso', regions })).status).toBe(200);
  await world.untilReady('contoso');
  await vi.waitFor(() => expect(stateOf('uksouth')).toBeUndefined(), soon);
  expect(await world.locations()).toEqual(['eastus', 'japaneast']);
});

test('a replica that nobody made is feared for, and given notice', async (context) => {
  const { world, map, stateOf } = await scene(context);
  await world.azure.control.createReplica({ registry: 'contoso', location: 'uksouth' });
  const { plan, fears } = await drafted(map, world, ['japaneast']);
  expect(plan.lines.find(({ region }) => region === 'uksouth')?.text).toMatch(
    /^would be deleted, held because somebody else made it/,
  );
  expect(fears[0]).toMatch(/^uksouth: this replica was not made by this object/);
  const annotations = { 'acr-replication.dev/requested-at': 'now' };
  await world.cluster.kube.patch(world.path('contoso'), { metadata: { annotations } });
  await vi.waitFor(() => expect(stateOf('uksouth')).toBe('held'), soon);
});

test('where a login is refused the draft is made from the status, and says why', async (context) => {
  const { world, map } = await scene(context, { AZURE_CLIENT_SECRET: 'wrong' });
  const { plan } = await drafted(map, world, ['japaneast', 'uksouth']);
  expect(plan.seen).toMatch(/^Azure was not read: this is from what the operator last told/);
  expect(plan.notes[0]).toMatch(/^Azure does not let you sign in: /);
  expect(plan.lines.map(({ kind, region }) => `${kind} ${region}`)).toContain('create uksouth');
});
