import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { apiVersion, kind, type Spec, type Status } from '../../../src/api/registryreplication.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import type { SeedRegistry } from '../../sandbox/emulator/settings.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { aggregateRoles, userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { plugin } from '../../support/plugin.ts';
import { hasPseudoTerminals, sitting } from '../../support/pseudo-terminal.ts';

/** Doctor for users with rights in one namespace: they see no Deployment of the operator, whatever other tests make of it. */

const cluster = controlPlane();
const { kube } = cluster;
const group = 'registries';
const objectsApp = '30000000-0000-4000-8000-000000000003';
const hub = {
  name: 'hub',
  resourceGroup: 'network',
  subnets: [{ name: 'ends', prefixLength: 29, taken: 0 }], // three addresses beside Azure's five
};

let azure: Emulator;
let namespace: string;
/** Views everything in the namespace, Secrets excepted. */
let viewer: string;
/** Edits what is in the namespace, Secrets among it, and views its objects. */
let editor: string;
beforeAll(async () => {
  azure = await startEmulator({
    registries: [],
    networks: [hub],
    subscriptions: [{ id: '00000000-0000-0000-0000-000000000000', resourceGroups: [group] }],
  });
  namespace = await kube.createNamespace('doctor-registry');
  await aggregateRoles(cluster);
  viewer = await userWith(cluster, namespace, ['view', 'acr-replication-view']);
  editor = await userWith(cluster, namespace, ['edit', 'acr-replication-view']);
  await azure.control.putApp({ clientId: objectsApp, secret: 'good-secret' });
});
afterAll(() => azure.stop());
beforeEach(() => azure.control.resetCounters());

interface Scene {
  readonly name: string;
  readonly registry?: Partial<SeedRegistry>;
  readonly regions?: readonly string[];
  readonly spec?: Partial<Spec>;
  readonly reason?: string;
}

/** A registry, and an object about it as an operator leaves it; both gone when the test is over. */
async function scene({ name, registry, regions = ['japaneast'], spec, reason = 'InSync' }: Scene): Promise<void> {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/registryreplications/${name}`;
  const subscriptionId = azure.subscriptionId;
  const whole = {
    registry: { name, resourceGroup: group, subscriptionId },
    regions: regions.map((location) => ({ location })),
    ...spec,
  };
  await kube.apply({ apiVersion, kind, metadata: { name, namespace }, spec: whole });
  const japan = { location: 'japaneast' };
  await azure.control.putRegistry({ name, resourceGroup: group, location: 'eastus', replicas: [japan], ...registry });
  onTestFinished(async () => {
    await kube.delete(path);
    await azure.control.deleteRegistry(name);
  });
  const isReady = reason === 'InSync';
  const condition = { reason, message: 'As it is.', observedGeneration: 1, lastTransitionTime: '2026-09-10T06:45:04Z' };
  const replicas: Status['replicas'] = (['eastus', 'japaneast'] as const).map((location) => ({
    location,
    name: location,
    managed: location === 'eastus' ? 'Home' : 'Adopted',
    provisioningState: 'Succeeded',
    status: 'Ready',
    routing: 'Enabled',
  }));
  const conditions = [
    { ...condition, type: 'Ready', status: isReady ? 'True' : 'False' },
    ...(isReady ? [] : [{ ...condition, type: 'Stalled', status: 'True' }]),
  ];
  const owner = `default/${namespace}/${name}`;
  await kube.patch(`${path}/status`, {
    status: { observedGeneration: 1, summary: '1/1', replicas, conditions, owner },
  });
}

const id = (name: string) =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
const run = (name: string, kubeconfig = editor, words: readonly string[] = []) =>
  plugin(['doctor', name, ...words], { kubeconfig, namespace, env: { LC_ALL: 'C.UTF-8', ...azureLogin(azure) } });
/** What is told of the object. */
const about = (out: string) => {
  const block = out.split('\n\n').find((one) => one.startsWith(`${namespace}/`)) ?? '';
  return `${block}\n`;
};

describe('the credentials of an object', () => {
  async function secret(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    await kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: values });
    onTestFinished(() => kube.delete(path));
  }
  const good = () => ({
    AZURE_TENANT_ID: azure.credentials.tenantId,
    AZURE_CLIENT_ID: objectsApp,
    AZURE_CLIENT_SECRET: 'good-secret',
  });
  /** What the identity of the Secret may do, beside what the user may. */
  async function allow(name: string, actions: readonly string[]): Promise<void> {
    const { roles } = await azure.control.state();
    await azure.control.setRoles([...roles, { clientId: objectsApp, scope: id(name), actions }]);
    onTestFinished(() => azure.control.setRoles(roles));
  }

  test('are tried: a Secret that signs in, whose identity may do everything', async () => {
    await scene({ name: 'credok', spec: { credentialsRef: { name: 'azure-credok' } } });
    await secret('azure-credok', good());
    await allow('credok', ['*']);
    const { code, out } = await run('credok');
    expect(about(out)).toContain(`
  ✓ Secret azure-credok in namespace ${namespace} signs in as application ${objectsApp}
  ✓ the identity of Secret azure-credok may read and change replicas
`);
    expect(code).toBe(0);
  });

  test('are tried: an identity with the least role, which holds no right to list rights', async () => {
    await scene({ name: 'credleast', spec: { credentialsRef: { name: 'azure-credleast' } } });
    await secret('azure-credleast', good());
    await allow('credleast', ['Microsoft.ContainerRegistry/registries/read']);
    const { code, out } = await run('credleast');
    expect(about(out)).toContain(
      '  ✓ the identity of Secret azure-credleast may read the registry; its other rights it may not list\n',
    );
    expect(code).toBe(0);
  });

  test('are tried: an identity without any right', async () => {
    await scene({ name: 'crednone', spec: { credentialsRef: { name: 'azure-crednone' } } });
    await secret('azure-crednone', good());
    const { code, out } = await run('crednone');
    expect(about(out)).toMatch(
      /✗ the identity of Secret azure-crednone cannot read the registry: Azure forbids client 30000000-.* the action Microsoft.ContainerRegistry\/registries\/read/,
    );
    expect(about(out)).toContain(
      `    try: az role assignment create --assignee ${objectsApp} --role "Container Registry Contributor and Data Access Configuration Administrator" --scope ${id('crednone')}\n`,
    );
    expect(code).toBe(1);
  });

  test("are refused by Entra, in the operator's words and with the command that renews them", async () => {
    await scene({
      name: 'credwrong',
      spec: { credentialsRef: { name: 'azure-credwrong' } },
      reason: 'AuthenticationFailed',
    });
    await secret('azure-credwrong', { ...good(), AZURE_CLIENT_SECRET: 'spent-secret' });
    const { code, out, err } = await run('credwrong');
    expect(about(out)).toContain(
      `  ✗ Secret azure-credwrong in namespace ${namespace}: Microsoft Entra gave no token: The client secret is wrong; for application ${objectsApp} it must be the value of the secret, not its id.
    try: kubectl -n ${namespace} patch secret azure-credwrong -p '{"stringData":{"AZURE_CLIENT_SECRET":"'"$(az ad app credential reset --id ${objectsApp} --append --query password --output tsv)"'"}}'
`,
    );
    expect(out + err).not.toContain('spent-secret');
    expect(code).toBe(1);
  });

  test('lack a key, or are not there', async () => {
    await scene({ name: 'credkey', spec: { credentialsRef: { name: 'azure-credkey' } } });
    const missing = await run('credkey');
    expect(about(missing.out)).toContain(`  ✗ There is no Secret azure-credkey in namespace ${namespace}.\n`);
    const { AZURE_CLIENT_ID: _, ...rest } = good();
    await secret('azure-credkey', rest);
    const { code, out } = await run('credkey');
    expect(about(out)).toContain(`  ✗ Secret azure-credkey in namespace ${namespace} has no AZURE_CLIENT_ID.
    try: kubectl -n ${namespace} patch secret azure-credkey -p '{"stringData":{"AZURE_CLIENT_ID":"CLIENT-ID"}}'
`);
    expect(code).toBe(1);
  });

  test('that one may not read are no ✗: what the object says of them is told', async () => {
    await scene({ name: 'credhidden', spec: { credentialsRef: { name: 'azure-credhidden' } } });
    await secret('azure-credhidden', { ...good(), AZURE_CLIENT_SECRET: 'spent-secret' });
    const { code, out } = await run('credhidden', viewer);
    expect(about(out)).toContain(
      `  ✓ Secret azure-credhidden in namespace ${namespace} works: the object says so, and you may not read it\n`,
    );
    expect(code).toBe(0);
    expect((await azure.control.counters())['POST token']).toBe(1); // the user's own
  });

  test('of a ServiceAccount: its annotations, of which no token is asked for', async () => {
    await scene({ name: 'credaccount', spec: { credentialsRef: { serviceAccountName: 'contoso' } } });
    await kube.createServiceAccount(namespace, 'contoso');
    const bare = await run('credaccount', viewer);
    expect(about(bare.out)).toContain(
      `    try: kubectl -n ${namespace} annotate --overwrite serviceaccount contoso azure.workload.identity/tenant-id=TENANT-ID azure.workload.identity/client-id=CLIENT-ID\n`,
    );
    await kube.patch(`/api/v1/namespaces/${namespace}/serviceaccounts/contoso`, {
      metadata: {
        annotations: {
          'azure.workload.identity/tenant-id': azure.credentials.tenantId,
          'azure.workload.identity/client-id': objectsApp,
        },
      },
    });
    const { code, out } = await run('credaccount', viewer);
    expect(about(out)).toContain(
      `  ✓ ServiceAccount contoso in namespace ${namespace} names application ${objectsApp}, and it works\n`,
    );
    expect([bare.code, code]).toEqual([1, 0]);
  });
});

describe('what Azure would refuse', () => {
  test('a policy, with the exemption that lets the replica through', async () => {
    await scene({ name: 'polreg', regions: ['japaneast', 'westeurope'] });
    const fault = await azure.control.addFault({
      match: { registry: 'polreg', region: 'westeurope' },
      effect: { kind: 'policy', assignment: 'geo' },
    });
    onTestFinished(() => azure.control.clearFaults(fault));
    const { code, out } = await run('polreg');
    const scope = `/subscriptions/${azure.subscriptionId}/resourceGroups/${group}`;
    expect(about(out)).toContain(`  ✗ policy geo refuses a replica in westeurope
    try: az policy exemption create --name acr-replication --policy-assignment ${scope}/providers/Microsoft.Authorization/policyAssignments/geo --exemption-category Waiver --scope ${id('polreg')}
`);
    expect(code).toBe(1);
  });

  test('soft delete, and content trust beside regional endpoints', async () => {
    const features = { softDelete: true, contentTrust: true, regionalEndpoints: true };
    await scene({ name: 'softreg', registry: { features } });
    const { code, out } = await run('softreg', viewer);
    expect(about(out)).toContain(`  ✗ soft delete is on: Azure gives such a registry no replicas
    try: az acr config soft-delete update --registry softreg --subscription ${azure.subscriptionId} --status disabled
  ✗ content trust is on, and does not work with the regional endpoints that are on
    try: az acr config content-trust update --registry softreg --subscription ${azure.subscriptionId} --status disabled
  ✓ regional endpoints are on: softreg.REGION.geo.azurecr.io, which no region stands in for when it fails`);
    expect(code).toBe(1);
  });

  test('a region whose data endpoint no firewall knows yet', async () => {
    await scene({
      name: 'datareg',
      registry: { features: { dataEndpoints: true } },
      regions: ['japaneast', 'uksouth'],
    });
    const { code, out } = await run('datareg');
    expect(about(out)).toContain(`  ! data endpoints to come, a firewall rule for each: datareg.uksouth.data.azurecr.io
    try: az acr show-endpoints --name datareg --resource-group ${group} --subscription ${azure.subscriptionId}
`);
    expect(code).toBe(0);
  });
});

describe('private endpoints', () => {
  const endpoint = (name: string) => ({ name, network: 'hub', subnet: 'ends' });

  test('whose subnet has too few addresses for the regions to come', async () => {
    const features = { privateEndpoints: [endpoint('tight-pe')] };
    await scene({ name: 'tightreg', registry: { features }, regions: ['japaneast', 'uksouth'] });
    const { code, out } = await run('tightreg');
    const subnet = `/subscriptions/${azure.subscriptionId}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/hub/subnets/ends`;
    expect(
      about(out),
    ).toContain(`  ✗ private endpoint tight-pe: 4 addresses in subnet hub/ends, 1 of them still to come, and only 0 free: Azure would take back the replica
    try: az network vnet subnet update --ids ${subnet} --address-prefixes A-WIDER-PREFIX
`);
    expect(code).toBe(1);
  });

  test('that wait for approval', async () => {
    const features = { privateEndpoints: [{ ...endpoint('late-pe'), status: 'Pending' as const }] };
    await scene({ name: 'latereg', registry: { features } });
    const { out } = await run('latereg');
    expect(about(out)).toContain(`  ! private endpoint late-pe waits for approval
    try: az network private-endpoint-connection approve --id ${id('latereg')}/privateEndpointConnections/late-pe
  ✓ private endpoint late-pe: 3 addresses in subnet hub/ends, 0 of them still to come, 0 free
`);
  });

  test('in a network that one may not look into: the right that would show it is named', async () => {
    await scene({ name: 'darkreg', registry: { features: { privateEndpoints: [endpoint('dark-pe')] } } });
    const { roles } = await azure.control.state();
    onTestFinished(() => azure.control.setRoles(roles));
    const actions = ['Microsoft.ContainerRegistry/*', 'Microsoft.Network/privateEndpoints/read'];
    await azure.control.setRoles(roles.map((role) => ({ ...role, actions })));
    const { code, out } = await run('darkreg');
    const unseen = about(out)
      .split('\n')
      .filter((line) => line.includes('not looked at'));
    expect(unseen.map((line) => /the action (\S+)/.exec(line)?.[1])).toEqual([
      'Microsoft.Authorization/permissions/read',
      'Microsoft.Authorization/locks/read',
      'Microsoft.PolicyInsights/checkPolicyRestrictions/read',
      'Microsoft.Network/virtualNetworks/usages/read',
    ]);
    expect(code).toBe(0);
  });
});

test('a cluster that does not know the preview of the registry is asked in the stable version', async () => {
  await scene({ name: 'oldreg' });
  const fault = await azure.control.addFault({
    match: { registry: 'oldreg', kind: 'registry' },
    times: 1,
    effect: {
      kind: 'respond',
      status: 400,
      code: 'NoRegisteredProviderFound',
      message: 'No registered resource provider.',
    },
  });
  onTestFinished(() => azure.control.clearFaults(fault));
  const { code, out } = await run('oldreg');
  expect(about(out)).toContain('  ✓ registry oldreg is there: Premium, at home in eastus\n');
  expect(about(out)).toContain('  ! soft delete and regional endpoints were not looked at: ');
  expect(code).toBe(0);
});

test('AKS nodes too old for regional hosts, where a registry has them', async () => {
  const name = 'aks-doctor-1';
  const labels = {
    'kubernetes.azure.com/node-image-version': 'AKSUbuntu-2204gen2containerd-202509.23.0',
    'kubernetes.azure.com/agentpool': 'doctorpool',
    'kubernetes.azure.com/cluster': 'MC_platform_prod_westeurope',
  };
  await kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {} });
  onTestFinished(() => kube.delete(`/api/v1/nodes/${name}`));
  await scene({ name: 'regionalreg', registry: { features: { regionalEndpoints: true } } });
  const { out } = await run('regionalreg', cluster.adminKubeconfig);
  expect(out).toMatch(/\nNodes\n {2}! node pool doctorpool: 1 of \d+ nodes have image 202509\.23, /);
  expect(out).toContain(
    '    try: az aks nodepool upgrade --resource-group platform --cluster-name prod --name doctorpool --node-image-only\n',
  );
  expect((await run('regionalreg', viewer)).out).toMatch(/\nNodes\n {2}! the nodes were not looked at: /);
});

describe('another cluster with the same CLUSTER_NAME', () => {
  const twin = () =>
    scene({
      name: 'twinreg',
      registry: {
        replicas: [
          { location: 'japaneast', owner: `default/${namespace}/twinreg` },
          { location: 'uksouth', owner: `default/${namespace}/elsewhere` },
          { location: 'ukwest', owner: 'test/platform/twinreg' },
        ],
      },
    });
  const others = "  ! another owner's replicas, never changed while that owner lives: ";

  test('shows by the tag of an object that is not here', async () => {
    await twin();
    const { out } = await run('twinreg', cluster.adminKubeconfig);
    expect(about(out)).toContain(`${others}ukwest (test/platform/twinreg)\n`);
    expect(about(out)).toContain(
      `  ! made by an object that is not here: uksouth (default/${namespace}/elsewhere); it was deleted, or another cluster has the CLUSTER_NAME default too
    try: kubectl -n acr-replication-system set env deployment/acr-replication-operator CLUSTER_NAME=A-NAME-OF-ITS-OWN
`,
    );
  });

  test('does not show to whom may not list the objects of the whole cluster', async () => {
    await twin();
    const { out, code } = await run('twinreg', viewer);
    expect(about(out)).toContain(`${others}uksouth (default/${namespace}/elsewhere), ukwest (test/platform/twinreg)\n`);
    expect(code).toBe(0);
  });
});

describe('whoever only views', () => {
  test('is told everything that Azure and the objects say, and nothing is written', async () => {
    await scene({
      name: 'viewreg',
      registry: { features: { privateEndpoints: [{ name: 'pe', network: 'hub', subnet: 'ends' }] } },
    });
    const { code, out, err } = await run('viewreg', viewer, ['-o', 'json']);
    const { findings } = JSON.parse(out) as {
      readonly findings: readonly { readonly says: string; readonly verdict: string }[];
    };
    expect([code, err]).toEqual([0, '']);
    expect(findings.filter(({ verdict }) => verdict === 'failing')).toEqual([]);
    expect(findings.map(({ says }) => says)).toContain('no policy refuses a replica');
    // Five for the registry and two for its private endpoint, beside the token: what doctor's doc comment says.
    const { 'GET openidConfiguration': _, ...counters } = await azure.control.counters();
    expect(counters).toEqual({
      'POST token': 1,
      'GET registry': 1,
      'LIST replications': 1,
      'LIST permissions': 1,
      'LIST locks': 1,
      'POST policyRestrictions': 1,
      'GET privateEndpoint': 1,
      'LIST networkUsages': 1,
    });
  });

  test('sees what takes long on stderr', async () => {
    await scene({ name: 'slowreg' });
    const fault = await azure.control.addFault({
      match: { registry: 'slowreg', kind: 'locks' },
      effect: { kind: 'latency', ms: 2_600 },
    });
    onTestFinished(() => azure.control.clearFaults(fault));
    const { code, out, err } = await run('slowreg', viewer);
    expect(err).toContain(`still looking at ${namespace}/slowreg\n`);
    expect(out).not.toContain('still looking');
    expect(code).toBe(0);
  });

  test.runIf(hasPseudoTerminals)('reads it at 80 columns', async () => {
    const features = {
      softDelete: true,
      dataEndpoints: true,
      privateEndpoints: [{ name: 'pe', network: 'hub', subnet: 'ends' }],
    };
    await scene({ name: 'widereg', registry: { features }, regions: ['japaneast', 'uksouth'] });
    const at = sitting(
      ['doctor', 'widereg', '-n', namespace],
      { columns: 80, rows: 60 },
      { KUBECONFIG: viewer, ...azureLogin(azure) },
    );
    expect(await at.ended).toEqual({ code: 1, isTerminalAsBefore: true });
    const shown = at.written().replaceAll('\r\n', '\n').replaceAll(namespace, 'NAMESPACE');
    const cures = shown.split('\n').filter((line) => line.startsWith('    try: '));
    expect(shown.split('\n').filter((line) => line.length > 80 && !cures.includes(line))).toEqual([]);
    expect(shown.split('\n\n')[2]).toBe(`NAMESPACE/widereg
  ✓ it is Ready, 1/1 regions
  ✓ registry widereg is there: Premium, at home in eastus
  ✓ your own login may read and change replicas
  ✓ no lock
  ✓ no policy refuses a replica
  ✗ soft delete is on: Azure gives such a registry no replicas
    try: az acr config soft-delete update --registry widereg --subscription ${azure.subscriptionId} --status disabled
  ✓ regional endpoints are off
  ! data endpoints to come, a firewall rule for each:
    widereg.uksouth.data.azurecr.io
    try: az acr show-endpoints --name widereg --resource-group registries --subscription ${azure.subscriptionId}
  ✗ private endpoint pe: 4 addresses in subnet hub/ends, 1 of them still to
    come, and only 0 free: Azure would take back the replica
    try: az network vnet subnet update --ids /subscriptions/${azure.subscriptionId}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/hub/subnets/ends --address-prefixes A-WIDER-PREFIX`);
  });
});
