import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { apiVersion, plural, type ReplicaStatus, type Status } from '../../src/api/registryreplication.ts';
import { type ControlPlane, startControlPlane } from '../sandbox/apiserver.ts';
import type { KubeObject } from '../sandbox/manifests.ts';
import {
  type Container,
  controlledBy,
  imagesOf,
  localPull,
  type Pod,
  pulledObject,
  pullRegion,
  servingFrom,
} from '../support/local-pull.ts';
import { plugin } from '../support/plugin.ts';

/** A control plane of its own: the policies are the cluster's, and the CRD is deleted. */
let plane: ControlPlane;
let policies: Awaited<ReturnType<typeof localPull>>;
const group = '/apis/admissionregistration.k8s.io/v1';
const object = `/apis/${apiVersion}/namespaces/platform/${plural}/contoso`;
const pods = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

/** With a domain name label, so that the login server is not made of the registry's name. */
const server = 'contoso-h4xd2.azurecr.io';
const regional = `contoso-h4xd2.${pullRegion}.geo.azurecr.io`;
const registry = { id: '/subscriptions/s/…/contoso', loginServer: server, homeRegion: 'eastus', sku: 'Premium' };
const serving = servingFrom(regional);
const home: ReplicaStatus = {
  ...serving,
  location: 'eastus',
  managed: 'Home',
  endpoint: 'contoso-h4xd2.eastus.geo.azurecr.io',
};
const well = { registry, replicas: [home, serving] };

beforeAll(async () => {
  policies = await localPull('local-pull', { namespace: 'platform', name: 'contoso' });
  plane = await startControlPlane({
    extraApiserverArgs: ['--runtime-config=admissionregistration.k8s.io/v1beta1=true'],
  });
  const { kube } = plane;
  await kube.installCrds('crds');
  const label = { 'acr-replication.dev/local-pull': 'enabled' };
  for (const [name, labels] of Object.entries({ platform: {}, shop: label, elsewhere: {} })) {
    await kube.request('POST', '/api/v1/namespaces', { metadata: { name, labels } });
    await kube.createServiceAccount(name, 'default');
  }
  await kube.applyAll([policies.policy, policies.binding]);
});
afterAll(() => plane.stop());

/** What the operator writes: the whole status, of which each test says what it is about. */
async function says(status: Partial<Status>): Promise<void> {
  const stored = await plane.kube.get(object);
  await plane.kube.request('PUT', `${object}/status`, { ...stored, status });
}

