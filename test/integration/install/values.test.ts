import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { settings } from '../../../src/operator/settings.ts';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { differences } from './differences.ts';
import { chart, name, rendered, type Values } from './programs.ts';

const defaults = await rendered();
const pod = `Deployment acr-replication-system/${name} spec.template.spec`;
const container = `${pod}.containers[operator]`;

/** NODE_EXTRA_CA_CERTS is Node's own; the Azure SDK reads the others. */
const ofOthers = ['NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];
const digest = `sha256:${'a'.repeat(64)}`;

const changes: readonly { readonly values: Values; readonly changes: readonly string[] }[] = [
  { values: { replicas: 3 }, changes: ['Deployment … spec.replicas: 3'] },
  {
    values: { image: { repository: 'contoso.azurecr.io/operator' } },
    changes: [`container.image: "contoso.azurecr.io/operator:${manifest.version}"`],
  },
  { values: { image: { tag: '1.2.3' } }, changes: ['container.image: "acr-replication-operator:1.2.3"'] },
  {
    values: { image: { tag: '1.2.3', digest } },
    changes: [`container.image: "acr-replication-operator@${digest}"`],
  },
  {
    values: { image: { pullPolicy: 'Always', pullSecrets: ['pull'] } },
    changes: ['container.imagePullPolicy: "Always"', 'pod.imagePullSecrets[pull]: {}'],
  },
  {
    values: { azure: { subscriptionId: '00000000-0000-0000-0000-000000000000' } },
    changes: ['container.env[AZURE_SUBSCRIPTION_ID].value: "00000000-0000-0000-0000-000000000000"'],
  },
  {
    values: { azure: { clientId: '20000000-0000-4000-8000-000000000002', tenantId: 'contoso.com' } },
    changes: [
      'ServiceAccount … metadata.annotations.azure.workload.identity/client-id: "20000000-0000-4000-8000-000000000002"',
      'ServiceAccount … metadata.annotations.azure.workload.identity/tenant-id: "contoso.com"',
    ],
  },
  {
    values: { azure: { credentialsSecretName: 'azure', clientId: '20000000-0000-4000-8000-000000000002' } },
    changes: [
      '- Deployment … spec.template.metadata.labels.azure.workload.identity/use',
      '- container.envFrom[0].secretRef.optional',
      '- ServiceAccount … metadata.annotations.azure.workload.identity/client-id',
      'container.envFrom[0].secretRef.name: "azure"',
      'container.env[AZURE_CLIENT_ID].value: "20000000-0000-4000-8000-000000000002"',
    ],
  },
  {
    values: { azure: { credential: 'managed-identity', environment: 'AzureChinaCloud' } },
    changes: [
      '- Deployment … spec.template.metadata.labels.azure.workload.identity/use',
      '- ServiceAccount … metadata.annotations.azure.workload.identity/client-id',
      'container.env[AZURE_CREDENTIAL].value: "managed-identity"',
      'container.env[AZURE_ENVIRONMENT].value: "AzureChinaCloud"',
    ],
  },
  { values: { clusterName: 'production-1' }, changes: ['container.env[CLUSTER_NAME].value: "production-1"'] },
  {
    values: { watch: { namespaces: ['platform', 'payments'] } },
    changes: [
      '+ RoleBinding payments/acr-replication-operator-objects',
      '+ RoleBinding platform/acr-replication-operator-objects',
      '- ClusterRoleBinding /acr-replication-operator',
      'container.env[WATCH_NAMESPACES].value: "platform,payments"',
    ],
  },
  {
    values: { watch: { selector: 'shard in (a, b)' } },
    changes: ['container.env[WATCH_SELECTOR].value: "shard in (a, b)"'],
  },
  { values: { logLevel: 'debug' }, changes: ['container.env[LOG_LEVEL].value: "debug"'] },
  {
    values: { extraEnv: [{ name: 'ARM_QUOTA_SHARE', value: '0.4' }] },
    changes: ['container.env[ARM_QUOTA_SHARE].value: "0.4"'],
  },
  { values: { resources: { limits: { cpu: '1' } } }, changes: ['container.resources.limits.cpu: "1"'] },
  {
    values: { nodeSelector: { pool: 'system' }, tolerations: [{ operator: 'Exists' }] },
    changes: ['pod.nodeSelector.pool: "system"', 'pod.tolerations[0].operator: "Exists"'],
  },
  {
    values: { affinity: { podAntiAffinity: {} }, priorityClassName: 'system-cluster-critical' },
    changes: ['pod.affinity.podAntiAffinity: {}', 'pod.priorityClassName: "system-cluster-critical"'],
  },
  {
    values: { topologySpreadConstraints: [] },
    changes: [
      '- pod.topologySpreadConstraints[0].labelSelector.matchLabels.app.kubernetes.io/component',
      '- pod.topologySpreadConstraints[0].labelSelector.matchLabels.app.kubernetes.io/name',
      '- pod.topologySpreadConstraints[0].maxSkew',
      '- pod.topologySpreadConstraints[0].topologyKey',
      '- pod.topologySpreadConstraints[0].whenUnsatisfiable',
    ],
  },
  {
    values: {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
      ],
    },
    changes: [
      'pod.topologySpreadConstraints[0].topologyKey: "topology.kubernetes.io/zone"',
      'pod.topologySpreadConstraints[0].whenUnsatisfiable: "DoNotSchedule"',
    ],
  },
  {
    values: { podAnnotations: { a: 'b' }, podLabels: { c: 'd' } },
    changes: [
      'Deployment … spec.template.metadata.annotations.a: "b"',
      'Deployment … spec.template.metadata.labels.c: "d"',
    ],
  },
  {
    values: { serviceAccount: { annotations: { a: 'b' } } },
    changes: ['ServiceAccount … metadata.annotations.a: "b"'],
  },
  {
    values: { serviceAccount: { create: false, name: 'mine' } },
    changes: [
      '- ClusterRoleBinding /acr-replication-operator subjects[acr-replication-operator].kind',
      '- ClusterRoleBinding /acr-replication-operator subjects[acr-replication-operator].namespace',
      '- RoleBinding … subjects[acr-replication-operator].kind',
      '- RoleBinding … subjects[acr-replication-operator].namespace',
      '- ServiceAccount …',
      'ClusterRoleBinding /acr-replication-operator subjects[mine].kind: "ServiceAccount"',
      'ClusterRoleBinding /acr-replication-operator subjects[mine].namespace: "acr-replication-system"',
      'pod.serviceAccountName: "mine"',
      'RoleBinding … subjects[mine].kind: "ServiceAccount"',
      'RoleBinding … subjects[mine].namespace: "acr-replication-system"',
    ],
  },
  { values: { podDisruptionBudget: { enabled: false } }, changes: ['- PodDisruptionBudget …'] },
  {
    values: { podDisruptionBudget: { minAvailable: '50%' } },
    changes: ['- PodDisruptionBudget … spec.maxUnavailable', 'PodDisruptionBudget … spec.minAvailable: "50%"'],
  },
  { values: { networkPolicy: { enabled: true } }, changes: ['+ NetworkPolicy …'] },
  {
    values: { extraCA: { configMapName: 'authorities' } },
    changes: [
      'container.env[NODE_EXTRA_CA_CERTS].value: "/etc/acr-replication-operator/ca/ca.crt"',
      'container.volumeMounts[ca].mountPath: "/etc/acr-replication-operator/ca"',
      'container.volumeMounts[ca].readOnly: true',
      'pod.volumes[ca].configMap.name: "authorities"',
    ],
  },
  {
    values: { extraCA: { secretName: 'authorities', key: 'bundle.pem' } },
    changes: [
      'container.env[NODE_EXTRA_CA_CERTS].value: "/etc/acr-replication-operator/ca/bundle.pem"',
      'container.volumeMounts[ca].mountPath: "/etc/acr-replication-operator/ca"',
      'container.volumeMounts[ca].readOnly: true',
      'pod.volumes[ca].secret.secretName: "authorities"',
    ],
  },
  {
    values: { proxy: { https: 'http://proxy:3128', http: 'http://proxy:3128', no: '.internal' } },
    changes: [
      'container.env[HTTPS_PROXY].value: "http://proxy:3128"',
      'container.env[HTTP_PROXY].value: "http://proxy:3128"',
      'container.env[NO_PROXY].value: ".internal"',
    ],
  },
  {
    values: { metrics: { requireToken: true } },
    changes: [
      '+ ClusterRole /acr-replication-operator-metrics-auth',
      '+ ClusterRole /acr-replication-operator-metrics-reader',
      '+ ClusterRoleBinding /acr-replication-operator-metrics-auth',
      'container.env[METRICS_REQUIRE_TOKEN].value: "true"',
    ],
  },
  {
    values: { metrics: { tlsSecretName: 'tls' } },
    changes: [
      'container.env[METRICS_TLS_DIR].value: "/etc/acr-replication-operator/metrics-tls"',
      'container.volumeMounts[metrics-tls].mountPath: "/etc/acr-replication-operator/metrics-tls"',
      'container.volumeMounts[metrics-tls].readOnly: true',
      'pod.volumes[metrics-tls].secret.secretName: "tls"',
    ],
  },
  {
    values: { metrics: { serviceMonitor: { enabled: true } } },
    changes: ['+ Service …-metrics', '+ ServiceMonitor …'],
  },
  { values: { metrics: { podMonitor: { enabled: true } } }, changes: ['+ PodMonitor …'] },
  {
    values: { prometheusRule: { enabled: true }, dashboard: { enabled: true } },
    changes: ['+ ConfigMap …-dashboard', '+ PrometheusRule …'],
  },
  {
    values: { crds: { enabled: false } },
    changes: ['- CustomResourceDefinition /registryreplications.acr-replication.dev'],
  },
  { values: { fullnameOverride: name }, changes: [] },
];

