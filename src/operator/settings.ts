import { type Cloud, clouds } from '../azure/cloud.ts';
import { credentialKinds } from '../azure/identity/credential.ts';
import { isGuid, isTenant } from '../domain/entra.ts';
import type { Address } from '../http/server.ts';
import type { Level } from '../telemetry/log.ts';

/** What a setting's text means, or what it should have been, in words that follow "it must be". */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly wanted: string };

/** One line of the table that parsing, --help and the README are made from. */
export interface Setting<T> {
  /** Environment variable. The flag is the same in small letters with dashes; secrets have none. */
  readonly name: string;
  /** A text that is accepted. */
  readonly example: string;
  /** A text that is parsed when nothing is given; without it the value is undefined. */
  readonly default?: string;
  readonly help: string;
  /** Never shown, and not taken from the command line, where every process of the machine can read it. */
  readonly secret?: true;
  parse(text: string): Parsed<T>;
}

/** Other names that people know the clouds by. */
const cloudNames: Readonly<Record<string, Cloud>> = {
  AzurePublicCloud: clouds.AzurePublicCloud,
  AzureChinaCloud: clouds.AzureChinaCloud,
  AzureUSGovernmentCloud: clouds.AzureUSGovernment,
  AzureUSGovernment: clouds.AzureUSGovernment,
  AzureCloud: clouds.AzurePublicCloud,
};

