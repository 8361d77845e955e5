import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { aggregateRoles, userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { logKubelet } from '../../support/kubelet.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const { kube } = cluster;
beforeAll(() => aggregateRoles(cluster));
afterAll(() => cluster.close());

const line = (second: number, message: string, fields: object = {}, level = 'info') =>
  JSON.stringify({ timestamp: `2026-09-10T12:04:${second}.000Z`, level, message, ...fields });
const contoso = { object: 'platform/contoso', correlationId: '0f0c8e4e-9d7c-4d8e-b1d2-000000000003' };
const lines = {
  started: line(10, 'started', { version: '0.1.0' }),
  creating: line(31, 'creating replica', { ...contoso, region: 'japaneast', because: 'wanted, and not there' }),
  other: line(32, 'deleting replica', { object: 'shop/fabrikam', region: 'uksouth', because: 'outside the set' }),
  refused: line(
    33,
    'azure refused',
    { ...contoso, region: 'westeurope', decision: 'create', reason: 'PolicyDenied', cause: 'a policy forbids it' },
    'warn',
  ),
};

/** The operator's namespace with two pods, one of which has led. */
async function operator() {
  const namespace = await kube.createNamespace('logs');
  const kubelet = await logKubelet(cluster, { onTestFinished });
  await kubelet.pod(namespace, `${namespace}-a`, [lines.started, lines.creating, lines.refused]);
  await kubelet.pod(namespace, `${namespace}-b`, ['node: a text that is no line', lines.other, 'Error: a last word']);
  const viewer = await userWith(cluster, namespace, ['view']);
  const nobody = await userWith(cluster, namespace, []);
  const logs = (kubeconfig: string, ...words: string[]) =>
    plugin(['logs', ...words, '--operator-namespace', namespace, '-n', 'platform'], { kubeconfig, env: { TZ: 'UTC' } });
  return { namespace, kubelet, viewer, nobody, logs };
}

test('tells what was done about an object, in the order of time, without its name', async () => {
  const { logs, viewer } = await operator();
  expect(await logs(viewer, 'contoso')).toEqual({
    code: 0,
    err: '',
    out:
      '2026-09-10 12:04:31 creating replica in japaneast, because wanted and not there\n' +
      '2026-09-10 12:04:33 azure refused to create the replica in westeurope: a policy forbids it (PolicyDenied)\n',
  });
});

test('tells of a region and of a correlation id; says when there is nothing', async () => {
  const { logs, viewer } = await operator();
  expect((await logs(viewer, '--region', 'UK South')).out).toBe(
    '2026-09-10 12:04:32 shop/fabrikam: deleting replica in uksouth, because outside the set\n',
  );
  expect((await logs(viewer, '--id', contoso.correlationId)).out.split('\n')).toHaveLength(3);
  expect(await logs(viewer, 'nowhere')).toEqual({
    code: 0,
    out: '',
    err: 'the operator has said nothing about that\n',
  });
});

test('without anything named it shows all there is, and -o json gives the lines as they are', async () => {
  const { logs, viewer, kubelet } = await operator();
  expect((await logs(viewer, '--since', '2m')).out).toBe(
    'node: a text that is no line\n' +
      '2026-09-10 12:04:10 started, version 0.1.0\n' +
      '2026-09-10 12:04:31 platform/contoso: creating replica in japaneast, because wanted and not there\n' +
      '2026-09-10 12:04:32 shop/fabrikam: deleting replica in uksouth, because outside the set\n' +
      'Error: a last word\n' +
      '2026-09-10 12:04:33 platform/contoso: azure refused to create the replica in westeurope: a policy forbids it (PolicyDenied)\n',
  );
  expect(kubelet.asked().map((query) => query.get('sinceSeconds'))).toEqual(['120', '120']);
  expect((await logs(viewer, 'contoso', '-o', 'json')).out).toBe(`${lines.creating}\n${lines.refused}\n`);
});

test('goes on with -f until Ctrl-C', async () => {
  const { namespace, viewer, kubelet } = await operator();
  const words = ['logs', 'contoso', '-f', '--operator-namespace', namespace, '-n', 'platform'];
  const child = spawn(process.execPath, [resolve('dist/kubectl-acr_replication.mjs'), ...words], {
    env: { ...process.env, KUBECONFIG: viewer, TZ: 'UTC' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await vi.waitFor(() => expect(kubelet.followers(`${namespace}-a`)).toBe(1), { timeout: 20_000 });
  kubelet.write(`${namespace}-a`, line(50, 'updating replica', { ...contoso, region: 'japaneast' }));
  await vi.waitFor(() => expect(out).toContain('12:04:50 updating replica in japaneast\n'), { timeout: 20_000 });
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
});

test('who may not see the operator is told what is missing', async () => {
  const { namespace, logs, nobody } = await operator();
  const { code, out, err } = await logs(nobody, 'contoso');
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(new RegExp(`^error: .* may not list pods in namespace ${namespace}\n`));
  expect(err).toMatch(/\ntry: ask who administers the cluster for: .* --clusterrole=view .*\n$/);
});

test('says where to look when there is no pod', async () => {
  const namespace = await kube.createNamespace('logs');
  const viewer = await userWith(cluster, namespace, ['view']);
  const words = ['logs', '--operator-namespace', namespace];
  expect(await plugin(words, { kubeconfig: viewer })).toEqual({
    code: 1,
    out: '',
    err:
      'error: there is no pod of the operator\n' +
      'try: kubectl get deployments -A -l app.kubernetes.io/name=acr-replication-operator\n',
  });
});
