import { getEventListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKubeClient, type KubeClient, type KubeRequest } from '../../../../src/kube/http/client.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';
import { type KubeConfig, kubeConfigFor, loadKubeConfig } from '../../../../src/kube/http/kubeconfig.ts';
import { createAuthority, issueServerCertificate } from '../../../sandbox/certificates.ts';
import { noon } from '../../../support/builders.ts';
import { clockAt } from '../../../support/clock.ts';
import {
  type Answer,
  answers,
  event,
  says,
  startWatchServer,
  status,
  type WatchServer,
} from '../../../support/watch-server.ts';

/** A line of a watch. */
const line = (name: string) => event('ADDED', { name });

const never = new AbortController().signal;
const path = '/apis/acr-replication.dev/v1alpha1/namespaces/platform/registryreplications/contoso';
const patch: KubeRequest = { method: 'PATCH', path: `${path}/status`, query: { fieldManager: 'x' }, body: {} };
const breaks: Answer = (response) => void response.destroy();
let server: WatchServer & AsyncDisposable;
let dir: string;
const clients: KubeClient[] = [];

beforeEach(async () => {
  server = await startWatchServer();
  dir = await mkdtemp(join(tmpdir(), 'kube-client-'));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

function clientOf(kubeConfig = server.kubeConfig, timeoutMs = 5_000, connections = 16): KubeClient {
  const client = createKubeClient({ kubeConfig, timeoutMs, connections });
  clients.push(client);
  return client;
}

/** A cluster at `url` whose token and CA come from files, as in a pod. */
/** What the clock shows by which files are read again. */
let now = noon;
const passSecond = (): void => {
  now = new Date(now.getTime() + 1_000);
};

function filesConfig(url: string, files: { readonly caFile?: string; readonly tokenFile?: string }): KubeConfig {
  const { caFile, tokenFile } = files;
  const skipsVerification = caFile === undefined;
  const ca = caFile === undefined ? undefined : ({ kind: 'file', path: caFile } as const);
  const target = { server: url, ca, skipsVerification, user: { tokenFile }, source: 'a test' };
  return kubeConfigFor(
    target,
    {},
    clockAt(() => now),
  );
}

async function failureOf(answering: Promise<unknown>): Promise<KubeError> {
  const error = await answering.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KubeError)) throw new Error('expected a KubeError', { cause: error });
  return error;
}

