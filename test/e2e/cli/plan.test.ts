import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { apiVersion, kind, type Spec } from '../../../src/api/registryreplication.ts';
import { type Lifetime, type OperatorWorld, operatorWorld } from '../../support/operator-world.ts';
import { type PluginRun, plugin } from '../../support/plugin.ts';

interface Json {
  readonly objects: readonly {
    readonly applied?: string;
    readonly seen: { readonly from: string; readonly at?: string };
    readonly regions: readonly {
      readonly region: string;
      readonly plan: string;
      readonly why: string;
      readonly would?: string;
      readonly settings: readonly unknown[];
    }[];
    readonly notes: readonly string[];
  }[];
  readonly monthly?: { readonly now: { readonly replicas: number; readonly perMonth: number } };
  readonly ignored: readonly string[];
}

const registry = { name: 'contoso', resourceGroup: 'registries' };

/** How the plugin is used in a world: with the administrator's kubeconfig and the emulator's own login. */
function planIn({ cluster, namespace, azure }: OperatorWorld, kubeconfig = cluster.adminKubeconfig) {
  const { tenantId, clientId, clientSecret } = azure.credentials;
  const signedIn = {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
    AZURE_AUTHORITY_HOST: azure.url,
    AZURE_RESOURCE_MANAGER_ENDPOINT: azure.url,
    NODE_EXTRA_CA_CERTS: azure.caFile,
  };
  return (
    words: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
    where = namespace,
  ): Promise<PluginRun> => plugin(['plan', ...words], { kubeconfig, namespace: where, env: { ...signedIn, ...env } });
}

/** A world in which a Deployment says of the operator what the tests start it with. */
async function deployedWorld(context: Lifetime, { fromSecret = false } = {}): Promise<OperatorWorld> {
  const world = await operatorWorld(context);
  const { namespace, cluster } = world;
  const labels = { 'app.kubernetes.io/name': 'acr-replication-operator' };
  const data = { watched: namespace };
  await cluster.kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'operator', namespace }, data });
  const env = [
    { name: 'CLUSTER_NAME', value: 'sandbox' },
    {
      name: 'AZURE_SUBSCRIPTION_ID',
      ...(fromSecret
        ? { valueFrom: { secretKeyRef: { name: 'azure', key: 'subscription' } } }
        : { value: world.azure.subscriptionId }),
    },
    { name: 'WATCH_NAMESPACES', valueFrom: { configMapKeyRef: { name: 'operator', key: 'watched' } } },
  ];
  await cluster.kube.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'operator', namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'operator', image: 'operator', env }] } },
    },
  });
  return world;
}

/** The kubeconfig of somebody who may do no more than this with the objects of the world's namespace. */
async function userWho({ cluster, namespace }: OperatorWorld, ...verbs: readonly string[]): Promise<string> {
  const { kube } = cluster;
  const name = 'user';
  const metadata = { name, namespace };
  const rules = [{ apiGroups: ['acr-replication.dev'], resources: ['registryreplications'], verbs }];
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata };
  await kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  await kube.apply({ ...rbac, kind: 'Role', rules });
  await kube.apply({
    ...rbac,
    kind: 'RoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return cluster.kubeconfigFor({ token: await kube.tokenFor({ namespace, serviceAccount: name }) });
}

async function fileOf(...documents: readonly object[]): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'plan-')), 'contoso.yaml');
  await writeFile(file, documents.map((document) => stringify(document)).join('---\n'));
  return file;
}

function inSubscription({ azure }: OperatorWorld): Spec['registry'] {
  return { ...registry, subscriptionId: azure.subscriptionId };
}

function manifest(name: string, spec: Partial<Spec> & Pick<Spec, 'regions'>): object {
  return { apiVersion, kind, metadata: { name }, spec: { registry, ...spec } };
}

/** The plan as programs read it: `create japaneast`, with what would be done in brackets where it is held. */
function planned(run: PluginRun): readonly string[] {
  expect(run.err).toBe('');
  const { objects } = JSON.parse(run.out) as Json;
  return objects.flatMap(({ regions }) =>
    regions.map(({ plan, region, would }) => `${plan} ${region}${would === undefined ? '' : ` (${would})`}`),
  );
}

