import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { apiVersion, kind, type Status } from '../../../src/api/registryreplication.ts';
import { version } from '../../../src/version.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { controlPlane } from '../../support/cluster.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const { kube } = cluster;
/** Of deploy/, as every control plane of tests has it; no controller makes Pods of it. */
const system = 'acr-replication-system';
const deployment = `/apis/apps/v1/namespaces/${system}/deployments/acr-replication-operator`;
const account = `/api/v1/namespaces/${system}/serviceaccounts/acr-replication-operator`;

let azure: Emulator;
let namespace: string;
beforeAll(async () => {
  azure = await startEmulator({
    registries: [
      { name: 'surveyed', resourceGroup: 'registries', location: 'eastus', replicas: [{ location: 'japaneast' }] },
    ],
  });
  namespace = await kube.createNamespace('doctor');
  await setPods(2);
  await annotate(azure.credentials.clientId);
});
afterAll(async () => {
  await setPods(0);
  await annotate(null);
  await kube.delete(`/apis/coordination.k8s.io/v1/namespaces/${system}/leases/acr-replication-operator`);
  await azure.stop();
});
beforeEach(async () => {
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: 'operator-abc', leaseDurationSeconds: 15, renewTime };
  const metadata = { name: 'acr-replication-operator', namespace: system };
  await kube.apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
});

const setPods = (readyReplicas: number) =>
  kube.patch(`${deployment}/status`, {
    status: { replicas: 2, readyReplicas, availableReplicas: readyReplicas },
  });

const annotate = (clientId: string | null) =>
  kube.patch(account, { metadata: { annotations: { 'azure.workload.identity/client-id': clientId } } });

const replicas: Status['replicas'] = (['eastus', 'japaneast'] as const).map((location) => ({
  location,
  name: location,
  managed: location === 'eastus' ? 'Home' : 'Adopted',
  provisioningState: 'Succeeded',
  status: 'Ready',
  routing: 'Enabled',
}));

/** An object as an operator leaves it; gone when the test is over. */
async function object(name: string, reason: string, message: string, registry = 'surveyed'): Promise<void> {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/registryreplications/${name}`;
  const metadata = { name, namespace };
  const spec = { registry: { name: registry, resourceGroup: 'registries' }, regions: [{ location: 'japaneast' }] };
  await kube.apply({ apiVersion, kind, metadata, spec });
  onTestFinished(() => kube.delete(path));
  const isReady = reason === 'InSync';
  const condition = { reason, message, observedGeneration: 1, lastTransitionTime: '2026-09-10T06:45:04Z' };
  const conditions = [
    { ...condition, type: 'Ready', status: isReady ? 'True' : 'False' },
    ...(isReady ? [] : [{ ...condition, type: 'Stalled', status: 'True' }]),
  ];
  const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/${registry}`;
  const seen = isReady ? { registry: { id, homeRegion: 'eastus', sku: 'Premium' } } : {};
  await kube.patch(`${path}/status`, {
    status: { observedGeneration: 1, summary: '1/1', replicas, conditions, ...seen },
  });
}

type Env = Readonly<Record<string, string | undefined>>;
const run = (words: readonly string[], kubeconfig = cluster.adminKubeconfig, env: Env = azureLogin(azure)) =>
  plugin(['doctor', ...words], { kubeconfig, namespace, env: { LC_ALL: 'C.UTF-8', ...env } });
/** The ages in it are those of this run. */
const steady = (text: string) => text.replaceAll(namespace, 'NAMESPACE').replaceAll(/\d+[smhdy] old/g, '5s old');

test('where all is well it says so of everything it looked at', async () => {
  await object('surveyed', 'InSync', 'All regions are in sync.');
  const { code, out, err } = await run([]);
  expect(steady(out)).toBe(`Kubernetes
  ✓ you may see RegistryReplications in namespace NAMESPACE
  ✓ you may change RegistryReplications in namespace NAMESPACE
  ✓ the CRD of version ${version} is established and serves v1alpha1

Operator
  ✓ it runs: acr-replication-system/acr-replication-operator, version ${version}, 5s old, 2 of 2 Pods ready
  ✓ operator-abc is the leader
  ✓ it signs in by workload identity as application ${azure.credentials.clientId}

NAMESPACE/surveyed
  ✓ it is Ready, 1/1 regions
  ✓ registry surveyed is there: Premium, at home in eastus
  ✓ your own login may read and change replicas
  ✓ no lock
  ✓ no policy refuses a replica
  ✓ soft delete and content trust are off
  ✓ regional endpoints are off

13 well, 0 to look at, 0 to cure
`);
  expect([code, err]).toEqual([0, '']);
});

