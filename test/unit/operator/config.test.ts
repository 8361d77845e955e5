import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { clouds } from '../../../src/azure/cloud.ts';
import { type Config, parseConfig } from '../../../src/operator/config.ts';
import { settings } from '../../../src/operator/settings.ts';
import { helpText, settingsTable } from '../../../src/operator/settings-table.ts';

const id = '11111111-2222-3333-4444-555555555555';
const tokenFile = '/var/run/secrets/azure/tokens/azure-identity-token';
/** What a pod with the workload identity webhook has. */
const pod = {
  KUBERNETES_SERVICE_HOST: '10.0.0.1',
  AZURE_TENANT_ID: id,
  AZURE_CLIENT_ID: id,
  AZURE_FEDERATED_TOKEN_FILE: tokenFile,
  AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
};
const files = new Set([
  tokenFile,
  '/client.pem',
  '/kube',
  '/other',
  '/hosts',
  '/home/me/.kube/config',
  '/good-tls/tls.crt',
  '/good-tls/tls.key',
]);
const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
const kubeconfig = JSON.stringify({
  clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1' } }],
  contexts: [{ name: 'x', context: { cluster: 'c' } }],
  'current-context': 'x',
});
const texts: Readonly<Record<string, string>> = {
  [namespaceFile]: 'acr-replication-system\n',
  '/var/run/secrets/kubernetes.io/serviceaccount/token': 'token',
  '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt': '-----BEGIN CERTIFICATE-----',
  '/kube': kubeconfig,
  '/other': kubeconfig,
  '/home/me/.kube/config': kubeconfig,
  '/hosts': '127.0.0.1 localhost\n::1 localhost\n',
};
const readers = { isFile: (path: string) => files.has(path), readText: (path: string) => texts[path] };
const kubeconfigsOf = ({ kube }: Config) => (kube.kind === 'files' ? kube.files : kube);

type Env = Readonly<Record<string, string>>;

function config(env: Env, argv: readonly string[] = []): Config {
  const parsed = parseConfig(argv, { ...pod, ...env }, readers);
  if (parsed.kind !== 'ok') throw new Error(JSON.stringify(parsed));
  return parsed.config;
}