test('every variable that a value sets is one that is read, by the operator, Node or the Azure SDK', async () => {
  const known = new Set<string>([...Object.values(settings).map((setting) => setting.name), ...ofOthers]);
  const set = changes.flatMap((change) => change.changes.flatMap((line) => /env\[(\w+)\]/.exec(line)?.[1] ?? []));
  expect(set.filter((variable) => !known.has(variable))).toEqual([]);
});

for (const { values, changes: expected } of changes) {
  test.concurrent(`${JSON.stringify(values)} changes just that`, async () => {
    const lines = differences(defaults, await rendered(values)).map((line) =>
      line.replace(container, 'container').replace(pod, 'pod').replaceAll(`acr-replication-system/${name}`, '…'),
    );
    expect(lines).toEqual(expected);
  });
}

const refusals: readonly { readonly values: Values; readonly says: string }[] = [
  { values: { replica: 2 }, says: "at '': additional properties 'replica' not allowed" },
  { values: { image: { name: 'a' } }, says: "at '/image': additional properties 'name' not allowed" },
  { values: { replicas: 'two' }, says: "at '/replicas': got string, want integer" },
  { values: { image: { digest: 'latest' } }, says: "at '/image/digest': 'latest' does not match" },
  { values: { logLevel: 'loud' }, says: "at '/logLevel': value must be one of 'debug', 'info', 'warn', 'error'" },
  { values: { clusterName: '' }, says: "at '/clusterName': '' does not match" },
  { values: { azure: { clientId: 'mine' } }, says: "at '/azure/clientId': 'mine' does not match" },
  { values: { azure: { credential: 'password' } }, says: "at '/azure/credential': value must be one of" },
  { values: { watch: { namespaces: 'platform' } }, says: "at '/watch/namespaces': got string, want array" },
  { values: { watch: { namespaces: ['a', 'a'] } }, says: "at '/watch/namespaces': items at 0 and 1 are equal" },
  { values: { podLabels: { answer: 42 } }, says: "at '/podLabels/answer': got number, want string" },
  { values: { proxy: { https: 'proxy:3128' } }, says: "at '/proxy/https': 'proxy:3128' does not match" },
  {
    values: { extraCA: { configMapName: 'a', secretName: 'b' } },
    says: 'extraCA: name either configMapName or secretName, not both',
  },
  {
    values: { metrics: { requireToken: true, podMonitor: { enabled: true } } },
    says: "a PodMonitor cannot use Prometheus' own token; a ServiceMonitor can",
  },
  {
    values: { metrics: { tlsSecretName: 'tls', podMonitor: { enabled: true } } },
    says: 'set metrics.podMonitor.tlsConfig',
  },
];

