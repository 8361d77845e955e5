import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { RegistryReplication, Status } from '../../src/api/registryreplication.ts';
import { finalizer } from '../../src/api/registryreplication.ts';
import { KubeError } from '../../src/kube/http/error.ts';
import { controlPlane } from '../support/cluster.ts';
import { startCutProxy } from '../support/cut-proxy.ts';
import { key, kubeSession, manifest } from '../support/kube-session.ts';

const shared = controlPlane();
const { kube, adminKubeconfig } = shared;
const soon = { timeout: 20_000, interval: 20 };
const never = new AbortController().signal;
const pathIn = (namespace: string, name: string): string =>
  `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${name}`;

/** A namespace with one object in it, watched. */
async function watched(name: string, more: object = {}) {
  const namespace = await kube.createNamespace('kube');
  await kube.apply<RegistryReplication>(manifest(namespace, name, more));
  const session = kubeSession(adminKubeconfig, { namespaces: [namespace] });
  await session.synced;
  const object = session.store.get(key(namespace, name));
  if (object === undefined) throw new Error('synced, but the object is not in the store');
  const current = () => session.store.get(key(namespace, name));
  return { namespace, session, object, current, path: pathIn(namespace, name), at: key(namespace, name) };
}

const full: Status = {
  observedGeneration: 1,
  phase: 'Syncing',
  summary: '0/1',
  plan: ['+japaneast'],
  replicas: [{ location: 'japaneast', error: { code: 'X', message: 'y' } }],
};

test('one watch brings everything there is and everything that comes, without a list', async () => {
  const { session, namespace, path } = await watched('first', { labels: { a: 'b' } });
  await kube.apply(manifest(namespace, 'second'));
  await vi.waitFor(() => expect(session.store.get(key(namespace, 'second'))).toBeDefined(), soon);
  await kube.patch(path, { spec: { suspend: true } });
  await vi.waitFor(() => expect(session.store.get(key(namespace, 'first'))?.spec.suspend).toBe(true), soon);
  await kube.delete(path);
  await vi.waitFor(() => expect([...session.store.list()].map((o) => o.metadata.name)).toEqual(['second']), soon);
  expect(session.isSynced()).toBe(true);
  expect(session.lastContact()).toBeInstanceOf(Date);
  await vi.waitFor(async () => {
    const asked = (await shared.auditEvents()).filter(
      (event) => event.userAgent === 'acr-replication-operator' && event.objectRef?.namespace === namespace,
    );
    expect(new Set(asked.map((event) => event.verb))).toEqual(new Set(['watch']));
  }, soon);
});

test('several namespaces and a label selector: sees those and nothing else', async () => {
  const [one, two, three] = [
    await kube.createNamespace('kube'),
    await kube.createNamespace('kube'),
    await kube.createNamespace('kube'),
  ];
  const labels = { shard: 'a' };
  for (const namespace of [one, two, three]) await kube.apply(manifest(namespace, 'in', { labels }));
  await kube.apply(manifest(one, 'out', { labels: { shard: 'b' } }));
  const { store, synced } = kubeSession(adminKubeconfig, { namespaces: [one, two], labelSelector: 'shard=a' });
  await synced;
  expect([...store.list()].map((object) => `${object.metadata.namespace}/${object.metadata.name}`).sort()).toEqual(
    [`${one}/in`, `${two}/in`].sort(),
  );
  // Kubernetes reports an object that no longer matches the selector as deleted.
  await kube.patch(pathIn(one, 'in'), { metadata: { labels: { shard: 'b' } } });
  await vi.waitFor(() => expect(store.get(key(one, 'in'))).toBeUndefined(), soon);
});

test('own writes are in the store when the write resolves, each told once', async () => {
  const { session, object, current, path } = await watched('own');
  const withFinalizer = await session.store.addFinalizer(object, never);
  expect(current()).toEqual(withFinalizer);
  expect(withFinalizer.metadata.finalizers).toEqual([finalizer]);
  await session.store.writeStatus(withFinalizer, full, never);
  expect(current()?.status).toEqual(full);
  const written = current()?.metadata.resourceVersion;
  // Something after it, so that the watch events of the own writes have certainly come.
  await kube.patch(path, { metadata: { labels: { after: 'all' } } });
  await vi.waitFor(() => expect(current()?.metadata.labels).toEqual({ after: 'all' }), soon);
  const versions = [object, withFinalizer].map((o) => o.metadata.resourceVersion);
  expect(session.changes).toEqual([
    `own undefined ${versions[0]}`,
    `own ${versions[0]} ${versions[1]}`,
    `own ${versions[1]} ${written}`,
    `own ${written} ${current()?.metadata.resourceVersion}`,
  ]);
});

test('a status is replaced as a whole: what it no longer has is gone', async () => {
  const { session, object, path, current } = await watched('status');
  await session.store.writeStatus(object, full, never);
  const next: Status = { observedGeneration: 1, phase: 'Ready', replicas: [{ location: 'japaneast' }] };
  await session.store.writeStatus(object, next, never);
  expect((await kube.get<RegistryReplication>(path))?.status).toEqual(next);
  expect(current()?.metadata.generation).toBe(1);
});

test('a status is written whatever else was edited meanwhile, and nothing else with it', async () => {
  const more = { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['example.com/theirs'] };
  const { session, object, path } = await watched('edited', more);
  await session.store.writeStatus(object, full, never);
  expect(await kube.get(path)).toMatchObject({ metadata: more, spec: object.spec, status: full });
  await kube.patch(path, { spec: { suspend: true }, metadata: { labels: { a: 'e' } } });
  const next: Status = { observedGeneration: 1, phase: 'Ready' };
  await session.store.writeStatus(object, next, never);
  expect(await kube.get(path)).toMatchObject({
    metadata: { ...more, labels: { a: 'e' } },
    spec: { ...object.spec, suspend: true },
    status: next,
  });
});

