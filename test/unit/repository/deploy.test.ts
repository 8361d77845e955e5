import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { parseConfig } from '../../../src/operator/config.ts';
import { settings } from '../../../src/operator/settings.ts';

const deploy = new URL('../../../deploy/', import.meta.url);

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly securityContext: object;
  readonly resources: { readonly requests: object; readonly limits: object };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}
interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly type: string };
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: object;
        readonly containers: readonly [Container];
      };
    };
  };
}

async function read<T>(name: string): Promise<T> {
  return parse(await readFile(new URL(name, deploy), 'utf8')) as T;
}

/** What a pod gets beside the variables of its manifest. */
const webhook = {
  AZURE_TENANT_ID: '11111111-2222-3333-4444-555555555555',
  AZURE_FEDERATED_TOKEN_FILE: '/token',
  KUBERNETES_SERVICE_HOST: '10.0.0.1',
};
const readers = { isFile: () => true, readText: () => 'acr-replication-system' };

const deployment = await read<Deployment>('deployment.yaml');
const { template } = deployment.spec;
const [container] = template.spec.containers;

test('the pod fits the restricted Pod Security standard that its namespace enforces', async () => {
  const { metadata } = await read<Manifest>('namespace.yaml');
  expect(metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
  expect(template.spec.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('probes and ports are where the operator listens by default', () => {
  const port = (name: string): number | undefined => container.ports.find((p) => p.name === name)?.containerPort;
  expect(settings.metricsAddress.default).toBe(`:${port('metrics')}`);
  expect(settings.healthAddress.default).toBe(`:${port('health')}`);
  expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'health' });
  expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'health' });
});

test('one operator works and one stands by, also during an update, and each gets more time to stop than it takes', () => {
  expect(deployment.spec.replicas).toBe(2);
  expect(deployment.spec.strategy.type).toBe('RollingUpdate');
  expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
});

test('selector, service account, namespace and role belong together', async () => {
  const account = await read<Manifest>('service-account.yaml');
  const role = await read<Manifest>('cluster-role.yaml');
  const binding = await read<Manifest & { readonly roleRef: object; readonly subjects: readonly object[] }>(
    'cluster-role-binding.yaml',
  );
  const namespace = await read<Manifest>('namespace.yaml');
  expect(template.metadata.labels).toMatchObject(deployment.spec.selector.matchLabels);
  expect(template.spec.serviceAccountName).toBe(account.metadata.name);
  expect([account.metadata.namespace, deployment.metadata.namespace]).toEqual(Array(2).fill(namespace.metadata.name));
  expect(binding.roleRef).toMatchObject({ kind: 'ClusterRole', name: role.metadata.name });
  expect(binding.subjects).toEqual([
    { kind: 'ServiceAccount', name: account.metadata.name, namespace: namespace.metadata.name },
  ]);
  const own = await read<Manifest>('role.yaml');
  const ownBinding = await read<typeof binding>('role-binding.yaml');
  expect([own.metadata.namespace, ownBinding.metadata.namespace]).toEqual(Array(2).fill(namespace.metadata.name));
  expect(ownBinding.roleRef).toMatchObject({ kind: 'Role', name: own.metadata.name });
  expect(ownBinding.subjects).toEqual(binding.subjects);
});

test('in its own namespace it may hold the one lease that it asks for by default, and create one', async () => {
  const { rules } = await read<{ readonly rules: readonly object[] }>('role.yaml');
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  const parsed = parseConfig([], { ...webhook, AZURE_CLIENT_ID: webhook.AZURE_TENANT_ID }, readers);
  expect(parsed).toMatchObject({ kind: 'ok', config: { lease: { namespace: 'acr-replication-system' } } });
  expect(container.env).toContainEqual({ name: settings.leaseName.name, value: 'acr-replication-operator' });
  const name = parsed.kind === 'ok' ? parsed.config.lease?.name : undefined;
  expect(rules).toEqual([
    { ...leases, resourceNames: [name], verbs: ['get', 'list', 'watch', 'update'] },
    { ...leases, verbs: ['create'] },
  ]);
});