export const settings = {
  subscriptionId: {
    name: 'AZURE_SUBSCRIPTION_ID',
    example: '00000000-0000-0000-0000-000000000000',
    help: 'Subscription of registries whose object names none.',
    parse: guid,
  },
  tenantId: {
    name: 'AZURE_TENANT_ID',
    example: '00000000-0000-0000-0000-000000000000',
    help: 'Tenant that issues the tokens.',
    parse: (text) => judged(text, isTenant(text), 'the id or a domain name of a tenant'),
  },
  clientId: {
    name: 'AZURE_CLIENT_ID',
    example: '00000000-0000-0000-0000-000000000000',
    help: 'Client id of the app registration or user-assigned managed identity.',
    parse: guid,
  },
  clientSecret: {
    name: 'AZURE_CLIENT_SECRET',
    example: '<secret>',
    help: 'Secret of the app registration.',
    secret: true,
    parse: text,
  },
  clientCertificatePath: {
    name: 'AZURE_CLIENT_CERTIFICATE_PATH',
    example: '/etc/azure/client.pem',
    help: 'PEM file with certificate and private key of the app registration.',
    parse: text,
  },
  clientCertificatePassword: {
    name: 'AZURE_CLIENT_CERTIFICATE_PASSWORD',
    example: '<password>',
    help: 'Password of that private key, if it has one.',
    secret: true,
    parse: text,
  },
  federatedTokenFile: {
    name: 'AZURE_FEDERATED_TOKEN_FILE',
    example: '/var/run/secrets/azure/tokens/azure-identity-token',
    help: 'Service account token for workload identity; its webhook sets this.',
    parse: text,
  },
  credential: {
    name: 'AZURE_CREDENTIAL',
    example: 'workload-identity',
    help: `How to authenticate: ${credentialKinds.join(', ')}. Default: by what is configured (token file, certificate, secret), else managed-identity.`,
    parse: (text) => oneOf(text, credentialKinds),
  },
  environment: {
    name: 'AZURE_ENVIRONMENT',
    example: 'AzurePublicCloud',
    help: 'AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud. Default: the cloud of AZURE_AUTHORITY_HOST, else AzurePublicCloud.',
    parse(text): Parsed<Cloud> {
      const name = Object.keys(cloudNames).find((known) => known.toLowerCase() === text.toLowerCase());
      const cloud = name === undefined ? undefined : cloudNames[name];
      if (cloud !== undefined) return { ok: true, value: cloud };
      return { ok: false, wanted: 'AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud' };
    },
  },
  resourceManagerEndpoint: {
    name: 'AZURE_RESOURCE_MANAGER_ENDPOINT',
    example: 'https://management.local.azurestack.external',
    help: 'Azure Resource Manager of another cloud than those; needs AZURE_AUTHORITY_HOST too.',
    parse: origin,
  },
  authorityHost: {
    name: 'AZURE_AUTHORITY_HOST',
    example: 'https://login.microsoftonline.com',
    help: 'Token issuer; the workload identity webhook sets it.',
    parse: origin,
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
    parse: namespaces,
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
    parse: (text) =>
      matching(text, /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "at most 253 small letters, digits, '-' and '.'"),
  },
  clusterName: {
    name: 'CLUSTER_NAME',
    example: 'production-1',
    default: 'default',
    help: 'Name of this cluster in the owner tag of replicas; unique among clusters that share a subscription.',
    // With a namespace of at most 63 characters this leaves 128 to the object's name: Azure's tags end at 256.
    parse: (text) =>
      matching(
        text,
        /^[a-z0-9]([\w.-]{0,61}[a-z0-9])?$/i,
        "1 to 63 letters, digits, '-', '_' and '.', from a letter or digit to one",
      ),
  },
  maxConcurrentReconciles: {
    name: 'MAX_CONCURRENT_RECONCILES',
    example: '32',
    default: '32',
    help: 'Objects worked on at the same time.',
    parse: (text) => wholeNumber(text, 1, 1_000),
  },
  maxConcurrentCreates: {
    name: 'MAX_CONCURRENT_CREATES',
    example: '8',
    default: '8',
    help: 'Replicas of one registry that are requested at the same time.',
    parse: (text) => wholeNumber(text, 1, 64),
  },
  armQuotaShare: {
    name: 'ARM_QUOTA_SHARE',
    example: '0.4',
    default: '0.8',
    help: "Share of Azure's request limits (per subscription and identity) that this operator uses, 0.05 to 1; people and other programs with its identity get the rest. Several operators with one identity divide it among them.",
    parse(text): Parsed<number> {
      const value = /^\d{1,3}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
      if (value >= 0.05 && value <= 1) return { ok: true, value };
      return { ok: false, wanted: 'a number from 0.05 to 1' };
    },
  },
  logLevel: {
    name: 'LOG_LEVEL',
    example: 'info',
    default: 'info',
    help: 'debug, info, warn or error.',
    parse: (text) => oneOf(text, ['debug', 'info', 'warn', 'error'] satisfies Level[]),
  },
  metricsAddress: {
    name: 'METRICS_ADDRESS',
    example: ':8080',
    default: ':8080',
    help: 'Where /metrics is served: host and port. No host: all interfaces; port 0: a free one, which the log names.',
    parse: address,
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
    parse: text,
  },
  healthAddress: {
    name: 'HEALTH_ADDRESS',
    example: ':8081',
    default: ':8081',
    help: 'Where /healthz and /readyz are served.',
    parse: address,
  },
  kubeconfig: {
    name: 'KUBECONFIG',
    example: '/home/me/.kube/config',
    help: 'How to reach the API server, files separated by colons. Default: the service account of the pod, else ~/.kube/config.',
    parse: text,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingKey = keyof typeof settings;

/** `WATCH_NAMESPACES` is `watch-namespaces` on the command line. */
export function flagOf(setting: Setting<unknown>): string {
  return setting.name.toLowerCase().replaceAll('_', '-');
}

function text(text: string): Parsed<string> {
  return { ok: true, value: text };
}

function matching(text: string, pattern: RegExp, wanted: string): Parsed<string> {
  return judged(text, pattern.test(text), wanted);
}

function judged(text: string, isRight: boolean, wanted: string): Parsed<string> {
  return isRight ? { ok: true, value: text } : { ok: false, wanted };
}

function trueOrFalse(text: string): Parsed<boolean> {
  if (/^(true|false)$/i.test(text)) return { ok: true, value: text.toLowerCase() === 'true' };
  return { ok: false, wanted: 'true or false' };
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function dnsLabel(text: string): Parsed<string> {
  return matching(text, label, "at most 63 small letters, digits and '-'");
}

function guid(text: string): Parsed<string> {
  return judged(text, isGuid(text), 'a GUID');
}

function oneOf<T extends string>(text: string, values: readonly T[]): Parsed<T> {
  const value = values.find((known) => known === text.toLowerCase());
  if (value !== undefined) return { ok: true, value };
  return { ok: false, wanted: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}` };
}

function wholeNumber(text: string, least: number, most: number): Parsed<number> {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return { ok: true, value };
  return { ok: false, wanted: `a whole number from ${least} to ${most}` };
}

/** Tokens go there: https only, and nothing but the host, for paths are added to it. */
function origin(text: string): Parsed<string> {
  const url = URL.parse(text);
  const plain = url !== null && url.username + url.password + url.search + url.hash === '' && url.pathname === '/';
  if (plain && url.protocol === 'https:') return { ok: true, value: url.origin };
  return { ok: false, wanted: 'an https:// address without path' };
}

function address(text: string): Parsed<Address> {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]*)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits ?? Number.NaN);
  if (!(port <= 65_535)) return { ok: false, wanted: 'a port after a colon, with or without host' };
  const host = bracketed ?? plain ?? '';
  return { ok: true, value: host === '' ? { port } : { host, port } };
}

function namespaces(text: string): Parsed<readonly string[]> {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.filter((name) => !label.test(name));
  if (wrong.length === 0) return { ok: true, value: [...new Set(names)].sort() };
  return {
    ok: false,
    wanted: `names of namespaces (at most 63 small letters, digits and '-'), which ${wrong.map((name) => JSON.stringify(name)).join(', ')} cannot be`,
  };
}

const labelKey = String.raw`([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?`;
const labelValue = String.raw`([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?`;
const requirement = new RegExp(
  String.raw`^\s*(!\s*${labelKey}|${labelKey}\s*((==?|!=)\s*${labelValue}|\s(in|notin)\s*\(\s*${labelValue}(\s*,\s*${labelValue})*\s*\))?)\s*$`,
);

/** The API server judges in the end; a wrong one would be refused by every list, over and over. */
function labelSelector(text: string): Parsed<string> {
  const requirements = text.split(/,(?![^(]*\))/);
  if (requirements.every((part) => requirement.test(part))) return { ok: true, value: text };
  return { ok: false, wanted: 'a label selector as kubectl --selector takes it' };
}
