import { once } from 'node:events';
import { get } from 'node:http';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { healthRoutes, type Routes, startServer } from '../../../src/http/server.ts';
import { selfSigned } from '../../sandbox/certificates.ts';

const healthy = healthRoutes({ live: [], ready: [] });

async function serving(routes: Routes, certificate?: Awaited<ReturnType<typeof selfSigned>>): Promise<number> {
  const server = await startServer({ host: '0.0.0.0', port: 0 }, routes, certificate);
  onTestFinished(() => server.close());
  return server.port;
}

/** Opens connections that say nothing, from one address of this machine, and waits until they are made. */
async function idle(port: number, count: number, localAddress = '127.0.0.1'): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1', localAddress }));
  for (const socket of sockets) socket.on('error', () => {});
  onTestFinished(() => void sockets.map((socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

function answer(port: number, path = '/healthz', localAddress = '127.0.0.1'): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, path, localAddress, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

const closed = (sockets: readonly Socket[]) => sockets.filter(({ closed }) => closed).length;

test('a hundred idle connections, renewed as they are cut, keep nobody from /healthz', async () => {
  const port = await serving(healthy);
  await idle(port, 100);
  for (let round = 0; round < 20; round++) {
    await idle(port, 10);
    expect(await answer(port)).toBe(200);
  }
});

test('the same over HTTPS', async () => {
  const certificate = await selfSigned('ec');
  const port = await serving(healthy, certificate);
  const sockets = await idle(port, 100);
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/healthz',
    ca: certificate.cert,
    checkServerIdentity: () => undefined,
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [{ readonly statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(200);
  await vi.waitFor(() => expect(closed(sockets)).toBe(1));
});

test('who has the most connections loses one, the oldest that asks for nothing', async () => {
  const port = await serving(healthy);
  const [many, few] = [await idle(port, 60, '127.0.0.2'), await idle(port, 40, '127.0.0.3')];
  await idle(port, 5, '127.0.0.4');
  await vi.waitFor(() => expect([closed(many), closed(few)]).toEqual([5, 0]));
  expect(closed(many.slice(0, 5))).toBe(5);
});

test('who is being answered is answered, while somebody idles', async () => {
  const go = Promise.withResolvers<void>();
  const slow: Routes = { ...healthy, '/slow': async () => go.promise.then(() => ({ status: 200, body: '' })) };
  const port = await serving(slow);
  const waiting = Array.from({ length: 50 }, () => answer(port, '/slow'));
  await idle(port, 49);
  expect(await answer(port)).toBe(200);
  await idle(port, 60);
  go.resolve();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([200]));
});

test('one address whose requests never end keeps no other address out', async () => {
  const slow: Routes = { ...healthy, '/slow': () => new Promise(() => {}) };
  const port = await serving(slow);
  const waiting = Array.from({ length: 100 }, () => answer(port, '/slow', '127.0.0.2'));
  await vi.waitFor(async () => expect(await answer(port, '/healthz', '127.0.0.3')).toBe(200));
  await idle(port, 3, '127.0.0.3');
  expect(await answer(port, '/healthz', '127.0.0.3')).toBe(200);
  expect(await Promise.race(waiting)).toBe('ECONNRESET');
});

test('a connection that says nothing is closed after six seconds', { timeout: 10_000 }, async () => {
  const port = await serving(healthy);
  const [socket] = await idle(port, 1);
  socket?.resume();
  const before = performance.now();
  if (socket !== undefined) await once(socket, 'close');
  expect(performance.now() - before).toBeLessThan(8_000);
});