function problems(env: Env, argv: readonly string[] = []): readonly string[] {
  const parsed = parseConfig(argv, env, readers);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

test('in a pod with workload identity nothing else needs to be set', () => {
  expect(config({})).toEqual({
    azure: {
      subscriptionId: undefined,
      cloud: clouds.AzurePublicCloud,
      credential: { kind: 'workload-identity', tenantId: id, clientId: id, tokenFilePath: tokenFile },
      unusedCredentials: [],
      disableInstanceDiscovery: false,
    },
    proxy: { url: undefined, direct: [], secrets: [] },
    kube: { kind: 'in-cluster' },
    watch: { namespaces: [], selector: undefined },
    lease: { namespace: 'acr-replication-system', name: 'acr-replication-operator' },
    clusterName: 'default',
    maxConcurrentReconciles: 32,
    maxConcurrentCreates: 8,
    armQuotaShare: 0.8,
    resourceGraph: true,
    logLevel: 'info',
    metricsAddress: { port: 8080 },
    metricsRequireToken: false,
    metricsTlsDir: undefined,
    healthAddress: { port: 8081 },
    map: undefined,
    secrets: [],
  });
});

const accepted: readonly {
  name: string;
  env: Env;
  argv?: readonly string[];
  of: (c: Config) => unknown;
  is: unknown;
}[] = [
  {
    name: 'a flag wins over the variable',
    env: { LOG_LEVEL: 'error' },
    argv: ['--log-level=debug'],
    of: (c) => c.logLevel,
    is: 'debug',
  },
  {
    name: 'a flag may be followed by its value',
    env: {},
    argv: ['--watch-namespaces', 'a,b'],
    of: (c) => c.watch.namespaces,
    is: ['a', 'b'],
  },
  {
    name: 'an empty value counts as unset, as in a manifest with placeholders',
    env: { AZURE_SUBSCRIPTION_ID: '', CLUSTER_NAME: ' ' },
    of: (c) => [c.azure.subscriptionId, c.clusterName],
    is: [undefined, 'default'],
  },
  {
    name: 'namespaces are listed once, in order',
    env: { WATCH_NAMESPACES: 'b, a,b' },
    of: (c) => c.watch.namespaces,
    is: ['a', 'b'],
  },
  ...['shard=a', 'shard==a,!off', 'tier in (a, b),x.io/y notin (c)', 'shard', 'a!=b', 'a='].map((selector) => ({
    name: `label selector ${selector}`,
    env: { WATCH_SELECTOR: selector },
    of: (c: Config) => c.watch.selector,
    is: selector,
  })),
  ...(
    [
      [':9090', { port: 9090 }],
      ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
      ['[::1]:80', { host: '::1', port: 80 }],
      ['localhost:80', { host: 'localhost', port: 80 }],
    ] as const
  ).map(([text, is]) => ({
    name: `address ${text}`,
    env: { METRICS_ADDRESS: text },
    of: (c: Config) => c.metricsAddress,
    is,
  })),
  {
    name: 'both servers may ask for any free port',
    env: { METRICS_ADDRESS: '127.0.0.1:0', HEALTH_ADDRESS: '127.0.0.1:0' },
    of: (c) => c.healthAddress,
    is: { host: '127.0.0.1', port: 0 },
  },
  {
    name: 'the map is served where it is told to, to everybody',
    env: { MAP_ADDRESS: ':8082' },
    of: (c) => c.map,
    is: { address: { port: 8082 }, requireToken: false, tlsDir: undefined },
  },
  {
    name: 'the map is served to whom Kubernetes knows, over HTTPS',
    env: { MAP_ADDRESS: '127.0.0.1:0', MAP_REQUIRE_TOKEN: 'true', MAP_TLS_DIR: '/good-tls' },
    of: (c) => c.map,
    is: { address: { host: '127.0.0.1', port: 0 }, requireToken: true, tlsDir: '/good-tls' },
  },
  {
    name: 'the secret chooses its credential and is known to the log',
    env: { AZURE_FEDERATED_TOKEN_FILE: '', AZURE_CLIENT_SECRET: 's3cret' },
    of: (c) => [c.azure.credential, c.secrets],
    is: [{ kind: 'client-secret', tenantId: id, clientId: id, clientSecret: 's3cret' }, ['s3cret']],
  },
  {
    name: 'a certificate with password',
    env: {
      AZURE_CREDENTIAL: 'client-certificate',
      AZURE_CLIENT_CERTIFICATE_PATH: '/client.pem',
      AZURE_CLIENT_CERTIFICATE_PASSWORD: 'p4ss',
    },
    of: (c) => [c.azure.credential.kind, c.secrets],
    is: ['client-certificate', ['p4ss']],
  },
  {
    name: 'outside a pod nothing is elected',
    env: { KUBECONFIG: '/kube' },
    of: (c) => c.lease,
    is: undefined,
  },
  {
    name: 'a pod can be told that it is alone',
    env: { LEADER_ELECTION: 'false' },
    of: (c) => c.lease,
    is: undefined,
  },
  {
    name: 'outside a pod an election can be asked for, with a namespace for its lease',
    env: { KUBECONFIG: '/kube', LEADER_ELECTION: 'True', LEASE_NAMESPACE: 'ops', LEASE_NAME: 'mine' },
    of: (c) => c.lease,
    is: { namespace: 'ops', name: 'mine' },
  },
  {
    name: 'an explicit choice wins over what is configured',
    env: {},
    argv: ['--azure-credential=Managed-Identity'],
    of: (c) => c.azure.credential,
    is: { kind: 'managed-identity', clientId: id },
  },
  {
    name: "the webhook's token file before a Secret, whose credentials are named as unused",
    env: { AZURE_CLIENT_SECRET: 's3cret', AZURE_CLIENT_CERTIFICATE_PATH: '/client.pem' },
    of: (c) => [c.azure.credential.kind, c.azure.unusedCredentials],
    is: ['workload-identity', ['client-certificate', 'client-secret']],
  },
  {
    name: "a Secret's credential beside the webhook, if it is asked for; then nothing is left to chance",
    env: { AZURE_CREDENTIAL: 'client-secret', AZURE_CLIENT_SECRET: 's3cret' },
    of: (c) => [c.azure.credential.kind, c.azure.unusedCredentials],
    is: ['client-secret', []],
  },
  {
    name: 'without any credential the identity of the machine',
    env: { AZURE_FEDERATED_TOKEN_FILE: '', AZURE_CLIENT_ID: '' },
    of: (c) => c.azure.credential,
    is: { kind: 'managed-identity', clientId: undefined },
  },
  ...(['0.05', '0.4', '1', '1.0'] as const).map((share) => ({
    name: `${share} of Azure's request limits`,
    env: { ARM_QUOTA_SHARE: share },
    of: (c: Config) => c.armQuotaShare,
    is: Number(share),
  })),
  {
    name: 'no looks by Resource Graph',
    env: { AZURE_RESOURCE_GRAPH: 'False' },
    of: (c: Config) => c.resourceGraph,
    is: false,
  },
  ...['AzureUSGovernmentCloud', 'azureusgovernment'].map((name) => ({
    name: `cloud ${name}`,
    env: { AZURE_ENVIRONMENT: name, AZURE_AUTHORITY_HOST: '' },
    of: (c: Config) => c.azure.cloud,
    is: clouds.AzureUSGovernment,
  })),
  {
    name: 'the token issuer that the webhook sets names the cloud',
    env: { AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn/' },
    of: (c) => [c.azure.cloud, c.azure.disableInstanceDiscovery],
    is: [clouds.AzureChinaCloud, false],
  },
  {
    name: 'a cloud by its addresses is trusted as configured',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://127.0.0.1:1443/', AZURE_AUTHORITY_HOST: 'https://127.0.0.1:2443' },
    of: (c) => [c.azure.cloud, c.azure.disableInstanceDiscovery],
    is: [
      {
        resourceManagerEndpoint: 'https://127.0.0.1:1443',
        authorityHost: 'https://127.0.0.1:2443',
        tokenScope: 'https://127.0.0.1:1443/.default',
      },
      true,
    ],
  },
  {
    name: 'unless told otherwise',
    env: {
      AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://arm.local',
      AZURE_AUTHORITY_HOST: 'https://login.local',
      AZURE_DISABLE_INSTANCE_DISCOVERY: 'false',
    },
    of: (c) => c.azure.disableInstanceDiscovery,
    is: false,
  },
  {
    name: 'a kubeconfig goes before the service account, and missing ones of several are skipped',
    env: { KUBECONFIG: '/missing:/kube:/other' },
    of: kubeconfigsOf,
    is: ['/kube', '/other'],
  },
  {
    name: 'outside of a pod ~/.kube/config',
    env: { KUBERNETES_SERVICE_HOST: '', HOME: '/home/me' },
    of: kubeconfigsOf,
    is: ['/home/me/.kube/config'],
  },
];
for (const { name, env, argv, of, is } of accepted) {
  test(name, () => expect(of(config(env, argv))).toEqual(is));
}

const refused: readonly { name: string; env?: Env; argv?: readonly string[]; is: string }[] = [
  {
    name: 'a placeholder as client id',
    env: { AZURE_CLIENT_ID: 'REPLACE-WITH-CLIENT-ID' },
    is: `AZURE_CLIENT_ID is "REPLACE-WITH-CLIENT-ID", it must be a GUID. Example: 00000000-0000-0000-0000-000000000000`,
  },
  {
    name: 'a wrong flag, under the name that was used',
    argv: ['--max-concurrent-reconciles=0'],
    is: '--max-concurrent-reconciles is "0", it must be a whole number from 1 to 1000. Example: 32',
  },
  ...['0', '0.01', '1.2', '80%', 'half'].map((share) => ({
    name: `${share} of Azure's request limits`,
    env: { ARM_QUOTA_SHARE: share },
    is: `ARM_QUOTA_SHARE is "${share}", it must be a number from 0.05 to 1. Example: 0.4`,
  })),
  {
    name: 'a level that does not exist',
    env: { LOG_LEVEL: 'loud' },
    is: 'LOG_LEVEL is "loud", it must be debug, info, warn or error. Example: info',
  },
  {
    name: 'a misspelled flag, with the likely one',
    argv: ['--watch-namespace=a'],
    is: '--watch-namespace is not a flag; did you mean --watch-namespaces?',
  },
  { name: 'an unknown flag', argv: ['--frobnicate'], is: '--frobnicate is not a flag; --help lists the flags' },
  {
    name: 'a flag without value',
    argv: ['--log-level', '--metrics-address=:1'],
    is: '--log-level has no value. Example: --log-level=info',
  },
  { name: 'a stray argument', argv: ['run'], is: 'argument 1 belongs to no flag; --help lists the flags' },
  {
    name: 'http, because tokens go there',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'http://arm.local' },
    is: 'AZURE_RESOURCE_MANAGER_ENDPOINT is "http://arm.local", it must be an https:// address without path. Example: https://management.local.azurestack.external',
  },
  {
    name: 'a tenant in the token issuer, without the password in it',
    env: { AZURE_AUTHORITY_HOST: 'https://me:hunter2@login.microsoftonline.com/contoso' },
    is: 'AZURE_AUTHORITY_HOST is "https://…@login.microsoftonline.com/contoso", it must be an https:// address without path. Example: https://login.microsoftonline.com',
  },
  {
    name: 'a token issuer that belongs to no known cloud, alone',
    env: { AZURE_AUTHORITY_HOST: 'https://login.local' },
    is: 'AZURE_AUTHORITY_HOST is "https://login.local", which belongs to no known cloud: set AZURE_RESOURCE_MANAGER_ENDPOINT too',
  },
  {
    name: 'a management address alone',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://arm.local', AZURE_AUTHORITY_HOST: '' },
    is: 'AZURE_RESOURCE_MANAGER_ENDPOINT is set without AZURE_AUTHORITY_HOST: set both, or AZURE_ENVIRONMENT',
  },
  {
    name: 'two clouds at once',
    env: { AZURE_ENVIRONMENT: 'AzureChinaCloud' },
    is: 'AZURE_AUTHORITY_HOST is "https://login.microsoftonline.com", which belongs to another cloud than AZURE_ENVIRONMENT: unset one of them',
  },
  {
    name: 'a credential that lacks something',
    env: { AZURE_CREDENTIAL: 'client-secret' },
    is: 'AZURE_CLIENT_SECRET is not set; credential client-secret needs it',
  },
  {
    name: 'an unknown credential, once',
    env: { AZURE_CREDENTIAL: 'password' },
    is: 'AZURE_CREDENTIAL is "password", it must be workload-identity, managed-identity, client-secret or client-certificate. Example: workload-identity',
  },
  {
    name: 'a token file that is not there',
    env: { AZURE_FEDERATED_TOKEN_FILE: '/nowhere' },
    is: 'AZURE_FEDERATED_TOKEN_FILE is "/nowhere", where there is no readable file',
  },
  {
    name: 'a kubeconfig that is not there',
    env: { KUBECONFIG: '/nowhere' },
    is: 'KUBECONFIG is "/nowhere", where there is no readable file',
  },
  {
    name: 'a file that is no kubeconfig',
    env: { KUBECONFIG: '/hosts' },
    is: '/hosts is no kubeconfig: it has no clusters, users and contexts',
  },
  {
    name: 'no way to the API server',
    env: { KUBERNETES_SERVICE_HOST: '', HOME: '/home/you' },
    is: 'KUBECONFIG is not set, this is no pod, and there is no /home/you/.kube/config: set KUBECONFIG',
  },
  {
    name: 'no way to the API server, and nobody at home',
    env: { KUBERNETES_SERVICE_HOST: '' },
    is: 'KUBECONFIG is not set, this is no pod, and there is no .kube/config: set KUBECONFIG',
  },
  {
    name: 'one address for both servers',
    env: { METRICS_ADDRESS: '127.0.0.1:8081' },
    is: 'METRICS_ADDRESS and HEALTH_ADDRESS are the same, they must differ. Example: :8080 and :8081',
  },
  {
    name: 'an address without port',
    env: { HEALTH_ADDRESS: '8081' },
    is: 'HEALTH_ADDRESS is "8081", it must be a port after a colon, with or without host. Example: :8081',
  },
  {
    name: 'a folder without the files of a TLS Secret',
    env: { METRICS_TLS_DIR: '/tls' },
    is: 'METRICS_TLS_DIR is "/tls", where there is no readable tls.crt and no tls.key',
  },
  {
    name: 'an address of the map that another server has on every interface',
    env: { MAP_ADDRESS: '127.0.0.1:8081' },
    is: 'HEALTH_ADDRESS and MAP_ADDRESS are the same, they must differ. Example: :8080 and :8081',
  },
  {
    name: "a folder without the files of the map's TLS Secret",
    env: { MAP_TLS_DIR: '/tls' },
    is: 'MAP_TLS_DIR is "/tls", where there is no readable tls.crt and no tls.key',
  },
  {
    name: 'a cluster name that would not fit into the tag',
    env: { CLUSTER_NAME: 'a/b' },
    is: `CLUSTER_NAME is "a/b", it must be 1 to 63 letters, digits, '-', '_' and '.', from a letter or digit to one. Example: production-1`,
  },
  {
    name: 'names that no namespace can have',
    env: { WATCH_NAMESPACES: 'a,B_,' },
    is: `WATCH_NAMESPACES is "a,B_,", it must be names of namespaces (at most 63 small letters, digits and '-'), which "B_", "" cannot be. Example: platform,payments`,
  },
  {
    name: 'a selector that kubectl would refuse',
    env: { WATCH_SELECTOR: 'shard in a' },
    is: 'WATCH_SELECTOR is "shard in a", it must be a label selector as kubectl --selector takes it. Example: shard=a',
  },
  {
    name: 'a secret on the command line, without showing it',
    argv: ['--azure-client-secret=hunter2'],
    is: '--azure-client-secret is not a flag, because other processes can read the command line; set AZURE_CLIENT_SECRET',
  },
];
for (const { name, env, argv, is } of refused) {
  test(`refuses ${name}`, () => expect(problems({ ...pod, ...env }, argv)).toEqual([is]));
}

/** A wrong value counts as given: its own problem is told, and no check compares it with another value. */
const alone: readonly {
  name: string;
  env?: Env;
  argv?: readonly string[];
  namespace?: string;
  are: readonly string[];
}[] = [
  {
    name: 'two wrong addresses of Azure are not compared',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'http://arm.local', AZURE_AUTHORITY_HOST: 'http://login.local' },
    are: ['AZURE_RESOURCE_MANAGER_ENDPOINT is "http://arm.local"', 'AZURE_AUTHORITY_HOST is "http://login.local"'],
  },
  {
    name: 'a wrong token issuer counts as given beside a management address',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://arm.local', AZURE_AUTHORITY_HOST: 'login.local' },
    are: ['AZURE_AUTHORITY_HOST is "login.local"'],
  },
  {
    name: 'a wrong management address counts as given beside a token issuer of no known cloud',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'arm.local', AZURE_AUTHORITY_HOST: 'https://login.local' },
    are: ['AZURE_RESOURCE_MANAGER_ENDPOINT is "arm.local"'],
  },
  {
    name: 'a wrong cloud counts as given beside a management address',
    env: {
      AZURE_ENVIRONMENT: 'AzureMoon',
      AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://arm.local',
      AZURE_AUTHORITY_HOST: '',
    },
    are: ['AZURE_ENVIRONMENT is "AzureMoon"'],
  },
  {
    name: 'a wrong cloud hides nothing of what a token issuer alone lacks',
    env: { AZURE_ENVIRONMENT: 'AzureMoon', AZURE_AUTHORITY_HOST: 'https://login.local' },
    are: [
      'AZURE_ENVIRONMENT is "AzureMoon"',
      'AZURE_AUTHORITY_HOST is "https://login.local", which belongs to no known cloud: set AZURE_RESOURCE_MANAGER_ENDPOINT too',
    ],
  },
  {
    name: 'two wrong addresses to listen on are not the same',
    env: { METRICS_ADDRESS: '8080', HEALTH_ADDRESS: '8080' },
    are: ['METRICS_ADDRESS is "8080"', 'HEALTH_ADDRESS is "8080"'],
  },
  {
    name: 'one wrong address to listen on is not the same as the other',
    env: { METRICS_ADDRESS: 'x', HEALTH_ADDRESS: ':8080' },
    are: ['METRICS_ADDRESS is "x"'],
  },
  {
    name: 'a wrong tenant is told of once',
    env: { AZURE_TENANT_ID: 'https://contoso.com/' },
    are: ['AZURE_TENANT_ID is "https://contoso.com/"'],
  },
  {
    name: 'a wrong tenant hides nothing else that its credential lacks',
    env: { AZURE_CREDENTIAL: 'client-secret', AZURE_TENANT_ID: 'https://contoso.com/', AZURE_CLIENT_ID: '' },
    are: [
      'AZURE_TENANT_ID is "https://contoso.com/"',
      'AZURE_CLIENT_ID is not set; credential client-secret needs it',
      'AZURE_CLIENT_SECRET is not set; credential client-secret needs it',
    ],
  },
  {
    name: "a client id that the webhook has put over a Secret's is said to be that",
    env: { AZURE_CLIENT_ID: 'REPLACE-WITH-CLIENT-ID', AZURE_CLIENT_SECRET: 's3cret' },
    are: [
      'AZURE_CLIENT_ID is "REPLACE-WITH-CLIENT-ID"',
      'AZURE_CLIENT_SECRET is set beside AZURE_FEDERATED_TOKEN_FILE: the webhook of workload identity puts the client id of the ServiceAccount over that of a Secret; to sign in with the Secret, take the label azure.workload.identity/use from the pods (chart: azure.credential=client-secret; kustomize: deploy/client-secret)',
    ],
  },
  {
    name: "an empty client id that the webhook has put over a Secret's, of a ServiceAccount that names none",
    env: { AZURE_CLIENT_ID: '', AZURE_CLIENT_SECRET: 's3cret' },
    are: [
      'AZURE_CLIENT_ID is not set; credential workload-identity needs it',
      'AZURE_CLIENT_SECRET is set beside AZURE_FEDERATED_TOKEN_FILE: the webhook of workload identity puts the client id of the ServiceAccount over that of a Secret; to sign in with the Secret, take the label azure.workload.identity/use from the pods (chart: azure.credential=client-secret; kustomize: deploy/client-secret)',
    ],
  },
  {
    name: 'a wrong client id hides no unreadable file',
    env: { AZURE_CLIENT_ID: 'mine', AZURE_FEDERATED_TOKEN_FILE: '/nowhere' },
    are: ['AZURE_CLIENT_ID is "mine"', 'AZURE_FEDERATED_TOKEN_FILE is "/nowhere", where there is no readable file'],
  },
  {
    name: 'a wrong kind of credential needs nothing',
    env: { AZURE_CREDENTIAL: 'password', AZURE_CLIENT_ID: '', AZURE_FEDERATED_TOKEN_FILE: '/nowhere' },
    are: ['AZURE_CREDENTIAL is "password"'],
  },
  {
    name: 'a wrong namespace counts as given for the lease',
    env: { LEASE_NAMESPACE: 'A_' },
    namespace: '',
    are: ['LEASE_NAMESPACE is "A_"'],
  },
  {
    name: 'a wrong LEADER_ELECTION asks for no namespace',
    env: { LEADER_ELECTION: 'yes' },
    namespace: '',
    are: ['LEADER_ELECTION is "yes"'],
  },
  {
    name: 'a flag without its value counts as given',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://arm.local', AZURE_AUTHORITY_HOST: '' },
    argv: ['--azure-authority-host'],
    are: ['--azure-authority-host has no value. Example: --azure-authority-host=https://login.microsoftonline.com'],
  },
];
for (const { name, env, argv = [], namespace = 'acr-replication-system', are } of alone) {
  test(name, () => {
    const parsed = parseConfig(argv, { ...pod, ...env }, { ...readers, readText: () => namespace });
    const lines = parsed.kind === 'invalid' ? parsed.problems : [];
    expect(lines.map((line) => line.replace(/, it must be .*/, ''))).toEqual(are);
  });
}

