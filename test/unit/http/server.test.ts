import { Agent, request } from 'node:http';
import { expect, test, vi } from 'vitest';
import { apiServerHeard, azureToken, type Check, cacheSynced, passesEnd } from '../../../src/http/checks.ts';
import { healthRoutes, metricsRoutes, type Routes, startServer } from '../../../src/http/server.ts';
import type { Gate } from '../../../src/http/token-gate.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { clockAt } from '../../support/clock.ts';

const local = { host: '127.0.0.1', port: 0 };

async function serving<T>(routes: Routes, use: (url: string) => Promise<T>): Promise<T> {
  const server = await startServer(local, routes);
  try {
    return await use(`http://127.0.0.1:${server.port}`);
  } finally {
    await server.close();
  }
}

const good: Check = { name: 'good', problem: () => undefined };
const bad: Check = { name: 'bad', problem: async () => 'the cable is out' };
const broken: Check = {
  name: 'broken',
  problem() {
    throw new Error('a bug');
  },
};

test('healthy and ready when every check is fine', () =>
  serving(healthRoutes({ live: [], ready: [good] }), async (url) => {
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, 'ok good\n']);
  }));

test('503 names every check that fails and why, and keeps health and readiness apart', () =>
  serving(healthRoutes({ live: [good], ready: [good, bad, broken] }), async (url) => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz?verbose`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toBe('ok good\nnot ok bad: the cable is out\nnot ok broken: a bug\n');
  }));

test('metrics are served in the text format', () =>
  serving(metricsRoutes(createMetrics({ version: '1.2.3', clock: systemClock }).registry), async (url) => {
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await answer.text()).toContain('# TYPE controller_runtime_reconcile_total counter');
  }));

test('whom the gate refuses gets a short answer and no metrics', async () => {
  const refusals: [401 | 403 | 429 | 503, string, string | null][] = [
    [401, 'www-authenticate', 'Bearer'],
    [403, 'www-authenticate', null],
    [429, 'retry-after', '5'],
    [503, 'retry-after', '5'],
  ];
  for (const [status, header, value] of refusals) {
    const gate: Gate = async ({ authorization, address }) =>
      authorization === 'Bearer me' && address.endsWith('127.0.0.1')
        ? { kind: 'allowed' }
        : { kind: 'refused', status, why: 'No.' };
    await serving(
      metricsRoutes(createMetrics({ version: '1.2.3', clock: systemClock }).registry, gate),
      async (url) => {
        const refused = await fetch(`${url}/metrics`);
        expect([refused.status, await refused.text(), refused.headers.get(header)]).toEqual([status, 'No.\n', value]);
        const allowed = await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer me' } });
        expect(await allowed.text()).toContain('acr_replication_objects');
      },
    );
  }
});

test('HEAD has no body, other methods are refused, other paths say what there is', () =>
  serving(healthRoutes({ live: [good], ready: [] }), async (url) => {
    const head = await fetch(`${url}/healthz`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '8', '']);
    const post = await fetch(`${url}/healthz`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    for (const path of ['/', '/metrics', '/constructor', '//healthz']) {
      const lost = await fetch(`${url}${path}`);
      expect([lost.status, await lost.text()]).toEqual([404, 'Not here. Try /healthz or /readyz.\n']);
    }
  }));

test('a port in use is an error, not a server that nobody reaches', async () => {
  const first = await startServer(local, {});
  await expect(startServer({ host: '127.0.0.1', port: first.port }, {})).rejects.toThrow('EADDRINUSE');
  await first.close();
});

test('closing ends idle keep-alive connections and ones that never finish their request', async () => {
  const server = await startServer(local, healthRoutes({ live: [good], ready: [] }));
  const agent = new Agent({ keepAlive: true });
  const opened = Promise.withResolvers<void>();
  const half = request({ ...local, port: server.port, method: 'POST', path: '/healthz', agent }, () => {});
  half.on('error', () => {});
  half.on('socket', (socket) => socket.on('connect', () => opened.resolve()));
  half.setHeader('Content-Length', 10);
  half.write('x');
  await opened.promise;
  await server.close();
  agent.destroy();
});

test('a pass that never ends makes the operator unhealthy', () => {
  let runningMs = 0;
  const check = passesEnd(() => runningMs, 600_000);
  expect(check.problem(AbortSignal.abort())).toBeUndefined();
  runningMs = 601_000;
  expect(check.problem(AbortSignal.abort())).toBe('a pass has been running for 10 min, the limit is 10 min');
});

test('not ready before the first list, nor when the API server fell silent', () => {
  const signal = AbortSignal.abort();
  const readable = { trouble: () => undefined, unreadable: () => [] };
  expect(cacheSynced({ ...readable, isSynced: () => false }).problem(signal)).toContain('have not been read');
  expect(cacheSynced({ ...readable, isSynced: () => true }).problem(signal)).toBeUndefined();
  const trouble = () => undefined;
  const silences: [number | undefined, string | undefined][] = [
    [undefined, 'the API server has not answered yet'],
    [180_000, undefined],
    [240_000, 'the API server was last heard of 4 min ago'],
  ];
  for (const [ms, problem] of silences)
    expect(apiServerHeard({ silentMs: () => ms, trouble }).problem(signal)).toBe(problem);
});

test('what the API server refuses is said in its words, not called silence', () => {
  const signal = AbortSignal.abort();
  const trouble = () => 'WATCH registryreplications: 403 Forbidden';
  expect(cacheSynced({ isSynced: () => false, trouble, unreadable: () => [] }).problem(signal)).toBe(
    'the objects have not been read from the API server yet: WATCH registryreplications: 403 Forbidden',
  );
  expect(apiServerHeard({ silentMs: () => undefined, trouble }).problem(signal)).toBe(trouble());
  expect(apiServerHeard({ silentMs: () => 240_000, trouble }).problem(signal)).toBe(
    `the API server was last heard of 4 min ago: ${trouble()}`,
  );
});

test('namespaces that cannot be read are named, and are no reason not to be ready', () => {
  const unreadable = Array.from({ length: 7 }, (_, i) => ({ namespace: `team-${i}`, because: '403 Forbidden' }));
  const check = cacheSynced({ isSynced: () => true, trouble: () => undefined, unreadable: () => unreadable });
  return serving(healthRoutes({ live: [], ready: [check] }), async (url) => {
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([
      200,
      `ok cache: 7 of the namespaces cannot be read: ${[0, 1, 2, 3, 4].map((i) => `team-${i} (403 Forbidden)`).join(', ')}, 2 more\n`,
    ]);
  });
});

test('a token is asked for seldom, and again soon after a failure', async () => {
  let nowMs = 0;
  const getToken = vi.fn<() => Promise<unknown>>(async () => 'token');
  const check = azureToken({
    getToken,
    explain: (error) => (error as Error).message,
    isNeeded: () => true,
    clock: clockAt(() => new Date(nowMs)),
  });
  const signal = AbortSignal.abort();
  expect(await check.problem(signal)).toBeUndefined();
  nowMs = 59_000;
  expect(await check.problem(signal)).toBeUndefined();
  expect(getToken).toHaveBeenCalledTimes(1);

  getToken.mockRejectedValue(new Error('AADSTS7000215'));
  nowMs = 61_000;
  expect(await check.problem(signal)).toBeUndefined(); // asks behind the answer
  await vi.waitFor(async () => expect(await check.problem(signal)).toBe('AADSTS7000215'));
  expect(getToken).toHaveBeenCalledTimes(2);

  getToken.mockResolvedValue('token');
  nowMs = 72_000;
  await check.problem(signal);
  await vi.waitFor(async () => expect(await check.problem(signal)).toBeUndefined());
});

test('a credential that never answers is reported within the time of a probe', { timeout: 10_000 }, () => {
  const getToken = () => new Promise(() => {});
  const check = azureToken({ getToken, explain: String, isNeeded: () => true, clock: systemClock });
  return serving(healthRoutes({ live: [], ready: [check] }), async (url) => {
    expect(await (await fetch(`${url}/readyz`)).text()).toBe('not ok azure-token: no answer yet\n');
  });
});

test('a token that nobody needs is not asked for, and is no reason not to be ready', () => {
  const getToken = () => expect.fail('was asked');
  const check = azureToken({ getToken, explain: String, isNeeded: () => false, clock: systemClock });
  return serving(healthRoutes({ live: [], ready: [check] }), async (url) => {
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, 'ok azure-token: not asked for, nothing uses it\n']);
  });
});
