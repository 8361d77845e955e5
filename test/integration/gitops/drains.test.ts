import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiVersion, kind, type Spec } from '../../../src/api/registryreplication.ts';
import { type PluginRun, plugin } from '../../support/plugin.ts';
import { replicaOf, resourceGroup, type Scene, scene, sharedWorld } from '../../support/registry-scene.ts';
import { judge } from './judges.ts';
import { kubectl } from './kubectl.ts';
import { argocdStatus, byArgocd, byKubectl, clientSide, type Manifest, type Rollout, serverSide } from './rollouts.ts';

const world = sharedWorld();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-drains-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Drains = NonNullable<Spec['drains']>;
const regions = [{ location: 'japaneast' }, { location: 'uksouth' }];
const hoursAhead = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`;
const soon = hoursAhead(1);
const later = hoursAhead(5);

/** The file in Git. */
function manifestOf(name: string, spec: Partial<Spec> = {}): Manifest {
  const metadata = { name, namespace: world().namespace };
  return { apiVersion, kind, metadata, spec: { registry: { name, resourceGroup }, regions, ...spec } };
}

async function rolledOut(rollout: Rollout, manifest: Manifest): Promise<void> {
  const { end, stderr } = await rollout(manifest, folder);
  expect([end, stderr.replaceAll(/^(WARNING|Warning|level=).*\n/gm, '')]).toEqual(['0', '']);
}

function typed(...words: readonly string[]): Promise<PluginRun> {
  return plugin(words, { kubeconfig: world().cluster.adminKubeconfig, namespace: world().namespace });
}

/** The command takes japaneast out, and the operator has done it. */
async function drained(it: Scene): Promise<void> {
  expect(await typed('drain', 'japaneast', it.name, '--until', soon, '--reason', 'INC-4711')).toMatchObject({
    code: 0,
  });
  await it.until('drained', (object) => replicaOf(object, 'japaneast')?.routing === 'Disabled');
}

const drainsOf = async (it: Scene): Promise<Drains | undefined> => (await world().get(it.name))?.spec.drains;
const ofCommand = { location: 'japaneast', until: soon, reason: 'INC-4711' };
const inGit = (location: string, until = later) => ({ location, until, reason: 'drill' });

const tools = { ...serverSide, ...clientSide };
type Tool = keyof typeof tools;
const names = (all: object) => Object.keys(all) as readonly Tool[];
const sceneName = (about: string, tool: string) => `${about}${tool.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`;

describe.concurrent('a rollout of a manifest from Git that knows nothing of a drain', () => {
  test.each(names(tools))('by %s leaves it', async (tool) => {
    const it = await scene(world(), sceneName('leaves', tool));
    await rolledOut(tools[tool], manifestOf(it.name));
    await it.untilReady();
    await drained(it);
    await rolledOut(tools[tool], manifestOf(it.name));
    expect(await drainsOf(it)).toEqual([ofCommand]);

    await rolledOut(tools[tool], manifestOf(it.name, { regions: [...regions, { location: 'westeurope' }] }));
    const object = await it.untilReady();
    expect(await it.locations()).toContain('westeurope');
    expect(object.spec.drains).toEqual([ofCommand]);
    expect(replicaOf(object, 'japaneast')).toMatchObject({ routing: 'Disabled', drained: { until: soon } });

    const { code, err } = await typed('undrain', 'japaneast', it.name);
    expect(code).toBe(0);
    expect(err).not.toContain('warning:');
    await it.until('back', (back) => replicaOf(back, 'japaneast')?.routing === 'Enabled');
    expect(await drainsOf(it)).toBeUndefined();
  });
});

describe.concurrent('while a drain is on that Git knows nothing of', () => {
  const comparisons = [undefined, 'ServerSideApply=true', 'ServerSideDiff=true'] as const;

  test('Argo CD calls the application Synced, however it compares, and Healthy; Flux calls the object Current', async () => {
    const it = await scene(world(), 'judged');
    await rolledOut(tools['Argo CD'], manifestOf(it.name));
    await it.untilReady();
    await drained(it);
    const object = await it.untilReady();
    expect(await judge([object])).toMatchObject([{ kstatus: { status: 'Current' }, argocd: { status: 'Healthy' } }]);
    for (const compared of comparisons) {
      expect(await argocdStatus(manifestOf(it.name), folder, compared), compared).toBe('Synced');
      const edited = manifestOf(it.name, { prune: 'None' });
      expect(await argocdStatus(edited, folder, compared), compared).toBe('OutOfSync');
    }
  });

  // Flux and Argo CD make their own what kubectl has applied on its own side.
  test.each(['Flux', 'Argo CD, ServerSideApply=true', 'kubectl apply --server-side'] as const)(
    '%s takes the object over from kubectl apply and leaves the drain',
    async (tool) => {
      const it = await scene(world(), sceneName('takesover', tool));
      await rolledOut(tools['kubectl apply'], manifestOf(it.name));
      await it.untilReady();
      await drained(it);
      await rolledOut(tools[tool], manifestOf(it.name));
      expect(await drainsOf(it)).toEqual([ofCommand]);
    },
  );

  test.each([
    ['kubectl replace', byKubectl('replace')],
    ['Argo CD, Replace=true', byArgocd('Replace=true')],
  ] as const)('%s ends it: the file takes the place of the whole object', async (tool, replace) => {
    const it = await scene(world(), sceneName('replaces', tool));
    await rolledOut(tools['kubectl apply'], manifestOf(it.name));
    await it.untilReady();
    await drained(it);
    await rolledOut(replace, manifestOf(it.name));
    const back = await it.until('back', (object) => replicaOf(object, 'japaneast')?.routing === 'Enabled');
    expect(back.spec.drains).toBeUndefined();
  });
});

/** fluxcd/kustomize-controller internal/controller/kustomization_controller.go, fieldManagers; fluxcd/pkg ssa/patch.go, matchFieldManager. */
describe.concurrent('Flux undoes what field managers have changed whose names begin with kubectl', () => {
  test.each([
    ['kubectl apply --server-side', 'kubectl-drain', 'application/apply-patch+yaml'],
    ['kubectl edit', 'kubectl-edit', 'application/merge-patch+json'],
  ])('a drain as %s writes it', async (_by, fieldManager, contentType) => {
    const it = await scene(world(), fieldManager.replace('-', ''));
    const { metadata } = manifestOf(it.name);
    await rolledOut(tools.Flux, manifestOf(it.name));
    const drain = { apiVersion, kind, metadata, spec: { drains: [ofCommand] } };
    await world().cluster.kube.request('PATCH', world().path(it.name), drain, { contentType, query: { fieldManager } });
    expect(await drainsOf(it)).toHaveLength(1);
    await rolledOut(tools.Flux, manifestOf(it.name));
    expect(await drainsOf(it)).toBeUndefined();
  });
});

test.concurrent.each(names(tools))('%s leaves an object suspended that the command has suspended', async (tool) => {
  const it = await scene(world(), sceneName('suspended', tool));
  await rolledOut(tools[tool], manifestOf(it.name));
  expect((await typed('suspend', it.name)).code).toBe(0);
  await rolledOut(tools[tool], manifestOf(it.name));
  expect((await world().get(it.name))?.spec.suspend).toBe(true);
});

describe.concurrent('Git drains one region and the command another', () => {
  test.each(names(serverSide))('%s: both are drained, and each takes only its own away', async (tool) => {
    const it = await scene(world(), sceneName('beside', tool));
    const manifest = manifestOf(it.name, { drains: [inGit('uksouth')] });
    await rolledOut(tools[tool], manifest);
    await it.untilReady();
    await drained(it);
    await rolledOut(tools[tool], manifest);
    expect(await drainsOf(it)).toEqual([inGit('uksouth'), ofCommand]);
    await rolledOut(tools[tool], manifestOf(it.name));
    expect(await drainsOf(it)).toEqual([ofCommand]);
  });

  test('Argo CD with ServerSideApply=true calls the application Synced', async () => {
    const it = await scene(world(), 'besidesynced');
    const manifest = manifestOf(it.name, { drains: [inGit('uksouth')] });
    await rolledOut(tools['Argo CD, ServerSideApply=true'], manifest);
    await it.untilReady();
    await drained(it);
    for (const compared of ['ServerSideApply=true', 'ServerSideDiff=true'] as const) {
      expect(await argocdStatus(manifest, folder, compared), compared).toBe('Synced');
    }
  });

  /** The file's list takes the place of the object's: Kubernetes has no merge by key on the client's side for custom resources. */
  test.each(['Argo CD', 'kubectl apply'] as const)('%s takes that of the command away, which warns', async (tool) => {
    const it = await scene(world(), sceneName('listed', tool));
    const manifest = manifestOf(it.name, { drains: [inGit('uksouth')] });
    await rolledOut(tools[tool], manifest);
    await it.untilReady();
    const { err } = await typed('drain', 'japaneast', it.name, '--until', soon, '--reason', 'INC-4711');
    expect(err).toContain('whose list replaces this one at its next apply: write this drain into it, too.');
    expect(await argocdStatus(manifest, folder, undefined)).toBe('OutOfSync');
    await rolledOut(tools[tool], manifest);
    expect(await drainsOf(it)).toEqual([inGit('uksouth')]);
  });

  test('Helm 3 takes that of the command away when its list changes', async () => {
    const it = await scene(world(), 'listedhelm3');
    const manifest = manifestOf(it.name, { drains: [inGit('uksouth')] });
    await rolledOut(tools['Helm 3'], manifest);
    await it.untilReady();
    await drained(it);
    await rolledOut(tools['Helm 3'], manifest);
    expect(await drainsOf(it)).toEqual([inGit('uksouth'), ofCommand]);
    await rolledOut(tools['Helm 3'], manifestOf(it.name));
    expect(await drainsOf(it)).toBeUndefined();
  });
});

describe.concurrent('Git and the command drain one region', () => {
  const managers: Readonly<Record<Tool, string>> = {
    Flux: 'kustomize-controller',
    'Argo CD, ServerSideApply=true': 'argocd-controller',
    'kubectl apply --server-side': 'kubectl',
    'Helm 4': 'helm',
    'Argo CD': 'argocd-controller',
    'kubectl apply': 'kubectl-client-side-apply',
    'Helm 3': 'helm',
  };

  test.each(names(tools))('%s: the command leaves what Git states, and says whose it is', async (tool) => {
    const it = await scene(world(), sceneName('stated', tool));
    const manifest = manifestOf(it.name, { drains: [inGit('japaneast')] });
    await rolledOut(tools[tool], manifest);
    await it.untilReady();
    expect(await typed('drain', 'japaneast', it.name, '--until', soon, '--reason', 'INC-4711')).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `spec.drains has japaneast until ${later} already, stated by ${managers[tool]}: change it in that file`,
      ),
    });
    expect(await drainsOf(it)).toEqual([inGit('japaneast')]);

    const { code, err } = await typed('undrain', 'japaneast', it.name);
    expect([code, await drainsOf(it)]).toEqual([0, []]);
    expect(err).toContain(`${managers[tool]} stated this drain, too: a file that has it brings it back.`);
    // Helm 3 sends only what its file has otherwise than the file before it.
    const same = tool === 'Helm 3' ? manifestOf(it.name, { drains: [inGit('japaneast', soon)] }) : manifest;
    await rolledOut(tools[tool], same);
    expect(await drainsOf(it)).toMatchObject([{ location: 'japaneast', reason: 'drill' }]);
  });

  // Flux applies only what a dry run would change, so it goes on owning it: fluxcd/pkg ssa/manager_apply.go, ApplyAll.
  test('what both state alike stays when Git drops it, and goes when the command ends it', async () => {
    const it = await scene(world(), 'alike');
    await rolledOut(tools.Flux, manifestOf(it.name, { drains: [inGit('japaneast')] }));
    expect(await typed('drain', 'japaneast', it.name, '--until', later, '--reason', 'drill')).toMatchObject({
      code: 0,
    });
    await rolledOut(tools.Flux, manifestOf(it.name));
    expect(await drainsOf(it)).toEqual([inGit('japaneast')]);
    expect(await typed('undrain', 'japaneast', it.name)).toMatchObject({ code: 0 });
    expect(await drainsOf(it)).toEqual([]);
    await rolledOut(tools.Flux, manifestOf(it.name));
    expect(await drainsOf(it)).toEqual([]);
  });

  test.each(names(tools).filter((tool) => tool !== 'Helm 4'))(
    '%s: Git takes the drain over, and ends it',
    async (tool) => {
      const it = await scene(world(), sceneName('takes', tool));
      await rolledOut(tools[tool], manifestOf(it.name));
      await it.untilReady();
      await drained(it);
      await rolledOut(tools[tool], manifestOf(it.name, { drains: [inGit('japaneast')] }));
      expect(await drainsOf(it)).toEqual([inGit('japaneast')]);
      await rolledOut(tools[tool], manifestOf(it.name));
      expect(await drainsOf(it)).toBeUndefined();
    },
  );

  test('Helm 4: Git is refused, and told whose the drain is, until the command has ended it', async () => {
    const it = await scene(world(), 'refused');
    await rolledOut(tools['Helm 4'], manifestOf(it.name));
    await it.untilReady();
    await drained(it);
    const manifest = manifestOf(it.name, { drains: [inGit('japaneast')] });
    const { end, stderr } = await tools['Helm 4'](manifest, folder);
    expect([end, stderr]).toEqual(['1', expect.stringContaining('conflict with "acr-replication-drain"')]);
    await typed('undrain', 'japaneast', it.name);
    await rolledOut(tools['Helm 4'], manifest);
    expect(await drainsOf(it)).toEqual([inGit('japaneast')]);
  });
});

describe.concurrent('a drain of the command whose end kubectl patch has changed', () => {
  test.each(names(tools))('%s goes on with the file that knows nothing of it', async (tool) => {
    const it = await scene(world(), sceneName('prolonged', tool));
    await rolledOut(tools[tool], manifestOf(it.name));
    await it.untilReady();
    await drained(it);
    const prolonged = { ...ofCommand, until: later };
    const patch = JSON.stringify({ spec: { drains: [prolonged] } });
    const patched = await kubectl('patch', 'acrrep', it.name, '-n', world().namespace, '--type=merge', '-p', patch);
    expect(patched.end).toBe('0');
    await rolledOut(tools[tool], manifestOf(it.name));
    expect(await drainsOf(it)).toEqual(tool === 'Flux' ? undefined : [prolonged]);
  });
});