test('every problem is listed at once', () => {
  const all = problems({ LOG_LEVEL: 'loud', AZURE_CLIENT_SECRET: 's', HOME: '/home/you' }, ['--x', '--cluster-name=/']);
  expect(all.map((line) => line.split(' ')[0])).toEqual([
    '--x',
    '--cluster-name',
    'LOG_LEVEL',
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'KUBECONFIG',
  ]);
});

test('no secret is in any problem, wherever it was put', () => {
  const secret = 'hunter2';
  const env = { ...pod, AZURE_CLIENT_SECRET: secret, AZURE_CLIENT_CERTIFICATE_PASSWORD: secret, LOG_LEVEL: 'loud' };
  const all = problems(env, ['--azure-client-secret', secret, `--secret=${secret}`]);
  expect(all.length).toBeGreaterThan(3);
  expect(all.join('\n')).not.toContain(secret);
});

test('each shard has a lease of its own, however its selector is written', () => {
  const nameOf = (env: Env) => config(env).lease?.name;
  const names = [
    {},
    { WATCH_SELECTOR: 'shard=a' },
    { WATCH_SELECTOR: 'shard=b' },
    { WATCH_NAMESPACES: 'a' },
    { WATCH_NAMESPACES: 'a', WATCH_SELECTOR: 'shard=a' },
    { WATCH_NAMESPACES: 'a,b' },
  ].map(nameOf);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^acr-replication-operator(-[0-9a-f]{8})?$/);
  expect(nameOf({ WATCH_SELECTOR: 'x in (a, b), shard = a' })).toBe(nameOf({ WATCH_SELECTOR: 'shard=a,x in (a,b)' }));
  expect(nameOf({ WATCH_NAMESPACES: 'b,a' })).toBe(nameOf({ WATCH_NAMESPACES: 'a,b' }));
});

