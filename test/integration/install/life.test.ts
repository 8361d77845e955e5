import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { OperatorProcess } from '../../sandbox/operator.ts';
import { controlPlane } from '../../support/cluster.ts';
import { openMapPage } from '../../support/map-page.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { namespaceController } from './namespace-controller.ts';
import { chart, name, namespace, run } from './programs.ts';

const cluster = controlPlane();
const { kube } = cluster;
const end = new AbortController();
let controller: Promise<void> = Promise.resolve();
beforeAll(() => {
  controller = namespaceController(kube, end.signal);
});
afterAll(async () => {
  end.abort();
  await controller;
  await cluster.close();
});

const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/registryreplications.acr-replication.dev';
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
const registries = ['contoso', 'fabrikam', 'northwind', 'tailspin', 'woodgrove', 'adatum'].map((registry) => ({
  name: registry,
  resourceGroup: 'registries',
  location: 'eastus',
}));
const kubectl = (...args: readonly string[]) => run('kubectl', args, cluster.adminKubeconfig);
const helm = (...args: readonly string[]) => run('helm', args, cluster.adminKubeconfig);

/**
 * A pod of the Deployment as it is on the API server, but for the machine that runs it: its settings, its service
 * account.
 */
async function startPod(world: OperatorWorld): Promise<OperatorProcess> {
  const deployment = await kube.get<Deployment>(deploymentPath);
  const env = deployment?.spec.template.spec.containers[0].env.filter(({ value = '' }) => value !== '') ?? [];
  return world.start({
    ...Object.fromEntries(env.map((variable) => [variable.name, variable.value])),
    ...(env.some((variable) => variable.name === 'MAP_ADDRESS') ? { MAP_ADDRESS: '127.0.0.1:0' } : {}),
    WATCH_NAMESPACES: undefined,
    LEADER_ELECTION: 'true',
    LEASE_NAMESPACE: namespace,
  });
}

const registry = (registryName: string) => ({ name: registryName, resourceGroup: 'registries' });
const regions = [{ location: 'japaneast' }, { location: 'westeurope' }];
const home = ['eastus'];
const everywhere = ['eastus', 'japaneast', 'westeurope'];

/** What a page answers to whom. The operator may ask whose token it is shown: the chart's role lets it. */
async function statusOf(url: string): Promise<Readonly<Record<string, number>>> {
  const own = await kube.tokenFor({ namespace, serviceAccount: name });
  const status = async (token?: string): Promise<number> => {
    const headers = token === undefined ? [] : [['authorization', `Bearer ${token}`] as [string, string]];
    return (await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })).status;
  };
  return { nobody: await status(), operator: await status(own), administrator: await status(cluster.adminToken) };
}

/** What the map shows that only the chart's rights for it let the operator see: nodes, and the Events of an object. */
async function mapOf({ mapUrl = '' }: OperatorProcess, { namespace: own }: OperatorWorld): Promise<object> {
  const headers = { authorization: `Bearer ${cluster.adminToken}` };
  const page = await openMapPage(mapUrl, { headers });
  await vi.waitFor(() => expect(page.hello()).toBeDefined());
  page.close();
  const story = await fetch(`${mapUrl}/api/story?namespace=${own}&name=contoso`, { headers });
  return { nodes: page.hello()?.nodes, events: ((await story.json()) as { readonly events: unknown }).events };
}

/** One object whose replicas go with it, and one whose replicas stay. */
async function twoObjects(world: OperatorWorld): Promise<void> {
  await world.apply('contoso', { registry: registry('contoso'), regions });
  await world.apply('fabrikam', { registry: registry('fabrikam'), regions, deletionPolicy: 'Retain' });
  await Promise.all([world.untilReady('contoso'), world.untilReady('fabrikam')]);
}

async function nothingIsLeft(): Promise<void> {
  const names = async (path: string) => (await kube.list(path)).map(({ metadata }) => metadata.name);
  expect(await kube.get(crdPath)).toBeUndefined();
  expect(await kube.get(`/api/v1/namespaces/${namespace}`)).toBeUndefined();
  for (const kind of ['clusterroles', 'clusterrolebindings'])
    expect(await names(`/apis/rbac.authorization.k8s.io/v1/${kind}`)).not.toContainEqual(expect.stringContaining(name));
}

