import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloudAt } from '../../../src/azure/cloud.ts';
import { credentialFor } from '../../../src/azure/identity/credential.ts';
import { classify } from '../../../src/azure/refusals/classify.ts';
import { createReplicationApi } from '../../../src/azure/replications.ts';
import { type ArmClientsConfig, armClients } from '../../../src/azure/wire/client.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { createAuthority, issueServerCertificate } from '../../sandbox/certificates.ts';
import { known, operator, ref } from '../../support/arm-stub.ts';
import { json, pour, startTlsServer, type TlsServer } from '../../support/tls-server.ts';
import { trusting } from '../../support/trusting-http.ts';

/** Answers without end, without sense or without HTTP, over a real connection: each costs a bounded amount of everything. */
const signal = AbortSignal.timeout(60_000);
const clock = systemClock;
const mebibyte = 2 ** 20;
const authority = await createAuthority('Test CA');

function apiAt(url: string, config: Partial<ArmClientsConfig> = {}): ReplicationApi {
  const clientFor = armClients({
    cloud: cloudAt(url, 'https://login.local'),
    credential: { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    clock,
    version: '0.1.0',
    httpClient: trusting(authority.certPem),
    ...config,
  });
  return createReplicationApi({ clientFor, clock, signer: operator })(undefined);
}

let server: TlsServer;
beforeAll(async () => {
  server = await startTlsServer({ authority });
});
afterAll(() => server[Symbol.asyncDispose]());

describe('Azure', () => {
  test('of an answer of 100 MB 4 MB are read, and it is asked again slowly', async () => {
    let written = () => 0;
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"value":["');
      written = pour(response, Buffer.alloc(mebibyte, 'x'), 100 * mebibyte);
    });
    await expect(apiAt(server.url).observe(ref, known, signal)).resolves.toMatchObject({
      ok: false,
      failure: {
        kind: 'retryable',
        pace: 'slow',
        reason: 'Retrying',
        code: 'AnswerTooLong',
        message: `${new URL(server.url).host} gives an answer that is too long to be read (AnswerTooLong).`,
      },
    });
    expect(written()).toBeLessThan(25 * mebibyte);
  });

  test('of an error of 100 MB, too', async () => {
    server.answer((response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      pour(response, Buffer.alloc(mebibyte, ' '), 100 * mebibyte);
    });
    await expect(apiAt(server.url).get(ref, 'x', signal)).resolves.toMatchObject({
      failure: { code: 'AnswerTooLong' },
    });
  });

  test('an answer that comes byte by byte ends at the time limit', async () => {
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 5);
      response.once('close', () => clearInterval(drip));
    });
    await expect(apiAt(server.url, { timeoutMs: 200 }).get(ref, 'x', signal)).resolves.toMatchObject({
      failure: { code: 'ETIMEDOUT', pace: 'soon' },
    });
  });

  for (const [name, opening] of Object.entries({ arrays: '[', objects: '{"a":' })) {
    test(`${name} within each other, millions deep, are no answer`, async () => {
      const body = opening.repeat((2 * mebibyte) / opening.length);
      server.answer((response) => json(response, 200, body));
      await expect(apiAt(server.url).observe(ref, known, signal)).resolves.toMatchObject({
        failure: { code: 'BadAnswer' },
      });
      server.answer((response) => json(response, 403, `{"error":{"code":"x","details":[${body}`));
      await expect(apiAt(server.url).get(ref, 'x', signal)).resolves.toMatchObject({ ok: false });
    });
  }

  test('complete ones a hundred thousand deep in a replica are no failure', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = `{"value":[{"name":"japaneast","location":"japaneast","tags":{"a":${deep}},"properties":{"new":${deep}}}]}`;
    server.answer((response) => json(response, 200, body));
    const atHome = { ...known, home: regionOf('japaneast') };
    const observed = await apiAt(server.url).observe(ref, atHome, signal);
    expect(observed.ok && [...observed.value.replicas.keys()]).toEqual(['japaneast']);
  });
});

