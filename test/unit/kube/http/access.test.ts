import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../../src/kube/http/client.ts';
import { type KubeConfig, kubeConfigFor, loadKubeConfig } from '../../../../src/kube/http/kubeconfig.ts';
import { createAuthority, issueServerCertificate } from '../../../sandbox/certificates.ts';
import { type Answer, answers, startWatchServer, status, type WatchServer } from '../../../support/watch-server.ts';

const never = new AbortController().signal;
const path = '/apis/acr-replication.dev/v1alpha1/registryreplications';
let server: WatchServer & AsyncDisposable;
let dir: string;

beforeEach(async () => {
  server = await startWatchServer();
  dir = await mkdtemp(join(tmpdir(), 'kube-access-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

function clientOf(kubeConfig: KubeConfig): KubeClient {
  const client = createKubeClient({ kubeConfig, timeoutMs: 5_000 });
  onTestFinished(() => client.close());
  return client;
}

/** A kubeconfig whose user has this exec plugin, a shell script. */
async function withPlugin(script: string, more: object = {}): Promise<KubeConfig> {
  const plugin = join(dir, 'plugin.sh');
  await writeFile(plugin, `#!/bin/sh\n${script}\n`);
  await chmod(plugin, 0o755);
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './plugin.sh',
    interactiveMode: 'IfAvailable',
    ...more,
  };
  const file = join(dir, 'config');
  const content = {
    clusters: [{ name: 'c', cluster: { server: server.url, 'tls-server-name': 'api' } }],
    users: [{ name: 'u', user: { exec } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(file, JSON.stringify(content));
  return loadKubeConfig({ kind: 'files', files: [file], env: { PATH: process.env['PATH'], FROM: 'operator' } });
}

/** A script that gives the token t1 the first time it runs, then t2, and so on. */
const counting = (more = '') => `echo x >> ${dir}/runs
n=$(wc -l < ${dir}/runs | tr -d ' ')
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$n'"${more}}}'`;
const tokens = () => server.seen.map(({ authorization }) => authorization);

async function messageOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'it went well',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe('an exec plugin', () => {
  test('runs once for many requests', async () => {
    const client = clientOf(await withPlugin(counting()));
    server.script(...Array.from({ length: 5 }, () => answers(200, {})));
    await Promise.all([1, 2, 3].map(() => client.call({ path }, never)));
    await client.call({ path }, never);
    expect(new Set(tokens())).toEqual(new Set(['Bearer t1']));
  });

  test('runs again after a 401, and when its credentials have expired', async () => {
    const client = clientOf(await withPlugin(counting()));
    server.script(answers(200, {}), answers(401, status(401, 'Unauthorized')), answers(200, {}));
    await client.call({ path }, never);
    expect(await messageOf(client.call({ path }, never))).toContain('401 Unauthorized');
    await client.call({ path }, never);
    expect(tokens()).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2']);

    const expiring = clientOf(await withPlugin(counting(',"expirationTimestamp":"2001-01-01T00:00:00Z"')));
    server.script(answers(200, {}), answers(200, {}));
    await expiring.call({ path }, never);
    await expiring.call({ path }, never);
    expect(tokens().slice(3)).toEqual(['Bearer t3', 'Bearer t4']);
  });

  test('gets the environment and KUBERNETES_EXEC_INFO, with the cluster if it wants it', async () => {
    const script = `printf '%s %s %s' "$FROM" "$MINE" "$KUBERNETES_EXEC_INFO" > ${dir}/told\n${counting()}`;
    const more = { provideClusterInfo: true, env: [{ name: 'MINE', value: 'kubeconfig' }] };
    server.script(answers(200, {}));
    await clientOf(await withPlugin(script, more)).call({ path }, never);
    const [from, mine, ...info] = (await readFile(join(dir, 'told'), 'utf8')).split(' ');
    expect([from, mine, JSON.parse(info.join(' '))]).toEqual([
      'operator',
      'kubeconfig',
      {
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1',
        spec: { interactive: false, cluster: { server: server.url, 'tls-server-name': 'api' } },
      },
    ]);
  });

  const failures: readonly (readonly [name: string, script: string, more: object, expected: RegExp])[] = [
    ['fails', 'echo "please sign in" >&2; exit 3', {}, /exec plugin .*plugin.sh failed with 3: please sign in/],
    [
      'is not there',
      '',
      { command: 'no-such-plugin', installHint: 'apt install it' },
      /exec plugin no-such-plugin is not installed: apt install it/,
    ],
    ['prints something else', 'echo secret-token', {}, /printed no JSON/],
    [
      'answers in another version',
      `echo '{"apiVersion":"client.authentication.k8s.io/v1beta1"}'`,
      {},
      /did not answer in client.authentication.k8s.io\/v1/,
    ],
    [
      'gives nothing',
      `echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{}}'`,
      {},
      /gave no token and no certificate/,
    ],
  ];
  for (const [name, script, more, expected] of failures) {
    test(`that ${name} is named in the error`, async () => {
      const message = await messageOf(clientOf(await withPlugin(script, more)).call({ path }, never));
      expect(message).toMatch(expected);
      expect(message).toMatch(/ExecPlugin.*\(API server .*, from kubeconfig .*config, context x\)$/);
      expect(message).not.toContain('secret-token');
    });
  }
});

test('an http:// server gets token and impersonation, with a header for each group', async () => {
  const impersonation = { 'Impersonate-User': 'jane', 'Impersonate-Group': ['dev', 'ops'] };
  const groups: unknown[] = [];
  const plain: Server = createServer((request, response) => {
    groups.push(
      request.headersDistinct['impersonate-group'],
      request.headers['impersonate-user'],
      request.headers.authorization,
    );
    response.end('{"apiVersion":"v1","kind":"Answer"}');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void plain.close());
  const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  await clientOf(kubeConfigFor({ server: url, user: { token: 't', impersonation }, source: 'a test' })).call(
    { path },
    never,
  );
  expect(groups).toEqual([['dev', 'ops'], 'jane', 'Bearer t']);
});

test('a proxy-url is used for all connections', async () => {
  const authority = await createAuthority('proxied');
  await using secure = await startWatchServer(await issueServerCertificate(authority));
  const asked: (string | undefined)[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url);
    const [, port] = (request.url ?? '').split(':');
    const through = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [through, socket]) end.on('error', () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const kubeConfig = kubeConfigFor({
    server: secure.url,
    ca: { kind: 'text', text: authority.certPem },
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    user: { token: 't' },
    source: 'a test',
  });
  secure.script(answers(200, { a: 1 }), answers(200, { a: 2 }));
  const client = clientOf(kubeConfig);
  expect([await client.call({ path }, never), await client.call({ path }, never)]).toMatchObject([{ a: 1 }, { a: 2 }]);
  expect(asked).toEqual([new URL(secure.url).host]);
});

describe('an error that a person has to mend names address, source and next step', () => {
  const at = (url: string, more: object = {}) =>
    kubeConfigFor({ server: url, user: { token: 't' }, source: 'kubeconfig /k, context x', ...more });

  const refusals: readonly (readonly [number, object, RegExp])[] = [
    [
      401,
      status(401, 'Unauthorized'),
      /401 Unauthorized: Unauthorized it is; the credentials have expired, were revoked/,
    ],
    [403, status(403, 'Forbidden'), /403 Forbidden: Forbidden it is; bind the rights of deploy\/cluster-role.yaml/],
    [
      404,
      status(404, 'NotFound', { details: undefined }),
      /404 NotFound: .*; install the CRD in crds\/, or correct the address/,
    ],
  ];
  for (const [code, body, expected] of refusals) {
    test(`${code}`, async () => {
      server.script(answers(code, body));
      const message = await messageOf(clientOf(at(server.url)).watch({ path }, never));
      expect(message).toMatch(expected);
      expect(message).toContain(`(API server ${server.url}, from kubeconfig /k, context x)`);
    });
  }

  /** An answer that somebody else gives: a page, some JSON, a redirect. */
  const stranger =
    (code: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
    (response) =>
      void response.writeHead(code, headers).end(body);
  const html = { 'content-type': 'text/html; charset=utf-8' };
  const inItsPlace =
    'no API server answers so, but something in its place: correct the address, or let requests through to it';
  const strangers: readonly (readonly [name: string, answer: Answer, told: string])[] = [
    [
      'a page with 200',
      stranger(200, '<html>\n<head><title>Welcome</title></head>\n</html>\n', html),
      `200 NotKubernetes: "Welcome"; ${inItsPlace}`,
    ],
    ['a page in one line', stranger(200, '<title>Welcome</title>'), `200 NotKubernetes: "Welcome"; ${inItsPlace}`],
    [
      'JSON of another program',
      stranger(200, '{"status":"ok"}\n', { 'content-type': 'application/json' }),
      `200 NotKubernetes: JSON, but no object of Kubernetes; ${inItsPlace}`,
    ],
    ['empty JSON', stranger(200, '{}'), `200 NotKubernetes: JSON, but no object of Kubernetes; ${inItsPlace}`],
    ['null', stranger(200, 'null'), `200 NotKubernetes: a page; ${inItsPlace}`],
    ['nothing with 200', stranger(200, ''), `200 NotKubernetes: an empty answer; ${inItsPlace}`],
    [
      'a redirect, without what may be secret in it',
      stranger(302, '', { location: 'https://login.example/oauth?token=hunter2' }),
      '302 NotKubernetes: a redirect to https://login.example/oauth; the API server redirects nobody: correct the address',
    ],
    [
      "a proxy's 403, which is about no right in Kubernetes",
      stranger(403, '<html><head><title>Blocked by policy</title></head></html>', html),
      `403 NotKubernetes: "Blocked by policy"; ${inItsPlace}`,
    ],
    ["a proxy's 404", stranger(404, '<h1>Not\nFound</h1>', html), `404 NotKubernetes: "Not Found"; ${inItsPlace}`],
    [
      'a 401 of a gateway',
      stranger(401, '{"type":"error","message":"must authenticate"}'),
      '401 NotKubernetes: "{\\"type\\":\\"error\\",\\"message\\":\\"must authenticate\\"}"; something in front of the API server wants other credentials: renew them, or reach it directly',
    ],
    [
      'a proxy that wants a password',
      stranger(407, ''),
      '407 NotKubernetes: an empty answer; the proxy on the way asks for a name and a password: put them into proxy-url',
    ],
    [
      'a gateway in trouble',
      stranger(502, '<html>bad gateway</html>', html),
      '502 NotKubernetes: "bad gateway"; the API server, or something in front of it, is in trouble: look there',
    ],
  ];
  for (const [name, answer, told] of strangers) {
    for (const verb of ['GET', 'WATCH'] as const) {
      test(`${name} in place of an answer to ${verb}`, async () => {
        server.script(answer);
        const client = clientOf(at(server.url));
        const read = async (): Promise<void> => {
          if (verb === 'GET') return void (await client.call({ path }, never));
          for await (const line of await client.watch({ path }, never)) throw new Error(line);
        };
        expect(await messageOf(read())).toBe(
          `${verb} registryreplications: ${told} (API server ${server.url}, from kubeconfig /k, context x)`,
        );
      });
    }
  }

  test('a path that the API server does not know is the CRD that is missing', async () => {
    server.script(stranger(404, '404 page not found\n'));
    expect(await messageOf(clientOf(at(server.url)).call({ path }, never))).toMatch(
      /: 404 PageNotFound: 404 page not found; install the CRD in crds\/, or correct the address \(API server/,
    );
  });

  test('a broken list is not quoted: it may hold a Secret', async () => {
    server.script(stranger(200, '{"kind":"SecretList","items":[{"data":{"password":"hunter2"'));
    expect(await messageOf(clientOf(at(server.url)).call({ path }, never))).not.toContain('hunter2');
  });

  test('another refusal is its own matter', async () => {
    server.script(answers(409, status(409, 'Conflict')));
    expect(await messageOf(clientOf(at(server.url)).call({ path }, never))).toBe(
      'GET registryreplications: 409 Conflict: Conflict it is',
    );
  });

  test('nothing that listens', async () => {
    await server.down();
    expect(await messageOf(clientOf(at(server.url)).call({ path }, never))).toMatch(
      /ECONNREFUSED: .*; nothing listens there: correct the address, or start the API server \(API server http/,
    );
  });

  test('a proxy that is not there, or lets nothing through', async () => {
    const proxy = createServer().on('connect', (_, socket) => socket.end('HTTP/1.1 403 No\r\n\r\n'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const way = { proxy: `http://robot:secret@127.0.0.1:${port}` };
    const told = () => messageOf(clientOf(at('https://api.example', way)).call({ path }, never));
    const place = `(API server https://api.example through proxy 127.0.0.1:${port}, from kubeconfig /k, context x)`;
    expect(await told()).toMatch(/ERR_PROXY_TUNNEL: .*403 No; the proxy lets nothing through to it: correct proxy-url/);
    await new Promise((resolve) => proxy.close(resolve));
    expect(await told()).toMatch(/ECONNREFUSED: .*; the proxy is not reached: correct proxy-url, or start it/);
    expect(await told()).toContain(place);
    expect(await told()).not.toContain('secret');
  });

  test('a certificate and a key that do not belong together, and a token that is none', async () => {
    const authority = await createAuthority('pairs');
    const [one, other] = await Promise.all([issueServerCertificate(authority), issueServerCertificate(authority)]);
    const cert = { kind: 'text', text: one.certPem } as const;
    const key = { kind: 'text', text: other.keyPem } as const;
    const url = server.url.replace('http:', 'https:');
    expect(await messageOf(clientOf(at(url, { user: { cert, key } })).call({ path }, never))).toMatch(
      /KEY_VALUES_MISMATCH: .*; correct certificate-authority, client-certificate or client-key \(API server/,
    );
    const broken = { user: { token: 'a\nb' } };
    expect(await messageOf(clientOf(at(server.url, broken)).call({ path }, never))).toMatch(
      /; the token has a character that no token can have: renew it \(API server/,
    );
  });

  test('a name without an address', async () => {
    expect(await messageOf(clientOf(at('https://no-such-host.invalid')).call({ path }, never))).toMatch(
      /(ENOTFOUND|EAI_AGAIN).*DNS.*\(API server https:\/\/no-such-host.invalid, from/,
    );
  });

  test('the certificate of another authority, or for another name', async () => {
    const [right, wrong] = await Promise.all([createAuthority('right'), createAuthority('wrong')]);
    await using secure = await startWatchServer(await issueServerCertificate(right));
    const authority = { kind: 'text', text: wrong.certPem } as const;
    expect(await messageOf(clientOf(at(secure.url, { ca: authority })).call({ path }, never))).toMatch(
      /; its certificate is of another authority: correct certificate-authority \(API server https/,
    );
    const named = { ca: { kind: 'text', text: right.certPem }, tlsServerName: 'other.example' };
    expect(await messageOf(clientOf(at(secure.url, named)).call({ path }, never))).toMatch(
      /ERR_TLS_CERT_ALTNAME_INVALID: .*; its certificate is for other names: correct the address, or set tls-server-name/,
    );
  });

  test('HTTPS spoken to HTTP, and the other way round', async () => {
    expect(await messageOf(clientOf(at(server.url.replace('http:', 'https:'))).call({ path }, never))).toMatch(
      /; it does not speak TLS.*: correct the address or its port/,
    );
    const other = createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH\r\n'));
    onTestFinished(() => void other.close());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect(await messageOf(clientOf(at(url)).call({ path }, never))).toMatch(
      /; what listens there does not speak HTTP/,
    );
  });

  test('no stack is in any of them', async () => {
    await server.down();
    const error = await clientOf(at(server.url))
      .call({ path }, never)
      .then(
        () => undefined,
        (thrown: Error) => thrown,
      );
    expect([error?.stack, error?.cause]).toEqual([undefined, undefined]);
  });
});
