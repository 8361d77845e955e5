import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiVersion, kind } from '../../../src/api/registryreplication.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { controlPlane } from '../../support/cluster.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const { kube } = cluster;
/** Far from every region in which another test may have nodes. */
const nodes = ['regions-test-1', 'regions-test-2'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'topology.kubernetes.io/region': 'newzealandnorth' } },
}));

let azure: Emulator;
let namespace: string;
let nobody: string;
beforeAll(async () => {
  azure = await startEmulator();
  namespace = await kube.createNamespace('regions');
  for (const node of nodes) await kube.apply(node);
  const registry = { name: 'contoso', resourceGroup: 'registries', subscriptionId: azure.subscriptionId };
  const metadata = { name: 'contoso', namespace };
  const spec = { registry, regions: [{ location: 'japaneast' }] };
  await kube.apply({ apiVersion, kind, metadata, spec });
  const replica = { location: 'japaneast', name: 'japaneast', managed: 'Created', provisioningState: 'Succeeded' };
  await kube.patch(`/apis/${apiVersion}/namespaces/${namespace}/registryreplications/contoso/status`, {
    status: {
      observedGeneration: 1,
      registry: { homeRegion: 'australiaeast' },
      replicas: [{ ...replica, status: 'Ready', since: '2026-09-10T06:45:04Z' }],
    },
  });
  await kube.createServiceAccount(namespace, 'nobody');
  nobody = await cluster.kubeconfigFor({ token: await kube.tokenFor({ namespace, serviceAccount: 'nobody' }) });
});
afterAll(async () => {
  for (const { metadata } of nodes) await kube.delete(`/api/v1/nodes/${metadata.name}`);
  await azure.stop();
});

const run = (words: readonly string[], kubeconfig = cluster.adminKubeconfig, env = azureLogin(azure)) =>
  plugin(['regions', ...words], { kubeconfig, namespace, env });
const top = (text: string) => text.split('\n').slice(0, 5);

test('the regions of the subscription, the nearest first', async () => {
  const { code, out, err } = await run([]);
  expect([code, err]).toEqual([0, '']);
  expect(top(out)).toEqual([
    'REGION               GEOGRAPHY        PAIR                 ZONES   DISTANCE   REGISTRIES',
    'newzealandnorth      New Zealand                           3       here (2)',
    'australiaeast        Australia        australiasoutheast   3       2156 km    contoso (home)',
    'australiacentral     Australia        australiacentral2            2304 km',
    'australiacentral2    Australia        australiacentral             2304 km',
  ]);
  expect(out).toMatch(/^japaneast +Japan +japanwest +3 +\d+ km +contoso$/m);
});

test('the subscription is that of the objects, where none is given', async () => {
  const { code, out } = await run(['-o', 'name'], cluster.adminKubeconfig, {
    ...azureLogin(azure),
    AZURE_SUBSCRIPTION_ID: '',
  });
  expect([code, top(out)[0]]).toEqual([0, 'newzealandnorth']);
});

test('-o json holds everything', async () => {
  const rows = JSON.parse((await run(['-o', 'json'])).out) as readonly { readonly name: string }[];
  expect(rows.find(({ name }) => name === 'japaneast')).toMatchObject({
    displayName: 'Japan East',
    geography: 'Japan',
    pair: 'japanwest',
    zones: 3,
    nodes: 0,
    registries: ['contoso'],
    position: { latitude: 35.68, longitude: 139.77 },
    distanceKm: expect.any(Number) as number,
  });
});

test('without rights in Kubernetes it says what is left out, and shows the rest', async () => {
  const { code, out, err } = await run([], nobody);
  expect(code).toBe(0);
  expect(err).toMatch(/^replicas are left out: .*RegistryReplications.*\ndistances are left out: .*nodes.*\n$/);
  expect(top(out)[0]).toMatch(/^REGION +GEOGRAPHY +PAIR +ZONES$/);
});

test('without a kubeconfig too', async () => {
  const { code, err } = await run([], '/nowhere');
  expect(code).toBe(0);
  expect(err).toBe('replicas are left out: there is no kubeconfig\ndistances are left out: there is no kubeconfig\n');
});

test('without a subscription it says how to give one', async () => {
  const { code, err } = await run([], nobody, { ...azureLogin(azure), AZURE_SUBSCRIPTION_ID: '' });
  expect(code).toBe(2);
  expect(err).toMatch(
    /error: no Azure subscription is given\ntry: kubectl acr-replication regions -n [\w-]+ --subscription "\$\(az account show --query id --output tsv\)"\n$/,
  );
});