describe('a plan before and after the file is applied', () => {
  test('says of a new object what the operator then makes, and changes nothing itself', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world);
    const file = await fileOf(
      manifest('contoso', { regions: [{ location: 'japaneast' }, { location: 'West Europe', routing: 'Disabled' }] }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'beside' } },
    );
    const before = await plan(['-f', file, '--exit-code']);
    expect(before.err).toBe('');
    expect(before.out).toBe(
      [
        `${world.namespace}/contoso (new), registry contoso`,
        'Azure as it is now, read with your login.',
        // The control plane of the tests has the manifests of deploy/, and nobody who makes Pods of them.
        `Note: Several operators look after this object: this is the plan of Deployment ${world.namespace}/operator, not of Deployment acr-replication-system/acr-replication-operator.`,
        '',
        '  = keep    eastus      home region of the registry',
        '  + create  japaneast',
        '  + create  westeurope  routing Disabled',
        '',
        '2 to create, 0 to delete, 0 to update; 1 kept, 0 held.',
        'Each month: +101.41 USD (2 replicas more).',
        'Price: 1.667 USD a day for each replica, as publicly quoted for a Premium registry, without storage over 500 GiB and traffic; --price sets your own.',
        'Left out, because they are of other kinds: ConfigMap beside.',
        '',
      ].join('\n'),
    );
    expect(before.code).toBe(1);
    expect(await world.get('contoso')).toBeUndefined();
    expect(await world.writes()).toEqual({ PUT: 0, PATCH: 0, DELETE: 0 });

    await world.start();
    await world.apply('contoso', {
      regions: [{ location: 'japaneast' }, { location: 'West Europe', routing: 'Disabled' }],
    });
    await world.untilReady('contoso');
    expect(await world.locations()).toEqual(['eastus', 'japaneast', 'westeurope']);
    expect(await world.writes()).toEqual({ PUT: 2, PATCH: 0, DELETE: 0 });
    const after = await plan(['contoso', '-o', 'json', '--exit-code']);
    expect(planned(after)).toEqual(['keep eastus', 'keep japaneast', 'keep westeurope']);
    expect(after.code).toBe(0);
  });

  test('calls a file changed that asks for something by no more than an annotation', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
    await world.untilReady('contoso');
    const same = manifest('contoso', { regions: [{ location: 'japaneast' }] });
    const before = await plan(['-f', await fileOf(same), '-o', 'json']);
    expect((JSON.parse(before.out) as Json).objects[0]?.applied).toBe('unchanged');
    const annotations = { 'acr-replication.dev/recreate': 'japaneast' };
    const run = await plan(['-f', await fileOf({ ...same, metadata: { name: 'contoso', annotations } }), '-o', 'json']);
    expect((JSON.parse(run.out) as Json).objects[0]?.applied).toBe('changed');
    expect(planned(run)).toEqual(['keep eastus', 'delete japaneast']);
  });

  test('sees who manages the registry, where the operator is told its subscription by a Secret', async (context) => {
    const world = await deployedWorld(context, { fromSecret: true });
    const plan = planIn(world);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
    await world.untilReady('contoso');
    const file = await fileOf(
      manifest('renamed', {
        registry: inSubscription(world),
        regions: [{ location: 'japaneast' }, { location: 'uksouth' }],
      }),
    );
    const run = await plan(['-f', file, '-o', 'json']);
    expect(planned(run)).toEqual(['keep eastus', 'keep japaneast', 'held uksouth (create)']);
    expect((JSON.parse(run.out) as Json).objects[0]?.regions.at(-1)?.why).toBe(
      `${world.namespace}/contoso manages the registry`,
    );
  });

  test('takes out of the object what its file no longer has, whoever applied it', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }, { location: 'uksouth' }] });
    await world.untilReady('contoso');
    const file = await fileOf(manifest('contoso', { regions: [{ location: 'japaneast', routing: 'Disabled' }] }));
    const run = await plan(['-f', file, '-o', 'json']);
    const [object] = (JSON.parse(run.out) as Json).objects;
    expect(object?.applied).toBe('changed');
    expect(planned(run)).toEqual(['keep eastus', 'update japaneast', 'delete uksouth']);
    expect(object?.regions[1]?.settings).toEqual([{ name: 'routing', from: 'Enabled', to: 'Disabled' }]);

    await world.apply('contoso', { regions: [{ location: 'japaneast', routing: 'Disabled' }] });
    await world.until(
      'contoso',
      'Ready again',
      ({ status, metadata }) => status?.phase === 'Ready' && status.observedGeneration === metadata.generation,
    );
    expect(await world.locations()).toEqual(['eastus', 'japaneast']);
    expect(await world.writes()).toEqual({ PUT: 2, PATCH: 1, DELETE: 1 });
  });

  test('takes out what kubectl apply would, where that applied the object on its side', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world);
    const { kube } = world.cluster;
    const first = manifest('contoso', { regions: [{ location: 'japaneast' }, { location: 'uksouth' }], prune: 'None' });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(first) };
    const metadata = { name: 'contoso', namespace: world.namespace, annotations };
    const query = { fieldManager: 'kubectl-client-side-apply' };
    await kube.request('POST', world.path('contoso').replace(/\/contoso$/, ''), { ...first, metadata }, { query });
    await kube.patch(world.path('contoso'), { spec: { suspend: true } });
    const file = await fileOf(manifest('contoso', { regions: [{ location: 'japaneast' }] }));
    const run = await plan(['-f', file, '-o', 'json']);
    expect((JSON.parse(run.out) as Json).objects[0]?.applied).toBe('changed');
    // uksouth is out of the set; that it is suspended was never in the file, and stays.
    expect(planned(run)).toEqual(['keep eastus', 'held japaneast (create)']);
  });

  test('holds what somebody else made for its notice, and a suspended object whole', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world);
    await world.azure.control.createReplica({ registry: 'contoso', location: 'uksouth' });
    await world.apply('contoso', { regions: [{ location: 'japaneast' }], suspend: true });
    const suspended = await plan(['contoso', '--exit-code', '--price', '0']);
    expect(suspended.out).toContain('? held    japaneast  would be created, held because spec.suspend is true');
    expect(suspended.out).not.toContain('USD');
    expect(suspended.code).toBe(0);
    const file = await fileOf(manifest('contoso', { regions: [{ location: 'japaneast' }] }));
    const run = await plan(['-f', file, '-o', 'json', '--exit-code']);
    expect(planned(run)).toEqual(['keep eastus', 'create japaneast', 'held uksouth (delete)']);
    expect(run.code).toBe(1);
  });

  test('without a login it is made from the status, and says how old that is', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }] });
    await world.untilReady('contoso');
    const file = await fileOf(manifest('contoso', { regions: [{ location: 'japaneast' }, { location: 'uksouth' }] }));
    const nobody = { AZURE_CLIENT_ID: undefined, AZURE_CLIENT_SECRET: undefined, AZURE_TENANT_ID: undefined };
    const run = await plan(['-f', file], { ...nobody, PATH: '/nowhere' });
    expect(run.err).toBe('');
    expect(run.out).toMatch(/Azure was not read: this is from what the operator last told .*written \d+s ago/);
    expect(run.out).toContain('+ create  uksouth');
    expect((await plan(['contoso', '--from-status'])).out).toMatch(/Azure was not read: .*, written \d+s ago\. It may/);
    const before = await world.azure.control.counters();
    expect(planned(await plan(['contoso', '-o', 'json', '--from-status']))).toEqual(['keep eastus', 'keep japaneast']);
    const after = await world.azure.control.counters();
    expect(after['POST token']).toBe(before['POST token']);
  });

  test('who may only view an object gets its plan, and is told what is not known', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world, await userWho(world, 'get', 'list'));
    await world.apply('contoso', { registry: inSubscription(world), regions: [{ location: 'japaneast' }] });
    const run = await plan(['contoso', '-o', 'json']);
    expect(planned(run)).toEqual(['keep eastus', 'create japaneast']);
    const notes = (JSON.parse(run.out) as Json).objects[0]?.notes.join('\n');
    expect(notes).toContain('The CLUSTER_NAME of the operator cannot be read');
    expect(notes).toContain(`You may list RegistryReplications in namespace ${world.namespace} only`);

    const file = await fileOf(manifest('contoso', { regions: [{ location: 'uksouth' }] }));
    const refused = await plan(['-f', file, '--exit-code']);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/ may not patch RegistryReplications in namespace /);
    expect(refused.err).toMatch(/\ntry: .* --clusterrole=acr-replication-edit /);
  });

  test('who may edit objects may plan for files', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world, await userWho(world, 'get', 'list', 'create', 'patch'));
    const file = await fileOf(
      manifest('contoso', { registry: inSubscription(world), regions: [{ location: 'uksouth' }] }),
    );
    expect(planned(await plan(['-f', file, '-o', 'json']))).toEqual(['keep eastus', 'create uksouth']);
  });

  test('an object that cannot be planned for keeps nobody from the plan of the others', async (context) => {
    const world = await deployedWorld(context);
    const file = await fileOf(
      manifest('contoso', { regions: [{ location: 'japaneast' }] }),
      manifest('nowhere', { registry: { ...registry, name: 'nowhere' }, regions: [{ location: 'japaneast' }] }),
      manifest('invalid', { regions: [] }),
    );
    const { code, out, err } = await planIn(world)(['-f', file, '--exit-code']);
    expect(code).toBe(2);
    expect(out).toContain('+ create  japaneast');
    expect(out).toMatch(/No plan for \S+\/nowhere: registry nowhere cannot be read/);
    expect(out).toMatch(/No plan for \S+\/invalid: .*spec\.regions: Invalid value/);
    expect(err.match(/^error: /gm)).toHaveLength(2);
  });

  test('refusals are those of the API server and of Azure, with an exit code beyond 1', async (context) => {
    const world = await deployedWorld(context);
    const plan = planIn(world);
    const empty = await fileOf(manifest('contoso', { regions: [] }));
    const refused = await plan(['-f', empty, '--exit-code']);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/spec\.regions: Invalid value/);
    expect(refused.err).toContain('try: mend it in ');
    const unknown = await fileOf(
      manifest('contoso', { registry: { ...registry, name: 'nowhere' }, regions: [{ location: 'japaneast' }] }),
    );
    const lost = await plan(['-f', unknown, '--exit-code']);
    expect(lost.code).toBe(2);
    expect(lost.err).toMatch(/registry nowhere cannot be read/);
    const homeless = manifest('contoso', { regions: [{ location: 'japaneast' }] });
    const nowhere = { ...homeless, metadata: { name: 'contoso', namespace: 'nowhere' } };
    const { err } = await plan(['-f', await fileOf(nowhere)], {}, 'nowhere');
    expect(err).toMatch(/namespaces "nowhere" not found\ntry: kubectl create namespace nowhere\n$/);
    expect((await plan(['-f', '/nowhere.yaml'])).err).toContain('error: there is no /nowhere.yaml');
    expect((await plan([])).err).toContain('plan needs either -f FILE or NAME');
  });
});
