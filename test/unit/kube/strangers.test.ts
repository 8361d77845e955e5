import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../src/kube/http/client.ts';
import { KubeError } from '../../../src/kube/http/error.ts';
import { kubeConfigFor } from '../../../src/kube/http/kubeconfig.ts';
import { json, pour, startTlsServer, type TlsServer } from '../../support/tls-server.ts';

/** The operator's token goes to the API server only, and what that answers is believed no further than it makes sense. */
const signal = AbortSignal.timeout(60_000);
const path = '/apis/acr-replication.dev/v1alpha1/registryreplications';

let server: TlsServer;
let stranger: TlsServer;
beforeAll(async () => {
  [server, stranger] = await Promise.all([startTlsServer(), startTlsServer()]);
});
afterAll(() => Promise.all([server[Symbol.asyncDispose](), stranger[Symbol.asyncDispose]()]));
beforeEach(() => {
  server.seen.length = 0;
});

function client(): KubeClient {
  const user = { token: 'kubernetes-token' };
  const kubeConfig = kubeConfigFor({ server: server.url, skipsVerification: true, user, source: 'a test' });
  const made = createKubeClient({ kubeConfig, timeoutMs: 10_000 });
  onTestFinished(() => made.close());
  return made;
}

async function failureOf(work: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await work.then(
    () => new Error('it went well'),
    (reason: unknown) => reason,
  );
  if (error instanceof KubeError) return error;
  throw error;
}

for (const status of [300, 301, 302, 303, 307, 308]) {
  for (const [where, to] of Object.entries({
    'another host': (): string => `${stranger.url}${path}`,
    'another path': (): string => '/api/v1/secrets',
  })) {
    test(`a redirect ${status} to ${where} is a failure and not followed`, async () => {
      server.answer((response) => json(response, status, {}, { location: to() }));
      for (const work of [
        client().call({ path }, signal),
        client().call({ method: 'PATCH', path, body: {}, contentType: 'application/merge-patch+json' }, signal),
        client().watch({ path }, signal),
      ]) {
        const { status: counts, answered, message } = await failureOf(work);
        expect([counts, answered]).toEqual([0, status]);
        expect(message).toContain(`${status} NotKubernetes: `);
      }
      expect(stranger.seen).toEqual([]);
      expect(server.seen.map((request) => new URL(request.target, server.url).pathname)).toEqual([path, path, path]);
      expect(server.seen[0]?.authorization).toBe('Bearer kubernetes-token');
    });
  }
}

describe('a refusal is told whatever its body holds', () => {
  const values: readonly unknown[] = [
    null,
    7,
    true,
    [],
    ['x'],
    {},
    { causes: 'x' },
    { causes: { reason: 'x' } },
    { causes: [null, 7] },
    'x'.repeat(100_000),
    'a\u001b[31m\r\nlevel=error',
    'admin\u202egpj.ekaf',
    1e308,
  ];
  const whole = { kind: 'Status', message: 'm', reason: 'Forbidden', code: 403, details: { causes: [] } };
  const bodies = [
    ...values,
    ...Object.keys(whole).flatMap((key) => values.map((value) => ({ ...whole, [key]: value }))),
    ...values.map((value) => ({ ...whole, details: { causes: value, retryAfterSeconds: value } })),
  ];
  for (const status of [400, 403, 422, 500]) {
    test(`of ${status}`, async () => {
      const kube = client();
      for (const body of bodies) {
        server.answer((response) => json(response, status, body ?? 'null', { 'retry-after': '-7' }));
        const error = await failureOf(kube.call({ path }, signal));
        const { message, reason, versionTooLarge, retryAfterMs = 0 } = error;
        const text = JSON.stringify(body)?.slice(0, 100);
        const isWord = (body as { readonly kind?: unknown } | null)?.kind === 'Status';
        expect([error.status, error.answered], text).toEqual(
          isWord ? [status, undefined] : [status === 500 ? 500 : 0, status],
        );
        expect(message.length, text).toBeLessThan(3_000);
        expect(message, text).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(reason, text).toMatch(/^\w{1,100}$/);
        expect(versionTooLarge, text).toBe(false);
        expect(retryAfterMs, text).toBeGreaterThanOrEqual(0);
      }
    });
  }
});

test('a watch whose line does not end is given up after 16 MB', async () => {
  let written = () => 0;
  server.answer((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    written = pour(response, Buffer.alloc(2 ** 20, 'x'), 100 * 2 ** 20);
  });
  const events = await client().watch({ path }, signal);
  const read = async (): Promise<void> => {
    for await (const line of events) throw new Error(`a line of ${line.length}`);
  };
  expect(await failureOf(read())).toMatchObject({ status: 0 });
  expect(written()).toBeLessThan(60 * 2 ** 20);
});
