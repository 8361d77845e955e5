import { expect, test } from 'vitest';
import type { RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import { controlPlane } from '../../support/cluster.ts';
import { manifest } from '../../support/kube-session.ts';
import { plugin } from '../../support/plugin.ts';

const { kube, adminKubeconfig: kubeconfig } = controlPlane();
const path = (namespace: string, name: string) =>
  `/apis/acr-replication.dev/v1alpha1/namespaces/${namespace}/registryreplications/${name}`;

const seen: Status = {
  observedGeneration: 1,
  phase: 'Syncing',
  registry: { id: '/r', homeRegion: 'eastus', sku: 'Premium', loginServer: 'contoso.azurecr.io' },
  replicas: [
    {
      location: 'eastus',
      name: 'eastus',
      managed: 'Home',
      provisioningState: 'Succeeded',
      status: 'Ready',
      routing: 'Enabled',
    },
    {
      location: 'uksouth',
      name: 'uksouth',
      managed: 'Unlisted',
      provisioningState: 'Succeeded',
      status: 'Ready',
      routing: 'Disabled',
    },
  ],
};

/** A namespace with an object that was looked at and one that was not. */
async function twoObjects() {
  const namespace = await kube.createNamespace('list');
  await kube.apply<RegistryReplication>(manifest(namespace, 'contoso', { labels: { team: 'a' } }));
  await kube.patch(`${path(namespace, 'contoso')}/status`, { status: seen });
  await kube.apply<RegistryReplication>(manifest(namespace, 'fresh'));
  return { namespace, kubeconfig };
}

test('a row per replica, and one for each region that is wanted and has none', async () => {
  const { code, out, err } = await plugin(['list'], await twoObjects());
  expect([code, err]).toEqual([0, '']);
  expect(out).toBe(
    `
REGISTRY   NAME        LOCATION    PROVISIONING STATE   STATUS   ROUTING    SINCE   MANAGED
contoso    eastus      eastus      Succeeded            Ready    Enabled            Home
contoso    japaneast   japaneast   missing
contoso    uksouth     uksouth     Succeeded            Ready    Disabled           Unlisted
contoso    japaneast   japaneast   unknown
`.slice(1),
  );
});

test('what is more than a pipe holds at once arrives whole', async () => {
  const { namespace } = await twoObjects();
  const replicas = Array.from({ length: 200 }, (_, i) => ({
    location: `region${i}`,
    name: 'x'.repeat(50),
    message: 'y'.repeat(1_000),
    provisioningState: 'Succeeded',
  }));
  await kube.patch(`${path(namespace, 'contoso')}/status`, { status: { ...seen, replicas } });
  const { code, out } = await plugin(['list', '-o', 'json'], { kubeconfig, namespace });
  expect(code).toBe(0);
  expect(out.length).toBeGreaterThan(200_000);
  expect(JSON.parse(out).items).toHaveLength(202);
});

test('-o wide tells of the object, -A of the namespace, -l chooses', async () => {
  const { namespace } = await twoObjects();
  const { out } = await plugin(['list', '-A', '-l', 'team=a', '-o', 'wide'], { kubeconfig });
  const lines = out.split('\n').filter((line) => line.startsWith(namespace) || line.startsWith('NAMESPACE'));
  expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual(['MESSAGE', '0', '0', '0']);
  expect(lines[0]).toMatch(/^NAMESPACE .* OBJECT {4}WANTED {3}ATTEMPTS {3}ENDPOINT {3}MESSAGE$/);
});

test('-o wide and -o json tell of the host that a region has of its own, and why local pull does not use it', async () => {
  const where = await twoObjects();
  const endpoint = 'contoso.uksouth.geo.azurecr.io';
  const replicas = seen.replicas?.map((one) => (one.location === 'uksouth' ? { ...one, endpoint } : one));
  await kube.patch(`${path(where.namespace, 'contoso')}/status`, { status: { ...seen, replicas } });
  const { out } = await plugin(['list', '-o', 'wide'], where);
  expect(out.split('\n').filter((line) => line.includes(endpoint))).toEqual([expect.stringContaining('uksouth')]);
  const { items } = JSON.parse((await plugin(['list', '-o', 'json'], where)).out);
  expect(items[2]).toMatchObject({ location: 'uksouth', endpoint, whyGlobal: 'uksouth is out of routing' });
  expect(items[0]).not.toHaveProperty('endpoint');
});

test('-o json and -o yaml print rows as data, -o name the objects', async () => {
  const where = await twoObjects();
  const json = JSON.parse((await plugin(['list', '-o', 'json', '--chunk-size', '1'], where)).out);
  expect(json).toMatchObject({ apiVersion: 'cli.acr-replication.dev/v1', kind: 'ReplicaList' });
  expect(json.items).toHaveLength(4);
  expect(json.items[1]).toEqual({
    namespace: where.namespace,
    object: 'contoso',
    registry: 'contoso',
    name: 'japaneast',
    location: 'japaneast',
    wanted: true,
    standing: 'missing',
    provisioningState: 'missing',
    status: '',
    routing: '',
    managed: '',
    message: '',
  });
  const yaml = await plugin(['list', '-o', 'yaml'], where);
  expect(yaml.out).toMatch(
    /^apiVersion: cli.acr-replication.dev\/v1\nkind: ReplicaList\nitems:\n {2}- namespace: list/,
  );
  const name = await plugin(['list', '-o', 'name'], where);
  expect(name.out).toBe(
    'registryreplication.acr-replication.dev/contoso\nregistryreplication.acr-replication.dev/fresh\n',
  );
});

test('where there is nothing, it says so, and data is an empty list', async () => {
  const namespace = await kube.createNamespace('list');
  const none = await plugin(['list', '-l', 'a=b'], { kubeconfig, namespace });
  expect(none).toEqual({
    code: 0,
    out: '',
    err:
      `There is no RegistryReplication in namespace ${namespace} with labels a=b.\n` +
      'try: kubectl acr-replication list --all-namespaces\n',
  });
  expect(JSON.parse((await plugin(['list', '-o', 'json'], { kubeconfig, namespace })).out).items).toEqual([]);
});

test('a chunk size that is none is refused with one that is right', async () => {
  const { code, err } = await plugin(['list', '--chunk-size', 'many'], { kubeconfig });
  expect([code, err]).toEqual([
    2,
    'error: --chunk-size is many, and can be a whole number from 1\ntry: --chunk-size 500\n',
  ]);
});

test('who may not list is told whom to ask for what', async () => {
  const { code, err } = await plugin(['list', '--as', 'nobody'], { kubeconfig, namespace: 'default' });
  expect(code).toBe(1);
  expect(err).toBe(
    'error: nobody may not list RegistryReplications in namespace default\n' +
      'try: ask who administers the cluster for: kubectl create rolebinding acr-replication-view-nobody ' +
      "--clusterrole=acr-replication-view --user='nobody' --namespace=default\n",
  );
});

test('--map draws the world, in ASCII where the locale has no more', async () => {
  const { code, out } = await plugin(['list', '--map'], { ...(await twoObjects()), env: { LC_ALL: 'C' } });
  expect(code).toBe(0);
  expect(out).toMatch(/^[\n .~@HXo?]+\n\n/);
  expect(out.split('\n\n').at(-1)).toBe(
    `
? not in the spec 1  uksouth
H home            1  eastus
o missing         2  japaneast
`.slice(1),
  );
});

test('--map is no data', async () => {
  const { code, err } = await plugin(['list', '--map', '-o', 'json'], { kubeconfig });
  expect([code, err]).toEqual([2, 'error: --map cannot be printed as json\ntry: leave one of the two out\n']);
});
