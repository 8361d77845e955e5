import { describe, expect, test } from 'vitest';
import { KubeconfigProblem, type KubeTarget, readKubeconfig } from '../../../../src/kube/http/kubeconfig-file.ts';

const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Parts {
  readonly cluster?: object;
  readonly user?: object | null;
  readonly [field: string]: unknown;
}

function kubeconfig({ cluster = {}, user = {}, ...more }: Parts = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://one.example', ...cluster } }],
    users: user === null ? [] : [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', ...(user === null ? {} : { user: 'u' }) } }],
    'current-context': 'x',
    ...more,
  };
}

function targetOf(...files: readonly (object | string)[]): KubeTarget {
  const texts = new Map<string, string>([
    ['/etc/kube/ca.pem', pem('ca')],
    ['/etc/kube/client.pem', pem('client')],
    ['/etc/kube/key.pem', pem('key')],
    ['/etc/kube/nonsense', 'nonsense'],
    ['/etc/kube/token', 'from-file'],
    ['/etc/kube/blank', '\n'],
  ]);
  const names = files.map((file, index) => {
    texts.set(`/etc/kube/config${index}`, typeof file === 'string' ? file : JSON.stringify(file));
    return `/etc/kube/config${index}`;
  });
  return readKubeconfig(names, (path) => texts.get(path));
}

function problemIn(...files: readonly (object | string)[]): string {
  try {
    targetOf(...files);
  } catch (error) {
    if (error instanceof KubeconfigProblem) return error.message;
    throw error;
  }
  throw new Error('no problem');
}

describe('as kubectl reads it', () => {
  test('of a name in two files the first counts, whole, and so does the first current-context', () => {
    const first = kubeconfig({ cluster: { server: 'https://first.example' }, user: { token: 'first' } });
    const second = kubeconfig({
      cluster: { server: 'https://second.example', 'tls-server-name': 'second' },
      user: { token: 'second', as: 'root' },
      'current-context': 'y',
    });
    expect(targetOf(first, second)).toMatchObject({
      server: 'https://first.example',
      tlsServerName: undefined,
      user: { token: 'first', impersonation: {} },
      source: 'kubeconfig /etc/kube/config0, context x',
    });
  });

  test('a context may name a cluster and a user of another file', () => {
    const { clusters, users, contexts } = kubeconfig({ user: { token: 't' } }) as Record<string, unknown>;
    expect(targetOf({ clusters }, { users }, { contexts, 'current-context': 'x' })).toMatchObject({
      server: 'https://one.example',
      user: { token: 't' },
      source: 'kubeconfig /etc/kube/config2, context x',
    });
  });

  test('an empty file is no problem beside another one', () => {
    expect(targetOf('', kubeconfig()).server).toBe('https://one.example');
  });

  test('a context without a user keeps its CA', () => {
    const { ca, user } = targetOf(
      kubeconfig({ user: null, cluster: { 'certificate-authority-data': base64(pem('ca')) } }),
    );
    expect([ca, user]).toEqual([{ kind: 'text', text: pem('ca') }, {}]);
  });

  const addresses: readonly (readonly [string, object, string])[] = [
    ['https://one.example/', {}, 'https://one.example'],
    ['https://one.example/k8s/clusters/c-1/', {}, 'https://one.example/k8s/clusters/c-1'],
    ['http://127.0.0.1:8001', {}, 'http://127.0.0.1:8001'],
    ['10.0.0.1:6443', { 'insecure-skip-tls-verify': true }, 'https://10.0.0.1:6443'],
    ['localhost:8080', {}, 'http://localhost:8080'],
    ['https://name:password@one.example', {}, 'https://one.example'],
  ];
  for (const [server, more, expected] of addresses) {
    test(`the address ${server} is ${expected}`, () => {
      expect(targetOf(kubeconfig({ cluster: { server, ...more } })).server).toBe(expected);
    });
  }

  test('paths are relative to their file, and data goes before a file', () => {
    const { ca, user } = targetOf(
      kubeconfig({
        cluster: { 'certificate-authority': 'ca.pem' },
        user: {
          tokenFile: 'token',
          'client-certificate': 'client.pem',
          'client-key': '/elsewhere/key.pem',
          'client-key-data': base64(pem('key')),
        },
      }),
    );
    expect([ca, user.tokenFile, user.cert, user.key]).toEqual([
      { kind: 'file', path: '/etc/kube/ca.pem' },
      '/etc/kube/token',
      { kind: 'file', path: '/etc/kube/client.pem' },
      { kind: 'text', text: pem('key') },
    ]);
  });

  test('a token counts where the token file is not there', () => {
    expect(targetOf(kubeconfig({ user: { token: 't', tokenFile: 'none' } })).user.token).toBe('t');
  });

  test('impersonation has user, uid, groups and extra', () => {
    const as = {
      as: 'jane',
      'as-uid': '7',
      'as-groups': ['dev', 'ops'],
      'as-user-extra': { 'Example.com/a b': ['1', '2'] },
    };
    expect(targetOf(kubeconfig({ user: { token: 't', ...as } })).user.impersonation).toEqual({
      'Impersonate-User': 'jane',
      'Impersonate-Uid': '7',
      'Impersonate-Group': ['dev', 'ops'],
      'Impersonate-Extra-Example.com%2Fa%20b': ['1', '2'],
    });
  });

  test('an exec plugin is found in PATH by its name, beside the file by a path, and told of the cluster if it asks', () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', interactiveMode: 'Never' };
    const cluster = {
      'certificate-authority-data': base64(pem('ca')),
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }],
    };
    const pluginOf = (more: object) =>
      targetOf(kubeconfig({ cluster, user: { exec: { ...exec, ...more } } })).user.exec;
    expect(pluginOf({ args: ['eks', 1], env: [{ name: 'A', value: 'b' }] })).toMatchObject({
      command: 'aws',
      args: ['eks', '1'],
      env: { A: 'b' },
      clusterInfo: undefined,
    });
    expect(pluginOf({ command: './plugin' })?.command).toBe('/etc/kube/plugin');
    expect(pluginOf({ provideClusterInfo: true })?.clusterInfo).toEqual({
      server: 'https://one.example',
      'certificate-authority-data': base64(pem('ca')),
      config: { audience: 'x' },
    });
  });

  test('the token of auth-provider oidc is used as it is', () => {
    const user = { 'auth-provider': { name: 'oidc', config: { 'id-token': 'jwt' } } };
    expect(targetOf(kubeconfig({ user })).user.token).toBe('jwt');
  });

  test('a proxy is taken, over HTTP or HTTPS', () => {
    expect(targetOf(kubeconfig({ cluster: { 'proxy-url': 'http://proxy:3128' } })).proxy).toBe('http://proxy:3128/');
  });
});

