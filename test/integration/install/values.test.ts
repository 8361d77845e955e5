import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { settings } from '../../../src/operator/settings.ts';
import { type KubeObject, parseManifests } from '../../sandbox/manifests.ts';
import { blocksOf } from '../../support/pages.ts';
import { differences } from './differences.ts';
import { chart, name, rendered, renderedText, run, type Values } from './programs.ts';

const defaults = await rendered();
const pod = `Deployment acr-replication-system/${name} spec.template.spec`;
const container = `${pod}.containers[operator]`;

/** Those that begin with NODE are Node's own; the Azure SDK reads the others. */
const ofOthers = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'NO_PROXY'];
/** Where release.yaml pushes the image. */
const published = 'ghcr.io/acr-replication-operator/acr-replication-operator';
const digest = `sha256:${'a'.repeat(64)}`;

/** What the map needs, whoever may see it. */
const mapAdds = [
  '+ ClusterRole /acr-replication-operator-map-nodes',
  '+ ClusterRoleBinding /acr-replication-operator-map-nodes',
  '+ Service …-map',
  'ClusterRole /acr-replication-operator rules[2].verbs[1]: "list"', // of Events
  'container.env[MAP_ADDRESS].value: ":8082"',
  'container.ports[map].containerPort: 8082',
];