for (const { values, says } of refusals) {
  test.concurrent(`${JSON.stringify(values)} is refused: ${says}`, async () => {
    await expect(rendered(values)).rejects.toThrow(says);
  });
}

test('another release has other names throughout, also of its Lease, and selects none of the pods of the first', async () => {
  const shard = await rendered({ watch: { selector: 'shard=a' }, crds: { enabled: false } }, 'shard-a');
  const own = `shard-a-${name}`;
  expect(shard.map(({ metadata }) => metadata.name)).toEqual(shard.map(() => own));
  const [mine, first] = [shard, defaults].map(deploymentOf);
  expect(mine?.spec.template.spec.containers[0].env).toContainEqual({ name: 'LEASE_NAME', value: own });
  expect(shard.find(({ kind }) => kind === 'Role')?.['rules']).toContainEqual(
    expect.objectContaining({ resources: ['leases'], resourceNames: [own] }),
  );
  for (const [selecting, other] of [
    [mine, first],
    [first, mine],
  ]) {
    const { matchLabels } = selecting?.spec.selector ?? { matchLabels: {} };
    expect(selecting?.spec.template.metadata.labels).toMatchObject(matchLabels);
    expect(other?.spec.template.metadata.labels).not.toMatchObject(matchLabels);
  }
});

test('what the Deployment selects by is as it was in the first release: it cannot be changed in place', () => {
  expect(deploymentOf(defaults).spec.selector.matchLabels).toEqual({
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/component': 'controller',
  });
});

test('schema and values have the same names, both ways', async () => {
  const [schema, values] = await Promise.all(
    ['values.schema.json', 'values.yaml'].map((file) => readFile(`${chart}/${file}`, 'utf8')),
  );
  const open = new Set(['resources', 'nodeSelector', 'affinity', 'labels']);
  const paths = (value: unknown, path = ''): string[] =>
    isMap(value) && !open.has(path.split('.').at(-1) ?? '')
      ? Object.entries(value).flatMap(([key, member]) => paths(member, path === '' ? key : `${path}.${key}`))
      : [path];
  const declared = (value: Schema, path = ''): string[] =>
    value.properties === undefined || value.type === 'array'
      ? [path]
      : Object.entries(value.properties).flatMap(([k, member]) => declared(member, path === '' ? k : `${path}.${k}`));
  const inSchema = declared(JSON.parse(schema ?? '') as Schema).filter((path) => path !== 'global');
  expect(paths(parse(values ?? '')).sort()).toEqual(inSchema.sort());
});

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly [{ readonly env: readonly object[] }] };
    };
  };
}

function deploymentOf(objects: readonly KubeObject[]): Deployment {
  return objects.find(({ kind }) => kind === 'Deployment') as unknown as Deployment;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
