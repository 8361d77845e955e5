import { name, type Values } from './programs.ts';

const pem = { configMapName: 'authorities', key: 'bundle.pem' };
/** Values of the chart that switch on all that it has. */
export const everything: Values = {
  image: { digest: `sha256:${'a'.repeat(64)}`, pullSecrets: ['pull'] },
  replicas: 3,
  azure: { clientId: '20000000-0000-4000-8000-000000000002', tenantId: 'contoso.com', environment: 'AzureChinaCloud' },
  extraEnv: [
    { name: 'ARM_QUOTA_SHARE', value: '0.4' },
    { name: 'LOG_LEVEL', value: 'warn' },
  ],
  extraVolumes: [{ name: 'certificate', secret: { secretName: 'azure' } }],
  extraVolumeMounts: [{ name: 'certificate', mountPath: '/etc/azure', readOnly: true }],
  commonLabels: { 'app.kubernetes.io/part-of': 'registries' },
  deploymentAnnotations: { 'reloader.stakater.com/auto': 'true' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { 'app.kubernetes.io/instance': name } },
        },
      ],
    },
  },
  priorityClassName: 'system-cluster-critical',
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
    { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
  ],
  podAnnotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' },
  podLabels: { team: 'platform', 'azure.workload.identity/use': true },
  serviceAccount: { annotations: { team: 'platform' } },
  podDisruptionBudget: { minAvailable: '50%' },
  networkPolicy: {
    enabled: true,
    mapFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } }],
    metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    extraEgress: [{ ports: [{ port: 3128, protocol: 'TCP' }] }],
  },
  extraCA: pem,
  proxy: { https: 'http://proxy:3128', no: '.internal' },
  metrics: {
    requireToken: true,
    tlsSecretName: 'metrics-tls',
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, interval: '15s' },
    podMonitor: {
      enabled: true,
      authorization: { credentials: { name: 'scrape', key: 'token' } },
      tlsConfig: { serverName: 'metrics', ca: { secret: { name: 'metrics-tls', key: 'ca.crt' } } },
    },
  },
  map: {
    enabled: true,
    requireToken: true,
    tlsSecretName: 'map-tls',
    service: { type: 'LoadBalancer', port: 443, annotations: { team: 'platform' } },
    ingress: {
      enabled: true,
      className: 'nginx',
      host: 'map.contoso.com',
      tls: [{ hosts: ['map.contoso.com'], secretName: 'map-tls' }],
      annotations: { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' },
    },
    httpRoute: {
      enabled: true,
      parentRefs: [{ name: 'gateway', namespace: 'gateways' }],
      hostnames: ['map.contoso.com'],
      annotations: { team: 'platform' },
    },
  },
  localPull: {
    enabled: true,
    region: 'westeurope',
    objects: [{ namespace: 'platform', name: 'contoso' }],
    namespaceSelector: { matchLabels: { team: 'shop' } },
    objectSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
  },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
  dashboard: { enabled: true, annotations: { grafana_folder: 'Azure' } },
};
