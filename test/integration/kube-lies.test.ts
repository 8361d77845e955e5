import { describe, expect, test, vi } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import { controlPlane } from '../support/cluster.ts';
import { key, kubeSession, manifest } from '../support/kube-session.ts';
import { type LyingProxy, refusal, startLyingProxy, type WatchEvent } from '../support/lying-proxy.ts';

const shared = controlPlane();
const { kube } = shared;
const soon = { timeout: 30_000, interval: 20 };
const expired = refusal(410, 'Expired', 'The provided continue parameter is too old');

/** Objects stays, goes and changes, seen by the operator's Kubernetes side through a server that may lie. */
async function world(proxy: LyingProxy, options: Parameters<typeof kubeSession>[1] = {}) {
  const namespace = await kube.createNamespace('lies');
  const path = (name: string): string =>
    `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${name}`;
  for (const name of ['stays', 'goes', 'changes']) await kube.apply(manifest(namespace, name));
  const kubeconfig = await proxy.cluster.kubeconfigFor({ token: shared.adminToken });
  const session = kubeSession(kubeconfig, { namespaces: [namespace], ...options });
  await session.synced;
  const seen = () =>
    [...session.store.list()].map(({ metadata, spec }) => `${metadata.name} ${metadata.uid} ${spec.suspend}`).sort();
  return {
    namespace,
    session,
    /** Edits one object, deletes one, and makes one. */
    change: async (): Promise<void> => {
      await kube.patch(path('changes'), { spec: { suspend: true } });
      await kube.delete(path('goes'));
      await kube.apply(manifest(namespace, 'comes'));
    },
    recreate: async (name: string): Promise<void> => {
      await kube.delete(path(name));
      await kube.apply(manifest(namespace, name));
    },
    get: (name: string) => session.store.get(key(namespace, name)),
    /** The cache holds what the API server has. */
    untilTrue: async (): Promise<void> => {
      await vi.waitFor(async () => {
        const items = await kube.list<RegistryReplication>(path('').slice(0, -1));
        const real = items.map(({ metadata, spec }) => `${metadata.name} ${metadata.uid} ${spec.suspend}`).sort();
        expect(seen()).toEqual(real);
      }, soon);
    },
    /** Versions of one object in the cache, in the order they came. */
    history: (name: string) =>
      session.changes.filter((change) => change.startsWith(`${name} `)).map((change) => change.split(' ')[2]),
    unhandled: () => session.logged.filter(({ level }) => level === 'error'),
  };
}

describe('a list from the past', () => {
  test('as initial events brings nothing back and takes nothing away', async () => {
    await using proxy = await startLyingProxy(shared);
    const recorded: WatchEvent[] = [];
    proxy.lie({ event: (event, { query }) => (query.has('sendInitialEvents') && recorded.push(event), [event]) });
    const { change, untilTrue, history, session, get } = await world(proxy);
    const old = [...recorded];
    expect(old.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'ADDED', 'BOOKMARK']);
    proxy.lie();
    await change();
    await untilTrue();
    let replayed = 0;
    proxy.lie({
      answer: ({ isWatch, query }) => (isWatch && query.has('resourceVersion') ? expired : undefined),
      stream: ({ isWatch, query }) => (isWatch && query.has('sendInitialEvents') && replayed++ === 0 ? old : undefined),
    });
    proxy.endWatches('break');
    await vi.waitFor(() => expect(replayed).toBeGreaterThan(1), soon);
    proxy.lie();
    proxy.endWatches('break');
    await untilTrue();
    expect(history('comes')).toHaveLength(1);
    expect(history('goes').at(-1)).toBe('undefined');
    expect(history('changes')).toHaveLength(2);
    expect(get('changes')?.spec.suspend).toBe(true);
    expect(session.logged.map(({ fields }) => String(fields['error'])).join()).toMatch(/is at version \d+ and was at/);
  });

  test('by pages brings nothing back and takes nothing away', async () => {
    await using proxy = await startLyingProxy(shared);
    const noWatchList = refusal(422, 'Invalid', 'sendInitialEvents: Forbidden');
    let old: unknown;
    let lists = 0;
    const answer = ({ query }: { readonly query: URLSearchParams }) =>
      query.has('sendInitialEvents') ? noWatchList : undefined;
    proxy.lie({ answer, body: (body, { query }) => (query.get('limit') === '500' ? (old ??= body) : body) });
    const { change, untilTrue, history } = await world(proxy);
    proxy.lie({ answer });
    await change();
    await untilTrue();
    proxy.lie({
      answer: (asked) => (asked.isWatch && asked.query.has('resourceVersion') && lists === 0 ? expired : answer(asked)),
      body: (body, { query }) => (query.get('limit') === '500' && lists++ === 0 ? old : body),
    });
    proxy.endWatches('break');
    await vi.waitFor(() => expect(lists).toBeGreaterThan(1), soon);
    await untilTrue();
    expect(history('comes')).toHaveLength(1);
    expect(history('goes').at(-1)).toBe('undefined');
    expect(history('changes')).toHaveLength(2);
  });
});