let count = 0;
/** Makes a Pod as the controller of ReplicaSets does; fails when the API server refuses it. Without `kept` it is gone through all admission and stored nowhere. */
function create(
  spec: Partial<Pod['spec']>,
  { namespace = 'shop', kept = false, metadata = {} }: CreateOptions = {},
): Promise<Pod> {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${count++}`, ...controlledBy('apps/v1', 'ReplicaSet'), ...metadata },
    spec: { containers: [container('main')], ...spec },
  };
  return plane.kube.request<Pod>('POST', pods(namespace), pod, kept ? {} : { query: { dryRun: 'All' } });
}
type Versioned = Pod & { readonly metadata: { readonly resourceVersion: string } };
interface CreateOptions {
  readonly namespace?: string;
  readonly kept?: boolean;
  readonly metadata?: object;
}

function container(name: string, image = `${server}/app:1.2`): Container {
  return { name, image };
}

/**
 * Waits until the API server has heard of what was changed: by its own watch in milliseconds, but of a kind that it did not
 * know it may need half a minute.
 */
async function untilPulledFrom(host: string): Promise<void> {
  await expect
    .poll(async () => imagesOf(await create({})), { timeout: 60_000, interval: 20 })
    .toEqual([`${host}/app:1.2`]);
}

/** The object is there, its replica serves, and the API server knows. */
beforeEach(async () => {
  await plane.kube.apply(pulledObject);
  await says(well);
  await untilPulledFrom(regional);
});

describe('a Pod in the region of a replica that serves', () => {
  test('pulls all that comes from the registry from there, with tag and digest as they are, and all else from where it did', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const pod = await create({
      initContainers: [container('init', `${server}/tools/init`), container('sidecar', 'docker.io/envoy:1')],
      containers: [
        container('tag', `${server}/app:1.2`),
        container('digest', `${server}/team/app@${digest}`),
        container('both', `${server}/app:1.2@${digest}`),
        container('other', 'mcr.microsoft.com/app:1.2'),
      ],
      volumes: [
        { name: 'model', image: { reference: `${server}/models/one:3` } },
        { name: 'elsewhere', image: { reference: 'docker.io/model' } },
      ],
    });
    expect(imagesOf(pod)).toEqual([
      `${regional}/tools/init`,
      'docker.io/envoy:1',
      `${regional}/app:1.2`,
      `${regional}/team/app@${digest}`,
      `${regional}/app:1.2@${digest}`,
      'mcr.microsoft.com/app:1.2',
      `${regional}/models/one:3`,
      'docker.io/model',
    ]);
  });

  test('keeps the order of its containers, in which init containers run', async () => {
    const images = ['docker.io/z', `${server}/y`, 'docker.io/a', `${server}/b`, 'docker.io/c'];
    const containers = images.map((image, i) => container(`c${5 - i}`, image));
    const initContainers = images.map((image, i) => container(`i${i}`, image));
    const after = images.map((image) => image.replace(server, regional));
    expect(imagesOf(await create({ initContainers, containers }))).toEqual([...after, ...after]);
  });

  test('keeps all else of its spec, also what is there twice', async () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const ports = [{ containerPort: 80 }, { containerPort: 80 }];
    const asked = { ...container('main'), env, ports, command: ['a'], args: ['b', 'b'] };
    const { spec } = await create({ containers: [asked] });
    expect(spec.containers).toMatchObject([{ ...asked, image: `${regional}/app:1.2` }]);
  });

  const strangers = [
    'contoso.azurecr.io/app', // the name, which here is not the login server
    `x${server}/app`,
    `${server}.example.com/app`,
    `${server}:443/app`,
    `docker.io/${server}/app`,
    server,
    `${regional}/app`,
    'contoso-h4xd2.eastus.geo.azurecr.io/app',
    'app',
  ];
  for (const image of strangers) {
    test(`pulls ${image} from where it says`, async () => {
      expect(imagesOf(await create({ containers: [container('main', image)] }))).toEqual([image]);
    });
  }

  const workloads = [
    ['apps/v1', 'ReplicaSet'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['batch/v1', 'Job'],
    ['v1', 'ReplicationController'],
  ] as const;
  for (const [owner, kind] of workloads) {
    test(`is steered as part of a ${kind}, whose controller does not compare Pods with their template`, async () => {
      expect(imagesOf(await create({}, { metadata: controlledBy(owner, kind) }))).toEqual([`${regional}/app:1.2`]);
    });
  }

  test('is left alone by itself, for an apply of the same manifest would restart it, or be refused: its volumes cannot change', async () => {
    const bare: KubeObject & Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bare', namespace: 'shop' },
      spec: {
        containers: [container('main')],
        volumes: [{ name: 'model', image: { reference: `${server}/models/one:3` } }],
      },
    };
    const [made, again] = [await plane.kube.apply<Versioned>(bare), await plane.kube.apply<Versioned>(bare)];
    expect(imagesOf(made)).toEqual([`${server}/app:1.2`, `${server}/models/one:3`]);
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  // https://github.com/cloudnative-pg/cloudnative-pg/issues/6344
  test('is left alone where an operator made it, which may replace a Pod of another image again and again', async () => {
    const pod = await create({}, { metadata: controlledBy('postgresql.cnpg.io/v1', 'Cluster') });
    expect(imagesOf(pod)).toEqual([`${server}/app:1.2`]);
  });

  test('is steered whoever made it when its label asks for that', async () => {
    const labels = { 'acr-replication.dev/local-pull': 'enabled' };
    for (const made of [{ ownerReferences: [] }, controlledBy('tekton.dev/v1', 'TaskRun')])
      expect(imagesOf(await create({}, { metadata: { ...made, labels } }))).toEqual([`${regional}/app:1.2`]);
  });

  const outside: readonly { readonly what: string; readonly options: CreateOptions }[] = [
    { what: 'in a namespace without the label', options: { namespace: 'elsewhere' } },
    {
      what: 'with the label of its own that says so',
      options: { metadata: { labels: { 'acr-replication.dev/local-pull': 'disabled' } } },
    },
  ];
  for (const { what, options } of outside) {
    test(`is left alone ${what}`, async () => {
      expect(imagesOf(await create({}, options))).toEqual([`${server}/app:1.2`]);
    });
  }

  test('is steered also when it is being debugged: the new container alone, for the others cannot change', async () => {
    await says({ ...well, replicas: [{ ...serving, status: 'Syncing' }] });
    await untilPulledFrom(server);
    const { metadata } = await create({}, { kept: true });
    const path = `${pods('shop')}/${metadata.name}`;
    const debug = async (name: string): Promise<readonly string[]> => {
      const pod = await plane.kube.get<Pod>(path);
      if (pod === undefined) throw new Error('the Pod is gone');
      const ephemeralContainers = [...(pod.spec.ephemeralContainers ?? []), container(name, `${server}/debug`)];
      const spec = { ...pod.spec, ephemeralContainers };
      return imagesOf(await plane.kube.request<Pod>('PUT', `${path}/ephemeralcontainers`, { ...pod, spec }));
    };
    expect(await debug('first')).toEqual([`${server}/app:1.2`, `${server}/debug`]);
    await says(well);
    await untilPulledFrom(regional);
    expect(await debug('second')).toEqual([`${server}/app:1.2`, `${server}/debug`, `${regional}/debug`]);
    await says({ ...well, replicas: [{ ...serving, status: 'Syncing' }] });
    await untilPulledFrom(server);
    expect(await debug('third')).toEqual([
      `${server}/app:1.2`,
      `${server}/debug`,
      `${regional}/debug`,
      `${server}/debug`,
    ]);
  });

  test('keeps the image for life that it was made with, and one that somebody gives it later', async () => {
    const { metadata } = await create({}, { kept: true });
    const path = `${pods('shop')}/${metadata.name}`;
    await says({ ...well, replicas: [{ ...serving, provisioningState: 'Failed' }] });
    await untilPulledFrom(server);
    const labelled = await plane.kube.patch<Pod>(path, { metadata: { labels: { touched: 'yes' } } });
    expect(imagesOf(labelled)).toEqual([`${regional}/app:1.2`]);
    await says(well);
    await untilPulledFrom(regional);
    const edited = await plane.kube.patch<Pod>(
      path,
      { spec: { containers: [container('main', `${server}/app:2`)] } },
      'strategic',
    );
    expect(imagesOf(edited)).toEqual([`${server}/app:2`]);
  });
});

describe('a Pod pulls from the global host, and is made all the same, while', () => {
  const replica = (changes: Partial<ReplicaStatus>): Partial<Status> => ({
    ...well,
    replicas: [home, { ...serving, ...changes }],
  });
  const without = (field: keyof ReplicaStatus): Partial<Status> => {
    const { [field]: _, ...rest } = serving;
    return { ...well, replicas: [home, rest as ReplicaStatus] };
  };
  const statuses: readonly { readonly what: string; readonly status: Partial<Status> }[] = [
    { what: 'images still arrive at the replica', status: replica({ status: 'Syncing' }) },
    { what: 'Azure says nothing of the status', status: without('status') },
    { what: 'the status is another word', status: replica({ status: 'Degraded' }) },
    ...['Creating', 'Updating', 'Deleting', 'Failed', 'Canceled', 'Unknown'].map((provisioningState) => ({
      what: `the replica is ${provisioningState}`,
      status: replica({ provisioningState }),
    })),
    { what: 'the replica is out of routing', status: replica({ routing: 'Disabled' }) },
    {
      what: 'the region is drained',
      status: replica({ drained: { until: '2026-12-01T06:00:00Z', before: 'Enabled' } }),
    },
    { what: 'the registry has no regional endpoints', status: without('endpoint') },
    { what: 'status names the host of another region', status: replica({ endpoint: String(home.endpoint) }) },
    { what: 'status names a host of somebody else', status: replica({ endpoint: 'example.com' }) },
    { what: 'the region has no replica', status: { ...well, replicas: [home] } },
    { what: 'the registry has no replica', status: { registry } },
    { what: 'nobody knows the login server', status: { replicas: [home, serving] } },
    { what: 'nobody has looked at the object', status: {} },
  ];
  for (const { what, status } of statuses) {
    test(what, async () => {
      await says(status);
      await untilPulledFrom(server);
      await says(well);
      await untilPulledFrom(regional);
    });
  }

  test('the object is suspended, so that nobody keeps its status up to date', async () => {
    await plane.kube.patch(object, { spec: { suspend: true } });
    await untilPulledFrom(server);
    await plane.kube.patch(object, { spec: { suspend: null } });
    await untilPulledFrom(regional);
  });

  test('the object is on its way out, and after it', async () => {
    await plane.kube.patch(object, { metadata: { finalizers: ['acr-replication.dev/finalizer'] } });
    await plane.kube.delete(object);
    await untilPulledFrom(server);
    expect(await plane.kube.get(object)).toBeDefined();
    await plane.kube.patch(object, { metadata: { finalizers: null } });
    await plane.kube.waitForGone(object);
    await untilPulledFrom(server);
  });

  test('the CRD is deleted, with every object, and until it is back', async () => {
    const crd = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${apiVersion.split('/')[0]}`;
    await plane.kube.delete(crd);
    await untilPulledFrom(server);
    await plane.kube.waitForGone(crd);
    await untilPulledFrom(server);
    await plane.kube.installCrds('crds');
    await untilPulledFrom(server);
  });

  test('there is no CRD yet when the policy comes', async () => {
    const crd = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${apiVersion.split('/')[0]}`;
    await removePolicies();
    await plane.kube.delete(crd);
    await plane.kube.waitForGone(crd);
    await plane.kube.applyAll([policies.policy, policies.binding]);
    for (let i = 0; i < 20; i++) expect(imagesOf(await create({}))).toEqual([`${server}/app:1.2`]);
    await plane.kube.installCrds('crds');
    await untilPulledFrom(server);
  });

  const broken: readonly {
    readonly what: string;
    readonly spec: object;
    readonly metric: string;
    readonly labels: string[];
  }[] = [
    {
      what: 'the policy fails to change a Pod',
      spec: {
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: { expression: 'Object{spec: Object.spec{schedulerName: variables.serving.nothing}}' },
          },
        ],
      },
      metric: 'apiserver_mutating_admission_policy_check_total',
      labels: ['policy="broken-local-pull"', 'error_type="invalid_error"'],
    },
    {
      what: 'the policy fails to choose Pods',
      spec: { matchConditions: [{ name: 'broken', expression: "params.nothing == 'there'" }] },
      metric: 'apiserver_admission_match_condition_evaluation_errors_total',
      labels: ['name="broken-local-pull"', 'kind="policy"'],
    },
  ];
  for (const { what, spec, metric, labels } of broken) {
    test(`${what}, which the metrics tell that the alert is about`, async () => {
      await removePolicies();
      const { policy, binding } = await localPull('broken-local-pull', { namespace: 'platform', name: 'contoso' });
      const bad = { ...policy, spec: { ...(policy['spec'] as object), ...spec } };
      await plane.kube.applyAll([bad, binding]);
      const failures = async () => {
        expect(imagesOf(await create({}))).toEqual([`${server}/app:1.2`]);
        return await counted(metric, labels);
      };
      await expect.poll(failures, { timeout: 20_000 }).toBeGreaterThan(0);
      await removePolicies('broken-local-pull');
      await plane.kube.applyAll([policies.policy, policies.binding]);
      await untilPulledFrom(regional);
    });
  }
});

test('a status cannot send Pods to a registry that their image does not name, nor to a host that is no ACR', async () => {
  const evil = 'evil.azurecr.io';
  await says({
    registry: { ...registry, loginServer: evil },
    replicas: [{ ...serving, endpoint: `evil.${pullRegion}.geo.azurecr.io` }],
  });
  await untilPulledFrom(server);
  for (const loginServer of ['docker.io', 'evil.example.com', `${server}/team`, server.toUpperCase()]) {
    const endpoint = loginServer.replace('.', `.${pullRegion}.geo.`);
    await says({ registry: { ...registry, loginServer }, replicas: [{ ...serving, endpoint }] });
    await says({ registry: { ...registry, loginServer }, replicas: [{ ...serving, endpoint: evil }] });
    expect(imagesOf(await create({ containers: [container('main', `${loginServer.toLowerCase()}/app`)] }))).toEqual([
      `${loginServer.toLowerCase()}/app`,
    ]);
  }
});

test('no expression of the policy has failed, whatever the statuses of the tests before held', async () => {
  const errors = 'apiserver_admission_match_condition_evaluation_errors_total';
  expect(await counted(errors, ['name="local-pull"'])).toBe(0);
  const [policy, result] = ['policy="local-pull"', 'apiserver_mutating_admission_policy_check_total'];
  expect(await counted(result, [policy])).toBe(await counted(result, [policy, 'error_type="no_error"']));
});

test('the API server has every metric of its own that the alert and the dashboard name', async () => {
  const files = ['alerts.yaml', 'dashboard.json'].map((file) => readFileSync(`deploy/chart/files/${file}`, 'utf8'));
  const named = new Set(files.flatMap((text) => text.match(/\bapiserver_\w+/g) ?? []));
  expect(named.size).toBeGreaterThan(3);
  const served = await plane.kube.request<string>('GET', '/metrics');
  expect([...named].filter((name) => !served.includes(`\n${name}{`))).toEqual([]);
});

test('Pods that are steered are counted, and only they', async () => {
  const steered = () =>
    counted('apiserver_mutating_admission_policy_check_total', ['policy="local-pull"', 'error_type="no_error"']);
  const before = await steered();
  for (let i = 0; i < 3; i++) await create({});
  await create({ containers: [container('main', 'docker.io/app')] });
  await create({}, { namespace: 'elsewhere' });
  expect(await steered()).toBe(before + 3);
});

test('of 200 Pods a second none is refused, and none pulls from a replica later than the API server knows better', async () => {
  const judged: { readonly from: number; readonly to: number; readonly host: string }[] = [];
  const changes = [{ at: performance.now(), host: regional }];
  const turns: readonly (readonly [string, Partial<Status>])[] = [
    [server, { ...well, replicas: [home, { ...serving, status: 'Syncing' }] }],
    [regional, well],
    [server, { ...well, replicas: [home, { ...serving, provisioningState: 'Failed' }] }],
    [regional, well],
    [
      server,
      { ...well, replicas: [home, { ...serving, drained: { until: '2026-12-01T06:00:00Z', before: 'Enabled' } }] },
    ],
    [regional, well],
  ];
  const waiting = new Set<Promise<void>>();
  for (const [host, status] of turns) {
    for (let tick = 0; tick < 20; tick++) {
      for (let i = 0; i < 20; i++) waiting.add(one());
      await pause(100); // 20 Pods in a tenth of a second
    }
    await says(status);
    changes.push({ at: performance.now(), host });
  }
  await Promise.all(waiting);
  expect(judged).toHaveLength(2_400);
  const wrong = judged.filter(({ from, to, host }) => !known(from, to).has(host));
  expect(wrong).toEqual([]);
  expect(new Set(judged.map(({ host }) => host))).toEqual(new Set([server, regional]));

  async function one(): Promise<void> {
    const from = performance.now();
    const pod = await create({});
    judged.push({ from, to: performance.now(), host: hostIn(pod) });
  }
  /** What a Pod may have pulled from that was made in that time: what status said then, or up to a second before. */
  function known(from: number, to: number): ReadonlySet<string> {
    const last = changes.findLastIndex(({ at }) => at < from - watchLagMs);
    return new Set(changes.slice(Math.max(last, 0)).flatMap(({ at, host }) => (at - writeMs < to ? [host] : [])));
  }
});

/** The API server's watch of the objects is so far behind at most; in a test run of a slow machine. */
const watchLagMs = 1_000;
/** A status counts from somewhere within its write, which is timed at its end. */
const writeMs = 1_000;

test('doctor tells from where Pods pull, why not, and what is missing', async () => {
  const lines = async (): Promise<readonly string[]> => {
    // Without a login: of Azure this says nothing.
    const env = { AZURE_CONFIG_DIR: plane.dir, AZURE_CLIENT_ID: undefined, PATH: '', LC_ALL: 'C.UTF-8' };
    const { out } = await plugin(['doctor', '-n', 'platform'], { kubeconfig: plane.adminKubeconfig, env });
    return /^Local pull\n((?: .*\n)*)/m.exec(out)?.[1]?.trimEnd().split('\n') ?? [];
  };
  const installed = '  ✓ policy local-pull is installed by admissionregistration.k8s.io/v1, and bound';
  expect(await lines()).toEqual([installed, `  ✓ platform/contoso: Pods pull from ${regional}`]);
  await says({ ...well, replicas: [{ ...serving, status: 'Syncing' }] });
  expect((await lines())[1]).toBe(`  ! platform/contoso: Pods pull from the global host, for ${pullRegion} is Syncing`);
  await says(well);
  const label = (value: string | null) =>
    plane.kube.patch('/api/v1/namespaces/shop', { metadata: { labels: { 'acr-replication.dev/local-pull': value } } });
  await label(null);
  expect(await lines()).toEqual([
    installed,
    '  ! binding local-pull is for namespaces with acr-replication.dev/local-pull=enabled, and there is none',
    '    try: kubectl label namespace NAMESPACE acr-replication.dev/local-pull=enabled',
  ]);
  await label('enabled');
  await plane.kube.delete(object);
  expect((await lines())[1]).toBe(
    '  ! binding local-pull names RegistryReplication platform/contoso, which is not there',
  );
  await plane.kube.apply(pulledObject);
  await says(well);
  await removePolicies();
  expect(await lines()).toEqual([
    '  ✓ Pods pull from the global host: no policy lets them do otherwise, see docs/local-pull.md',
  ]);
  await plane.kube.applyAll([policies.policy, policies.binding]);
  await untilPulledFrom(regional);
});

test('whoever installs it may get every RegistryReplication, for the API server asks that of who names them for parameters', async () => {
  const { kube } = plane;
  const rbac = 'rbac.authorization.k8s.io';
  const resources = ['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'];
  const rules = [{ apiGroups: ['admissionregistration.k8s.io'], resources, verbs: ['create'] }];
  const get = [{ apiGroups: ['acr-replication.dev'], resources: [plural], verbs: ['get'] }];
  await kube.createServiceAccount('platform', 'author');
  const subjects = [{ kind: 'ServiceAccount', namespace: 'platform', name: 'author' }];
  const grant = async (scope: '' | 'Cluster', name: string, more: object): Promise<void> => {
    const own = { apiVersion: `${rbac}/v1`, metadata: scope === '' ? { name, namespace: 'platform' } : { name } };
    await kube.applyAll([
      { ...own, kind: `${scope}Role`, ...more },
      {
        ...own,
        kind: `${scope}RoleBinding`,
        roleRef: { apiGroup: rbac, kind: `${scope}Role`, name },
        subjects,
      },
    ]);
  };
  const token = await kube.tokenFor({ namespace: 'platform', serviceAccount: 'author' });
  const { policy, binding } = await localPull('theirs', { namespace: 'platform', name: 'contoso' });
  const install = () => kube.request('POST', `${group}/mutatingadmissionpolicies`, policy, { token });
  await grant('Cluster', 'author', { rules });
  await grant('', 'reader', { rules: get });
  await expect
    .poll(() => install().catch(String), { timeout: 10_000 })
    .toMatch(/must have "get" permission on all objects of the referenced paramKind/);
  await grant('Cluster', 'reader', { rules: get });
  await expect.poll(() => install().catch(String), { timeout: 10_000 }).toMatchObject({ kind: policy.kind });
  await kube.request('POST', `${group}/mutatingadmissionpolicybindings`, binding, { token });
  await kube.delete(`${group}/mutatingadmissionpolicybindings/theirs`);
  await kube.delete(`${group}/mutatingadmissionpolicies/theirs`);
});

test('it is the same in the version of the API that Kubernetes 1.34 and 1.35 have', async () => {
  await removePolicies();
  const beta = 'admissionregistration.k8s.io/v1beta1';
  await plane.kube.applyAll([policies.policy, policies.binding].map((one) => ({ ...one, apiVersion: beta })));
  await untilPulledFrom(regional);
  await says({ ...well, replicas: [{ ...serving, status: 'Syncing' }] });
  await untilPulledFrom(server);
});

async function removePolicies(name = 'local-pull'): Promise<void> {
  await plane.kube.delete(`${group}/mutatingadmissionpolicybindings/${name}`);
  await plane.kube.delete(`${group}/mutatingadmissionpolicies/${name}`);
  await untilPulledFrom(server);
}

function hostIn(pod: Pod): string {
  return imagesOf(pod)[0]?.split('/')[0] ?? '';
}

/** The sum of a counter's samples with these labels. */
async function counted(metric: string, labels: readonly string[]): Promise<number> {
  const text = await plane.kube.request<string>('GET', '/metrics');
  const samples = text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && labels.every((l) => line.includes(l)));
  return samples.map((line) => Number(line.split(' ').at(-1))).reduce((a, b) => a + b, 0);
}