test('each obstacle has a line and its cure, and the exit code is 1', async () => {
  await object('surveyed', 'Locked', 'The registry is locked.');
  const fault = await azure.control.addFault({
    match: { registry: 'surveyed' },
    effect: { kind: 'lock', level: 'ReadOnly' },
  });
  onTestFinished(() => azure.control.clearFaults(fault));
  const { code, out } = await run(['surveyed'], cluster.adminKubeconfig, { ...azureLogin(azure), LC_ALL: 'C' });
  expect(code).toBe(1);
  const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/surveyed`;
  expect(steady(out).split('\n\n')[2]).toBe(`NAMESPACE/surveyed
  x  Locked: The registry is locked.
     try: az lock list --resource-group registries
  ok registry surveyed is there: Premium, at home in eastus
  ok your own login may read and change replicas
  x  lock ${fault} (ReadOnly) stops every change
     try: az lock delete --ids ${id}/providers/Microsoft.Authorization/locks/${fault}
  ok no policy refuses a replica
  ok soft delete and content trust are off
  ok regional endpoints are off`);
});

test('an operator whose ServiceAccount is as the manifests have it, without a client id, is found', async () => {
  await annotate(null);
  onTestFinished(async () => void (await annotate(azure.credentials.clientId)));
  const { out } = await run([]);
  expect(out).toContain(
    `  ! ServiceAccount acr-replication-operator lacks the annotation azure.workload.identity/client-id: only`,
  );
  expect(out).toContain(
    `    try: kubectl -n ${system} annotate --overwrite serviceaccount acr-replication-operator azure.workload.identity/client-id=CLIENT-ID\n`,
  );
});

test('an operator that signs in with a Secret: it is tried where it may be read', async () => {
  const variable = (value: object) =>
    kube.patch(
      deployment,
      {
        spec: {
          template: { spec: { containers: [{ name: 'operator', env: [{ name: 'AZURE_CREDENTIAL', ...value }] }] } },
        },
      },
      'strategic',
    );
  await variable({ value: 'client-secret' });
  const metadata = { name: 'acr-replication-operator-azure', namespace: system };
  onTestFinished(async () => {
    await variable({ $patch: 'delete' });
    await kube.delete(`/api/v1/namespaces/${system}/secrets/${metadata.name}`);
  });
  const missing = await run([]);
  expect(missing.out).toContain(`  ✗ There is no Secret ${metadata.name} in namespace ${system}.
    try: kubectl -n ${system} create secret generic ${metadata.name} --from-literal=`);
  const { tenantId, clientId, clientSecret } = azure.credentials;
  const stringData = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret };
  await kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  expect((await run([])).out).toContain(
    `  ✓ Secret ${metadata.name} in namespace ${system} signs in as application ${clientId}\n`,
  );
});

test('an operator whose Pods are not ready is found', async () => {
  await setPods(0);
  onTestFinished(async () => void (await setPods(2)));
  const { code, out } = await run([]);
  expect(code).toBe(1);
  expect(
    steady(out),
  ).toContain(`  ✗ it does not run: acr-replication-system/acr-replication-operator, version ${version}, 5s old, 0 of 2 Pods ready
    try: kubectl -n acr-replication-system logs deployment/acr-replication-operator
`);
  expect(steady(out)).toContain('  ! there is no RegistryReplication in namespace NAMESPACE\n');
});

test('two objects about one registry are told of each other', async () => {
  await object('surveyed', 'InSync', 'All regions are in sync.');
  await object('second', 'RegistryClaimed', `${namespace}/surveyed manages the registry.`);
  const { code, out } = await run([]);
  expect(code).toBe(1);
  expect(steady(out)).toContain('  ! NAMESPACE/second: also about this registry, and does nothing\n');
  expect(steady(out)).toContain('  ✗ NAMESPACE/surveyed manages this registry: this object does nothing\n');
});

test('-o json says the same, for scripts', async () => {
  await object('surveyed', 'InSync', 'All regions are in sync.');
  const { code, out } = await run(['-o', 'json']);
  const { ok, findings } = JSON.parse(out) as { readonly ok: boolean; readonly findings: readonly object[] };
  expect([code, ok, findings.length]).toEqual([0, true, 13]);
  expect(findings[9]).toEqual({ group: `${namespace}/surveyed`, verdict: 'ok', says: 'no lock' });
});

test('what the user may not look at is said; that nothing may be seen must be cured', async () => {
  await kube.createServiceAccount(namespace, 'nobody');
  const token = await kube.tokenFor({ namespace, serviceAccount: 'nobody' });
  const { code, out, err } = await run([], await cluster.kubeconfigFor({ token }));
  expect([code, err]).toEqual([1, '']);
  expect(steady(out)).toContain(`  ✗ you may not get, list, watch RegistryReplications in namespace NAMESPACE
    try: kubectl create rolebinding acr-replication-view -n NAMESPACE --clusterrole acr-replication-view --serviceaccount NAMESPACE:nobody
`);
  expect(out).toMatch(/ {2}! the CRD was not looked at: /);
  expect(out).toMatch(/ {2}! the operator was not looked at: /);
});

test('whoever may look only into the namespace of the operator is told of it, too', async () => {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'doctor-test', namespace: system } };
  const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'doctor-test' };
  await kube.createServiceAccount(namespace, 'neighbour');
  const subjects = [{ kind: 'ServiceAccount', name: 'neighbour', namespace }];
  for (const made of [
    { ...rbac, kind: 'Role', rules },
    { ...rbac, kind: 'RoleBinding', roleRef, subjects },
  ]) {
    await kube.apply(made);
    onTestFinished(async () => kube.delete(await kube.pathOf(made)));
  }
  const token = await kube.tokenFor({ namespace, serviceAccount: 'neighbour' });
  const { out } = await run([], await cluster.kubeconfigFor({ token }));
  expect(out).toContain('  ✓ it runs: acr-replication-system/acr-replication-operator, version ');
  expect(out).toMatch(/ {2}! the leader was not looked at: .*leases/);
  expect(out).toMatch(/ {2}! the operator's ServiceAccount was not looked at: .*serviceaccounts/);
});

test('without a login it tells what Kubernetes knows', async () => {
  await object('surveyed', 'InSync', 'All regions are in sync.');
  const nobody = { ...azureLogin(azure), AZURE_CLIENT_ID: undefined, AZURE_CLIENT_SECRET: undefined };
  const { code, out } = await run([], cluster.adminKubeconfig, nobody);
  expect(code).toBe(0);
  expect(out).toContain('Azure\n  ! not looked at: you are not signed in\n    try: az login\n');
  expect(steady(out)).toContain('NAMESPACE/surveyed\n  ✓ it is Ready, 1/1 regions\n\n7 well');
});

test('a login that only reads is told what it may not', async () => {
  await object('surveyed', 'InSync', 'All regions are in sync.');
  const { roles } = await azure.control.state();
  onTestFinished(() => azure.control.setRoles(roles));
  await azure.control.setRoles(roles.map((role) => ({ ...role, actions: ['*/read'] })));
  const { code, out } = await run([]);
  expect(code).toBe(0);
  expect(out).toContain(
    "  ! your own login may not replications/write, replications/delete; the operator's may differ\n",
  );
  const objectId = (await azure.control.state()).apps[0]?.objectId;
  expect(out).toContain(`    try: az role assignment create --assignee ${objectId} --role `);
});

test('a registry that is gone is found', async () => {
  await object('gone', 'InSync', 'All regions are in sync.', 'nothere');
  const { code, out } = await run(['gone']);
  expect(code).toBe(1);
  expect(out).toMatch(/ {2}✗ its registry cannot be read with your login: .*\n {4}try: az acr list --output table/);
});

test('an object that is not there is a problem like others', async () => {
  const { code, out } = await run(['nothere']);
  expect(code).toBe(1);
  expect(steady(out)).toContain(`Objects
  ✗ there is no RegistryReplication nothere in namespace NAMESPACE
    try: kubectl acr-replication list --all-namespaces
`);
});
