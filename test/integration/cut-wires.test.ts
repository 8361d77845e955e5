import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from '../sandbox/apiserver.ts';
import { startCutProxy } from '../support/cut-proxy.ts';
import { key, kubeSession, manifest } from '../support/kube-session.ts';

const soon = { timeout: 60_000, interval: 50 };
const pathIn = (namespace: string, name: string): string =>
  `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${name}`;
let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ auditLog: true });
  await plane.kube.installCrds('crds');
});
afterAll(async () => {
  await plane.stop();
});

/** Two objects, watched through a wire that can be cut. */
async function world(
  options: { readonly stallMs?: number; readonly timeoutMs?: number; readonly of?: ControlPlane } = {},
) {
  const { of = plane, ...rest } = options;
  const namespace = await of.kube.createNamespace('faults');
  for (const name of ['stays', 'goes']) await of.kube.apply(manifest(namespace, name));
  const proxy = await startCutProxy(of.url);
  const session = kubeSession(of.adminKubeconfig, { url: proxy.url, namespaces: [namespace], ...rest });
  await session.synced;
  const names = () => [...session.store.list()].map((object) => object.metadata.name).sort();
  const asked = async () => {
    const ours = (await of.auditEvents()).filter(
      (event) => event.userAgent === 'acr-replication-operator' && event.objectRef?.namespace === namespace,
    );
    // A watch is in the log twice, when it starts and when it ends.
    const requests = new Map(ours.map((event) => [event.auditID, new URL(event.requestURI, of.url).searchParams]));
    return [...requests.values()];
  };
  return { namespace, proxy, session, names, asked };
}

test('what is deleted and created while disconnected is noticed, by resuming and not by a new sync', async () => {
  const { namespace, proxy, session, names, asked } = await world();
  await using _ = proxy;
  proxy.cut();
  await plane.kube.delete(pathIn(namespace, 'goes'));
  await plane.kube.apply(manifest(namespace, 'comes'));
  proxy.mend();
  await vi.waitFor(() => expect(names()).toEqual(['comes', 'stays']), soon);
  expect(session.changes.filter((change) => change.startsWith('stays'))).toHaveLength(1);
  await vi.waitFor(async () => {
    const initial = (await asked()).filter((query) => query.has('sendInitialEvents'));
    expect(initial.map((query) => query.get('sendInitialEvents'))).toEqual(['true']);
  }, soon);
});

test('an API server no longer knows versions from before its restart: synced again, deletions included', async () => {
  const { namespace, proxy, session, names, asked } = await world();
  await using _ = proxy;
  proxy.cut();
  await plane.kube.delete(pathIn(namespace, 'goes'));
  await plane.apiserver.kill();
  await plane.apiserver.start();
  proxy.mend();
  await vi.waitFor(() => expect(names()).toEqual(['stays']), soon);
  expect(session.isSynced()).toBe(true);
  await plane.kube.apply(manifest(namespace, 'later'));
  await vi.waitFor(() => expect(session.store.get(key(namespace, 'later'))).toBeDefined(), soon);
  const synced = async () => (await asked()).filter((query) => query.has('sendInitialEvents')).length;
  await vi.waitFor(async () => expect(await synced()).toBe(2), soon);
});

test('a restart while watching is survived, and so is one that takes longer', async () => {
  const { namespace, proxy, names } = await world();
  await using _ = proxy;
  for (const name of ['one', 'two']) {
    await plane.apiserver.kill();
    await plane.apiserver.start();
    await plane.kube.apply(manifest(namespace, name));
    await vi.waitFor(() => expect(names()).toContain(name), soon);
  }
});

test('an API server that hangs with open connections is noticed, and found again when it goes on', async () => {
  const { namespace, proxy, session, names } = await world({ stallMs: 500, timeoutMs: 1_000 });
  await using _ = proxy;
  const stalls = () =>
    session.logged.filter(({ fields }) => /silent for|no answer/.test(String(fields['error']))).length;
  plane.apiserver.freeze();
  const before = stalls();
  await vi.waitFor(() => expect(stalls()).toBeGreaterThan(before + 1), soon);
  plane.apiserver.thaw();
  await plane.kube.apply(manifest(namespace, 'after'));
  await vi.waitFor(() => expect(names()).toContain('after'), soon);
});

test('an API server without WatchList is listed and watched', async () => {
  const old = await startControlPlane({ watchListEnabled: false, auditLog: true });
  try {
    await old.kube.installCrds('crds');
    const { namespace, proxy, names, asked } = await world({ of: old });
    await using _ = proxy;
    expect(names()).toEqual(['goes', 'stays']);
    await old.kube.apply(manifest(namespace, 'comes'));
    await vi.waitFor(() => expect(names()).toContain('comes'), soon);
    await vi.waitFor(async () => expect((await asked()).some((query) => query.has('limit'))).toBe(true), soon);
  } finally {
    await old.stop();
  }
});
