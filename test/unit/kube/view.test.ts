import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import { createKube, type Kube, type KubeOptions } from '../../../src/kube/kube.ts';
import { systemClock } from '../../../src/time/clock.ts';
import {
  type Answer,
  answers,
  bookmark,
  event,
  object,
  says,
  startWatchServer,
  status,
  type WatchServer,
} from '../../support/watch-server.ts';

const forbidden = answers(403, status(403, 'Forbidden', { message: 'no list here' }));
let server: WatchServer & AsyncDisposable;
/** How each namespace is answered; '' stands for the whole cluster. */
const shown = new Map<string, Answer>();
const lines: string[] = [];
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startWatchServer();
  const route: Answer = (response, request) => {
    const [, namespace = ''] = /namespaces\/([^/]+)/.exec(request.path) ?? [];
    (shown.get(namespace) ?? says(bookmark(5, true)))(response, request);
  };
  server.script(...Array.from({ length: 500 }, () => route));
  shown.clear();
  lines.length = 0;
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await server[Symbol.asyncDispose]();
});

function watching(options: Partial<KubeOptions>): Kube {
  const note =
    (level: string) =>
    (message: string, fields: object = {}) =>
      void lines.push(`${level} ${message} ${'namespace' in fields ? String(fields.namespace) : ''}`);
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const kube = createKube({
    kubeConfig: server.kubeConfig,
    log: { ...log, isDebugEnabled: () => true },
    clock: systemClock,
    backoff: { firstMs: 5, maxMs: 20 },
    patienceMs: 60,
    ...options,
  });
  const stop = new AbortController();
  const running = kube.run(stop.signal);
  ends.push(async () => {
    stop.abort();
    await running;
    await kube.close();
  });
  return kube;
}

const one = (namespace: string, more: object = {}): Answer =>
  says(event('ADDED', object('contoso', { version: 3, namespace, ...more })), bookmark(5, true));
const isUp = (kube: Kube) => vi.waitFor(() => expect(kube.isSynced()).toBe(true), { timeout: 4_000 });
const told = (message: string) => lines.filter((line) => line.includes(message));

describe('one namespace of several that cannot be read', () => {
  test('keeps nobody from working on the others; it is named, and told of once', async () => {
    shown.set('good', one('good')).set('bad', forbidden);
    const kube = watching({ namespaces: ['bad', 'good'] });
    await kube.synced;
    expect([...kube.store.list()].map(({ metadata }) => metadata.namespace)).toEqual(['good']);
    expect(kube.unreadable()).toEqual([
      {
        namespace: 'bad',
        because: expect.stringMatching(/^WATCH registryreplications\/bad: 403 Forbidden: no list here/),
      },
    ]);
    expect(kube.lastContact()).toBeInstanceOf(Date);
    expect([kube.covers('good'), kube.covers('bad'), kube.covers('elsewhere')]).toEqual([true, false, false]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told('cannot be read')).toEqual(['warn a namespace cannot be read, the others go on bad']);
  });

  test('is waited for as long as an API server refuses everybody when it starts', async () => {
    shown.set('bad', forbidden);
    const kube = watching({ namespaces: ['bad', 'good'], patienceMs: 60_000 });
    await vi.waitFor(() => expect(server.seen.length).toBeGreaterThan(5));
    expect([kube.isSynced(), kube.unreadable()]).toEqual([false, []]);
  });

  test('is worked on as soon as it can be read', async () => {
    shown.set('bad', forbidden);
    const kube = watching({ namespaces: ['bad', 'good'] });
    await isUp(kube);
    shown.set('bad', one('bad'));
    await vi.waitFor(() => expect(kube.store.get('bad/contoso' as Key)).toBeDefined());
    expect([kube.unreadable(), kube.covers('bad')]).toEqual([[], true]);
    expect(told('can be read again')).toEqual(['info a namespace can be read again bad']);
  });

  test('is noticed also when it could be read before', async () => {
    shown.set(
      'gone',
      (response) =>
        void response
          .writeHead(200)
          .end(event('ADDED', object('contoso', { version: 3, namespace: 'gone' })) + bookmark(5, true)),
    );
    const kube = watching({ namespaces: ['gone', 'good'] });
    await isUp(kube);
    shown.set('gone', forbidden);
    await vi.waitFor(() => expect(kube.unreadable().map(({ namespace }) => namespace)).toEqual(['gone']));
    expect(kube.covers('gone')).toBe(false);
    expect(kube.isSynced()).toBe(true);
  });
});

test('where nothing can be read, nobody works, and the refusal is the trouble', async () => {
  shown.set('a', forbidden).set('b', forbidden);
  const kube = watching({ namespaces: ['a', 'b'] });
  await vi.waitFor(() => expect(server.seen.length).toBeGreaterThan(20));
  expect([kube.isSynced(), kube.unreadable(), kube.lastContact()]).toEqual([false, [], undefined]);
  expect(kube.trouble()).toContain('403 Forbidden: no list here');
});

