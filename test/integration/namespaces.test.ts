import { expect, onTestFinished, test, vi } from 'vitest';
import { finalizer, type RegistryReplication } from '../../src/api/registryreplication.ts';
import { KubeError } from '../../src/kube/http/error.ts';
import { controlPlane } from '../support/cluster.ts';
import { startCutProxy } from '../support/cut-proxy.ts';
import { type KubeSession, key, kubeSession, manifest } from '../support/kube-session.ts';
import { namespaceController } from './install/namespace-controller.ts';

const cluster = controlPlane();
const { kube } = cluster;
const soon = { timeout: 30_000, interval: 50 };
const never = new AbortController().signal;
const rbac = 'rbac.authorization.k8s.io/v1';
const objectPath = (namespace: string) =>
  `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/contoso`;

/** A service account without rights, and how it gets those of the operator's ClusterRole. */
async function stranger() {
  const home = await kube.createNamespace('home');
  await kube.createServiceAccount(home, 'watcher');
  const kubeconfig = await cluster.kubeconfigFor({
    token: await kube.tokenFor({ namespace: home, serviceAccount: 'watcher' }),
  });
  const subjects = [{ kind: 'ServiceAccount', namespace: home, name: 'watcher' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'acr-replication-operator' };
  const binding = { apiVersion: rbac, roleRef, subjects };
  return {
    kubeconfig,
    bindIn: (namespace: string) =>
      kube.apply({ ...binding, kind: 'RoleBinding', metadata: { namespace, name: 'watcher' } }),
    async bindEverywhere() {
      await kube.apply({ ...binding, kind: 'ClusterRoleBinding', metadata: { name: home } });
      return { undo: () => kube.delete(`/apis/${rbac}/clusterrolebindings/${home}`) };
    },
  };
}

const current = (session: KubeSession, namespace: string) => session.store.get(key(namespace, 'contoso'));

/** Takes the operator's finalizer off, as a pass does when the replicas are gone. */
async function letGo(session: KubeSession, namespace: string): Promise<KubeError | undefined> {
  const object = current(session, namespace);
  if (object === undefined) throw new Error('not in the store');
  return await session.store.removeFinalizer(object, never).then(
    () => undefined,
    (error: unknown) => (error instanceof KubeError ? error : Promise.reject(error as Error)),
  );
}

const isMarked = (session: KubeSession, namespace: string) =>
  vi.waitFor(() => expect(current(session, namespace)?.metadata.deletionTimestamp).toBeDefined(), soon);

test('a namespace without RoleBinding keeps nobody from the others, and is read once it has one', async () => {
  const [bound, unbound] = [await kube.createNamespace('bound'), await kube.createNamespace('unbound')];
  const who = await stranger();
  await who.bindIn(bound);
  for (const namespace of [bound, unbound]) await kube.apply(manifest(namespace, 'contoso'));
  const session = kubeSession(who.kubeconfig, { namespaces: [bound, unbound], patienceMs: 500 });
  await session.synced;
  expect(current(session, bound)).toBeDefined();
  expect(session.unreadable()).toEqual([{ namespace: unbound, because: expect.stringContaining('403 Forbidden') }]);
  await who.bindIn(unbound);
  await vi.waitFor(() => expect(current(session, unbound)).toBeDefined(), soon);
  expect(session.unreadable()).toEqual([]);
});

test('a watched namespace can be deleted when its objects go first, and when it is made again it is watched again', async () => {
  const stop = new AbortController();
  const controlling = namespaceController(kube, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await controlling;
  });
  const namespace = await kube.createNamespace('again');
  const who = await stranger();
  await who.bindIn(namespace);
  await kube.apply<RegistryReplication>(manifest(namespace, 'contoso', { finalizers: [finalizer] }));
  const session = kubeSession(who.kubeconfig, { namespaces: [namespace] });
  await session.synced;
  await kube.delete(objectPath(namespace));
  await isMarked(session, namespace);
  expect(await letGo(session, namespace)).toBeUndefined();
  await kube.delete(`/api/v1/namespaces/${namespace}`);
  await kube.waitForGone(`/api/v1/namespaces/${namespace}`);

  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await who.bindIn(namespace);
  await kube.apply(manifest(namespace, 'contoso'));
  await vi.waitFor(() => expect(current(session, namespace)?.metadata.deletionTimestamp).toBeUndefined(), soon);
  await vi.waitFor(() => expect(current(session, namespace)).toBeDefined(), soon);
});

test('one that is deleted with its objects is stuck, for its RoleBinding goes first, until the role is bound elsewhere', async () => {
  const stop = new AbortController();
  const controlling = namespaceController(kube, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await controlling;
  });
  const namespace = await kube.createNamespace('stuck');
  const who = await stranger();
  await who.bindIn(namespace);
  await kube.apply<RegistryReplication>(manifest(namespace, 'contoso', { finalizers: [finalizer] }));
  const session = kubeSession(who.kubeconfig, { namespaces: [namespace] });
  await session.synced;
  await kube.delete(`/api/v1/namespaces/${namespace}`);
  await isMarked(session, namespace);
  await kube.waitForGone(`/apis/${rbac}/namespaces/${namespace}/rolebindings/watcher`);
  await vi.waitFor(async () => expect((await letGo(session, namespace))?.status).toBe(403), soon);
  await expect(who.bindIn(namespace)).rejects.toThrow(/terminat/i);

  const binding = await who.bindEverywhere();
  await vi.waitFor(async () => expect(await letGo(session, namespace)).toBeUndefined(), soon);
  await kube.waitForGone(`/api/v1/namespaces/${namespace}`);
  await binding.undo();
  await vi.waitFor(() => expect(current(session, namespace)).toBeUndefined(), soon);
});

test('sixty namespaces are watched over a few connections to the real API server', async () => {
  const namespaces = await Promise.all(Array.from({ length: 60 }, () => kube.createNamespace('many')));
  await using wire = await startCutProxy(cluster.url);
  const session = kubeSession(cluster.adminKubeconfig, { namespaces, url: wire.url });
  await session.synced;
  expect(wire.connections().open).toBeLessThanOrEqual(20 + 2);
  await Promise.all(namespaces.map((namespace) => kube.apply(manifest(namespace, 'contoso'))));
  await vi.waitFor(() => expect([...session.store.list()]).toHaveLength(60), soon);
  wire.cut();
  await vi.waitFor(() => expect(wire.connections().open).toBe(0), soon);
  await kube.delete(objectPath(namespaces.at(-1) ?? ''));
  wire.mend();
  await vi.waitFor(() => expect([...session.store.list()]).toHaveLength(59), soon);
  expect(wire.connections().open).toBeLessThanOrEqual(20 + 2 + 16);
});