test('helm: installed, changed, taken away with objects alive, put back, and uninstalled in order', async (t) => {
  const world = await operatorWorld(t, { registries });
  await kubectl('apply', '-f', 'deploy/namespace.yaml');
  await helm('install', name, chart, '-n', namespace);
  await kube.waitFor(crdPath, isEstablished, { deadlineMs: 30_000, what: 'the CRD' });
  const first = await startPod(world);
  const labels = { 'topology.kubernetes.io/region': 'westeurope' };
  await kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0', labels } });
  await twoObjects(world);
  expect(await kube.get(leasePath)).toMatchObject({ spec: { holderIdentity: expect.any(String) } });

  const before = { objects: await specs(world), writes: await world.writes() };
  await helm(
    'upgrade',
    name,
    chart,
    '-n',
    namespace,
    '--reuse-values',
    '--set=logLevel=debug,metrics.requireToken=true,map.enabled=true,map.requireToken=true',
  );
  await first.stop();
  const second = await startPod(world);
  await looksAgain(world, 'contoso');
  expect(second.log().some(({ level }) => level === 'debug')).toBe(true);
  const guarded = { nobody: 401, operator: 403, administrator: 200 };
  expect(await statusOf(second.metricsUrl)).toEqual(guarded);
  expect(await statusOf(`${second.mapUrl}/`)).toEqual(guarded);
  expect(await mapOf(second, world)).toEqual({ nodes: { westeurope: 1 }, events: expect.any(Array) });
  await second.stop();

  await helm('uninstall', name, '-n', namespace); // too early: nobody tidies up, but nothing is lost
  expect(await kube.get(deploymentPath)).toBeUndefined();
  expect({ objects: await specs(world), writes: await world.writes() }).toEqual(before);
  await helm('install', name, chart, '-n', namespace);
  const third = await startPod(world);
  await looksAgain(world, 'contoso');
  expect({ objects: await specs(world), writes: await world.writes() }).toEqual(before);

  await kubectl('delete', 'registryreplications', '--all', '--all-namespaces');
  expect(await world.locations('contoso')).toEqual(home);
  expect(await world.locations('fabrikam')).toEqual(everywhere);
  await helm('uninstall', name, '-n', namespace);
  await third.stop();
  expect(await kube.get(crdPath)).toBeDefined();
  await kubectl('delete', 'crd', 'registryreplications.acr-replication.dev');
  await kubectl('delete', 'namespace', namespace);
  await nothingIsLeft();
});

test('kubectl apply -k, twice, and uninstalled in order', async (t) => {
  const world = await operatorWorld(t, { registries });
  await kubectl('apply', '-k', 'deploy/');
  await kube.waitFor(crdPath, isEstablished, { deadlineMs: 30_000, what: 'the CRD' });
  const operator = await startPod(world);
  await twoObjects(world);
  const applied = await kube.get(deploymentPath);
  await kubectl('apply', '-k', 'deploy/');
  expect((await kube.get(deploymentPath))?.metadata.generation).toBe(applied?.metadata.generation);

  await kubectl('delete', 'registryreplications', '--all', '--all-namespaces');
  expect(await world.locations('contoso')).toEqual(home);
  expect(await world.locations('fabrikam')).toEqual(everywhere);
  await kubectl('delete', '-k', 'deploy/');
  await operator.stop();
  await nothingIsLeft();
});

test('under objects in every phase the CRD of the release before is upgraded in place, helm takes over from kubectl, and their namespace can go', async (t) => {
  const world = await operatorWorld(t, { registries });
  await kubectl('apply', '-k', 'deploy/');
  await kubectl('apply', '-f', 'test/integration/install/data/previous-crd.yaml');
  await kube.waitFor(crdPath, isEstablished, { deadlineMs: 30_000, what: 'the CRD' });
  const old = await startPod(world);
  await objectsInEveryPhase(world);
  const before = { objects: await specs(world), writes: await changes(world) };

  await kubectl('apply', '-k', 'deploy/');
  expect(await specs(world)).toEqual(before.objects);
  await old.stop();
  const operator = await startPod(world);
  for (const { metadata, spec } of await objects(world)) {
    if (spec.suspend !== true) await looksAgain(world, metadata.name);
    await kube.apply({ ...(await bare(world, metadata.name)) });
  }
  expect(await specs(world)).toEqual(before.objects);
  expect(await phases(world)).toEqual(everyPhase);
  expect(await changes(world)).toEqual(before.writes);
  const table = await kubectl('get', 'registryreplications', '-n', world.namespace);
  for (const [object, phase] of Object.entries(everyPhase))
    expect(table).toMatch(new RegExp(`^${object} .*${phase}`, 'm'));

  await helm('install', name, chart, '-n', namespace, '--take-ownership', '--force-conflicts');
  expect(await specs(world)).toEqual(before.objects);
  await world.azure.control.clearFaults();
  await operator.stop();
  const last = await startPod(world); // looks at all of them at once
  await kubectl('delete', 'namespace', world.namespace);
  expect(await world.locations('contoso')).toEqual(home);
  expect(await world.locations('fabrikam')).toEqual(everywhere);
  await helm('uninstall', name, '-n', namespace);
  await kubectl('delete', 'crd', 'registryreplications.acr-replication.dev');
  await kubectl('delete', 'namespace', namespace);
  await last.stop();
  await nothingIsLeft();
});

