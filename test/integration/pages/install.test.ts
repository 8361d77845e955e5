import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { controlPlane } from '../../support/cluster.ts';
import { type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { blocksOf } from '../../support/pages.ts';
import { namespaceController } from '../install/namespace-controller.ts';
import { kustomized } from '../install/programs.ts';
import { commands, type MachineOptions, machineOf, untyped } from './machine.ts';
import { runPods } from './pods.ts';

const cluster = controlPlane();
const { kube } = cluster;
const kubeconfig = cluster.adminKubeconfig;
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

const registries = [{ name: 'contoso', resourceGroup: 'registries', location: 'eastus' }];
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const install = (heading: string, nth = 0) => commands('docs/install.md', heading, nth);
const uninstall = install('Uninstall');
/** Nothing is pushed anywhere, and there is no Docker: the Dockerfile is tried in test/integration/release. */
const docker = { docker: 'true' };

/** An Azure, what runs the pods of the Deployment, and a machine to type at. */
async function scene(t: Parameters<typeof operatorWorld>[0], options: Omit<MachineOptions, 'kubeconfig'> = {}) {
  const world = await operatorWorld(t, { registries });
  const stop = new AbortController();
  const pods = runPods(world, stop.signal);
  t.onTestFinished(async () => {
    stop.abort();
    await pods;
  });
  const machine = await machineOf(t, { kubeconfig, ...options });
  t.onTestFinished(async () => {
    await machine.type({ ...uninstall, text: 'kubectl delete namespace platform --ignore-not-found\n' });
    await machine.type({ ...uninstall, text: 'kubectl delete -k deploy --ignore-not-found\n' });
  });
  return { world, machine };
}

const ownerTags = async ({ azure }: OperatorWorld): Promise<readonly (string | undefined)[]> =>
  (await azure.control.replicas('contoso')).flatMap(({ location, tags }) =>
    location === 'eastus' ? [] : [tags?.['acr-replication-owner']],
  );

/** What the page's commands ask of the Azure CLI, and what it answers; the role goes to the emulated Azure. */
function azureCli({ azure }: Pick<OperatorWorld, 'azure'>, issuer: string): string {
  return `case "$*" in
    "account show"*) echo ${azure.subscriptionId} ;;
    "aks show"*) echo ${issuer} ;;
    "identity show"*clientId*) echo ${azure.credentials.clientId} ;;
    "identity show"*principalId*) echo 30000000-0000-4000-8000-000000000003 ;;
  esac`;
}

test('AKS with workload identity: from nothing to the first Ready, another name, an upgrade, and back to nothing', async (t) => {
  const { world, machine } = await scene(t);
  const typist = await machineOf(t, {
    kubeconfig,
    standIns: { ...docker, az: azureCli(world, cluster.issuer) },
  });
  const { clientId } = world.azure.credentials;
  await world.azure.control.setRoles([{ clientId, scope: '/', actions: [] }]);
  for (const nth of [0, 1, 2, 3]) await typist.type(install('AKS with workload identity', nth));
  const role = JSON.parse(await readFile(join(typist.folder, 'role.json'), 'utf8')) as Role;
  const asked = (await typist.asked('az')).join('\n');
  const [, scope = ''] = /role assignment create .*--scope (\S+)/.exec(asked) ?? [];
  expect(asked).toContain(`--subject system:serviceaccount:acr-replication-system:acr-replication-operator`);
  expect(asked).toContain(`--issuer ${cluster.issuer} `);
  expect(asked).toContain(`role assignment create --role ${role.Name} `);
  await world.azure.control.setRoles([{ clientId, scope, actions: role.Actions }]);

  await typist.type(install('AKS with workload identity', 4));
  const columns = await typist.type(install('The first object'));
  expect(columns).toContain('Mode is Observe. With Apply these would be changed: +japaneast, +westeurope.');
  expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
  await typist.type(install('The first object', 1));
  expect(await world.locations()).toEqual(['eastus', 'japaneast', 'westeurope']);
  expect(await ownerTags(world)).toEqual(Array(2).fill('production-1/platform/contoso'));

  await typist.type(install('Another name for the cluster'));
  await vi.waitFor(async () => expect(await ownerTags(world)).toEqual(Array(2).fill('production-2/platform/contoso')), {
    timeout: 60_000,
    interval: 200,
  });
  await typist.type(install('Upgrade'));
  expect(
    await typist.type({ ...uninstall, text: 'helm get values acr-replication-operator -n acr-replication-system' }),
  ).toContain('clusterName: production-2');
  await typist.type(uninstall);
  expect(await world.locations()).toEqual(['eastus']);
  expect(await kube.get('/api/v1/namespaces/acr-replication-system')).toBeUndefined();
  await machine.type({ ...uninstall, text: 'kubectl delete namespace platform\n' });
});

interface Role {
  readonly Name: string;
  readonly Actions: readonly string[];
}

test('the README, from Install to its first object', async (t) => {
  const { world, machine } = await scene(t, { standIns: docker });
  const { subscriptionId, credentials } = world.azure;
  const env = {
    SUBSCRIPTION_ID: subscriptionId,
    CLIENT_ID: credentials.clientId,
    IMAGE: 'contoso.azurecr.io/operator',
  };
  const reader = await machineOf(t, { kubeconfig, standIns: docker, env });
  await reader.type(commands('README.md', 'Install'));
  expect(await reader.type(commands('README.md', 'The first object'))).toMatch(
    /\["\+brazilsouth","\+japaneast","\+westeurope"\]\n$/,
  );
  expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });
  await reader.type(commands('README.md', 'The first object', 1));
  expect(await world.locations()).toEqual(['brazilsouth', 'eastus', 'japaneast', 'westeurope']);
  await machine.type(uninstall);
  expect(await world.locations()).toEqual(['eastus']);
});

