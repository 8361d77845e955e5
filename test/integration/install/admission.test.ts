import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KubeObject, readManifestFile } from '../../sandbox/manifests.ts';
import { controlPlane } from '../../support/cluster.ts';
import { everything } from './everything.ts';
import { name, rendered, type Values } from './programs.ts';

const cluster = controlPlane();
const { kube } = cluster;
let own = '';
let watched = '';

/** A namespace with the labels of deploy/namespace.yaml, one to watch, and the CRDs of Prometheus Operator and Gateway API. */
beforeAll(async () => {
  const [labelled] = await readManifestFile('deploy/namespace.yaml');
  [own, watched] = await Promise.all([kube.createNamespace('restricted'), kube.createNamespace('watched')]);
  await kube.patch(`/api/v1/namespaces/${own}`, { metadata: { labels: labelled?.metadata.labels } });
  for (const folder of ['prometheus-operator', 'gateway-api'])
    await kube.installCrds(`test/integration/install/data/${folder}`);
});
afterAll(() => cluster.close());

const renderings: readonly { readonly what: string; readonly release?: string; readonly values: () => Values }[] = [
  { what: 'the defaults', values: () => ({}) },
  { what: 'everything at once', values: () => everything },
  { what: 'one namespace', values: () => ({ watch: { namespaces: [watched] } }) },
  {
    what: 'one namespace, without rights in the cluster',
    values: () => ({ watch: { namespaces: [watched] }, rbac: { scope: 'namespace' }, crds: { enabled: false } }),
  },
  {
    what: 'a pod whose ids OpenShift gives',
    values: () => ({ podSecurityContext: { runAsUser: null, runAsGroup: null, fsGroup: null }, replicas: null }),
  },
  {
    what: 'a release whose name has a dot and begins with a digit',
    release: '2026.1',
    values: () => ({
      metrics: { requireToken: true, serviceMonitor: { enabled: true } },
      map: { enabled: true, ingress: { enabled: true, host: 'map.contoso.com' } },
    }),
  },
  { what: 'a shard', release: 'shard-a', values: () => ({ watch: { selector: 'shard=a' }, crds: { enabled: false } }) },
  {
    what: 'a managed identity behind a network policy',
    values: () => ({ azure: { credential: 'managed-identity' }, networkPolicy: { enabled: true } }),
  },
  {
    what: 'credentials of a Secret and authorities of another',
    values: () => ({ azure: { credentialsSecretName: 'azure' }, extraCA: { secretName: 'authorities' } }),
  },
];

for (const { what, release = name, values } of renderings) {
  test(`the API server takes ${what}, every field of it, and Pod Security restricted takes the pod`, async () => {
    const objects = await rendered(values(), release, own);
    const namespaced = objects.filter(({ metadata }) => metadata.namespace !== undefined);
    if (what.includes('without rights in the cluster')) expect(namespaced).toEqual(objects);
    for (const object of objects) await dryRun('PATCH', await kube.pathOf(object), object);
    const pod = podOf(objects);
    await kube.createServiceAccount(own, pod.spec.serviceAccountName);
    const taken = await dryRun('POST', `/api/v1/namespaces/${own}/pods`, pod);
    expect(taken.metadata.namespace).toBe(own);
  });
}

test('the namespace refuses a pod that wants more, and the API server a field that it does not know', async () => {
  const objects = await rendered({}, name, own);
  const pod = podOf(objects);
  await kube.createServiceAccount(own, pod.spec.serviceAccountName);
  const wanting = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
  await expect(dryRun('POST', `/api/v1/namespaces/${own}/pods`, wanting)).rejects.toThrow(/PodSecurity "restricted/);
  const misspelt = { ...pod, spec: { ...pod.spec, topologySpread: [] } };
  await expect(dryRun('POST', `/api/v1/namespaces/${own}/pods`, misspelt)).rejects.toThrow(/topologySpread/);
});

interface Pod extends KubeObject {
  readonly spec: { readonly serviceAccountName: string };
}

/** A pod as the Deployment's controllers would create it; they themselves are only warned. */
function podOf(objects: readonly KubeObject[]): Pod {
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as {
    readonly spec: { readonly template: { readonly metadata: object; readonly spec: Pod['spec'] } };
  };
  const { template } = deployment.spec;
  const metadata = { ...template.metadata, name: 'operator-0', namespace: own };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec };
}

/** Asks whether it would be taken, unknown and doubled fields being errors. */
function dryRun(method: 'PATCH' | 'POST', path: string, object: KubeObject): Promise<KubeObject> {
  const query = { dryRun: 'All', fieldValidation: 'Strict', fieldManager: 'install-test' };
  return method === 'POST'
    ? kube.request(method, path, object, { query })
    : kube.request(method, path, object, {
        query: { ...query, force: true },
        contentType: 'application/apply-patch+yaml',
      });
}
