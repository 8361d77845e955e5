import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { type Emulator, startEmulator } from '../../sandbox/emulator/emulator.ts';
import { azureLogin } from '../../support/azure-login.ts';
import { userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { plugin } from '../../support/plugin.ts';

/** Every way to fail tells in a sentence what is wrong, and in the next line what helps. */
const cluster = controlPlane();
const { kube } = cluster;
let namespace: string;
let azure: Emulator;
const kubeconfigs = { admin: cluster.adminKubeconfig, view: '', none: '' };
const login = () => azureLogin(azure);
beforeAll(async () => {
  azure = await startEmulator();
  namespace = await kube.createNamespace('errors');
  kubeconfigs.view = await userWith(cluster, namespace, ['acr-replication-view']);
  kubeconfigs.none = await userWith(cluster, namespace, []);
  await kube.apply<RegistryReplication>(manifest(namespace, 'contoso'));
  await kube.patch(`/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/contoso/status`, {
    status: {
      observedGeneration: 1,
      registry: { id: '/r', homeRegion: 'eastus', sku: 'Premium', loginServer: 'contoso.azurecr.io' },
      replicas: [{ location: 'japaneast', managed: 'Created', provisioningState: 'Succeeded' }],
    },
  });
});
afterAll(async () => {
  await azure.stop();
  await cluster.close();
});

type Fields = Readonly<Record<string, unknown>>;
interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Fields }[];
  readonly users: readonly { readonly user: Fields }[];
  readonly contexts: readonly { readonly context: Fields }[];
}
/** The administrator's kubeconfig with other fields; undefined takes one out. */
function amiss(name: string, other: { cluster?: Fields; user?: Fields; context?: Fields }): () => Promise<string> {
  return async () => {
    const config = parse(await readFile(kubeconfigs.admin, 'utf8')) as Kubeconfig;
    const path = join(cluster.dir, `${name}.kubeconfig`);
    const text = stringify({
      ...config,
      clusters: config.clusters.map((one) => ({ ...one, cluster: { ...one.cluster, ...other.cluster } })),
      users: config.users.map((one) => ({ ...one, user: other.user ?? one.user })),
      contexts: config.contexts.map((one) => ({ ...one, context: { ...one.context, ...other.context } })),
    });
    await writeFile(path, text);
    return path;
  };
}
const withServer = (server: string) => amiss('server', { cluster: { server } });
const withUser = (name: string, user: Fields) => amiss(name, { user });
const plug = (command: string, ...args: string[]) =>
  withUser(command, {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command,
      args,
      interactiveMode: 'Never',
      installHint: 'az aks install-cli',
    },
  });

interface Case {
  readonly typed: string;
  readonly by?: keyof typeof kubeconfigs | (() => Promise<string>);
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly says: RegExp;
  readonly try: RegExp;
  /** Default 1. */
  readonly code?: number;
}
const misused: readonly Case[] = [
  { typed: 'lst', says: /no command lst; did you mean list\?/, try: /^kubectl acr-replication --help$/ },
  { typed: 'help lst', says: /no command lst; did you mean list\?/, try: /^kubectl acr-replication --help$/ },
  { typed: 'list --wathc', says: /--wathc is not an option of list; did you mean --watch\?/, try: /list --help$/ },
  { typed: 'list -o jsn', says: /--output is jsn, and can be table/, try: /list --help$/ },
  { typed: 'list -n', says: /-n needs a value: -n NAME/, try: /list --help$/ },
  { typed: 'list more', says: /list does not know what to do with "more"/, try: /list --help$/ },
  { typed: 'list --as-group a', says: /--as-group needs --as$/, try: /^--as USER$/ },
  { typed: 'status', says: /status needs NAME/, try: /status --help$/ },
  { typed: "status ''", says: /status needs NAME/, try: /status --help$/ },
  { typed: 'recreate contoso', says: /recreate needs REGION/, try: /recreate --help$/ },
  { typed: 'reconcile contoso --timeout 5', says: /--timeout 5 is no duration/, try: /^--timeout 10m$/ },
  { typed: 'logs --since soon', says: /--since soon is no duration/, try: /^--since 10m$/ },
  { typed: 'plan', says: /plan needs either -f FILE or NAME/, try: /plan --help$/ },
  { typed: 'import', says: /import needs --registry/, try: /import --help$/ },
  {
    typed: 'regions --subscription no',
    says: /no is not the id of a subscription/,
    try: /^kubectl .* --subscription "\$\(az /,
  },
].map((one) => ({ code: 2, ...one }));

