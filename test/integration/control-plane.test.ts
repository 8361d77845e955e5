import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from '../sandbox/apiserver.ts';
import { obtainControlPlane } from '../sandbox/control-plane.ts';
import { controlPlane } from '../support/cluster.ts';

const shared = controlPlane();
const { kube, issuer } = shared;
const soon = { timeout: 20_000, interval: 50 };

async function account(name: string): Promise<{ readonly namespace: string; readonly serviceAccount: string }> {
  const namespace = await kube.createNamespace('sandbox');
  await kube.createServiceAccount(namespace, name);
  return { namespace, serviceAccount: name };
}

describe('the API server that all tests share', () => {
  test('lets a service account without a role read nothing', async () => {
    const nobody = await account('nobody');
    const token = await kube.tokenFor(nobody);
    const reading = kube.request('GET', `/api/v1/namespaces/${nobody.namespace}/secrets`, undefined, { token });
    await expect(reading).rejects.toMatchObject({ code: 403, reason: 'Forbidden' });
  });

  test('knows the bearer of a TokenRequest token as its service account', async () => {
    const { namespace, serviceAccount } = await account('operator');
    const token = await kube.tokenFor({ namespace, serviceAccount });
    const review = await kube.request<{ status: { userInfo: { username: string } } }>(
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      {},
      { token },
    );
    expect(review.status.userInfo.username).toBe(`system:serviceaccount:${namespace}:${serviceAccount}`);
  });

  test('signs tokens for Entra that its published keys verify and that it refuses itself', async () => {
    const { namespace, serviceAccount } = await account('federated');
    const audience = 'api://AzureADTokenExchange';
    const token = await kube.tokenFor({ namespace, serviceAccount, audience, expirationSeconds: 600 });
    const keys = createLocalJWKSet({ keys: [...(await shared.jwks()).keys] });
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience });
    expect(payload.sub).toBe(`system:serviceaccount:${namespace}:${serviceAccount}`);
    expect(protectedHeader.alg).toBe('RS256'); // all that Entra accepts
    await expect(kube.request('GET', '/api', undefined, { token })).rejects.toMatchObject({ code: 401 });
  });

  test('has every answered request in its audit log, with who made it', async () => {
    const { namespace, serviceAccount } = await account('watched');
    const token = await kube.tokenFor({ namespace, serviceAccount });
    await kube.request('GET', `/api/v1/namespaces/${namespace}/configmaps/x`, undefined, { token }).catch(() => {});
    const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
    await vi.waitFor(async () => {
      const seen = (await shared.auditEvents()).filter((event) => event.user.username === user);
      expect(seen).toMatchObject([
        { verb: 'get', objectRef: { resource: 'configmaps', name: 'x', namespace }, responseStatus: { code: 403 } },
      ]);
    }, soon);
  });

  test('takes a kustomization with its namespace, as kubectl apply -k would', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acr-kustomization-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const namespace = `kustomized-${process.pid}`;
    const subject = '{ kind: ServiceAccount, name: someone, namespace: elsewhere }';
    const role = '{ apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }';
    await writeFile(join(folder, 'kustomization.yaml'), `namespace: ${namespace}\nresources: [rbac.yaml, ns.yaml]\n`);
    await writeFile(join(folder, 'ns.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: { name: renamed }\n');
    await writeFile(
      join(folder, 'rbac.yaml'),
      `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: someone }\n---\n` +
        `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: ${namespace} }\n` +
        `subjects: [${subject}]\nroleRef: ${role}\n`,
    );
    const applied = await kube.applyKustomization(folder);
    onTestFinished(() => kube.delete(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${namespace}`));
    expect(applied.map(({ kind }) => kind)).toEqual(['Namespace', 'ServiceAccount', 'ClusterRoleBinding']);
    const token = await kube.tokenFor({ namespace, serviceAccount: 'someone' });
    await vi.waitFor(() => kube.request('GET', '/api/v1/configmaps', undefined, { token }), soon);
  });

  test('makes a wait that fails show what was there instead', async () => {
    const { namespace } = await account('waited-for');
    const path = `/api/v1/namespaces/${namespace}`;
    await expect(kube.waitFor(path, () => false, { deadlineMs: 100, what: 'a miracle' })).rejects.toThrow(
      /still waiting for a miracle[^]*"phase": "Active"/,
    );
  });
});

describe('a control plane of its own', () => {
  let own: ControlPlane;
  beforeAll(async () => {
    own = await startControlPlane({ watchListEnabled: false });
  });
  afterAll(() => own.stop());
  const readyz = (timeoutMs?: number): Promise<unknown> =>
    own.kube.request('GET', '/readyz', undefined, timeoutMs === undefined ? {} : { timeoutMs });

  test('keeps its data when the API server is killed and started again on the same port', async () => {
    const namespace = await own.kube.createNamespace('kept');
    await own.apiserver.kill();
    await expect(readyz()).rejects.toThrow();
    await own.apiserver.start();
    expect(await own.kube.get(`/api/v1/namespaces/${namespace}`)).toBeDefined();
  });

  test('can be silent without closing a connection, and go on', async () => {
    own.apiserver.freeze();
    await expect(readyz(300)).rejects.toThrow(/timeout/);
    own.apiserver.thaw();
    expect(await readyz()).toBe('ok');
  });

  test('can be one that refuses a watch that begins with the present state', async () => {
    const query = {
      watch: true,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    };
    const watching = own.kube.request('GET', '/api/v1/namespaces', undefined, { query });
    await expect(watching).rejects.toMatchObject({ code: 422 });
  });
});

test('a server that cannot start is named, with its last words', async () => {
  const starting = startControlPlane({ extraApiserverArgs: ['--no-such-flag'] });
  await expect(starting).rejects.toThrow(/kube-apiserver ended while starting \(exit code 1\)[^]*no-such-flag/);
});

test('an abort while starting leaves neither process nor folder', async () => {
  const stubs = await mkdtemp(join(tmpdir(), 'acr-stub-'));
  onTestFinished(() => rm(stubs, { recursive: true, force: true }));
  const stub = async (name: string): Promise<string> => {
    const path = join(stubs, name);
    await writeFile(path, `#!/bin/sh\necho "$$ $*" > ${path}.started\nexec sleep 1000\n`);
    await chmod(path, 0o755);
    return path;
  };
  const programs = { etcd: await stub('etcd'), kubeApiserver: await stub('kube-apiserver') };
  const abort = new AbortController();
  const starting = expect(startControlPlane({ programs, signal: abort.signal })).rejects.toThrow('enough');
  const lines = await vi.waitFor(
    () => Promise.all(Object.values(programs).map((path) => readFile(`${path}.started`, 'utf8'))),
    soon,
  );
  const folder = /--data-dir=(\S+)\/etcd/.exec(lines.join())?.[1] ?? expect.fail();
  abort.abort(new Error('enough'));
  await starting;
  expect(lines.map((line) => isRunning(Number.parseInt(line, 10)))).toEqual([false, false]);
  expect(existsSync(folder)).toBe(false);
});

const program = `
const { startControlPlane } = await import(${JSON.stringify(import.meta.resolve('../sandbox/apiserver.ts'))});
const { apiserver, dir } = await startControlPlane();
console.log(JSON.stringify({ pid: apiserver.pid(), dir }));
setInterval(() => {}, 1000);`;

/** Programs like those of setup-envtest, which do not watch their stdin. */
async function foreignPrograms(folder: string): Promise<string> {
  const { etcd, kubeApiserver } = await obtainControlPlane();
  for (const program of [etcd, kubeApiserver]) {
    const script = `#!/bin/sh\nunset CONTROLPLANE_EXIT_WITH_STDIN\nexec ${program} "$@"\n`;
    await writeFile(join(folder, basename(program)), script, { mode: 0o755 });
  }
  return folder;
}

const ends = [
  { signal: 'SIGTERM', whose: 'our own', atNextStart: false },
  { signal: 'SIGKILL', whose: 'our own', atNextStart: false },
  { signal: 'SIGTERM', whose: 'other', atNextStart: false },
  { signal: 'SIGKILL', whose: 'other', atNextStart: true },
] as const;
for (const { signal, whose, atNextStart } of ends) {
  const when = atNextStart ? ', at the next start' : '';
  test(`${signal} for the program that started it ends a control plane of ${whose} programs${when}`, async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'acr-t-'));
    onTestFinished(() => rm(temporary, { recursive: true, force: true }));
    vi.stubEnv('TMPDIR', temporary); // or any other start on this machine would tidy up too
    onTestFinished(() => void vi.unstubAllEnvs());
    const assets = whose === 'other' ? { KUBEBUILDER_ASSETS: await foreignPrograms(temporary) } : {};
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...assets },
    });
    onTestFinished(() => void owner.kill('SIGKILL'));
    let said = '';
    owner.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const { pid, dir } = await vi.waitFor(
      () => JSON.parse(said) as { readonly pid: number; readonly dir: string },
      soon,
    );
    owner.kill(signal);
    if (!atNextStart) await vi.waitFor(() => expect(isRunning(pid)).toBe(false), soon);
    if (signal === 'SIGKILL') await startControlPlane({ extraApiserverArgs: ['--x'] }).catch(() => {}); // it tidies up
    await vi.waitFor(() => expect([isRunning(pid), existsSync(dir)]).toEqual([false, false]), soon);
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