test('what does not answer is waited for: only a refusal says that a namespace cannot be read', async () => {
  shown.set('slow', answers(503, status(503, 'ServiceUnavailable')));
  const kube = watching({ namespaces: ['slow', 'good'] });
  await vi.waitFor(() => expect(server.seen.length).toBeGreaterThan(12));
  expect([kube.isSynced(), kube.unreadable()]).toEqual([false, []]);
  expect(kube.trouble()).toContain('503 ServiceUnavailable');
});

test('of many namespaces a hundred begin at once: the next ones wait for the first answers', async () => {
  const slow: Answer[] = [];
  for (let i = 0; i < 150; i++)
    shown.set(`n${i}`, (response, request) => void slow.push(() => says(bookmark(5, true))(response, request)));
  const kube = watching({ namespaces: [...shown.keys()] });
  await vi.waitFor(() => expect(slow).toHaveLength(100));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(slow).toHaveLength(100);
  for (const answer of slow.splice(0)) answer(undefined as never, undefined as never);
  await vi.waitFor(() => expect(slow).toHaveLength(50));
  for (const answer of slow) answer(undefined as never, undefined as never);
  await isUp(kube);
});

describe('objects that the selector leaves out', () => {
  const named = (name: string, version: number, shard: string, more: object = {}) =>
    object(name, { version, labels: { shard }, creationTimestamp: '2026-09-10T12:00:00Z', ...more });
  const registry = { name: 'contoso', resourceGroup: 'registries' };
  const claimant = (version: number, shard: string, status: object = {}): object => ({
    ...named('other', version, shard, { annotations: { big: 'x'.repeat(1_000) } }),
    spec: { registry, regions: [{ location: 'japaneast' }], tags: { a: 'b' }, mode: 'Apply' },
    status: {
      registry: { id: '/subscriptions/x', sku: 'Premium' },
      replicas: [{ location: 'japaneast' }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'InSync', message: 'long', lastTransitionTime: 'now' }],
      ...status,
    },
  });

  /** A watch to which the test adds events. */
  function scripted(...first: readonly string[]): (...more: readonly string[]) => void {
    let say = (_text: string): void => {};
    shown.set('', (response) => {
      response.writeHead(200).write(first.join('') + bookmark(5, true));
      say = (text) => void response.write(text);
    });
    return (...more) => say(more.join(''));
  }

  test("are seen as far as a claim is judged by them, and are nobody else's business", async () => {
    scripted(event('ADDED', claimant(3, 'b')), event('ADDED', named('mine', 4, 'a')));
    const kube = watching({ labelSelector: 'shard=a' });
    await isUp(kube);
    expect([...kube.store.list()].map(({ metadata }) => metadata.name)).toEqual(['mine']);
    expect(kube.store.get('platform/other' as Key)).toBeUndefined();
    expect(server.seen.map(({ query }) => query.get('labelSelector'))).toEqual([null]);
    const other = kube.store.others?.get('platform/other' as Key);
    expect(other).toMatchObject({
      metadata: { name: 'other', namespace: 'platform', uid: 'uid-other', labels: { shard: 'b' } },
      spec: { registry, mode: 'Apply' },
      status: {
        registry: { id: '/subscriptions/x' },
        conditions: [{ type: 'Ready', status: 'True', reason: 'InSync' }],
      },
    });
    expect(JSON.stringify(other)).not.toMatch(/xxx|japaneast|Premium|long/);
  });

  test('change hands with their label, in both directions', async () => {
    const say = scripted(event('ADDED', claimant(3, 'b')));
    const kube = watching({ labelSelector: 'shard=a' });
    await isUp(kube);
    const changes: string[] = [];
    const note = (whose: string) => (_key: Key, change: { previous?: unknown; current?: unknown }) =>
      void changes.push(`${whose} ${change.previous === undefined ? '+' : change.current === undefined ? '-' : '~'}`);
    kube.store.onChange(note('own'));
    kube.store.others?.onChange(note('others'));
    say(event('MODIFIED', claimant(6, 'a')));
    await vi.waitFor(() => expect(changes).toEqual(['others -', 'own +']));
    expect(kube.store.get('platform/other' as Key)?.spec.tags).toEqual({ a: 'b' });
    say(event('MODIFIED', claimant(7, 'b')));
    await vi.waitFor(() => expect(changes.slice(2)).toEqual(['own -', 'others +']));
    say(event('DELETED', claimant(8, 'b')));
    await vi.waitFor(() => expect(changes.slice(4)).toEqual(['others -']));
  });

  test('are told of only when their claim changes, not with each version of their status', async () => {
    const say = scripted(event('ADDED', claimant(3, 'b')));
    const kube = watching({ labelSelector: 'shard=a' });
    await isUp(kube);
    const seen: (RegistryReplication | undefined)[] = [];
    kube.store.others?.onChange((_key, { current }) => void seen.push(current));
    say(event('MODIFIED', claimant(6, 'b', { replicas: [] })), event('MODIFIED', claimant(7, 'b', { conditions: [] })));
    await vi.waitFor(() => expect(seen.map((each) => each?.metadata.resourceVersion)).toEqual(['7']));
    expect(kube.store.others?.get('platform/other' as Key)?.metadata.resourceVersion).toBe('7');
  });
});