const changes: readonly { readonly values: Values; readonly changes: readonly string[] }[] = [
  { values: { replicas: 3 }, changes: ['Deployment … spec.replicas: 3'] },
  { values: { replicas: 0 }, changes: ['Deployment … spec.replicas: 0'] },
  { values: { replicas: null }, changes: ['- Deployment … spec.replicas'] }, // left to whoever scales it
  {
    values: { image: { repository: 'contoso.azurecr.io/operator' } },
    changes: [`container.image: "contoso.azurecr.io/operator:${manifest.version}"`],
  },
  { values: { image: { tag: '1.2.3' } }, changes: [`container.image: "${published}:1.2.3"`] },
  {
    values: { image: { tag: '1.2.3', digest } },
    changes: [`container.image: "${published}@${digest}"`],
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
      'container.envFrom[0].secretRef.name: "azure"',
      'container.env[AZURE_CLIENT_ID].value: "20000000-0000-4000-8000-000000000002"',
    ],
  },
  {
    values: { azure: { credential: 'managed-identity', environment: 'AzureChinaCloud' } },
    changes: [
      '- Deployment … spec.template.metadata.labels.azure.workload.identity/use',
      'container.env[AZURE_CREDENTIAL].value: "managed-identity"',
      'container.env[AZURE_ENVIRONMENT].value: "AzureChinaCloud"',
    ],
  },
  { values: { azure: { resourceGraph: false } }, changes: ['container.env[AZURE_RESOURCE_GRAPH].value: "false"'] },
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
  {
    values: {
      extraEnv: [
        { name: 'LOG_LEVEL', value: 'warn' },
        { name: 'AZURE_SUBSCRIPTION_ID', valueFrom: { configMapKeyRef: { name: 'azure', key: 'subscription' } } },
        { name: 'NODE_OPTIONS', value: '--max-old-space-size=100' },
      ],
    },
    changes: [
      '- container.env[AZURE_SUBSCRIPTION_ID].value',
      'container.env[AZURE_SUBSCRIPTION_ID].valueFrom.configMapKeyRef.key: "subscription"',
      'container.env[AZURE_SUBSCRIPTION_ID].valueFrom.configMapKeyRef.name: "azure"',
      'container.env[LOG_LEVEL].value: "warn"',
      'container.env[NODE_OPTIONS].value: "--max-old-space-size=100"',
    ],
  },
  {
    values: {
      extraVolumes: [{ name: 'certificate', secret: { secretName: 'azure' } }],
      extraVolumeMounts: [{ name: 'certificate', mountPath: '/etc/azure', readOnly: true }],
    },
    changes: [
      'container.volumeMounts[certificate].mountPath: "/etc/azure"',
      'container.volumeMounts[certificate].readOnly: true',
      'pod.volumes[certificate].secret.secretName: "azure"',
    ],
  },
  {
    values: { podSecurityContext: { runAsUser: null, runAsGroup: null, fsGroup: null } }, // OpenShift gives ids of its own
    changes: ['- pod.securityContext.fsGroup', '- pod.securityContext.runAsGroup', '- pod.securityContext.runAsUser'],
  },
  { values: { podSecurityContext: { runAsUser: 1000 } }, changes: ['pod.securityContext.runAsUser: 1000'] },
  { values: { nodeSelector: { 'kubernetes.io/os': null } }, changes: ['- pod.nodeSelector.kubernetes.io/os'] },
  { values: { deploymentAnnotations: { a: 'b' } }, changes: ['Deployment … metadata.annotations.a: "b"'] },
  {
    values: { commonLabels: { team: 'platform' } },
    changes: [
      ...defaults.map(({ kind, metadata }) => {
        const key = `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
        return `${key.replace(`acr-replication-system/${name}`, '…')} metadata.labels.team: "platform"`;
      }),
      'Deployment … spec.template.metadata.labels.team: "platform"',
    ].sort(),
  },
  {
    values: { commonLabels: { team: 'platform' }, podLabels: { team: 'registries' }, crds: { enabled: false } },
    changes: [
      '- CustomResourceDefinition /registryreplications.acr-replication.dev',
      ...defaults
        .filter(({ kind }) => kind !== 'CustomResourceDefinition')
        .map(({ kind, metadata }) => {
          const key = `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
          return `${key.replace(`acr-replication-system/${name}`, '…')} metadata.labels.team: "platform"`;
        }),
      'Deployment … spec.template.metadata.labels.team: "registries"',
    ].sort(),
  },
  {
    values: {
      podLabels: { 'azure.workload.identity/use': true },
      serviceAccount: { annotations: { 'azure.workload.identity/client-id': '20000000-0000-4000-8000-000000000002' } },
    },
    changes: [
      'ServiceAccount … metadata.annotations.azure.workload.identity/client-id: "20000000-0000-4000-8000-000000000002"',
    ],
  },
  {
    values: { podAnnotations: { yes: true, answer: 42, large: 20_000_000 } },
    changes: [
      'Deployment … spec.template.metadata.annotations.answer: "42"',
      'Deployment … spec.template.metadata.annotations.large: "20000000"',
      'Deployment … spec.template.metadata.annotations.yes: "true"',
    ],
  },
  {
    values: { watch: { namespaces: ['platform'] }, rbac: { scope: 'namespace' } },
    changes: [
      '+ Role platform/acr-replication-operator-scoped',
      '+ RoleBinding platform/acr-replication-operator-scoped', // not -objects, whose roleRef could not be changed
      '- ClusterRole /acr-replication-admin',
      '- ClusterRole /acr-replication-edit',
      '- ClusterRole /acr-replication-operator',
      '- ClusterRole /acr-replication-operator-metrics-reader',
      '- ClusterRole /acr-replication-view',
      '- ClusterRoleBinding /acr-replication-operator',
      'container.env[WATCH_NAMESPACES].value: "platform"',
    ],
  },
  {
    values: { rbac: { aggregateEdit: false } },
    changes: ['admin admin', 'edit admin', 'edit edit'].map((pair) => {
      const [role, to] = pair.split(' ');
      return `- ClusterRole /acr-replication-${role} metadata.labels.rbac.authorization.k8s.io/aggregate-to-${to}`;
    }),
  },
  {
    values: { azure: { credential: 'client-secret' } },
    changes: [
      '- Deployment … spec.template.metadata.labels.azure.workload.identity/use',
      'container.env[AZURE_CREDENTIAL].value: "client-secret"',
    ],
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
    values: { proxy: { https: 'http://proxy:3128', no: '.internal' } },
    changes: ['container.env[HTTPS_PROXY].value: "http://proxy:3128"', 'container.env[NO_PROXY].value: ".internal"'],
  },
  {
    values: { proxy: { https: 'proxy:3128' } },
    changes: ['container.env[HTTPS_PROXY].value: "proxy:3128"'],
  },
  {
    values: { metrics: { requireToken: true } },
    changes: [
      '+ ClusterRole /acr-replication-operator-metrics-auth',
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
  {
    values: { metrics: { requireToken: true, serviceMonitor: { enabled: true } } },
    changes: [
      '+ ClusterRole /acr-replication-operator-metrics-auth',
      '+ ClusterRoleBinding /acr-replication-operator-metrics-auth',
      '+ ClusterRoleBinding /acr-replication-operator-metrics-scraper',
      '+ Secret …-metrics-scraper',
      '+ Service …-metrics',
      '+ ServiceAccount …-metrics-scraper',
      '+ ServiceMonitor …',
      'container.env[METRICS_REQUIRE_TOKEN].value: "true"',
    ],
  },
  {
    values: {
      metrics: { requireToken: true, podMonitor: { enabled: true, authorization: { credentials: { name: 'mine' } } } },
    },
    changes: [
      '+ ClusterRole /acr-replication-operator-metrics-auth',
      '+ ClusterRoleBinding /acr-replication-operator-metrics-auth',
      '+ PodMonitor …',
      'container.env[METRICS_REQUIRE_TOKEN].value: "true"',
    ],
  },
  { values: { metrics: { podMonitor: { enabled: true } } }, changes: ['+ PodMonitor …'] },
  { values: { map: { enabled: true } }, changes: mapAdds },
  {
    values: { map: { enabled: true, requireToken: true } },
    changes: [
      ...mapAdds,
      '+ ClusterRole /acr-replication-operator-map-auth',
      '+ ClusterRole /acr-replication-operator-map-reader',
      '+ ClusterRoleBinding /acr-replication-operator-map-auth',
      'container.env[MAP_REQUIRE_TOKEN].value: "true"',
    ].sort(),
  },
  {
    values: { map: { enabled: true, tlsSecretName: 'tls' } },
    changes: [
      ...mapAdds,
      'container.env[MAP_TLS_DIR].value: "/etc/acr-replication-operator/map-tls"',
      'container.volumeMounts[map-tls].mountPath: "/etc/acr-replication-operator/map-tls"',
      'container.volumeMounts[map-tls].readOnly: true',
      'pod.volumes[map-tls].secret.secretName: "tls"',
    ].sort(),
  },
  {
    values: { map: { enabled: true, ingress: { enabled: true, host: 'map.contoso.com' } } },
    changes: [...mapAdds, '+ Ingress …-map'].sort(),
  },
  {
    values: { map: { enabled: true, httpRoute: { enabled: true, parentRefs: [{ name: 'gateway' }] } } },
    changes: [...mapAdds, '+ HTTPRoute …-map'].sort(),
  },
  { values: { map: { requireToken: true, tlsSecretName: 'tls' } }, changes: [] }, // of a map that is not served
  {
    values: {
      localPull: {
        enabled: true,
        region: 'westeurope',
        objects: [
          { namespace: 'platform', name: 'contoso' },
          { namespace: 'platform', name: 'fabrikam' },
        ],
      },
    },
    changes: [
      '+ MutatingAdmissionPolicy /acr-replication-operator-local-pull',
      '+ MutatingAdmissionPolicyBinding /acr-replication-operator-local-pull.platform.contoso',
      '+ MutatingAdmissionPolicyBinding /acr-replication-operator-local-pull.platform.fabrikam',
    ],
  },
  { values: { localPull: { region: 'westeurope', objects: [{ namespace: 'a', name: 'b' }] } }, changes: [] }, // not enabled
  {
    values: { prometheusRule: { enabled: true }, dashboard: { enabled: true } },
    changes: ['+ ConfigMap …-dashboard', '+ PrometheusRule …'],
  },
  {
    values: { crds: { enabled: false } },
    changes: ['- CustomResourceDefinition /registryreplications.acr-replication.dev'],
  },
  { values: { fullnameOverride: name }, changes: [] },
  { values: { enabled: true, global: { any: 'thing' } }, changes: [] }, // said by a parent chart
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
  { values: { replicas: 'two' }, says: "at '/replicas': got string, want null or integer" },
  { values: { image: { digest: 'latest' } }, says: "at '/image/digest': 'latest' does not match" },
  { values: { logLevel: 'loud' }, says: "at '/logLevel': value must be one of 'debug', 'info', 'warn', 'error'" },
  { values: { clusterName: '' }, says: "at '/clusterName': '' does not match" },
  { values: { azure: { clientId: 'mine' } }, says: "at '/azure/clientId': 'mine' does not match" },
  { values: { azure: { credential: 'password' } }, says: "at '/azure/credential': value must be one of" },
  { values: { watch: { namespaces: 'platform' } }, says: "at '/watch/namespaces': got string, want array" },
  { values: { watch: { namespaces: ['a', 'a'] } }, says: "at '/watch/namespaces': items at 0 and 1 are equal" },
  { values: { podLabels: { answer: 4.2 } }, says: "at '/podLabels/answer': got number, want" },
  { values: { podLabels: { answer: ['a'] } }, says: "at '/podLabels/answer': got array, want" },
  ...['podLabels', 'commonLabels'].map((value) => ({
    values: { [value]: { 'app.kubernetes.io/component': 'mine' } },
    says: `${value}: app.kubernetes.io/component is the chart's own`,
  })),
  {
    values: {
      extraEnv: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
    says: 'extraEnv: A is there twice',
  },
  { values: { localPull: { enabled: true } }, says: "name this cluster's region in localPull.region" },
  {
    values: { localPull: { enabled: true, region: 'westeurope' } },
    says: 'name the RegistryReplication of each registry in localPull.objects',
  },
  { values: { localPull: { objects: [{ name: 'contoso' }] } }, says: "at '/localPull/objects/0': missing property" },
  {
    values: {
      localPull: { enabled: true, region: 'westeurope', objects: [{ namespace: 'platform', name: 'contoso' }] },
      rbac: { scope: 'namespace' },
      watch: { namespaces: ['platform'] },
    },
    says: 'localPull.enabled needs objects outside of namespaces, which rbac.scope=namespace forbids',
  },
  {
    values: { rbac: { scope: 'namespace' } },
    says: 'rbac.scope is namespace: name the namespaces in watch.namespaces',
  },
  {
    values: {
      watch: { namespaces: ['platform'] },
      rbac: { scope: 'namespace' },
      metrics: { requireToken: true },
    },
    says: 'metrics.requireToken needs rights in the whole cluster, which rbac.scope forbids',
  },
  {
    values: { watch: { namespaces: ['platform'] }, rbac: { scope: 'namespace' }, map: { requireToken: true } },
    says: 'map.requireToken needs rights in the whole cluster, which rbac.scope forbids',
  },
  {
    values: { map: { ingress: { enabled: true, host: 'map.contoso.com' } } },
    says: 'map.ingress.enabled leads nowhere: set map.enabled',
  },
  {
    values: { map: { enabled: true, ingress: { enabled: true } } },
    says: 'map.ingress.enabled: name the host in map.ingress.host',
  },
  {
    values: { map: { enabled: true, httpRoute: { enabled: true } } },
    says: 'map.httpRoute.enabled: name the gateway in map.httpRoute.parentRefs',
  },
  { values: { map: { service: { port: 0 } } }, says: "at '/map/service/port': minimum: got 0, want 1" },
  {
    values: { networkPolicy: { dnsPorts: [] } },
    says: "at '/networkPolicy/dnsPorts': minItems: got 0, want 1",
  },
  {
    values: { proxy: { https: 'socks5://proxy:1080' } },
    says: "at '/proxy/https': 'socks5://proxy:1080' does not match",
  },
  { values: { proxy: { http: 'http://proxy:3128' } }, says: "at '/proxy': additional properties 'http' not allowed" },
  {
    values: { extraCA: { configMapName: 'a', secretName: 'b' } },
    says: 'extraCA: name either configMapName or secretName, not both',
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

test('a text that looks like a number or a boolean stays a text', async () => {
  const textsOf = (text: string, own: string): Values => ({
    fullnameOverride: text,
    image: { repository: text, tag: text, pullSecrets: [text] },
    azure: { credential: 'workload-identity', tenantId: text, credentialsSecretName: text },
    clusterName: text,
    watch: { namespaces: [text, own], selector: text },
    priorityClassName: text,
    commonLabels: { [text]: text },
    podLabels: { team: text },
    podAnnotations: { [text]: text },
    deploymentAnnotations: { team: text },
    nodeSelector: { pool: text },
    serviceAccount: { name: text, annotations: { team: text } },
    podDisruptionBudget: { minAvailable: '50%' },
    networkPolicy: { enabled: true },
    extraCA: { secretName: text, key: text },
    proxy: { no: text },
    metrics: {
      tlsSecretName: text,
      requireToken: true,
      serviceMonitor: { enabled: true, labels: { release: text } },
      podMonitor: { enabled: true, tlsConfig: { serverName: text } },
    },
    map: {
      enabled: true,
      requireToken: true,
      tlsSecretName: text,
      service: { annotations: { team: text } },
      ingress: { enabled: true, className: text, host: text, annotations: { team: text } },
      httpRoute: {
        enabled: true,
        parentRefs: [{ name: 'gateway' }],
        hostnames: [text],
        annotations: { team: text },
      },
    },
    prometheusRule: { enabled: true, labels: { release: text } },
    dashboard: { enabled: true, annotations: { folder: text } },
  });
  const typesOf = async (text: string, release: string, into: string) => {
    // As the parsers of Helm and kubectl read it: YAML 1.1, in which y, on and 1:2 are no texts.
    const documents = parseAllDocuments(await renderedText(textsOf(text, into), release, into), { version: '1.1' });
    return documents.map((document) => types(document.toJS()));
  };
  const usual = await typesOf('abc', 'release', 'place');
  expect(await typesOf('2026', '123', '456')).toEqual(usual);
  expect(await typesOf('1e3', '2e4', '3e5')).toEqual(usual);
  expect(await typesOf('y', 'on', 'no')).toEqual(usual);
});

/** The value with each text, number and boolean replaced by its type, and the keys of maps left out. */
function types(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.values(value).map(types);
}

test('a release with a dot in its name, or a digit first, has a Service of a valid name', async () => {
  for (const release of ['my.release', '2026']) {
    const objects = await rendered({ metrics: { serviceMonitor: { enabled: true }, tlsSecretName: 'tls' } }, release);
    const service = objects.find(({ kind }) => kind === 'Service')?.metadata.name ?? '';
    expect(service).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor');
    expect(JSON.stringify(monitor)).toContain(`"serverName":"${service}.acr-replication-system.svc"`);
  }
});

test('a network policy lets DNS through by the ports that are named, as on OpenShift', async () => {
  const objects = await rendered({ networkPolicy: { enabled: true, dnsPorts: [5353] } });
  const policy = objects.find(({ kind }) => kind === 'NetworkPolicy') as unknown as {
    readonly spec: { readonly egress: readonly { readonly ports: readonly object[] }[] };
  };
  expect(policy.spec.egress[0]?.ports).toEqual([
    { port: 5353, protocol: 'UDP' },
    { port: 5353, protocol: 'TCP' },
  ]);
});

test('a network policy lets those to the map who are named, where there is a map', async () => {
  const mapFrom = [{ namespaceSelector: { matchLabels: { team: 'platform' } } }];
  const ingressWith = async (enabled: boolean) => {
    const objects = await rendered({ networkPolicy: { enabled: true, mapFrom }, map: { enabled } });
    const policy = objects.find(({ kind }) => kind === 'NetworkPolicy');
    return (policy as unknown as { readonly spec: { readonly ingress: readonly object[] } }).spec.ingress;
  };
  const scraping = { ports: [{ port: 'metrics', protocol: 'TCP' }] };
  expect(await ingressWith(false)).toEqual([scraping]);
  expect(await ingressWith(true)).toEqual([scraping, { ports: [{ port: 'map', protocol: 'TCP' }], from: mapFrom }]);
});

test('Ingress and HTTPRoute lead to the port of the Service, which says what is spoken there', async () => {
  const map = {
    enabled: true,
    tlsSecretName: 'tls',
    service: { type: 'LoadBalancer', port: 443 },
    ingress: {
      enabled: true,
      className: 'nginx',
      host: 'map.contoso.com',
      tls: [{ hosts: ['map.contoso.com'], secretName: 'map-tls' }],
    },
    httpRoute: { enabled: true, parentRefs: [{ name: 'gateway' }], hostnames: ['map.contoso.com'] },
  };
  const objects = await rendered({ map });
  const specOf = (kind: string) => objects.find((object) => object.kind === kind)?.['spec'];
  expect(specOf('Service')).toMatchObject({
    type: 'LoadBalancer',
    ports: [{ name: 'map', port: 443, targetPort: 'map', appProtocol: 'https' }],
  });
  expect(specOf('Ingress')).toEqual({
    ingressClassName: 'nginx',
    tls: map.ingress.tls,
    rules: [
      {
        host: 'map.contoso.com',
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: `${name}-map`, port: { name: 'map' } } } },
          ],
        },
      },
    ],
  });
  expect(specOf('HTTPRoute')).toEqual({
    parentRefs: [{ name: 'gateway' }],
    hostnames: ['map.contoso.com'],
    // A page stays connected: Envoy would end it after 15 s. https://gateway.envoyproxy.io/latest/tasks/traffic/http-timeouts/
    rules: [{ backendRefs: [{ name: `${name}-map`, port: 443 }], timeouts: { request: '0s' } }],
  });
});

