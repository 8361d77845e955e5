import { expect, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { plugin } from '../../support/plugin.ts';

const { kube, adminKubeconfig: kubeconfig } = controlPlane();
const message = 'japaneast: being created.';

async function scene() {
  const namespace = await kube.createNamespace('status');
  const object = await kube.apply<RegistryReplication>(manifest(namespace, 'contoso'));
  const path = `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/contoso`;
  const minuteAgo = new Date(Date.now() - 150_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const reconciling = { reason: 'Creating', message, lastTransitionTime: minuteAgo };
  await kube.patch(`${path}/status`, {
    status: {
      observedGeneration: 1,
      phase: 'Syncing',
      summary: '0/1',
      registry: { id: '/r', homeRegion: 'eastus', sku: 'Premium', loginServer: 'contoso.azurecr.io' },
      replicas: [{ location: 'japaneast', managed: 'Created', provisioningState: 'Creating', since: minuteAgo }],
      conditions: [
        { type: 'Ready', status: 'False', ...reconciling },
        { type: 'Reconciling', status: 'True', ...reconciling },
      ],
    },
  });
  await kube.request('POST', `/api/v1/namespaces/${namespace}/events`, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: 'contoso.1' },
    involvedObject: { kind: 'RegistryReplication', namespace, name: 'contoso', uid: object.metadata.uid },
    type: 'Normal',
    reason: 'ReplicaCreating',
    message,
    lastTimestamp: minuteAgo,
  });
  return { namespace, path };
}

const story = (namespace: string) =>
  `
${namespace}/contoso: Syncing, 0/1 regions ready
contoso.azurecr.io, home eastus, Premium

~ Not ready yet, and goes on by itself, for 2m (Creating)
  japaneast: being created.

REGIONS
~ japaneast  Creating  for 2m
    awaits Azure to finish creating it
    looked at again within 15s

LAST EVENTS
  2m  ReplicaCreating  japaneast: being created.
`.slice(1);

test("status tells an object's story on one screen", async () => {
  const { namespace } = await scene();
  expect(await plugin(['status', 'contoso'], { kubeconfig, namespace, env: { LC_ALL: 'C' } })).toEqual({
    code: 0,
    out: story(namespace),
    err: '',
  });
});

test('status -o json prints the story as data', async () => {
  const { namespace } = await scene();
  const { out } = await plugin(['status', 'contoso', '-o', 'json'], { kubeconfig, namespace });
  expect(JSON.parse(out)).toMatchObject({
    apiVersion: 'cli.acr-replication.dev/v1',
    kind: 'ReplicationStory',
    namespace,
    phase: 'Syncing',
    sentences: [{ says: 'Not ready yet, and goes on by itself', reason: 'Creating', standing: 'busy' }],
    regions: [{ location: 'japaneast', awaits: { what: 'Azure to finish creating it' } }],
    events: [{ type: 'Normal', reason: 'ReplicaCreating', message }],
  });
});

test('an object that was only applied is shown, too', async () => {
  const namespace = await kube.createNamespace('status');
  await kube.apply(manifest(namespace, 'fresh'));
  const { out } = await plugin(['status', 'fresh'], { kubeconfig, namespace });
  expect(out).toMatch(/^.*\/fresh: Pending, 0\/1 regions ready\n/);
  expect(out).toContain('Not looked at by an operator yet');
  expect(out).toContain("awaits the operator's first look at Azure");
});

test('an object that is not there is said so, with the command that shows which are', async () => {
  const { code, err } = await plugin(['status', 'nobody'], { kubeconfig, namespace: 'default' });
  expect([code, err]).toEqual([
    1,
    'error: there is no RegistryReplication nobody in namespace default\ntry: kubectl acr-replication list --all-namespaces\n',
  ]);
});

test('who may not list Events sees the story without them', async () => {
  const { namespace } = await scene();
  await kube.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { namespace, name: 'only-objects' },
    rules: [{ apiGroups: ['acr-replication.dev'], resources: ['registryreplications'], verbs: ['get'] }],
  });
  await kube.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace, name: 'only-objects' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'only-objects' },
    subjects: [{ kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' }],
  });
  const { code, out } = await plugin(['status', 'contoso', '--as', 'reader'], { kubeconfig, namespace });
  expect([code, out.split('LAST EVENTS\n')[1]]).toEqual([0, '  They cannot be read: you may not list Events.\n']);
});