test('the role gives no more than the passes need, and nothing of other kinds', async () => {
  const { rules } = await read<{ readonly rules: readonly object[] }>('cluster-role.yaml');
  expect(rules).toEqual([
    {
      apiGroups: ['acr-replication.dev'],
      resources: ['registryreplications'],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    { apiGroups: ['acr-replication.dev'], resources: ['registryreplications/status'], verbs: ['update'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  ]);
});

test('who may view a namespace may see its objects, and who may edit it may write them', async () => {
  const ofObjects = { apiGroups: ['acr-replication.dev'], resources: ['registryreplications'] };
  const roles = parseAllDocuments(await readFile(new URL('aggregated-roles.yaml', deploy), 'utf8')).map(
    (d) => d.toJS() as Manifest & { readonly rules: readonly object[] },
  );
  const aggregated = ({ labels }: Manifest['metadata']) =>
    Object.keys(labels).flatMap((label) => /^rbac\.authorization\.k8s\.io\/aggregate-to-(.+)$/.exec(label)?.[1] ?? []);
  expect(roles.map(({ kind, metadata }) => [kind, metadata.name, aggregated(metadata).toSorted()])).toEqual([
    ['ClusterRole', 'acr-replication-view', ['admin', 'edit', 'view']],
    ['ClusterRole', 'acr-replication-edit', ['admin', 'edit']],
    ['ClusterRole', 'acr-replication-admin', ['admin']],
  ]);
  const view = ['get', 'list', 'watch'];
  const edit = [...view, 'create', 'update', 'patch', 'delete', 'deletecollection'];
  expect(roles.map(({ rules }) => rules)).toEqual([view, edit, edit].map((verbs) => [{ ...ofObjects, verbs }]));
});

test('the role that the documentation names for Prometheus is there, and only reads /metrics', async () => {
  const role = await read<Manifest & { readonly rules: readonly object[] }>('metrics-reader.yaml');
  expect(role.metadata.name).toBe('acr-replication-operator-metrics-reader');
  expect(role.rules).toEqual([{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]);
});

test('beside each verb of each role stands what it is for', async () => {
  const files = [
    'cluster-role.yaml',
    'role.yaml',
    'aggregated-roles.yaml',
    'credentials/secret.yaml',
    'credentials/service-account.yaml',
  ];
  for (const file of files) {
    const text = await readFile(new URL(file, deploy), 'utf8');
    const roles = parseAllDocuments(text).map(
      (d) => d.toJS() as { readonly rules?: readonly { readonly verbs: readonly string[] }[] },
    );
    const verbs = roles.flatMap(({ rules = [] }) => rules.flatMap((rule) => rule.verbs));
    const explained = [...text.matchAll(/^ {6}- ([a-z]+) # \S.{10,}$/gm)].map(([, verb]) => verb);
    expect(explained, file).toEqual(verbs);
  }
});

test('for some namespaces the same role is bound in each, and nowhere else', async () => {
  const component = await read<{
    readonly kind: string;
    readonly resources: readonly string[];
    readonly patches: readonly { readonly patch: string }[];
  }>('namespaced/kustomization.yaml');
  expect(component).toMatchObject({ kind: 'Component', resources: ['watched-namespaces.yaml'] });
  const [removed, changed] = component.patches.map(({ patch }) => parse(patch) as Manifest & Deployment);
  const whole = await read<Manifest & { readonly roleRef: object; readonly subjects: readonly object[] }>(
    'cluster-role-binding.yaml',
  );
  expect(removed).toEqual({
    $patch: 'delete',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: whole.metadata.name },
  });
  const binding = await read<typeof whole>('namespaced/watched-namespaces.yaml');
  expect([binding.roleRef, binding.subjects]).toEqual([whole.roleRef, whole.subjects]);
  expect(changed?.metadata).toEqual({
    name: deployment.metadata.name,
    namespace: deployment.metadata.namespace,
  });
  const [patched] = changed?.spec.template.spec.containers ?? [];
  expect(patched).toEqual({
    name: 'operator',
    env: [{ name: settings.watchNamespaces.name, value: binding.metadata.namespace }],
  });
});

test('workload identity is asked for, and a forgotten client id is refused at the start by name', async () => {
  expect(template.metadata.labels['azure.workload.identity/use']).toBe('true');
  const { metadata } = await read<Manifest>('service-account.yaml');
  expect(metadata.annotations).toBeUndefined(); // a placeholder would stand over the ids of a Secret
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  const parsed = parseConfig([], { ...env, ...webhook, AZURE_CLIENT_ID: '' }, readers);
  expect(parsed).toEqual({ kind: 'invalid', problems: [expect.stringContaining('AZURE_CLIENT_ID is not set')] });
  const replaced = { ...env, ...webhook, AZURE_CLIENT_ID: webhook.AZURE_TENANT_ID };
  expect(parseConfig([], replaced, readers).kind).toBe('ok');
});

test('every variable of the deployment is one that is read', () => {
  const ofNode = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_'];
  const known = new Set<string>([...Object.values(settings).map(({ name }) => name), ...ofNode]);
  expect(container.env.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
});

test('Node accepts the options of the deployment', async () => {
  const options = container.env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '';
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', '1'], { env: { NODE_OPTIONS: options } });
  expect(stdout).toBe('1\n');
});

test('image and labels say the version of the package', () => {
  expect(container.image.endsWith(`/${manifest.name}:${manifest.version}`)).toBe(true);
  for (const { labels } of [deployment.metadata, template.metadata]) {
    expect(labels['app.kubernetes.io/version']).toBe(manifest.version);
  }
});

test('the base lists every file of its folder', async () => {
  const { resources } = await read<{ readonly resources: readonly string[] }>('kustomization.yaml');
  expect([...resources].sort()).toEqual([
    '../crds',
    'aggregated-roles.yaml',
    'cluster-role-binding.yaml',
    'cluster-role.yaml',
    'deployment.yaml',
    'metrics-reader.yaml',
    'namespace.yaml',
    'pod-disruption-budget.yaml',
    'role-binding.yaml',
    'role.yaml',
    'service-account.yaml',
  ]);
});

test('the sample is the one of the README: three regions for contoso', async () => {
  const sample = await read<{ readonly metadata: object; readonly spec: object }>('samples/contoso.yaml');
  expect(sample.metadata).toEqual({ name: 'contoso', namespace: 'platform' });
  expect(sample.spec).toEqual({
    registry: { name: 'contoso', resourceGroup: 'registries' },
    regions: [{ location: 'japaneast' }, { location: 'westeurope' }, { location: 'brazilsouth' }],
  });
});