test('docs/kubernetes.md puts the map behind an Ingress with values that do, and binds a role that is there', async () => {
  const [bind = '', upgrade = ''] = blocksOf('docs/kubernetes.md')
    .filter(({ heading }) => heading === 'The map')
    .map(({ text }) => text.replaceAll(/\\\n/g, ' '));
  const values = [...upgrade.matchAll(/--set (?:'([^']+)'|(\S+))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(values).toHaveLength(3);
  const sets = values.flatMap((value) => ['--set', value]);
  const objects = parseManifests(await run('helm', ['template', name, chart, ...sets]));
  expect(objects.find(({ kind }) => kind === 'Ingress')?.['spec']).toMatchObject({
    ingressClassName: 'nginx',
    tls: [{ hosts: ['map.contoso.com'], secretName: 'map-tls' }],
    rules: [{ host: 'map.contoso.com' }],
  });
  const [, role] = /--clusterrole=(\S+)/.exec(bind) ?? [];
  expect(objects.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name)).toContain(role);
});

test('where the operator has rights in namespaces only, the map needs no others', async () => {
  const values = { watch: { namespaces: ['platform'] }, rbac: { scope: 'namespace' }, crds: { enabled: false } };
  const added = differences(await rendered(values), await rendered({ ...values, map: { enabled: true } }));
  expect(added.filter((line) => !/^(Deployment|\+ Service) /.test(line))).toEqual([
    `Role platform/${name}-scoped rules[2].verbs[1]: "list"`,
  ]);
});

