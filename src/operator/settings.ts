import { credentialKinds } from '../azure/identity/credential.ts';
import type { Level } from '../telemetry/log.ts';
import {
  anyText,
  cloudName,
  clusterNameText,
  dnsLabel,
  dnsName,
  guidText,
  httpsOrigin,
  labelSelector,
  listenAddress,
  namespaceNames,
  oneOf,
  type ParsedSetting,
  shareNumber,
  tenantText,
  trueOrFalse,
  wholeNumber,
} from './setting-types.ts';

/** One line of the table that parsing, --help and docs/configuration.md are made from. */
export interface Setting<T> {
  /** The environment variable. The flag has the same name in small letters with dashes; a secret has no flag. */
  readonly name: string;
  /** A text that `parse` accepts. */
  readonly example: string;
  /** The text that is parsed when nothing is given; without a default the value is then undefined. */
  readonly default?: string;
  readonly help: string;
  /** A secret is never shown, and not taken from the command line, which every process of the machine can read. */
  readonly secret?: true;
  parse(text: string): ParsedSetting<T>;
}

/** All settings, in the order of --help. */
export const settings = {
  subscriptionId: {
    name: 'AZURE_SUBSCRIPTION_ID',
    example: '00000000-0000-0000-0000-000000000000',
    help: 'Subscription of registries whose object names none.',
    parse: guidText,
  },
  tenantId: {
    name: 'AZURE_TENANT_ID',
    example: '00000000-0000-0000-0000-000000000000',
    help: 'Tenant that issues the tokens.',
    parse: tenantText,
  },
  clientId: {
    name: 'AZURE_CLIENT_ID',
    example: '00000000-0000-0000-0000-000000000000',
    help: 'Client id of the app registration or user-assigned managed identity.',
    parse: guidText,
  },
  clientSecret: {
    name: 'AZURE_CLIENT_SECRET',
    example: '<secret>',
    help: 'Secret of the app registration.',
    secret: true,
    parse: anyText,
  },
  clientCertificatePath: {
    name: 'AZURE_CLIENT_CERTIFICATE_PATH',
    example: '/etc/azure/client.pem',
    help: 'PEM file with certificate and private key of the app registration.',
    parse: anyText,
  },
  clientCertificatePassword: {
    name: 'AZURE_CLIENT_CERTIFICATE_PASSWORD',
    example: '<password>',
    help: 'Password of that private key, if it has one.',
    secret: true,
    parse: anyText,
  },
  federatedTokenFile: {
    name: 'AZURE_FEDERATED_TOKEN_FILE',
    example: '/var/run/secrets/azure/tokens/azure-identity-token',
    help: 'Service account token for workload identity; its webhook sets this.',
    parse: anyText,
  },
  credential: {
    name: 'AZURE_CREDENTIAL',
    example: 'workload-identity',
    help: `How to authenticate: ${credentialKinds.join(', ')}. Default: by what is configured (token file, certificate, secret), else managed-identity.`,
    parse: oneOf(credentialKinds),
  },
  environment: {
    name: 'AZURE_ENVIRONMENT',
    example: 'AzurePublicCloud',
    help: 'AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud. Default: the cloud of AZURE_AUTHORITY_HOST, else AzurePublicCloud.',
    parse: cloudName,
  },
  resourceManagerEndpoint: {
    name: 'AZURE_RESOURCE_MANAGER_ENDPOINT',
    example: 'https://management.local.azurestack.external',
    help: 'Azure Resource Manager of another cloud than those; needs AZURE_AUTHORITY_HOST too.',
    parse: httpsOrigin,
  },
  authorityHost: {
    name: 'AZURE_AUTHORITY_HOST',
    example: 'https://login.microsoftonline.com',
    help: 'Token issuer; the workload identity webhook sets it.',
    parse: httpsOrigin,
  },
  disableInstanceDiscovery: {
    name: 'AZURE_DISABLE_INSTANCE_DISCOVERY',
    example: 'true',
    help: 'true trusts AZURE_AUTHORITY_HOST without asking Microsoft about it. Default: true unless it belongs to a known cloud.',
    parse: trueOrFalse,
  },
  watchNamespaces: {
    name: 'WATCH_NAMESPACES',
    example: 'platform,payments',
    help: 'Namespaces to look after, separated by commas. Default: all.',
    parse: namespaceNames,
  },
  watchSelector: {
    name: 'WATCH_SELECTOR',
    example: 'shard=a',
    help: 'Label selector for the objects to look after, to share them among several operators. Default: all.',
    parse: labelSelector,
  },
  leaderElection: {
    name: 'LEADER_ELECTION',
    example: 'true',
    help: 'Whether to wait with all work until a Lease is held, so that of several operators one works and the others stand by. Default: true in a pod, else false.',
    parse: trueOrFalse,
  },
  leaseNamespace: {
    name: 'LEASE_NAMESPACE',
    example: 'acr-replication-system',
    help: 'Namespace of that Lease. Default: that of the pod.',
    parse: dnsLabel,
  },
  leaseName: {
    name: 'LEASE_NAME',
    example: 'acr-replication-operator',
    help: 'Name of that Lease, the same for all operators of which one is to work. Default: acr-replication-operator, followed by a hash of WATCH_NAMESPACES and WATCH_SELECTOR if one is set, so that each shard has a Lease of its own.',
    parse: dnsName,
  },
  clusterName: {
    name: 'CLUSTER_NAME',
    example: 'production-1',
    default: 'default',
    help: 'Name of this cluster in the owner tag of replicas; unique among clusters that share a subscription.',
    parse: clusterNameText,
  },
  maxConcurrentReconciles: {
    name: 'MAX_CONCURRENT_RECONCILES',
    example: '32',
    default: '32',
    help: 'Objects worked on at the same time.',
    parse: wholeNumber(1, 1_000),
  },
  maxConcurrentCreates: {
    name: 'MAX_CONCURRENT_CREATES',
    example: '8',
    default: '8',
    help: 'Replicas of one registry that are requested at the same time.',
    parse: wholeNumber(1, 64),
  },
  armQuotaShare: {
    name: 'ARM_QUOTA_SHARE',
    example: '0.4',
    default: '0.8',
    help: "Share of Azure's request limits (per subscription and identity) that this operator uses, 0.05 to 1; people and other programs with its identity get the rest. Several operators with one identity divide it among them.",
    parse: shareNumber,
  },
  resourceGraph: {
    name: 'AZURE_RESOURCE_GRAPH',
    example: 'true',
    default: 'true',
    help: 'Whether registries at rest are looked at by Azure Resource Graph, which has request limits of its own; what differs there is read from the registry provider before anything is done. false: the provider is always asked.',
    parse: trueOrFalse,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    example: 'info',
    default: 'info',
    help: 'debug, info, warn or error.',
    parse: oneOf<Level>(['debug', 'info', 'warn', 'error']),
  },
  metricsAddress: {
    name: 'METRICS_ADDRESS',
    example: ':8080',
    default: ':8080',
    help: 'Where /metrics is served: host and port. No host: all interfaces; port 0: a free one, which the log names.',
    parse: listenAddress,
  },
  metricsRequireToken: {
    name: 'METRICS_REQUIRE_TOKEN',
    example: 'true',
    default: 'false',
    help: 'Whether /metrics is only for callers whose Kubernetes token may `get` the non-resource URL /metrics. Set METRICS_TLS_DIR too, or the tokens cross the network in the clear.',
    parse: trueOrFalse,
  },
  metricsTlsDir: {
    name: 'METRICS_TLS_DIR',
    example: '/etc/acr-replication-operator/metrics-tls',
    help: 'Folder with tls.crt and tls.key, as a mounted TLS Secret has them: /metrics is then served over HTTPS. Changed files count within seconds. Default: HTTP.',
    parse: anyText,
  },
  mapAddress: {
    name: 'MAP_ADDRESS',
    example: ':8082',
    help: 'Where the map of all objects that this operator looks after is served, for reading only: host and port, as for METRICS_ADDRESS. Default: nowhere.',
    parse: listenAddress,
  },
  mapRequireToken: {
    name: 'MAP_REQUIRE_TOKEN',
    example: 'true',
    default: 'false',
    help: 'Whether the map is only for people whose Kubernetes token may `get` the non-resource URL /map: sent by a proxy as a header, or pasted once into the page. Serve it over HTTPS then, by MAP_TLS_DIR or behind an Ingress.',
    parse: trueOrFalse,
  },
  mapTlsDir: {
    name: 'MAP_TLS_DIR',
    example: '/etc/acr-replication-operator/map-tls',
    help: 'Folder with tls.crt and tls.key, as for METRICS_TLS_DIR: the map is then served over HTTPS. Default: HTTP.',
    parse: anyText,
  },
  healthAddress: {
    name: 'HEALTH_ADDRESS',
    example: ':8081',
    default: ':8081',
    help: 'Where /healthz and /readyz are served.',
    parse: listenAddress,
  },
  kubeconfig: {
    name: 'KUBECONFIG',
    example: '/home/me/.kube/config',
    help: 'How to reach the API server, files separated by colons. Default: the service account of the pod, else ~/.kube/config.',
    parse: anyText,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingKey = keyof typeof settings;

/** The setting's name on the command line, without dashes in front: `watch-namespaces` for `WATCH_NAMESPACES`. */
export function flagOf(setting: Setting<unknown>): string {
  return setting.name.toLowerCase().replaceAll('_', '-');
}
