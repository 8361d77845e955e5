import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../../src/kube/http/client.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';
import { kubeConfigFor } from '../../../../src/kube/http/kubeconfig.ts';
import { createAuthority, issueServerCertificate } from '../../../sandbox/certificates.ts';
import { answers, event, says, startWatchServer } from '../../../support/watch-server.ts';

/** A line of a watch. */
const line = (name: string) => event('ADDED', { name });

const never = new AbortController().signal;
const path = '/apis/acr-replication.dev/v1alpha1/registryreplications';
type Serve = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A server of HTTP/2 and HTTP/1.1, as API servers are. Tells of each connection which of the two it speaks. */
async function apiServer(serve: Serve = (_, response) => void response.writeHead(200).write(line('x')), port?: number) {
  const authority = await createAuthority('h2');
  const { certPem: cert, keyPem: key } = await issueServerCertificate(authority);
  const spoken: (string | false | null)[] = [];
  const sockets: Socket[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const requests: Http2ServerRequest[] = [];
  const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
    requests.push(request);
    request.on('error', () => {});
    serve(request, response);
  });
  server.on('secureConnection', (socket) => {
    spoken.push(socket.alpnProtocol);
    sockets.push(socket.on('error', () => {}));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.on('close', () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeConfig = kubeConfigFor({
    server: `https://127.0.0.1:${port ?? (server.address() as AddressInfo).port}`,
    ca: { kind: 'text', text: authority.certPem },
    user: { token: 't', impersonation: { 'Impersonate-Group': ['dev', 'ops'] } },
    source: 'a test',
  });
  const client = createKubeClient({ kubeConfig, timeoutMs: 5_000 });
  onTestFinished(async () => {
    await client.close();
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { client, spoken, sockets, sessions, requests, port: (server.address() as AddressInfo).port };
}

async function watches(client: KubeClient, count: number, signal = never): Promise<readonly AsyncIterator<string>[]> {
  const opened: AsyncIterator<string>[] = [];
  for (let i = 0; i < count; i++) {
    const stream = (await client.watch({ path, query: { watch: 'true' } }, signal))[Symbol.asyncIterator]();
    expect((await stream.next()).value).toBe(line('x').trim());
    opened.push(stream);
  }
  return opened;
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('the first twenty watches have connections of their own, a hundred more share one', async () => {
  const { client, spoken, requests } = await apiServer();
  await watches(client, 120);
  expect(spoken.filter((protocol) => protocol === 'h2')).toHaveLength(1);
  expect(spoken).toHaveLength(21);
  await watches(client, 1);
  expect(spoken.filter((protocol) => protocol === 'h2')).toHaveLength(2);
  expect(requests.at(-1)?.headers).toMatchObject({
    ':path': `${path}?watch=true`,
    authorization: 'Bearer t',
    accept: 'application/json',
    'impersonate-group': 'dev, ops',
  });
});

test('an abort ends its own watch and no other', async () => {
  const { client, requests, sessions } = await apiServer();
  const [before] = (await watches(client, 21)).slice(20);
  const abort = new AbortController();
  const [stream] = await watches(client, 1, abort.signal);
  const next = failureOf(stream?.next() ?? Promise.resolve());
  abort.abort(new Error('stop'));
  expect(await next).toEqual(new Error('stop'));
  await vi.waitFor(() => expect(requests.at(-1)?.stream.closed).toBe(true));
  expect(sessions.size).toBe(1);
  let isOver = false;
  void failureOf(before?.next() ?? Promise.resolve()).then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isOver).toBe(false);
});

test('a connection that breaks fails its watches, and the next ones have another', async () => {
  const { client, sockets, spoken } = await apiServer();
  const streams = await watches(client, 23);
  const next = streams.slice(20).map((stream) => failureOf(stream.next()));
  for (const socket of sockets) socket.destroy();
  for (const failure of await Promise.all(next)) expect(failure).toBeInstanceOf(KubeError);
  await watches(client, 2);
  expect(spoken.filter((protocol) => protocol === 'h2')).toHaveLength(2);
});

test('a connection on which no ping is answered is ended', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const between: Socket[] = [];
  let behind = 0;
  const wire = createServer((socket) => {
    const through = connect(behind, '127.0.0.1');
    for (const end of [socket, through]) between.push(end.on('error', () => {}));
    socket.pipe(through).pipe(socket);
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of between) socket.destroy();
    wire.close();
  });
  const { client, port } = await apiServer(undefined, (wire.address() as AddressInfo).port);
  behind = port;
  const streams = await watches(client, 21);
  const next = failureOf(streams.at(-1)?.next() ?? Promise.resolve());
  await vi.advanceTimersByTimeAsync(15_000); // a ping that is answered
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const socket of between) socket.unpipe(); // the network drops everything
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await next).toBeInstanceOf(KubeError);
});

test('a server that says goodbye keeps the streams that it has, and gets no more', async () => {
  const { client, sessions, spoken } = await apiServer();
  const streams = await watches(client, 21);
  for (const session of sessions) session.goaway();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await watches(client, 1);
  expect(spoken.filter((protocol) => protocol === 'h2')).toHaveLength(2);
  expect(streams).toHaveLength(21);
});

test('a connection ends with its last stream', async () => {
  const { client, sessions } = await apiServer();
  await watches(client, 20);
  const abort = new AbortController();
  await watches(client, 3, abort.signal);
  expect(sessions.size).toBe(1);
  abort.abort(new Error('stop'));
  await vi.waitFor(() => expect(sessions.size).toBe(0));
  await watches(client, 1);
});

test('a refusal is read, and leaves no stream', async () => {
  const refusal = JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 });
  let isForbidden = false;
  const { client } = await apiServer((_, response) => {
    if (isForbidden) response.writeHead(403).end(refusal);
    else response.writeHead(200).write(line('x'));
  });
  await watches(client, 20);
  isForbidden = true;
  for (let i = 0; i < 150; i++) {
    expect(await failureOf(client.watch({ path }, never))).toMatchObject({ status: 403, reason: 'Forbidden' });
  }
});

test('a server without HTTP/2 gets a connection for each watch', async () => {
  const authority = await createAuthority('old');
  await using old = await startWatchServer(await issueServerCertificate(authority));
  old.script(...Array.from({ length: 25 }, () => says(line('x'))), answers(200, {}));
  const ca = { kind: 'text', text: authority.certPem } as const;
  const kubeConfig = kubeConfigFor({ server: old.url, ca, user: {}, source: 'a test' });
  const client = createKubeClient({ kubeConfig, timeoutMs: 5_000 });
  onTestFinished(() => client.close());
  await watches(client, 25);
  expect(old.connections().open).toBe(25);
});

test('a server that is not there is no server without HTTP/2: sharing is tried again', async () => {
  const { client, sessions, spoken } = await apiServer();
  await watches(client, 20);
  const abort = new AbortController();
  abort.abort(new Error('stop'));
  expect(await failureOf(client.watch({ path }, abort.signal))).toEqual(new Error('stop'));
  await watches(client, 2);
  expect([spoken.filter((protocol) => protocol === 'h2').length, sessions.size]).toEqual([1, 1]);
  await client.close();
  await vi.waitFor(() => expect(sessions.size).toBe(0));
});