describe('what cannot be used is said in one line, with the file', () => {
  const context = 'kubeconfig /etc/kube/config0, context x';
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws' };
  const cases: readonly (readonly [name: string, object | string, string])[] = [
    [
      'another file',
      '127.0.0.1 localhost',
      '/etc/kube/config0 is no kubeconfig: it has no clusters, users and contexts',
    ],
    ['no YAML', '{token: secret', '/etc/kube/config0 is no kubeconfig: it is not YAML'],
    ['nothing', '', 'kubeconfig /etc/kube/config0 has no current-context: set one with kubectl config use-context'],
    [
      'no current context',
      kubeconfig({ 'current-context': '' }),
      'kubeconfig /etc/kube/config0 has no current-context: set one with kubectl config use-context',
    ],
    [
      'a context that is not there',
      kubeconfig({ 'current-context': 'y' }),
      'current-context "y" of kubeconfig /etc/kube/config0 is not among its contexts: x',
    ],
    ['a cluster that is not there', kubeconfig({ clusters: null }), `${context}: there is no cluster "c"`],
    ['a user who is not there', kubeconfig({ users: [] }), `${context}: there is no user "u"`],
    ['no server', kubeconfig({ cluster: { server: '' } }), `${context}: its cluster names no server`],
    [
      'no address',
      kubeconfig({ cluster: { server: 'ftp://x' } }),
      `${context}: its server is no http:// or https:// address`,
    ],
    [
      'a CA that is not there',
      kubeconfig({ cluster: { 'certificate-authority': 'none.pem' } }),
      `${context}: certificate-authority /etc/kube/none.pem cannot be read`,
    ],
    [
      'a CA that is none',
      kubeconfig({ cluster: { 'certificate-authority': 'nonsense' } }),
      `${context}: certificate-authority /etc/kube/nonsense is not PEM`,
    ],
    [
      'data that is no CA',
      kubeconfig({ cluster: { 'certificate-authority-data': 'AAAA' } }),
      `${context}: certificate-authority-data is not PEM in base64`,
    ],
    [
      'a CA that is not used',
      kubeconfig({ cluster: { 'certificate-authority': 'ca.pem', 'insecure-skip-tls-verify': true } }),
      `${context}: certificate-authority and insecure-skip-tls-verify exclude each other: drop one`,
    ],
    [
      'a certificate without key',
      kubeconfig({ user: { 'client-certificate': 'client.pem' } }),
      `${context}: client-certificate is set without client-key`,
    ],
    [
      'a token file that is not there',
      kubeconfig({ user: { tokenFile: 'none' } }),
      `${context}: tokenFile /etc/kube/none cannot be read`,
    ],
    [
      'a token file without a token',
      kubeconfig({ user: { tokenFile: 'blank' } }),
      `${context}: tokenFile /etc/kube/blank is empty`,
    ],
    [
      'token and password',
      kubeconfig({ user: { token: 't', username: 'u' } }),
      `${context}: its user has a token and a password: drop one`,
    ],
    [
      'an old provider',
      kubeconfig({ user: { 'auth-provider': { name: 'gcp' } } }),
      `${context}: auth-provider gcp is not supported: use exec or a token`,
    ],
    [
      'a SOCKS proxy',
      kubeconfig({ cluster: { 'proxy-url': 'socks5://proxy' } }),
      `${context}: its proxy-url is no http:// or https:// address, and others (SOCKS) are not supported`,
    ],
    [
      'a plugin without command',
      kubeconfig({ user: { exec: { ...exec, command: '' } } }),
      `${context}: exec names no command`,
    ],
    [
      'a plugin of another time',
      kubeconfig({ user: { exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1alpha1' } } }),
      `${context}: exec has apiVersion "client.authentication.k8s.io/v1alpha1", it must be client.authentication.k8s.io/v1 or v1beta1`,
    ],
    [
      'a plugin that asks somebody',
      kubeconfig({ user: { exec: { ...exec, interactiveMode: 'Always' } } }),
      `${context}: exec has interactiveMode Always, and there is nobody to ask`,
    ],
    [
      'groups without a user',
      kubeconfig({ user: { 'as-groups': ['a'] } }),
      `${context}: as-uid, as-groups and as-user-extra need as`,
    ],
  ];
  for (const [name, file, expected] of cases) test(name, () => expect(problemIn(file)).toBe(expected));

  test('no problem quotes the file', () => expect(problemIn('{token: secret')).not.toContain('secret'));
});