describe('what went wrong', () => {
  const cases: readonly {
    readonly name: string;
    readonly answer: Answer;
    readonly expected: Readonly<Partial<Record<keyof KubeError, unknown>>>;
  }[] = [
    {
      name: 'the server said no',
      answer: answers(403, status(403, 'Forbidden', { message: 'User "x" cannot patch' })),
      expected: {
        status: 403,
        reason: 'Forbidden',
        message: expect.stringMatching(
          /^PATCH registryreplications\/platform\/contoso\/status: 403 Forbidden: User "x" cannot patch; bind .* \(API server http:\/\/127.0.0.1:\d+, from a test\)$/,
        ),
      },
    },
    {
      name: 'Retry-After in seconds',
      answer: answers(429, status(429, 'TooManyRequests'), { 'retry-after': '3' }),
      expected: { status: 429, retryAfterMs: 3_000 },
    },
    {
      name: 'Retry-After as details',
      answer: answers(503, status(503, 'ServiceUnavailable', { details: { retryAfterSeconds: 2 } })),
      expected: { status: 503, retryAfterMs: 2_000 },
    },
    {
      name: 'details are kept',
      answer: answers(409, status(409, 'Conflict', { details: { name: 'contoso' } })),
      expected: { details: { name: 'contoso' }, retryAfterMs: undefined },
    },
    {
      name: 'a proxy answers with a page',
      answer: (response) => void response.writeHead(502).end('<html>bad gateway</html>'),
      expected: { status: 502, answered: 502, reason: 'NotKubernetes' },
    },
    {
      name: 'success that is no JSON',
      answer: (response) => void response.writeHead(200).end('fine!'),
      expected: { status: 0, answered: 200, reason: 'NotKubernetes' },
    },
    { name: 'no answer in time', answer: () => {}, expected: { status: 0, reason: 'Timeout' } },
    { name: 'half an answer in time', answer: says('{'), expected: { status: 0, reason: 'Timeout' } },
    {
      name: 'the connection breaks',
      answer: breaks,
      expected: { status: 0, reason: 'ECONNRESET' },
    },
    {
      name: 'an answer without end',
      answer: (response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(' '.repeat(1 << 20)));
        };
        response.on('drain', more);
        more();
      },
      expected: { status: 0, reason: 'ResponseTooLarge' },
    },
  ];
  for (const { name, answer, expected } of cases) {
    test(name, async () => {
      server.script(answer);
      const error = await failureOf(
        clientOf(undefined, expected.reason === 'Timeout' ? 100 : 10_000).call(patch, never),
      );
      expect(error).toMatchObject(expected);
    });
  }

  test('connection refused', async () => {
    await server.down();
    expect(await failureOf(clientOf().call(patch, never))).toMatchObject({ status: 0, reason: 'ECONNREFUSED' });
    expect(await failureOf(clientOf().watch({ path }, never))).toMatchObject({ status: 0, reason: 'ECONNREFUSED' });
  });

  test('an abort is not an error of Kubernetes: it throws the reason of the signal', async () => {
    server.script(() => {});
    const abort = new AbortController();
    const running = clientOf().call(patch, abort.signal);
    const reason = new Error('stop');
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(clientOf().call(patch, abort.signal)).rejects.toBe(reason);
  });

  test('an abort is heard while the connection is still being made, and nothing is sent later', async () => {
    // Accepts the connection and never answers the TLS handshake.
    const accepted = Promise.withResolvers<Socket>();
    await using silent = createServer((socket) => accepted.resolve(socket.on('error', () => {})));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const client = clientOf(filesConfig(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`, {}));
    const abort = new AbortController();
    const running = client.call(patch, abort.signal);
    const socket = await accepted.promise;
    const reason = new Error('stop');
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    await client.close();
    socket.destroy();
  });

  test('no token is in any error', async () => {
    await writeFile(join(dir, 'token'), 'very-secret');
    server.script(answers(401, status(401, 'Unauthorized')), breaks, breaks);
    const client = clientOf(filesConfig(server.url, { tokenFile: join(dir, 'token') }));
    for (const error of [await failureOf(client.call(patch, never)), await failureOf(client.call(patch, never))]) {
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('very-secret');
    }
  });
});

describe('connections', () => {
  test('500 calls use few of them', async () => {
    server.script(...Array.from({ length: 500 }, () => answers(200, {})));
    const client = clientOf();
    await Promise.all(Array.from({ length: 500 }, () => client.call({ path }, never)));
    expect(server.connections().opened).toBeLessThanOrEqual(16);
  });

  test('after close none is open, and nothing listens to the signal any more', async () => {
    server.script(says(line('x')), answers(200, {}));
    const client = clientOf();
    const { signal } = new AbortController();
    const stream = (await client.watch({ path }, signal))[Symbol.asyncIterator]();
    expect(await stream.next()).toEqual({ done: false, value: line('x').trim() });
    await client.call({ path }, signal);
    await client.close();
    await expect(stream.next()).rejects.toBeInstanceOf(KubeError);
    await expect.poll(() => server.connections().open).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('one connection serves call after call', async () => {
    const client = clientOf();
    server.script(...Array.from({ length: 5 }, () => answers(200, {})));
    for (let call = 0; call < 5; call++) await client.call({ path }, never);
    expect(server.connections().opened).toBe(1);
  });

  test('a kept connection that the server closes just then is no failure, but only one of them', async () => {
    const client = clientOf();
    server.script(answers(200, {}), breaks, answers(200, { n: 2 }), breaks, breaks);
    await client.call(patch, never);
    expect(await client.call(patch, never)).toMatchObject({ n: 2 });
    expect(await failureOf(client.call(patch, never))).toMatchObject({ status: 0, reason: 'ECONNRESET' });
    expect(server.seen).toHaveLength(5);
  });

  test('a POST is never sent twice', async () => {
    const client = clientOf();
    server.script(answers(200, {}), breaks, answers(200, { n: 2 }));
    await client.call(patch, never);
    const failure = await failureOf(client.call({ ...patch, method: 'POST' }, never));
    expect(failure).toMatchObject({ status: 0, reason: 'ECONNRESET' });
    expect(server.seen).toHaveLength(2);
  });

  test('a call that waits for a connection hears an abort and close', async () => {
    server.script(() => {});
    const client = clientOf(undefined, 5_000, 1);
    const first = failureOf(client.call({ path }, never));
    await expect.poll(() => server.seen.length).toBe(1);
    const abort = new AbortController();
    const aborted = client.call({ path }, abort.signal);
    const reason = new Error('stop');
    abort.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    const waiting = failureOf(client.call({ path }, never));
    await client.close();
    for (const one of [first, waiting, failureOf(client.watch({ path }, never))]) {
      expect((await one).message).toContain('the client is closed');
    }
    await expect.poll(() => server.connections()).toEqual({ opened: 1, open: 0 });
    expect(server.seen).toHaveLength(1);
  });

  test('a call that waits for a connection is over in time', async () => {
    server.script(() => {});
    const client = clientOf(undefined, 300, 1);
    const both = [client.call({ path }, never), client.call({ path }, never)].map(failureOf);
    for (const failure of await Promise.all(both)) expect(failure.reason).toBe('Timeout');
  });

  test('watches leave calls their connections', async () => {
    server.script(says(line('x')), says(line('x')), answers(200, { n: 1 }));
    const client = clientOf(undefined, 1_000, 1);
    for (let i = 0; i < 2; i++) await client.watch({ path }, never);
    expect(await client.call({ path }, never)).toMatchObject({ n: 1 });
    expect(server.connections().opened).toBe(3);
  });

  test('a watch whose headers do not come fails after the time limit; one with headers may be silent for longer', async () => {
    server.script(() => {}, says(line('x')));
    const client = clientOf(undefined, 100);
    expect((await failureOf(client.watch({ path }, never))).reason).toBe('Timeout');
    const abort = new AbortController();
    const stream = (await client.watch({ path }, abort.signal))[Symbol.asyncIterator]();
    await stream.next();
    const next = stream.next();
    await new Promise((resolve) => setTimeout(resolve, 200)); // twice the time limit
    abort.abort(new Error('stop'));
    await expect(next).rejects.toThrow('stop');
    await expect.poll(() => server.connections().open).toBe(0);
  });

  test('a watch goes on when the CA file changes, on its old connection, which is closed then', async () => {
    const [oldCa, newCa] = await Promise.all([createAuthority('one'), createAuthority('two')]);
    await using secure = await startWatchServer(await issueServerCertificate(oldCa));
    const caFile = join(dir, 'ca.crt');
    await writeFile(caFile, oldCa.certPem);
    const client = clientOf(filesConfig(secure.url, { caFile }));
    let say = (_text: string): void => {};
    secure.script(
      (response) => {
        says(line('one'))(response, undefined as never);
        say = (text) => void response.end(text);
      },
      answers(200, {}),
      answers(200, {}),
    );
    const stream = (await client.watch({ path }, never))[Symbol.asyncIterator]();
    expect((await stream.next()).value).toBe(line('one').trim());
    await client.call({ path }, never);
    expect(secure.connections()).toEqual({ opened: 2, open: 2 });
    await writeFile(caFile, [oldCa.certPem, newCa.certPem].join('\n'));
    passSecond();
    await client.call({ path }, never);
    await expect.poll(() => secure.connections()).toEqual({ opened: 3, open: 2 });
    say(line('two'));
    expect((await stream.next()).value).toBe(line('two').trim());
    expect((await stream.next()).done).toBe(true);
    await expect.poll(() => secure.connections().open).toBe(1);
  });

  test('a new CA file counts after a second, without a restart', async () => {
    const [oldCa, newCa] = await Promise.all([createAuthority('one'), createAuthority('two')]);
    await using secure = await startWatchServer(await issueServerCertificate(oldCa));
    const caFile = join(dir, 'ca.crt');
    await writeFile(caFile, oldCa.certPem);
    const client = clientOf(filesConfig(secure.url, { caFile }));
    secure.script(answers(200, { n: 1 }), answers(200, { n: 2 }));
    expect(await client.call({ path }, never)).toMatchObject({ n: 1 });
    await secure.down();
    await secure.up(await issueServerCertificate(newCa));
    expect((await failureOf(client.call({ path }, never))).reason).toMatch(/CERT|LEAF_SIGNATURE/);
    await writeFile(caFile, newCa.certPem);
    passSecond();
    expect(await client.call({ path }, never)).toMatchObject({ n: 2 });
  });
});

describe('who asks', () => {
  test('a token that is not accepted is read anew for the next request', async () => {
    const tokenFile = join(dir, 'token');
    const client = clientOf(filesConfig(server.url, { tokenFile }));
    await writeFile(tokenFile, 'revoked');
    server.script(answers(401, status(401, 'Unauthorized')), answers(200, {}));
    await failureOf(client.call({ path }, never));
    await writeFile(tokenFile, 'new');
    await client.call({ path }, never);
    expect(server.seen.at(-1)?.authorization).toBe('Bearer new');
  });

  test('the token file is read once a second, so a new token counts after that', async () => {
    const tokenFile = join(dir, 'token');
    const client = clientOf(filesConfig(server.url, { tokenFile }));
    const sent = async (token: string) => {
      await writeFile(tokenFile, `${token}\n`);
      server.script(answers(200, {}));
      await client.call({ path }, never);
      return server.seen.at(-1)?.authorization;
    };
    expect([await sent('first'), await sent('second')]).toEqual(['Bearer first', 'Bearer first']);
    passSecond();
    expect(await sent('second')).toBe('Bearer second');
    passSecond();
    await rm(tokenFile);
    const step = 'put it there and let this process read it, or correct its path';
    const where = `(API server ${server.url}, from a test)`;
    expect((await failureOf(client.call({ path }, never))).message).toBe(
      `GET registryreplications/platform/contoso: UnreadableFile: tokenFile ${tokenFile} cannot be read (ENOENT); ${step} ${where}`,
    );
    await writeFile(tokenFile, '\n');
    expect((await failureOf(client.call({ path }, never))).message).toBe(
      `GET registryreplications/platform/contoso: UnreadableFile: tokenFile ${tokenFile} is empty; ${step} ${where}`,
    );
  });

  test('kubeconfig files are merged; tokenFile, which the client library ignores, is read', async () => {
    await writeFile(join(dir, 'token'), 'from-file');
    const users = `users: [{ name: u, user: { tokenFile: token } }, { name: v, user: { token: inline } }]`;
    await writeFile(join(dir, 'users'), users);
    await writeFile(
      join(dir, 'rest'),
      `clusters: [{ name: c, cluster: { server: "${server.url}", insecure-skip-tls-verify: true } }]
contexts: [{ name: one, context: { cluster: c, user: u } }]
current-context: one`,
    );
    const config = loadKubeConfig({ kind: 'files', files: [join(dir, 'users'), join(dir, 'rest')] });
    server.script(answers(200, {}));
    await clientOf(config).call({ path }, never);
    expect(server.seen.at(-1)?.authorization).toBe('Bearer from-file');
  });

  test('a kubeconfig without a current context is refused by name', async () => {
    await writeFile(join(dir, 'empty'), '{}');
    expect(() => loadKubeConfig({ kind: 'files', files: [join(dir, 'empty')] })).toThrow(
      /empty has no current-context/,
    );
  });
});
