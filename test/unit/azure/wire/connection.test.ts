import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloudAt } from '../../../../src/azure/cloud.ts';
import { createReplicationApi } from '../../../../src/azure/replications.ts';
import { type ArmClientsConfig, armClients } from '../../../../src/azure/wire/client.ts';
import type { ReplicationApi } from '../../../../src/ports/azure.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import { createAuthority, issueServerCertificate } from '../../../sandbox/certificates.ts';
import { operator, ref } from '../../../support/arm-stub.ts';
import { trusting } from '../../../support/trusting-http.ts';

/** What only shows on a real connection: time limits, sizes, answers that break off. */
const signal = AbortSignal.timeout(60_000);
const json = { 'content-type': 'application/json' };
const server: {
  readonly current: Server;
  caPem: string;
  answer: (response: ServerResponse) => void;
  connections: number;
} = {
  current: createServer((_, response) => server.answer(response)),
  caPem: '',
  answer: (response) => response.end(),
  connections: 0,
};

beforeAll(async () => {
  const ca = await createAuthority('Wire test CA');
  const { certPem, keyPem } = await issueServerCertificate(ca);
  server.caPem = ca.certPem;
  server.current.setSecureContext({ cert: certPem, key: keyPem });
  server.current.on('secureConnection', () => server.connections++);
  server.current.listen(0, '127.0.0.1');
  await once(server.current, 'listening');
});
afterAll(() => {
  server.current.closeAllConnections();
  server.current.close();
});

function api(config: Partial<ArmClientsConfig> = {}): ReplicationApi {
  const { port } = server.current.address() as AddressInfo;
  const clientFor = armClients({
    cloud: cloudAt(`https://127.0.0.1:${port}`, 'https://login.local'),
    credential: { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    clock: systemClock,
    version: '0.1.0',
    httpClient: trusting(server.caPem),
    ...config,
  });
  return createReplicationApi({ clientFor, clock: systemClock, signer: operator })(undefined);
}
const replica = { name: 'japaneast', location: 'japaneast', properties: { provisioningState: 'Succeeded' } };

test('connections are kept', async () => {
  server.answer = (response) => response.writeHead(200, json).end(JSON.stringify(replica));
  const before = server.connections;
  const azure = api();
  for (let i = 0; i < 5; i++) await expect(azure.get(ref, 'japaneast', signal)).resolves.toMatchObject({ ok: true });
  expect(server.connections - before).toBe(1);
});

const limited = { timeoutMs: 100 };
test('an answer that never comes ends at the time limit', async () => {
  server.answer = () => undefined;
  await expect(api(limited).get(ref, 'x', signal)).resolves.toMatchObject({
    ok: false,
    failure: { reason: 'Retrying', code: 'ETIMEDOUT', kind: 'retryable', pace: 'soon' },
  });
});

test('a body that never ends, too', async () => {
  server.answer = (response) => response.writeHead(200, json).write('{"name":');
  await expect(api(limited).get(ref, 'x', signal)).resolves.toMatchObject({ failure: { code: 'ETIMEDOUT' } });
});

const small = { maxAnswerBytes: 100_000 };
test('an answer that is too long is not read', async () => {
  const chunk = Buffer.alloc(50_000, ' ');
  let written = 0;
  server.answer = (response) => {
    response.writeHead(200, json);
    const more = (): void => {
      while (written < 100_000_000 && !response.destroyed) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  };
  await expect(api(small).get(ref, 'x', signal)).resolves.toMatchObject({ ok: false, failure: { reason: 'Retrying' } });
  expect(written).toBeLessThan(50_000_000);
});

test('nor one that is too long once unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  expect(bomb.length).toBeLessThan(100_000);
  server.answer = (response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb);
  await expect(api(small).get(ref, 'x', signal)).resolves.toMatchObject({ ok: false, failure: { reason: 'Retrying' } });
});

test('a body that breaks off is retried soon', async () => {
  server.answer = (response) => {
    response.writeHead(200, { ...json, 'content-length': '1000' }).write('{"name":');
    setImmediate(() => response.destroy());
  };
  await expect(api().get(ref, 'x', signal)).resolves.toMatchObject({
    ok: false,
    failure: { reason: 'Retrying', kind: 'retryable', pace: 'soon' },
  });
});

test('a connection that breaks before the answer is retried soon', async () => {
  server.answer = (response) => response.destroy();
  await expect(api().get(ref, 'x', signal)).resolves.toMatchObject({
    failure: { code: 'ECONNRESET', message: expect.stringMatching(/^127\.0\.0\.1:\d+ broke the connection off/) },
  });
});

test('a certificate of a stranger is not believed', async () => {
  const stranger = await createAuthority('Someone else');
  await expect(api({ httpClient: trusting(stranger.certPem) }).get(ref, 'x', signal)).resolves.toMatchObject({
    failure: {
      reason: 'Retrying',
      kind: 'retryable',
      pace: 'slow',
      message: expect.stringContaining('is not trusted'),
    },
  });
});

test('an abort cuts the request off', async () => {
  const stop = new AbortController();
  const closed = new Promise((resolve) => {
    server.answer = (response) => {
      response.once('close', resolve);
      stop.abort(new Error('stopping'));
    };
  });
  await expect(api().get(ref, 'x', stop.signal)).rejects.toThrow('stopping');
  await closed;
});
