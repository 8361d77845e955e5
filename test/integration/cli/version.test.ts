import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { aggregateRoles, userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const { kube } = cluster;
beforeAll(() => aggregateRoles(cluster));
afterAll(() => cluster.close());

/** A namespace with an operator of a version, whose pods are ready. */
async function operatorOf(version: string): Promise<string> {
  const namespace = await kube.createNamespace('version');
  const labels = { 'app.kubernetes.io/name': 'acr-replication-operator' };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  await kube.request('POST', path, {
    metadata: { name: 'operator', labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'operator', image: `registry.example/acr-replication-operator:${version}` }] },
      },
    },
  });
  await kube.request(
    'PATCH',
    `${path}/operator/status`,
    { status: { replicas: 2, readyReplicas: 2 } },
    { contentType: 'application/merge-patch+json' },
  );
  return namespace;
}

const { version } = manifest;

test('an administrator sees all versions, and that they fit', async () => {
  const namespace = await operatorOf(version);
  const words = ['version', '--operator-namespace', namespace];
  expect(await plugin(words, { kubeconfig: cluster.adminKubeconfig })).toEqual({
    code: 0,
    err: '',
    out:
      'PART       VERSION   WHAT IT SAYS\n' +
      `plugin     ${version}     speaks v1alpha1\n` +
      `operator   ${version}     operator in namespace ${namespace}, 2 of 2 pods ready\n` +
      `CRD        ${version}     serves v1alpha1\n`,
  });
});

test('a CRD that was not updated with its operator is an error with its cure', async () => {
  const namespace = await operatorOf('9.0.0');
  const words = ['version', '--operator-namespace', namespace, '-o', 'json'];
  const { code, out, err } = await plugin(words, { kubeconfig: cluster.adminKubeconfig });
  expect(code).toBe(1);
  expect(err).toBe(
    `error: the CRD is older than the operator ${namespace}/operator, whose newer fields are refused or dropped\n` +
      'try: kubectl apply --server-side -f https://github.com/acr-replication-operator/acr-replication-operator/releases/download/v9.0.0/crds.yaml\n' +
      `warning: the plugin is older than the operator ${namespace}/operator\n` +
      'try: npm install --global https://github.com/acr-replication-operator/acr-replication-operator/releases/download/v9.0.0/kubectl-acr_replication-9.0.0.tgz\n',
  );
  expect(JSON.parse(out)).toMatchObject({
    plugin: version,
    operators: [{ deployment: `${namespace}/operator`, version: '9.0.0', ready: 2, wanted: 2 }],
    crd: { version, served: ['v1alpha1'] },
    fits: false,
  });
});

test('who may not read the CRD is told what is served, without its version', async () => {
  const namespace = await operatorOf(version);
  const viewer = await userWith(cluster, namespace, ['view']);
  const { code, out, err } = await plugin(['version', '--operator-namespace', namespace], { kubeconfig: viewer });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^CRD {8}unknown {3}serves v1alpha1$/m);
});

test('who may see nothing still learns the version of the plugin, and why not the others', async () => {
  const namespace = await kube.createNamespace('version');
  const nobody = await userWith(cluster, namespace, []);
  const { code, out, err } = await plugin(['version'], { kubeconfig: nobody });
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^plugin +${version} `, 'm'));
  expect(out).toMatch(/^operator +unknown$/m);
  expect(err).toMatch(/^warning: the operator's version could not be read: .* may not list deployments.apps /);
});

test('without a cluster it says the version of the plugin', async () => {
  const { code, out, err } = await plugin(['version', '-o', 'yaml'], {
    kubeconfig: '/nonexistent',
    env: { HOME: '/' },
  });
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^plugin: ${version}$`, 'm'));
  expect(err).toMatch(/^warning: the kubeconfig could not be read: there is no kubeconfig/);
});