test('what may be scraped with a token only is scraped with one from a Secret, by either monitor', async () => {
  const metrics = { requireToken: true, serviceMonitor: { enabled: true }, podMonitor: { enabled: true } };
  const objects = await rendered({ metrics });
  const [scraper] = objects.filter(({ kind }) => kind === 'Secret');
  expect(scraper).toMatchObject({
    type: 'kubernetes.io/service-account-token',
    metadata: { annotations: { 'kubernetes.io/service-account.name': `${name}-metrics-scraper` } },
  });
  const monitors = objects.filter(({ kind }) => kind.endsWith('Monitor'));
  const credentials = { name: scraper?.metadata.name, key: 'token' };
  for (const { spec } of monitors as unknown as readonly { readonly spec: Readonly<Record<string, unknown>> }[]) {
    const [endpoint] = (spec['endpoints'] ?? spec['podMetricsEndpoints']) as readonly object[];
    expect(endpoint).toMatchObject({ authorization: { credentials } });
    expect(endpoint).not.toHaveProperty('bearerTokenFile');
  }
  expect(monitors).toHaveLength(2);
});

test('what --set makes of a label and an annotation counts in place of the own one, which is not there twice', async () => {
  const client = '20000000-0000-4000-8000-000000000002';
  const text = await run('helm', [
    'template',
    name,
    chart,
    '--set=podLabels.azure\\.workload\\.identity/use=true',
    `--set=serviceAccount.annotations.azure\\.workload\\.identity/client-id=${client}`,
  ]);
  expect(text.match(/azure\.workload\.identity\/use: .*/g)).toEqual(['azure.workload.identity/use: "true"']);
  expect(text.match(/[^ ]*identity\/client-id: .*/g)).toEqual([`azure.workload.identity/client-id: ${client}`]);
});