const cases: readonly Case[] = [
  ...misused,
  {
    typed: 'status nothere',
    says: /^there is no RegistryReplication nothere in namespace errors/,
    try: /list --all-namespaces$/,
  },
  { typed: 'list -l ==', says: /^the labels are not understood: found '=='/, try: /^--selector KEY=VALUE$/ },
  { typed: 'plan -f /no/file.yaml', says: /^there is no \/no\/file.yaml$/, try: /^ls -l \/no\/file.yaml$/ },
  { typed: 'recreate contoso eastus --yes', says: /^eastus is the home region/, try: /^one of japaneast$/ },
  {
    typed: 'recreate contoso japaneast',
    says: /^there is nobody to ask/,
    try: /^kubectl acr-replication recreate contoso japaneast -n errors\S* --yes$/,
  },
  {
    typed: 'list',
    by: 'none',
    says: /may not list RegistryReplications in namespace/,
    try: /kubectl create rolebinding .*=acr-replication-view /,
  },
  {
    typed: 'list -A',
    by: 'view',
    says: /may not list RegistryReplications in the whole/,
    try: /kubectl create clusterrolebinding .*=acr-replication-view /,
  },
  {
    typed: 'suspend contoso',
    by: 'view',
    says: /may not patch RegistryReplications in namespace/,
    try: /kubectl create rolebinding .*=acr-replication-edit /,
  },
  {
    typed: 'logs contoso',
    by: 'view',
    says: /may not list pods in namespace/,
    try: /kubectl create rolebinding .*=view /,
  },
  { typed: 'list --as x', by: 'view', says: /may not act as another user/, try: /^leave out --as$/ },
  {
    typed: 'list --context no',
    says: /"no" of kubeconfig \S+ is not among its contexts: sandbox$/,
    try: /^kubectl config get-contexts$/,
  },
  {
    typed: 'list --kubeconfig /no',
    says: /^kubeconfig \/no cannot be read$/,
    try: /^kubectl config get-contexts --kubeconfig \/no$/,
  },
  {
    typed: 'list',
    by: withServer('https://127.0.0.1:1'),
    says: /^the API server is not reached: connect ECONNREFUSED 127.0.0.1:1 \(API server https:\/\/127.0.0.1:1, from kubeconfig .*, context sandbox\)$/,
    try: /^nothing listens there: correct the address, or start/,
  },
  {
    typed: 'list',
    by: withServer('https://nowhere.invalid'),
    says: /^the API server is not reached: .*nowhere.invalid/,
    try: /DNS/,
  },
  {
    typed: 'list',
    by: withUser('expired', { token: 'expired' }),
    says: /^the API server does not accept your credentials \(/,
    try: /renew them$/,
  },
  {
    typed: 'list',
    by: amiss('proxied', { cluster: { 'proxy-url': 'http://127.0.0.1:1' } }),
    says: /through proxy 127.0.0.1:1/,
    try: /correct proxy-url/,
  },
  {
    typed: 'list',
    by: amiss('named', { cluster: { 'tls-server-name': 'no.example' } }),
    says: /no.example/,
    try: /tls-server-name$/,
  },
  {
    typed: 'list',
    by: amiss('strange', { cluster: { 'certificate-authority-data': undefined } }),
    says: /^the API server is not reached: [^;]*certificate[^;]* \(API/,
    try: /certificate-authority$/,
  },
  {
    typed: 'list',
    by: amiss('userless', { context: { user: 'no' } }),
    says: /there is no user "no"$/,
    try: /^kubectl config get-contexts$/,
  },
  {
    typed: 'list',
    by: plug('no-such-login'),
    says: /^exec plugin no-such-login is not installed: az aks install-cli/,
    try: /by hand/,
  },
  {
    typed: 'list',
    by: plug('sh', '-c', 'echo log in first >&2; exit 3'),
    says: /^exec plugin sh failed with 3: log in first/,
    try: /by hand/,
  },
  {
    typed: 'regions',
    env: { AZURE_CLIENT_SECRET: undefined },
    says: /^you are not signed in to Azure$/,
    try: /^az login$/,
  },
  {
    typed: 'regions',
    env: { AZURE_CLIENT_SECRET: 'wrong' },
    says: /The client secret is wrong/,
    try: /^Correct AZURE_TENANT_ID, AZURE_CLIENT_ID and what proves them/,
  },
  {
    typed: 'regions',
    env: { AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1' },
    says: /127.0.0.1:1 refuses connections/,
    try: /a minute later$/,
  },
  {
    typed: 'regions --subscription 00000000-0000-0000-0000-000000000009',
    says: /^There is no subscription 0\S+9, or your identity has no role in it/,
    try: /^az account list --output table$/,
  },
  {
    typed: 'import --registry nothere -g registries',
    says: /^There is no registry nothere in resource group registries/,
    try: /^az acr list --output table$/,
  },
  {
    typed: 'import --registry contoso',
    env: { AZURE_SUBSCRIPTION_ID: undefined },
    code: 2,
    says: /^no Azure subscription is given$/,
    try: /^kubectl acr-replication import --registry contoso .*--subscription "\$\(az account show/,
  },
];

const words = (typed: string) =>
  [...typed.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

describe('what goes wrong is told with its cure', () => {
  test.each(cases)('$typed: $says', async (one) => {
    const { typed, by = 'admin', code = 1 } = one;
    const kubeconfig = typeof by === 'string' ? kubeconfigs[by] : await by();
    const isPlaced = / -n$| -A$/.test(typed) || /^(lst|help)/.test(typed);
    const env = { ...login(), PATH: '/usr/bin:/bin', ...one.env };
    const run = await plugin(words(typed), { kubeconfig, env, ...(isPlaced ? {} : { namespace }) });
    expect(run).toMatchObject({ code, out: '' });
    const lines = run.err.trimEnd().split('\n').slice(-2);
    expect(lines[0]?.replace(/^error: /, '')).toMatch(one.says);
    expect(lines[1]?.replace(/^try: /, '')).toMatch(one.try);
    expect(run.err).toMatch(/(^|\n)error: [^\n]+\ntry: [^\n]+\n$/);
  });
});

/** A shell in which kubectl is the plugin, as far as it is asked for it. */
function pasted(line: string, kubeconfig: string): Promise<{ readonly code: number; readonly err: string }> {
  const shell = `kubectl() { shift; '${process.execPath}' dist/kubectl-acr_replication.mjs "$@"; }; ${line}`;
  return new Promise((done) => {
    execFile('sh', ['-c', shell], { env: { ...process.env, ...login(), KUBECONFIG: kubeconfig } }, (error, _, err) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, err }),
    );
  });
}

test('a cure that is pasted as it is printed is about the same object', async () => {
  const kubeconfig = kubeconfigs.admin;
  const there = ['-n', namespace, '--context', 'sandbox'];
  const refused = await plugin(['recreate', 'contoso', 'japanest', '--yes', ...there], { kubeconfig });
  const [, first = ''] = /\ntry: (.*)\n$/.exec(`\n${refused.err}`) ?? [];
  expect(first).toBe(`kubectl acr-replication recreate contoso japaneast -n ${namespace} --context sandbox`);
  const unasked = await pasted(first, kubeconfig);
  const [, second = ''] = /\ntry: (.*)\n$/.exec(unasked.err) ?? [];
  expect(await pasted(second, kubeconfig)).toMatchObject({ code: 0 });
});
