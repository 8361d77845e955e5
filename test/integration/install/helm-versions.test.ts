import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseManifests } from '../../sandbox/manifests.ts';
import { controlPlane } from '../../support/cluster.ts';
import { differences } from './differences.ts';
import { chart, type Helm, name, namespace, renderedText, run, type Values } from './programs.ts';

const cluster = controlPlane();
afterAll(() => cluster.close());

const helms: readonly Helm[] = ['helm3', 'helm'];
/** Lets `use` have a folder that is gone afterwards. */
async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-helms-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const images = { image: { repository: 'contoso.azurecr.io/operator' } };

describe('Helm 3 and Helm 4', () => {
  const values: readonly Values[] = [
    {},
    { watch: { namespaces: ['123', 'y'] }, rbac: { scope: 'namespace' }, crds: { enabled: false } },
    {
      ...images,
      azure: { clientId: '20000000-0000-4000-8000-000000000002' },
      extraEnv: [{ name: 'LOG_LEVEL', value: 'warn' }],
      metrics: { requireToken: true, serviceMonitor: { enabled: true } },
      networkPolicy: { enabled: true },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
      map: { enabled: true },
    },
  ];
  test.each(values.map((value) => [JSON.stringify(value), value] as const))('make the same of %s', async (_, value) => {
    const [three = [], four = []] = await Promise.all(
      helms.map(async (helm) => parseManifests(await renderedText(value, '2026', '456', helm))),
    );
    expect(three.length).toBeGreaterThan(5);
    expect(differences(three, four)).toEqual([]);
  });

  test.each(helms)('find nothing to complain of: %s lint --strict', async (helm) => {
    expect(await run(helm, ['lint', '--strict', chart])).toMatch(/ 0 chart\(s\) failed/);
  });

  test('take over from each other: installed by 3, upgraded by 4, uninstalled by 3', async () => {
    const { kube } = cluster;
    const into = await kube.createNamespace('helms');
    const [three, four] = helms.map((helm) => (...args: readonly string[]) => {
      return run(helm, [...args, '-n', into], cluster.adminKubeconfig);
    }) as [(...args: readonly string[]) => Promise<string>, (...args: readonly string[]) => Promise<string>];
    const deployment = `/apis/apps/v1/namespaces/${into}/deployments/helms`;
    const replicas = async (): Promise<unknown> =>
      (await kube.get<{ spec: { replicas: number } }>(deployment))?.spec.replicas;
    await three('install', 'helms', chart, '--set=crds.enabled=false,fullnameOverride=helms');
    expect(await replicas()).toBe(2);
    await four('upgrade', 'helms', chart, '--reuse-values', '--set=replicas=3');
    expect(await replicas()).toBe(3);
    await three('upgrade', 'helms', chart, '--reuse-values', '--set=replicas=1');
    expect(await replicas()).toBe(1);
    await three('uninstall', 'helms');
    expect(await kube.get(deployment)).toBeUndefined();
    expect(await kube.get(`/apis/rbac.authorization.k8s.io/v1/clusterroles/helms`)).toBeUndefined();
  });

  test.each([
    ['helm3', []],
    ['helm', ['--force-conflicts']], // of server-side apply, which Helm 3 doesn't know
  ] as const)('take over what kubectl applied: %s', async (helm, flags) => {
    const { kube, adminKubeconfig } = cluster;
    const into = await kube.createNamespace('taken');
    const values = ['--set=crds.enabled=false,fullnameOverride=taken', '-n', into];
    await withFolder(async (folder) => {
      const file = join(folder, 'applied.yaml');
      await writeFile(file, await run(helm, ['template', 'taken', chart, ...values]));
      await run('kubectl', ['apply', '-n', into, '-f', file], adminKubeconfig);
    });
    const install = ['install', 'taken', chart, ...values, '--set=replicas=3'];
    await expect(run(helm, install, adminKubeconfig)).rejects.toThrow('invalid ownership metadata');
    await run(helm, [...install, '--take-ownership', ...flags], adminKubeconfig);
    expect(await kube.get(`/apis/apps/v1/namespaces/${into}/deployments/taken`)).toMatchObject({
      spec: { replicas: 3 },
    });
    await run(helm, ['uninstall', 'taken', '-n', into], adminKubeconfig);
  });

  test('Helm 3 has no --force-conflicts', async () => {
    await expect(run('helm3', ['install', 'taken', chart, '--force-conflicts'])).rejects.toThrow('unknown flag');
  });
});

/** Not the name of the release of other tests in this cluster, for Helm 3 looks even now whose the objects are. */
const release = 'noted';
const fullName = `${release}-${name}`;

/** What `helm install` would say when all went well. */
async function notes(helm: Helm, ...flags: readonly string[]): Promise<string> {
  const args = ['install', release, chart, '-n', namespace, '--dry-run=client', '--set=crds.enabled=false', ...flags];
  const printed = await run(helm, args, cluster.adminKubeconfig);
  return printed.split(/^NOTES:$/m)[1]?.trim() ?? '';
}

describe.each(helms)('%s install says', (helm) => {
  const id = '20000000-0000-4000-8000-000000000002';

  test('all that is missing, and how to say it', async () => {
    const said = await notes(helm);
    expect(said).toContain('WARNING: it has no identity, so it cannot sign in to Azure yet.');
    const upgrade = `helm upgrade ${release} CHART -n ${namespace} --reuse-values --set`;
    expect(said).toContain(`${upgrade} azure.clientId=CLIENT_ID`);
    expect(said).toContain('azure.subscriptionId is not set');
    expect(said).toContain('Its name for the cluster is "default"');
    expect(said).toContain('`docker build -t HOST/NAME:');
  });

  test('nothing of what is there', async () => {
    const set = [
      `azure.clientId=${id}`,
      `azure.subscriptionId=${id}`,
      'clusterName=a',
      'image.repository=contoso.azurecr.io/a',
    ];
    const said = await notes(helm, ...set.map((value) => `--set=${value}`));
    expect(said).toContain(`the subject\nsystem:serviceaccount:${namespace}:${fullName}\n`);
    expect(said).not.toMatch(/WARNING|not set|"default"|docker build/);
  });

  test.each([
    ['extraEnv', ['extraEnv[0].name=AZURE_CLIENT_ID', `extraEnv[0].value=${id}`]],
    ['an annotation', [`serviceAccount.annotations.azure\\.workload\\.identity/client-id=${id}`]],
    ['a service account that is there', ['serviceAccount.create=false']],
    ['a managed identity', ['azure.credential=managed-identity']],
    ['a Secret', ['azure.credentialsSecretName=azure']],
  ])('nothing of an identity that comes from %s', async (_, set) => {
    expect(await notes(helm, ...set.map((value) => `--set=${value}`))).not.toContain('WARNING');
  });

  test('how to make the Secret that it signs in with', async () => {
    const said = await notes(helm, '--set=azure.credential=client-secret');
    expect(said).toContain(
      `kubectl create secret generic ${fullName}-azure -n ${namespace} --from-literal=AZURE_TENANT_ID=`,
    );
    expect(said).not.toContain('WARNING');
  });
});