test('a Secret in place of workload identity', async (t) => {
  const { world } = await scene(t);
  const { tenantId, clientId, clientSecret } = world.azure.credentials;
  const reader = await machineOf(t, {
    kubeconfig,
    env: {
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
      AZURE_SUBSCRIPTION_ID: world.azure.subscriptionId,
      IMAGE: 'contoso.azurecr.io/operator',
    },
  });
  await reader.type(install('Any cluster, with a Secret'));
  await reader.type(install('The first object'));
  await reader.type(install('The first object', 1));
  const signedIn = (await world.azure.control.journal()).filter(({ path }) => path.endsWith('/oauth2/v2.0/token'));
  expect(signedIn.map(({ status }) => status)).toContain(200);
  await reader.type(uninstall);
});

test('without Azure: the emulator, the operator, and the first object, at three terminals', async (t) => {
  const section = 'Without Azure: the emulator';
  const machine = await machineOf(t, { kubeconfig });
  const emulator = machine.leave(install(section));
  await vi.waitFor(() => expect(emulator.lines).toContain('Ctrl-C stops it.'), { timeout: 20_000 });
  const lines = emulator.lines.map((line) => line.trim());
  const pasted = lines.slice(lines.findIndex((line) => line.startsWith('With the operator')) + 1, -1);
  const operator = machine.leave(install(section, 1), pasted.join('\n'));
  await vi.waitFor(() => expect(operator.lines.join('\n')).toMatch(/"message":"(leading|cache complete)"/), {
    timeout: 60_000,
  });
  await machine.type(install('The first object'), install('The first object', 1));
  expect(await machine.type(install(section, 2))).toMatch(/japaneast.*westeurope/s);
  await machine.type({ ...uninstall, text: 'kubectl delete acrrep --all -n platform\n' });
  await machine.type({ ...uninstall, text: 'kubectl delete namespace platform\nkubectl delete -k crds/\n' });
});

test('kustomize, then Helm over it, some namespaces only, and shards', async (t) => {
  const machine = await machineOf(t, { kubeconfig });
  const type = (text: string) => machine.type({ ...uninstall, text: `${text}\n` });
  const names = async (kind: string) => (await kube.list(`${rbac}/${kind}`)).map(({ metadata }) => metadata.name);
  await machine.type(install('Kustomize'));
  await machine.type(install('Upgrade', 1)); // from kubectl apply to Helm
  await machine.type(install('Shards'));
  const deployments = await kube.list('/apis/apps/v1/namespaces/acr-replication-system/deployments');
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual([
    'acr-replication-operator',
    'shard-a-acr-replication-operator',
  ]);
  await type('helm uninstall shard-a acr-replication-operator -n acr-replication-system');
  await type('kubectl delete -k deploy/ --ignore-not-found');

  await type('kubectl apply -f deploy/namespace.yaml; kubectl create namespace platform');
  await machine.type(install('Some namespaces only'));
  expect(await names('namespaces/platform/rolebindings')).toContain('acr-replication-operator-objects');
  expect(await names('clusterrolebindings')).not.toContain('acr-replication-operator');
  await type('helm uninstall acr-replication-operator -n acr-replication-system');

  await machine.type(install('Some namespaces only', 1));
  expect(await names('namespaces/platform/roles')).toContainEqual(expect.stringContaining('acr-replication-operator'));
  expect(await names('clusterroles')).not.toContain('acr-replication-operator');
  await type('helm uninstall acr-replication-operator -n acr-replication-system');
  await type('kubectl apply -k deploy/');
  await machine.type(install('Uninstall', 1));
  await type('kubectl delete namespace platform');
});

test('the overlay of the page is built, and the API server takes what it makes', async (t) => {
  const machine = await machineOf(t, { kubeconfig });
  const [overlay] = blocksOf('docs/install.md').filter(({ text }) => text.includes('kind: Kustomization'));
  await mkdir(join(machine.folder, 'overlay'));
  await writeFile(join(machine.folder, 'overlay', 'kustomization.yaml'), overlay?.text ?? '');
  const objects = await kustomized(join(machine.folder, 'overlay'));
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  expect(JSON.stringify(deployment)).toContain('contoso.azurecr.io/acr-replication-operator@sha256:aaaa');
  expect(JSON.stringify(deployment)).toContain('{"name":"AZURE_SUBSCRIPTION_ID","value":"00000000');
  const account = objects.find(({ kind }) => kind === 'ServiceAccount') as KubeObject;
  expect(account.metadata.annotations?.['azure.workload.identity/client-id']).toMatch(/^20000000-/);
});

test('every block that the table gives to this file was typed', () => {
  expect(untyped('test/integration/pages/install.test.ts')).toEqual([]);
});