test('an invalid status is an error, not an object that is gone', async () => {
  const { session, object } = await watched('invalid');
  const wrong = { phase: 'Dancing' } as unknown as Status;
  await expect(session.store.writeStatus(object, wrong, never)).rejects.toMatchObject({ status: 422 });
});

test('the finalizer comes and goes among those of others', async () => {
  const { session, object, current } = await watched('finalizers', { finalizers: ['example.com/theirs'] });
  const added = await session.store.addFinalizer(object, never);
  expect(added.metadata.finalizers).toEqual(['example.com/theirs', finalizer]);
  expect(await session.store.addFinalizer(added, never)).toEqual(added);
  await session.store.removeFinalizer(added, never);
  expect(current()?.metadata.finalizers).toEqual(['example.com/theirs']);
});

test('a finalizer is not set on an object that was edited meanwhile', async () => {
  const { session, object, path } = await watched('conflict');
  // The edit reaches the server, not yet this process: it decided on what it knew.
  const edited = await kube.patch<RegistryReplication>(path, { spec: { deletionPolicy: 'Retain' } });
  const adding = session.store.addFinalizer(object, never);
  await expect(adding).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
  await vi.waitFor(
    () =>
      expect(session.store.get(key(object.metadata.namespace, 'conflict'))).toEqual(
        expect.objectContaining({ spec: edited.spec }),
      ),
    soon,
  );
  await expect(session.store.addFinalizer(object, never)).rejects.toBeInstanceOf(KubeError);
});

test('edits that leave the spec alone do not keep the finalizer from coming and going', async () => {
  const { session, object, path } = await watched('labels');
  const enough = new AbortController();
  let edits = 0;
  const editing = (async () => {
    while (!enough.signal.aborted) await kube.patch(path, { metadata: { labels: { edit: String(edits++) } } });
  })();
  await vi.waitFor(() => expect(edits).toBeGreaterThan(3), soon);
  const added = await session.store.addFinalizer(object, never);
  await session.store.removeFinalizer(added, never);
  enough.abort();
  await editing;
  expect((await kube.get<RegistryReplication>(path))?.metadata.finalizers).toBeUndefined();
});

test('a status written by this process in the same pass is no conflict for the finalizer', async () => {
  const { session, object, path } = await watched('same-pass');
  await session.store.writeStatus(object, full, never);
  await session.store.addFinalizer(object, never);
  expect((await kube.get<RegistryReplication>(path))?.metadata.finalizers).toEqual([finalizer]);
});

test('removing the last finalizer of a deleted object lets it go, and the store too', async () => {
  const { session, object, path, current } = await watched('deleted');
  await session.store.addFinalizer(object, never);
  await kube.delete(path);
  await vi.waitFor(() => expect(current()?.metadata.deletionTimestamp).toBeDefined(), soon);
  const deleting = current();
  if (deleting === undefined) throw new Error('gone too early');
  await session.store.removeFinalizer(deleting, never);
  expect(current()?.metadata.finalizers ?? []).toEqual([]);
  await vi.waitFor(() => expect(current()).toBeUndefined(), soon);
  expect(await kube.get(path)).toBeUndefined();
  // A pass that still holds the old object finds its work done.
  await session.store.removeFinalizer(deleting, never);
  await session.store.writeStatus(deleting, full, never);
});

test('a status for an object that was created anew under the same name is not written', async () => {
  const { session, object, path, namespace } = await watched('again');
  await kube.delete(path);
  await kube.apply(manifest(namespace, 'again'));
  await session.store.writeStatus(object, full, never);
  expect((await kube.get<RegistryReplication>(path))?.status).toEqual({ observedGeneration: -1 });
});

test('500 calls at once go through few connections, and none is left at the end', async () => {
  await using proxy = await startCutProxy(shared.url);
  const namespace = await kube.createNamespace('kube');
  const session = kubeSession(adminKubeconfig, { url: proxy.url, namespaces: [namespace] });
  await session.synced;
  const calls = Array.from({ length: 500 }, () => session.client.call({ path: '/apis' }, never));
  await Promise.all(calls);
  expect(proxy.connections().accepted).toBeLessThanOrEqual(17); // 16 and the watch
  await session.close();
  await vi.waitFor(() => expect(proxy.connections().open).toBe(0), soon);
});

test('a token that is replaced in its file is used at once', async () => {
  const namespace = await kube.createNamespace('kube');
  const dir = await mkdtemp(join(tmpdir(), 'kube-token-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const tokenFile = join(dir, 'token');
  await writeFile(tokenFile, 'not a token');
  const session = kubeSession(await shared.kubeconfigFor({ tokenFile }), { namespaces: [namespace] });
  const whoAmI = async (): Promise<unknown> =>
    await session.client.call(
      { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {} },
      never,
    );
  await expect(whoAmI()).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
  await kube.createServiceAccount(namespace, 'operator');
  await writeFile(tokenFile, await kube.tokenFor({ namespace, serviceAccount: 'operator' }));
  const username = `system:serviceaccount:${namespace}:operator`;
  expect(await whoAmI()).toMatchObject({ status: { userInfo: { username } } });
  // No role: the watch is refused, says so, and goes on trying.
  await vi.waitFor(
    () =>
      expect(session.logged.map(({ fields }) => String(fields['error'])).join('\n')).toContain(
        `User "${username}" cannot`,
      ),
    soon,
  );
  expect(session.isSynced()).toBe(false);
  await writeFile(tokenFile, shared.adminToken);
  await session.synced;
});