/** By the object's name. */
const everyPhase = {
  adatum: 'Deleting',
  contoso: 'Ready',
  fabrikam: 'Syncing',
  northwind: 'Suspended',
  tailspin: 'Failed',
  woodgrove: 'Pending',
};

async function objectsInEveryPhase(world: OperatorWorld): Promise<void> {
  const { control } = world.azure;
  await control.addFault({ match: { registry: 'fabrikam' }, effect: { kind: 'stuckSyncing' } });
  await control.addFault({ match: { registry: 'adatum' }, effect: { kind: 'lock', level: 'CanNotDelete' } });
  await world.apply('contoso', { registry: registry('contoso'), regions });
  await world.apply('fabrikam', { registry: registry('fabrikam'), regions, deletionPolicy: 'Retain' });
  await world.apply('northwind', { registry: registry('northwind'), regions, suspend: true });
  await world.apply('tailspin', { registry: registry('tailspin'), regions: [{ location: 'atlantis' }] });
  await world.apply('woodgrove', { registry: registry('woodgrove'), regions, mode: 'Observe' });
  await world.apply('adatum', { registry: registry('adatum'), regions });
  await world.untilReady('adatum');
  await kube.delete(world.path('adatum'));
  await vi.waitFor(async () => expect(await phases(world)).toEqual(everyPhase), { timeout: 60_000, interval: 200 });
}

/** A moment after a change of the CRD the API server is not ready to say. */
async function objects(world: OperatorWorld): Promise<readonly RegistryReplication[]> {
  const path = world.path('').replace(/\/$/, '');
  const options = { deadlineMs: 30_000, what: 'a list of the objects' };
  const { items } = await kube.waitFor<{ readonly items: readonly RegistryReplication[] }>(path, Boolean, options);
  return items;
}

async function phases(world: OperatorWorld): Promise<Readonly<Record<string, string | undefined>>> {
  return Object.fromEntries((await objects(world)).map(({ metadata, status }) => [metadata.name, status?.phase]));
}

/** Writes that Azure took: what is refused is asked for anew at each look. */
async function changes(world: OperatorWorld): Promise<readonly string[]> {
  const journal = await world.azure.control.journal();
  const taken = journal.filter(
    ({ method, path, status }) => method !== 'GET' && /\/replications\//.test(path) && status < 400,
  );
  return taken.map(({ method, path }) => `${method} ${path}`);
}

/** What users wrote and what holds the object: all that must survive. */
async function specs(world: OperatorWorld): Promise<readonly object[]> {
  return (await objects(world)).map(({ metadata: { name, uid, generation, finalizers }, spec }) => ({
    name,
    uid,
    generation,
    finalizers,
    spec,
  }));
}

/** The object as its author has it in a file. */
async function bare(world: OperatorWorld, object: string) {
  const found = await world.get(object);
  if (found === undefined) throw new Error(`${object} is gone`);
  const { apiVersion, kind, spec } = found;
  return { apiVersion, kind, metadata: { name: object, namespace: world.namespace }, spec };
}

/** Asks for a look now and waits until it was taken. */
async function looksAgain(world: OperatorWorld, object: string): Promise<void> {
  const requested = `${Date.now()}`;
  const annotations = { 'acr-replication.dev/requested-at': requested };
  await kube.patch(world.path(object), { metadata: { annotations } });
  await world.until(object, 'another look', ({ status }) => status?.lastHandledRequest === requested);
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [{ readonly env: readonly { readonly name: string; readonly value?: string }[] }];
      };
    };
  };
}

function isEstablished(crd: unknown): boolean {
  const { status } = (crd ?? {}) as {
    readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
  };
  return status?.conditions?.some(({ type }) => type === 'Established') ?? false;
}