test("a shard that shares the first release's service account is the same to Azure, and holds a Lease of its own", async () => {
  const values = { watch: { selector: 'shard=a' }, crds: { enabled: false }, serviceAccount: { create: false, name } };
  const shard = await rendered(values, 'shard-a');
  const bindings = shard.filter(({ kind }) => kind.endsWith('RoleBinding'));
  expect(bindings.map((binding) => binding['subjects'])).toEqual(
    bindings.map(() => [{ kind: 'ServiceAccount', name, namespace: 'acr-replication-system' }]),
  );
  expect(shard.some(({ kind }) => kind === 'ServiceAccount')).toBe(false);
  expect(deploymentOf(shard).spec.template.spec).toMatchObject({ serviceAccountName: name });
});

test('another release has other names throughout, also of its Lease, and selects none of the pods of the first', async () => {
  const shard = await rendered({ watch: { selector: 'shard=a' }, crds: { enabled: false } }, 'shard-a');
  const own = `shard-a-${name}`;
  const roles = ['view', 'edit', 'admin'].map((suffix) => `shard-a-acr-replication-${suffix}`);
  const names = [own, `${own}-metrics-reader`, ...roles];
  expect(new Set(shard.map(({ metadata }) => metadata.name))).toEqual(new Set(names));
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
  const closed = 'resources nodeSelector affinity labels podSecurityContext matchLabels';
  const open = new Set(closed.split(' '));
  const paths = (value: unknown, path = ''): string[] =>
    isMap(value) && !open.has(path.split('.').at(-1) ?? '')
      ? Object.entries(value).flatMap(([key, member]) => paths(member, path === '' ? key : `${path}.${key}`))
      : [path];
  const declared = (value: Schema, path = ''): string[] =>
    value.properties === undefined || value.type === 'array'
      ? [path]
      : Object.entries(value.properties).flatMap(([k, member]) => declared(member, path === '' ? k : `${path}.${k}`));
  const inSchema = declared(JSON.parse(schema ?? '') as Schema).filter(
    (path) => path !== 'global' && path !== 'enabled',
  );
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