test('an election without a namespace for its lease says what to set', () => {
  const none = { ...readers, readText: (path: string) => (path === namespaceFile ? undefined : texts[path]) };
  for (const env of [pod, { ...pod, KUBECONFIG: '/kube', LEADER_ELECTION: 'true' }]) {
    expect(parseConfig([], env, none)).toEqual({
      kind: 'invalid',
      problems: [expect.stringMatching(/^LEASE_NAMESPACE is not set.*LEADER_ELECTION=false/)],
    });
  }
});

test('a pod without the files of its service account says how it gets them', () => {
  expect(parseConfig([], pod, { ...readers, readText: () => undefined })).toEqual({
    kind: 'invalid',
    problems: [expect.stringMatching(/^this is a pod, and .*token and .*ca.crt cannot be read: let automount/)],
  });
});

test('every setting accepts its own example, and its default', () => {
  for (const setting of Object.values(settings)) {
    expect(setting.parse(setting.example).ok, setting.name).toBe(true);
    if ('default' in setting) expect(setting.parse(setting.default).ok, setting.name).toBe(true);
  }
});

test('help and table name every setting; help wins over mistakes', () => {
  expect(parseConfig(['--x', '--help'], {}, readers)).toEqual({ kind: 'help', text: helpText() });
  expect(parseConfig(['-h'], {}, readers).kind).toBe('help');
  for (const { name } of Object.values(settings)) {
    expect(helpText()).toContain(`  ${name}`);
    expect(settingsTable()).toContain(`| \`${name}\` |`);
  }
  expect(helpText()).toContain('--watch-namespaces');
  expect(helpText()).not.toContain('--azure-client-secret');
});

test('the version is that of the package', async () => {
  const { stdout } = await promisify(execFile)('node', ['-p', "require('./package.json').version"]);
  expect(parseConfig(['--version'], {}, readers)).toEqual({
    kind: 'version',
    text: `acr-replication-operator ${stdout.trim()}`,
  });
});
