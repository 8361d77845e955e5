import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { controlPlane } from '../../support/cluster.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const subscription = '00000000-0000-0000-0000-000000000000';
const registries = [
  { name: 'zulu1', resourceGroup: 'apps', location: 'westeurope', replicas: [{ location: 'uksouth' }] },
  { name: 'Contoso', resourceGroup: 'registries', location: 'eastus', replicas: [{ location: 'japaneast' }] },
  { name: 'basic1', resourceGroup: 'apps', location: 'eastus', sku: 'Basic' as const },
  { name: 'alpha', resourceGroup: 'Registries', location: 'eastus' },
];

let azure: Emulator;
beforeAll(async () => {
  azure = await startEmulator({ registries, pageSize: 1 });
});
afterAll(() => azure.stop());

/** Without a kubeconfig: nothing is asked of Kubernetes. */
const run = (words: readonly string[], env: Readonly<Record<string, string | undefined>> = azureLogin(azure)) =>
  plugin(['import', ...words], { kubeconfig: '/nowhere/kubeconfig', env });

const objectsIn = (text: string) => loadAll(text) as unknown as readonly RegistryReplication[];

test('all Premium registries of a subscription are printed, sorted by resource group and name', async () => {
  const { code, out, err } = await run(['--subscription', subscription.toUpperCase()]);
  expect([code, err]).toEqual([0, '1 of 4 registries are not Premium and have no replicas.\n']);
  expect(objectsIn(out).map(({ spec }) => `${spec.registry.resourceGroup}/${spec.registry.name}`)).toEqual([
    'apps/zulu1',
    'Registries/alpha',
    'registries/Contoso',
  ]);
  for (const object of objectsIn(out)) {
    const namespace = 'default';
    await cluster.kube.request(
      'POST',
      `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications?dryRun=All&fieldValidation=Strict`,
      object,
    );
  }
});

test('one registry is found by name, by name and group, and by id: the same bytes', async () => {
  const group = `/subscriptions/${subscription}/resourcegroups/REGISTRIES`;
  const id = `${group}/providers/microsoft.containerregistry/registries/CONTOSO`;
  const runs = await Promise.all([
    run(['--registry', 'contoso']),
    run(['--registry', 'contoso', '-g', 'registries']),
    run(['--registry', id]),
  ]);
  for (const { code, err, out } of runs) {
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(runs[0]?.out);
  }
  expect(objectsIn(runs[0]?.out ?? '')[0]?.spec.registry).toEqual({
    name: 'Contoso',
    resourceGroup: 'registries',
    subscriptionId: subscription,
  });
});

test('a registry that cannot be read is told, and does not keep the others back', async () => {
  const fault = await azure.control.addFault({ match: { registry: 'alpha' }, effect: { kind: 'deny' } });
  onTestFinished(() => azure.control.clearFaults(fault));
  const { code, out, err } = await run(['--subscription', subscription]);
  expect(code).toBe(1);
  expect(objectsIn(out)).toHaveLength(2);
  expect(err).toMatch(/^error: .*registries\/read/m);
});

const problems: readonly (readonly [string, readonly string[], number, string])[] = [
  [
    'nothing to import',
    [],
    2,
    'error: import needs --registry, or --subscription for all registries\ntry: kubectl acr-replication import --help\n',
  ],
  [
    'a login server',
    ['--registry', 'contoso.azurecr.io'],
    2,
    'error: contoso.azurecr.io is neither the name nor the resource id of a registry\ntry: kubectl acr-replication import --registry contoso.azurecr.io --registry contoso\n',
  ],
  [
    'a subscription by its name',
    ['--subscription', 'Production'],
    2,
    `error: Production is not the id of a subscription\ntry: kubectl acr-replication import --subscription Production --subscription "$(az account show --query id --output tsv)"\n`,
  ],
  [
    'an unknown registry',
    ['--registry', 'nothere'],
    1,
    `error: there is no registry nothere in subscription ${subscription}\ntry: az acr list --output table\n`,
  ],
];
test.each(problems)('%s is told with its cure', async (_, words, code, err) => {
  expect(await run(words)).toEqual({ code, out: '', err });
});

test('a registry that is not Premium is told with its cure', async () => {
  const { code, out, err } = await run(['--registry', 'basic1', '-g', 'apps']);
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^error: .*Basic.*\ntry: Only Premium registries can be replicated/);
});

test('without a login it says how to sign in', async () => {
  const nobody = { ...azureLogin(azure), AZURE_CLIENT_ID: undefined, AZURE_CLIENT_SECRET: undefined };
  expect(await run(['--registry', 'contoso'], nobody)).toEqual({
    code: 1,
    out: '',
    err: 'error: you are not signed in to Azure\ntry: az login\n',
  });
});

test('a login that Azure does not take is told with the cause, and which one it is', async () => {
  const { code, out, err } = await run(['--registry', 'contoso'], {
    ...azureLogin(azure, 'nonsense'),
    PATH: '/nowhere',
  });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toBe(
    'error: Azure does not let you sign in: Microsoft Entra gave no token: The client secret is wrong; for the application it must be the value of the secret, not its id.\n' +
      'try: Correct AZURE_TENANT_ID, AZURE_CLIENT_ID and what proves them in your environment.\n',
  );
});

test('a cloud that is none is told, and no other one is asked', async () => {
  const { code, err } = await run(['--registry', 'contoso'], { ...azureLogin(azure), AZURE_ENVIRONMENT: 'AzureChina' });
  expect(code).toBe(2);
  expect(err).toContain('error: AZURE_ENVIRONMENT is AzureChina, and can be AzurePublicCloud, AzureChinaCloud or');
});