describe('what is hardly HTTP is a failure like any other', () => {
  const ended = 'content-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
  const texts: Readonly<Record<string, string>> = {
    'a header of 1 MB': `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(mebibyte)}\r\n${ended}`,
    '100,000 headers': `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(100_000)}${ended}`,
    'interim answers without end': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100_000),
    'another protocol': 'SSH-2.0-OpenSSH_9.9\r\n',
    'switching protocols': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n',
    'a status of 999': `HTTP/1.1 999 Odd\r\n${ended}`,
    'a status of 304': 'HTTP/1.1 304 Not Modified\r\n\r\n',
    'a partial answer': `HTTP/1.1 206 Partial Content\r\n${ended}`,
    'two lengths': `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n${ended}`,
    'chunks of negative size': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nabc\r\n',
    'bytes that are no gzip': 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc',
    'escapes in headers': `HTTP/1.1 403 \x1b[31m\r\nx-ms-correlation-request-id: \x9b31m\r\n${ended}`,
    nothing: '',
  };
  for (const [name, text] of Object.entries(texts)) {
    test(name, async () => {
      const { certPem: cert, keyPem: key } = await issueServerCertificate(authority);
      const sockets = new Set<TLSSocket>();
      await using stack = new AsyncDisposableStack();
      const raw = createServer({ cert, key }, (socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.once('data', () => socket.end(text, 'latin1'));
      });
      raw.listen(0, '127.0.0.1');
      await once(raw, 'listening');
      stack.defer(() => {
        for (const socket of sockets) socket.destroy();
        raw.close();
      });
      const url = `https://127.0.0.1:${(raw.address() as AddressInfo).port}`;
      const answer = await apiAt(url, { timeoutMs: 700 }).observe(ref, known, signal);
      expect(answer).toMatchObject({ ok: false, failure: { kind: 'retryable' } });
    });
  }
});

describe('the issuer of tokens', () => {
  const explain = (error: unknown) => classify(error, { ref, signer: operator }, clock.now());
  const signIn = () =>
    credentialFor({
      choice: {
        kind: 'client-secret',
        tenantId: '11111111-2222-3333-4444-555555555555',
        clientId: '21111111-2222-3333-4444-555555555555',
        clientSecret: 'application-secret',
      },
      cloud: cloudAt('https://arm.local', server.url),
      disableInstanceDiscovery: true,
      clock,
      httpClient: trusting(authority.certPem),
    }).getToken('https://arm.local/.default');

  test('of an answer of 100 MB 1 MB is read', async () => {
    let written = () => 0;
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      written = pour(response, Buffer.alloc(mebibyte, ' '), 100 * mebibyte);
    });
    const error: unknown = await signIn().catch((reason: unknown) => reason);
    expect(explain(error)).toMatchObject({ kind: 'retryable', pace: 'slow', code: 'AnswerTooLong' });
    expect(written()).toBeLessThan(20 * mebibyte);
  });

  for (const [name, body] of Object.entries({
    'arrays within each other': '['.repeat(500_000),
    'an error that is no text': { error: { a: 1 }, error_description: [7] },
    'a long error': { error: 'invalid_client', error_description: 'x (Trace ID: '.repeat(50_000) },
    'an error full of escapes': { error: 'invalid_client', error_description: '\u001b[2J\u202e\u0000' },
    'a token that is no text': { token_type: 'Bearer', expires_in: 3599, access_token: { a: 1 } },
    'a token with a line break': { token_type: 'Bearer', expires_in: 3599, access_token: 'a\r\nx: y' },
    'a token for nothing': { token_type: 'Bearer', expires_in: 3599, access_token: '' },
  })) {
    test(`${name} is a failure in a short plain text`, { timeout: 20_000 }, async () => {
      const authorize = `${server.url}/authorize`;
      const token_endpoint = `${server.url}/token`;
      const discovery = { token_endpoint, authorization_endpoint: authorize, issuer: server.url, jwks_uri: authorize };
      server.answer((response, { method }) =>
        json(response, method === 'GET' ? 200 : 400, method === 'GET' ? discovery : body),
      );
      const error: unknown = await signIn().catch((reason: unknown) => reason);
      const { message } = explain(error);
      expect(message.length).toBeLessThan(600);
      expect(message).not.toMatch(/[\p{Cc}\u202e]/u);
    });
  }
});
