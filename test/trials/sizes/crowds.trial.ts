import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { afterAll, expect, test } from 'vitest';
import { createThrottle } from '../../../src/azure/limits/throttle.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { known, ref, stubbedApi } from '../../support/arm-stub.ts';
import { clockAt } from '../../support/clock.ts';
import { controlPlane } from '../../support/cluster.ts';
import { coveredRow } from '../../support/covered.ts';
import { startLyingProxy } from '../../support/lying-proxy.ts';
import { type Lifetime, operatorWorld } from '../../support/operator-world.ts';
import { residentMiB } from '../bench/process-figures.ts';

/** Many namespaces, many subscriptions, many connections: what they cost in memory, and whom they keep out. */
const began = performance.now();
const figures: Record<string, number> = {};
afterAll(() => {
  const row = coveredRow({
    what: 'Crowds',
    counts: figures,
    held: 'within the memory that deploy/ gives; nobody is kept from /healthz',
    command: 'npm run test:sizes -- crowds',
    seconds: (performance.now() - began) / 1_000,
  });
  console.log(row);
});

const limitMiB = 256; // deploy/deployment.yaml
/** How long after the last watch has begun the memory is looked at. */
const settledMs = 15_000;
const mebibytes = (bytes: number): number => Math.round((10 * bytes) / 2 ** 20) / 10;

/** Resident memory of the real program that watches so many namespaces; there need be nothing in them. */
async function residentWith(t: Lifetime, namespaces: number, hasHttp2 = true): Promise<number> {
  const cluster = controlPlane();
  const proxy = hasHttp2 ? undefined : await startLyingProxy(cluster);
  t.onTestFinished(async () => proxy?.[Symbol.asyncDispose]());
  const world = await operatorWorld(t, {}, { cluster, ...(proxy === undefined ? {} : { seen: proxy.cluster }) });
  const names = Array.from({ length: namespaces }, (_, i) => `crowd-${i}`);
  const operator = await world.start({ WATCH_NAMESPACES: names.join(',') });
  await expect
    .poll(() => operator.log().some(({ message }) => message === 'cache complete'), { timeout: 60_000 })
    .toBe(true);
  await delay(settledMs);
  const { now } = residentMiB(operator.pid);
  await operator.kill();
  return now;
}

test('two thousand namespaces fit into the memory that deploy/ gives; without HTTP/2 each has a connection of its own', async (t) => {
  const one = await residentWith(t, 1);
  const shared = await residentWith(t, 2_000);
  const apart = await residentWith(t, 2_000, false);
  figures['MiB resident with one namespace watched'] = Math.round(one);
  figures['with 2,000'] = Math.round(shared);
  figures['with 2,000 and no HTTP/2'] = Math.round(apart);
  expect(shared).toBeLessThan(limitMiB);
  expect(shared - one).toBeLessThan((apart - one) / 2);
});

/** Heap that is left of so many subscriptions, each named once by an object, one after the other within `spanMs`. */
async function heapOf(subscriptions: number, spanMs: number): Promise<number> {
  let nowMs = Date.parse('2026-09-10T12:00:00Z');
  const clock = clockAt(() => new Date(nowMs));
  const httpClient: HttpClient = {
    sendRequest: async (request) => ({
      request,
      status: 200,
      headers: createHttpHeaders(),
      bodyAsText: '{"value":[]}',
    }),
  };
  const throttle = createThrottle({ clock, share: 1, meter: { throttled: () => {}, throttleWaited: () => {} } });
  const api: ReplicationApi = throttle.guard('operator', stubbedApi([], { clock, httpClient }).api, 'steady');
  const { signal } = new AbortController();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const read = (subscriptionId: string) =>
    api.observe(
      { ...ref, subscriptionId },
      { ...known, id: known.id.replace(ref.subscriptionId, subscriptionId) },
      signal,
    );
  await read('first');
  const before = used();
  for (let i = 0; i < subscriptions; i++) {
    nowMs += spanMs / subscriptions;
    await expect(read(`00000000-0000-0000-0000-${String(i).padStart(12, '0')}`)).resolves.toMatchObject({ ok: true });
  }
  const after = used() - before;
  await read('last'); // keeps all of it from being collected before
  return after;
}

test('five thousand subscriptions that objects name over a week are forgotten one after the other', async () => {
  const atOnce = await heapOf(5_000, 60_000);
  const overAWeek = await heapOf(5_000, 7 * 24 * 3_600_000);
  figures['MiB of heap after 5,000 subscriptions within a minute, none forgotten'] = mebibytes(atOnce);
  figures['over a week'] = mebibytes(overAWeek);
  expect(overAWeek).toBeLessThan(atOnce / 5);
});

test('120 connections that say nothing, renewed as they are cut, keep nobody from /healthz', async (t) => {
  const world = await operatorWorld(t);
  const operator = await world.start();
  const port = Number(new URL(operator.healthUrl).port);
  const over = new AbortController();
  const hold = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
      held.add(socket);
      await once(socket, 'close');
      held.delete(socket);
    }
  };
  const held = new Set<ReturnType<typeof connect>>();
  const holding = Array.from({ length: 120 }, hold);
  await delay(500);
  const tookMs: number[] = [];
  for (let asked = 0; asked < 50; asked++) {
    const sent = performance.now();
    if ((await statusOf(`${operator.healthUrl}/healthz`)) === 200) tookMs.push(performance.now() - sent);
    await delay(200);
  }
  over.abort();
  for (const socket of held) socket.destroy();
  await Promise.all(holding);
  figures['of 50 /healthz answered beside 120 idle connections'] = tookMs.length;
  figures['ms the slowest'] = Math.round(Math.max(...tookMs));
  expect(tookMs).toHaveLength(50);
});

/** Over a connection of its own, as a kubelet asks; undefined when it was not answered. */
function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
  });
}