describe('watch events', () => {
  test('that are lost are made up for by the next full sync', async () => {
    await using proxy = await startLyingProxy(shared);
    const { namespace, change, untilTrue, recreate, get } = await world(proxy, { fullSyncMs: 500 });
    const uid = get('stays')?.metadata.uid;
    proxy.lie({ event: (event) => (event.object.metadata.name === 'heard' ? [event] : []) });
    await change();
    await recreate('stays');
    await kube.apply(manifest(namespace, 'heard')); // so that a watch that resumes does not bring the others
    await vi.waitFor(() => expect(get('heard')).toBeDefined(), soon);
    expect([get('stays')?.metadata.uid, get('comes'), get('changes')?.spec.suspend]).toEqual([
      uid,
      undefined,
      undefined,
    ]);
    proxy.lie();
    await vi.waitFor(() => {
      proxy.endWatches();
      expect(get('comes')).toBeDefined();
    }, soon);
    await untilTrue();
    expect(get('stays')?.metadata.uid).not.toBe(uid);
  });

  test('that come again, each with all before it, change nothing and bring nothing back', async () => {
    await using proxy = await startLyingProxy(shared);
    const { change, untilTrue, recreate, history, unhandled } = await world(proxy);
    const said: WatchEvent[] = [];
    proxy.lie({
      event: (event, { query }) => {
        if (query.has('sendInitialEvents') && said.length === 0 && event.type !== 'BOOKMARK') return [event, event];
        said.push(event);
        return [...said, event];
      },
    });
    const since = performance.now();
    await change();
    await recreate('stays');
    await untilTrue();
    proxy.lie();
    await untilTrue();
    // Once seen as gone, an object never comes back under its old uid.
    expect(history('goes').filter((version) => version === 'undefined')).toHaveLength(1);
    expect(history('goes').at(-1)).toBe('undefined');
    expect(unhandled()).toEqual([]);
    expect(proxy.busiestSecond(since)).toBeLessThan(60); // with pauses of 20 to 200 ms, where the operator's are 500 to 30 000
  });

  test('in the wrong order lead to the same objects', async () => {
    await using proxy = await startLyingProxy(shared);
    const { change, untilTrue, recreate, unhandled } = await world(proxy);
    let held: WatchEvent | undefined;
    proxy.lie({
      event: (event, { query }) => {
        if (query.has('sendInitialEvents')) return [event];
        const out = held === undefined ? [] : [event, held];
        held = held === undefined ? event : undefined;
        return out;
      },
    });
    proxy.endWatches(); // so that the next watch is one that resumes
    await change();
    await recreate('stays');
    await untilTrue();
    expect(unhandled()).toEqual([]);
  });

  test('of a deletion before that of the edit it followed do not bring the object back', async () => {
    await using proxy = await startLyingProxy(shared);
    const { namespace, untilTrue, history } = await world(proxy);
    const path = `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/goes`;
    let edit: WatchEvent | undefined;
    proxy.lie({
      event(event) {
        if (event.object.metadata.name !== 'goes') return [event];
        if (event.type !== 'DELETED') {
          edit = event;
          return [];
        }
        return edit === undefined ? [event] : [event, edit];
      },
    });
    await kube.patch(path, { spec: { suspend: true } });
    await kube.delete(path);
    await untilTrue();
    await vi.waitFor(
      () => expect(proxy.asked.filter(({ query }) => query.has('sendInitialEvents'))).toHaveLength(2),
      soon,
    );
    await untilTrue();
    expect(history('goes')).toEqual([expect.any(String), 'undefined']);
  });
});

describe('410', () => {
  for (const how of ['as HTTP status', 'as event'] as const) {
    test(`to a watch, ${how}, leads to a full sync, deletions and recreations included`, async () => {
      await using proxy = await startLyingProxy(shared);
      const { change, recreate, untilTrue } = await world(proxy);
      const error = { type: 'ERROR', object: expired.body } as unknown as WatchEvent;
      const resumes = ({ isWatch, query }: { readonly isWatch: boolean; readonly query: URLSearchParams }) =>
        isWatch && query.has('resourceVersion');
      proxy.lie(
        how === 'as event'
          ? { stream: (asked) => (resumes(asked) ? [error] : undefined) }
          : { answer: (asked) => (resumes(asked) ? expired : undefined) },
      );
      proxy.endWatches('break');
      await change();
      await recreate('stays');
      await untilTrue();
    });
  }

  test('to a continued list starts the list anew, and half a list is no reason to forget', async () => {
    await using proxy = await startLyingProxy(shared);
    const { change, untilTrue, session, history } = await world(proxy);
    let continued = 0;
    proxy.lie({
      answer: ({ query }) => {
        if (query.has('sendInitialEvents')) return refusal(422, 'Invalid', 'sendInitialEvents: Forbidden');
        if (query.get('watch') === 'true') return continued < 3 ? expired : undefined;
        return query.has('continue') && ++continued < 3 ? expired : undefined;
      },
      ask: ({ query }) => {
        const smaller = new URLSearchParams(query);
        if (query.get('limit') === '500') smaller.set('limit', '1');
        return smaller;
      },
    });
    await change();
    proxy.endWatches('break');
    await vi.waitFor(() => expect(continued).toBeGreaterThanOrEqual(4), soon);
    await untilTrue();
    expect(history('stays')).toHaveLength(1);
    expect(session.logged.some(({ fields }) => String(fields['error']).includes('410 Expired'))).toBe(true);
  });
});

test('bytes that stop with the connection open are noticed, and what came meanwhile is found', async () => {
  await using proxy = await startLyingProxy(shared);
  const { change, recreate, untilTrue, session } = await world(proxy, { stallMs: 400, timeoutMs: 400 });
  const flow = proxy.stall();
  await change();
  await recreate('stays');
  await vi.waitFor(() => {
    const told = session.logged.map(({ fields }) => String(fields['error'])).join();
    expect(told).toContain('silent for 0.4 s');
    expect(told).toContain('no answer within 0.4 s');
  }, soon);
  flow();
  await untilTrue();
});
