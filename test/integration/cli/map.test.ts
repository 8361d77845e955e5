import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import type { Applied, Draft } from '../../../src/map/wire.ts';
import { aggregateRoles, userWith } from '../../support/cli-users.ts';
import { controlPlane } from '../../support/cluster.ts';
import { startCutProxy } from '../../support/cut-proxy.ts';
import { ask, type Visitor, visitedMap } from '../../support/map-visitor.ts';
import { plugin } from '../../support/plugin.ts';

const cluster = controlPlane();
const { kube, adminKubeconfig } = cluster;
const soon = { timeout: 20_000, interval: 20 };
/** Nobody is signed in to Azure. */
const signedOut = { AZURE_CLIENT_ID: '', AZURE_TENANT_ID: '', AZURE_CLIENT_SECRET: '', PATH: '/nowhere' };

let namespace: string;
const users = { editor: '', viewer: '', nobody: '' };
beforeAll(async () => {
  await aggregateRoles(cluster);
  namespace = await kube.createNamespace('map');
  users.editor = await userWith(cluster, namespace, ['edit']);
  users.viewer = await userWith(cluster, namespace, ['view']);
  users.nobody = await userWith(cluster, namespace, []);
});
afterAll(() => cluster.close());

const pathOf = (name: string, where = namespace) =>
  `/apis/acr-replication.dev/v1alpha1/namespaces/${where}/registryreplications/${name}`;
const get = (name: string) => kube.request<RegistryReplication>('GET', pathOf(name));
const locations = async (name: string) => (await get(name)).spec.regions.map(({ location }) => location);

/** A registry of no other test. */
const registryOf = (name: string, where = namespace) => `${where}${name}`.replaceAll('-', '');

function manifestOf(name: string, regions: readonly object[], metadata: object = {}, where = namespace) {
  return {
    apiVersion: 'acr-replication.dev/v1alpha1',
    kind: 'RegistryReplication',
    metadata: { namespace: where, name, ...metadata },
    spec: {
      registry: {
        name: registryOf(name, where),
        resourceGroup: 'registries',
        subscriptionId: '00000000-0000-0000-0000-000000000000',
      },
      regions,
    },
  };
}
const at = (...names: readonly string[]) => names.map((location) => ({ location }));

/** Applies on the server's side as this manager; a conflict fails. */
const applyAs = (manager: string, manifest: ReturnType<typeof manifestOf>) =>
  kube.request('PATCH', pathOf(manifest.metadata.name, manifest.metadata.namespace), manifest, {
    query: { fieldManager: manager },
    contentType: 'application/apply-patch+yaml',
  });

/** What `kubectl apply` without --server-side sends for a new object. */
const applyByKubectl = (manifest: ReturnType<typeof manifestOf>) => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(manifest) };
  const body = { ...manifest, metadata: { ...manifest.metadata, annotations } };
  const path = pathOf('', manifest.metadata.namespace).replace(/\/$/, '');
  return kube.request('POST', path, body, { query: { fieldManager: 'kubectl-client-side-apply' } });
};

/** What an operator would have written of replicas that are all well. */
const beReady = (name: string, ...regions: readonly string[]) =>
  kube.patch(`${pathOf(name)}/status`, {
    status: {
      observedGeneration: 1,
      phase: 'Ready',
      summary: `${regions.length}/${regions.length}`,
      owner: `default/${namespace}/${name}`,
      registry: {
        id: `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/${registryOf(name)}`,
        homeRegion: 'eastus',
        sku: 'Premium',
        loginServer: `${name}.azurecr.io`,
      },
      replicas: [
        {
          location: 'eastus',
          name: 'eastus',
          managed: 'Home',
          provisioningState: 'Succeeded',
          status: 'Ready',
          routing: 'Enabled',
        },
        ...regions.map((location) => ({
          location,
          name: location,
          managed: 'Created',
          provisioningState: 'Succeeded',
          status: 'Ready',
          routing: 'Enabled',
          provisionedTime: '2026-09-10T12:00:00Z',
        })),
      ],
    },
  });

const mapFor = (kubeconfig = users.editor) => visitedMap([], { kubeconfig, namespace, env: signedOut });

async function drafted(map: Visitor, name: string, regions: readonly string[]): Promise<Draft> {
  const { status, text, json } = await map.post('/api/draft', { namespace, name, regions });
  expect(status, text).toBe(200);
  return json;
}

/** Drafts, and applies the draft. */
async function applied(map: Visitor, name: string, regions: readonly string[]): Promise<Applied> {
  const { version } = await drafted(map, name, regions);
  const { status, text, json } = await map.post('/api/apply', { namespace, name, regions, version });
  expect(status, text).toBe(200);
  return json;
}

/** A draft, an apply or an undo that is refused. */
async function refused(map: Visitor, what: 'draft' | 'apply' | 'undo', body: object) {
  const { status, text } = await map.post(`/api/${what}`, { namespace, ...body });
  return { status, ...(JSON.parse(text) as { readonly error?: string; readonly cure?: string }) };
}

describe('the stream', () => {
  test('tells all objects, and a status within a second of its write', async () => {
    await kube.apply(manifestOf('live', at('japaneast')));
    const map = await mapFor(users.viewer);
    const page = await map.follow();
    await vi.waitFor(() => expect(page.events).toContain('synced'), soon);
    expect(page.hello()).toMatchObject({ host: 'plugin', cloud: 'AzurePublic' });
    expect(page.objects.get(`${namespace}/live`)?.replicas).toMatchObject([{ region: 'japaneast', state: 'unknown' }]);
    await beReady('live', 'japaneast');
    await vi.waitFor(() => expect(page.objects.get(`${namespace}/live`)?.worst).toBe('ready'), {
      timeout: 1_000,
      interval: 5,
    });
    await kube.delete(pathOf('live'));
    await vi.waitFor(() => expect(page.objects.has(`${namespace}/live`)).toBe(false), { timeout: 1_000, interval: 5 });
  });

  test('brings 1,000 objects, and each of their changes', async () => {
    const many = await kube.createNamespace('map-many');
    const names = Array.from({ length: 1_000 }, (_, i) => `one-${i}`);
    for (let i = 0; i < names.length; i += 50) {
      const some = names.slice(i, i + 50);
      await Promise.all(some.map((name) => kube.apply(manifestOf(name, at('japaneast', 'westeurope'), {}, many))));
    }
    const map = await visitedMap([], { kubeconfig: adminKubeconfig, namespace: many, env: signedOut });
    const pages = await Promise.all(Array.from({ length: 20 }, () => map.follow()));
    for (const page of pages) {
      await vi.waitFor(() => expect(page.events).toContain('synced'), soon);
      expect(page.objects.size).toBe(1_000);
    }
    await kube.patch(pathOf('one-7', many), { spec: { suspend: true } });
    for (const page of pages) {
      await vi.waitFor(() => expect(page.objects.get(`${many}/one-7`)?.suspended).toBe(true), soon);
    }
  });

  test('may be cut, and begins anew', async () => {
    await kube.apply(manifestOf('cut', at('japaneast')));
    const map = await mapFor(users.viewer);
    const first = await map.follow();
    await vi.waitFor(() => expect(first.events).toContain('synced'), soon);
    first.response.destroy();
    await kube.delete(pathOf('cut'));
    const second = await map.follow();
    await vi.waitFor(() => expect(second.events).toContain('synced'), soon);
    expect([...second.objects.keys()]).not.toContain(`${namespace}/cut`);
  });

  test('says when the API server is not heard, and goes on when it is again', async () => {
    await using proxy = await startCutProxy(cluster.url);
    await kube.apply(manifestOf('cutoff', at('japaneast')));
    const kubeconfig = join(await mkdtemp(join(tmpdir(), 'map-')), 'kubeconfig');
    await writeFile(kubeconfig, (await readFile(adminKubeconfig, 'utf8')).replaceAll(cluster.url, proxy.url));
    const map = await mapFor(kubeconfig);
    const page = await map.follow();
    await vi.waitFor(() => expect(page.events).toContain('synced'), soon);
    proxy.cut();
    await vi.waitFor(() => expect(page.trouble()).toMatch(/registryreplications/), soon);
    await kube.delete(pathOf('cutoff'));
    proxy.mend();
    await vi.waitFor(() => expect([page.trouble(), page.objects.has(`${namespace}/cutoff`)]).toEqual([null, false]), {
      ...soon,
      timeout: 60_000,
    });
  });

  test('goes on after a login that was over', async () => {
    const tokenFile = join(await mkdtemp(join(tmpdir(), 'map-')), 'token');
    await kube.createServiceAccount(namespace, 'user-view');
    const token = await kube.tokenFor({ namespace, serviceAccount: 'user-view' });
    await writeFile(tokenFile, token);
    await using proxy = await startCutProxy(cluster.url);
    await kube.apply(manifestOf('expired', at('japaneast')));
    const written = await readFile(await cluster.kubeconfigFor({ tokenFile }), 'utf8');
    const kubeconfig = join(await mkdtemp(join(tmpdir(), 'map-')), 'kubeconfig');
    await writeFile(kubeconfig, written.replaceAll(cluster.url, proxy.url));
    const map = await mapFor(kubeconfig);
    const page = await map.follow();
    await vi.waitFor(() => expect(page.events).toContain('synced'), soon);
    await writeFile(tokenFile, 'over');
    // A watch that has begun goes on, and a token is read anew after a second.
    const beginAnew = (): void => {
      if (typeof page.trouble() === 'string') return;
      proxy.cut();
      proxy.mend();
    };
    await vi.waitFor(
      () => {
        beginAnew();
        expect(page.trouble()).toMatch(/^the API server does not accept your credentials/);
      },
      { interval: 2_000, timeout: 90_000 },
    );
    await kube.delete(pathOf('expired'));
    await writeFile(tokenFile, token);
    await vi.waitFor(() => expect([page.trouble(), page.objects.has(`${namespace}/expired`)]).toEqual([null, false]), {
      ...soon,
      timeout: 90_000,
    });
  });

  test('has all namespaces with -A, and only what a selector selects', async () => {
    const other = await kube.createNamespace('map-other');
    await kube.apply(manifestOf('near', at('japaneast'), { labels: { team: other } }));
    await kube.apply(manifestOf('far', at('japaneast'), { labels: { team: other } }, other));
    const keysOf = async (...words: readonly string[]) => {
      const map = await visitedMap(words, { kubeconfig: adminKubeconfig, env: signedOut });
      const page = await map.follow();
      await vi.waitFor(() => expect(page.events).toContain('synced'), soon);
      return [...page.objects.keys()].sort();
    };
    expect(await keysOf('-A', '-l', `team=${other}`)).toEqual([`${other}/far`, `${namespace}/near`].sort());
    expect(await keysOf('-n', other)).toEqual([`${other}/far`]);
  });

  test('says in which regions the nodes are', async () => {
    const name = `${namespace}-node`;
    const labels = { 'topology.kubernetes.io/region': 'japanwest' };
    await kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
    const map = await visitedMap([], { kubeconfig: adminKubeconfig, namespace, env: signedOut });
    const page = await map.follow();
    await vi.waitFor(() => expect(page.hello()).toMatchObject({ nodes: { japanwest: 1 } }), soon);
    await kube.delete(`/api/v1/nodes/${name}`);
    const another = await (await mapFor(users.viewer)).follow();
    await vi.waitFor(() => expect(another.events).toContain('hello'), soon);
    expect(another.hello()).not.toHaveProperty('nodes'); // a viewer of one namespace may not list nodes
  });
});

describe('a story', () => {
  test('has regions and Events, and there is none of an object that is not shown', async () => {
    await kube.apply(manifestOf('told', at('japaneast')));
    await beReady('told', 'japaneast');
    const map = await mapFor(users.viewer);
    const { status, text } = await map.get(`/api/story?namespace=${namespace}&name=told`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      object: 'told',
      phase: 'Ready',
      events: [],
      regions: [{}, { location: 'japaneast' }],
    });
    const none = await map.get('/api/story?namespace=elsewhere&name=told');
    expect([none.status, none.text]).toEqual([404, '{"error":"There is no RegistryReplication elsewhere/told."}']);
  });
});

describe('a draft', () => {
  test('has the manifest, what differs, the plan from the status, what it costs and what to fear', async () => {
    const own = [{ location: 'japaneast', routing: 'Enabled', tags: { team: 'a' } }, ...at('uksouth')];
    await kube.apply(
      manifestOf('contoso', own, { labels: { team: 'platform', 'app.kubernetes.io/managed-by': 'Helm' } }),
    );
    await beReady('contoso', 'japaneast', 'uksouth');
    const map = await mapFor();
    const draft = await drafted(map, 'contoso', ['westeurope', 'japaneast']);
    expect(draft.manifest).toBe(
      `
apiVersion: acr-replication.dev/v1alpha1
kind: RegistryReplication
metadata:
  name: contoso
  namespace: ${namespace}
  labels:
    team: platform
spec:
  registry:
    name: ${namespace.replaceAll('-', '')}contoso
    resourceGroup: registries
    subscriptionId: 00000000-0000-0000-0000-000000000000
  regions:
    - location: japaneast
      routing: Enabled
      tags:
        team: a
    - location: westeurope
`.slice(1),
    );
    expect(draft.diff.filter(({ sign }) => sign !== ' ')).toEqual([
      { sign: '-', text: '    - location: uksouth' },
      { sign: '+', text: '    - location: westeurope' },
    ]);
    expect(draft.plan.lines.map(({ sign, region }) => `${sign}${region}`)).toEqual([
      '=eastus',
      '=japaneast',
      '?uksouth',
      '+westeurope',
    ]);
    expect(draft.plan.seen).toMatch(/^Azure was not read: .*, written \d+s ago/);
    expect(draft.plan.notes).toContain('You are not signed in to Azure: az login.');
    expect(draft.plan.money[0]).toMatch(/^Each month: \+50\.70 USD \(1 replica more\)/);
    expect(draft.fears).toEqual([
      expect.stringMatching(/^uksouth has images that are deleted/),
      expect.stringMatching(/^uksouth is not deleted at once, because not every wanted region is ready: westeurope/),
      expect.stringMatching(/^sandbox states uksouth \(server-side apply\)/),
      expect.stringMatching(/^westeurope is stated by the map then/),
    ]);
    expect(draft.blocked).toBeUndefined();
    expect(await locations('contoso')).toEqual(['japaneast', 'uksouth']);
  });

  test('is refused in the words of the API server when the object would be', async () => {
    await kube.apply(manifestOf('empty', at('japaneast')));
    await kube.apply(manifestOf('named', [{ location: 'japaneast', name: 'westeurope' }]));
    const map = await mapFor();
    const { status, error } = await refused(map, 'draft', { name: 'empty', regions: [] });
    expect(status).toBe(422);
    expect(error).toMatch(/spec\.regions.*should have at least 1 items/);
    const clash = await refused(map, 'draft', { name: 'named', regions: ['japaneast', 'westeurope'] });
    expect(clash.status).toBe(422);
    expect(clash.error).toMatch(/name/); // the rule of the CRD that two replicas have one name
  });

  test('is made for a viewer, too, and says that it is not theirs to apply', async () => {
    await kube.apply(manifestOf('viewed', at('japaneast')));
    await beReady('viewed', 'japaneast');
    const map = await mapFor(users.viewer);
    const { blocked, plan, version } = await drafted(map, 'viewed', ['japaneast', 'uksouth']);
    expect(blocked?.error).toMatch(/may not patch RegistryReplications/);
    expect(blocked?.cure).toMatch(/^ask who administers the cluster for: kubectl create rolebinding/);
    expect(plan.summary).toMatch(/^1 to create/);
    const answer = await refused(map, 'apply', { name: 'viewed', regions: ['japaneast', 'uksouth'], version });
    expect([answer.status, answer.error]).toEqual([403, blocked?.error]);
    expect(await locations('viewed')).toEqual(['japaneast']);
  });

  test('without a look of the operator still has the manifest', async () => {
    await kube.apply(manifestOf('unseen', at('japaneast')));
    const draft = await drafted(await mapFor(), 'unseen', ['japaneast', 'uksouth']);
    expect(draft.plan).toMatchObject({ lines: [], seen: expect.stringMatching(/no operator has told yet/) });
    expect(draft.manifest).toContain('- location: uksouth');
  });
});

describe('applying', () => {
  test('adds and removes, states only what it added, and can be taken back once', async () => {
    await applyAs('someone', manifestOf('apply', at('japaneast')));
    const map = await mapFor();
    expect(await applied(map, 'apply', ['japaneast', 'uksouth', 'westeurope'])).toEqual({
      said: [
        'uksouth and westeurope are wanted now.',
        'uksouth and westeurope are stated by the map then: a file that is applied server-side without them leaves them. Take them out here.',
      ],
      undo: true,
    });
    expect(await locations('apply')).toEqual(['japaneast', 'uksouth', 'westeurope']);
    expect(await applied(map, 'apply', ['japaneast', 'westeurope'])).toEqual({
      said: ['uksouth is no longer wanted.'],
      undo: true,
    });
    // What someone states stays theirs: a file without it takes it out.
    await applyAs('someone', manifestOf('apply', at('brazilsouth')));
    expect((await locations('apply')).toSorted()).toEqual(['brazilsouth', 'westeurope']);
    const late = await refused(map, 'undo', { name: 'apply', regions: ['brazilsouth', 'westeurope'] });
    expect([late.status, late.error]).toEqual([409, expect.stringMatching(/^Somebody changed the regions since/)]);

    await applied(map, 'apply', ['westeurope', 'uksouth', 'brazilsouth']);
    const regions = ['westeurope', 'uksouth', 'brazilsouth'];
    const back = await map.post('/api/undo', { namespace, name: 'apply', regions });
    expect(back.json).toEqual({ said: ['uksouth is no longer wanted.'], undo: false });
    expect((await locations('apply')).toSorted()).toEqual(['brazilsouth', 'westeurope']);
    expect(await refused(map, 'undo', { name: 'apply', regions })).toMatchObject({
      status: 409,
      error: expect.stringMatching(/^There is nothing to take back/),
    });
  });

  test('is taken back by the page that applied it, and not by one that applied something before', async () => {
    await kube.apply(manifestOf('twice', at('japaneast')));
    const map = await mapFor();
    const first = ['japaneast', 'uksouth'];
    const second = [...first, 'westeurope'];
    await applied(map, 'twice', first);
    await applied(map, 'twice', second);
    const other = await refused(map, 'undo', { name: 'twice', regions: first });
    expect([other.status, other.error]).toEqual([409, expect.stringMatching(/^Somebody changed the regions since/)]);
    expect(await locations('twice')).toEqual(second);
    const own = await map.post('/api/undo', { namespace, name: 'twice', regions: second });
    expect(own.json).toMatchObject({ said: ['westeurope is no longer wanted.'] });
    expect(await locations('twice')).toEqual(first);
  });

  test('takes out what a file states on the server, and says that the file brings it back', async () => {
    const [kept, going] = [
      { location: 'japaneast', routing: 'Disabled' },
      { location: 'uksouth', tags: { team: 'a' } },
    ];
    const file = manifestOf('ssa', [kept, going]);
    await applyAs('kubectl', file);
    const map = await mapFor();
    const echo =
      'kubectl states uksouth (server-side apply): the next apply of that file brings it back. Take it out of it, too.';
    const draft = await drafted(map, 'ssa', ['japaneast', 'westeurope']);
    expect(draft.fears).toContain(echo);
    const { said } = await applied(map, 'ssa', ['japaneast', 'westeurope']);
    expect(said).toEqual([
      'westeurope is wanted now.',
      'uksouth is no longer wanted.',
      echo,
      'westeurope is stated by the map then: a file that is applied server-side without it leaves it. Take it out here.',
    ]);
    expect((await get('ssa')).spec.regions).toEqual([kept, { location: 'westeurope' }]);
    const undone = await map.post('/api/undo', { namespace, name: 'ssa', regions: ['japaneast', 'westeurope'] });
    expect(undone.status, undone.text).toBe(200);
    expect((await get('ssa')).spec.regions.toSorted((a, b) => (a.location < b.location ? -1 : 1))).toEqual([
      kept,
      going,
    ]);
    await applyAs('kubectl', file); // nobody is in the way of anybody
    expect((await get('ssa')).spec.regions).toHaveLength(2);
  });

  test('takes out what kubectl applied on its side, and says that the next apply turns both back', async () => {
    await applyByKubectl(manifestOf('client', at('japaneast', 'uksouth')));
    const map = await mapFor();
    const { said } = await applied(map, 'client', ['japaneast', 'westeurope']);
    expect(said).toEqual([
      'westeurope is wanted now.',
      'uksouth is no longer wanted.',
      'The file that kubectl applied has uksouth: the next kubectl apply of it brings it back. Take it out of it, too.',
      'The file that kubectl applied does not have westeurope: the next kubectl apply of it takes it out again. Write it into it, too.',
    ]);
    expect(await locations('client')).toEqual(['japaneast', 'westeurope']);
  });

  test('writes under the field manager acr-replication-map', async () => {
    await applyAs('someone', manifestOf('manager', at('japaneast')));
    const map = await mapFor();
    await applied(map, 'manager', ['japaneast', 'uksouth']);
    const { metadata } = await get('manager');
    const { managedFields } = metadata as unknown as {
      readonly managedFields: readonly {
        readonly manager: string;
        readonly operation: string;
        readonly fieldsV1: object;
      }[];
    };
    const own = managedFields.find(({ manager }) => manager === 'acr-replication-map');
    expect(own).toMatchObject({
      operation: 'Apply',
      fieldsV1: { 'f:spec': { 'f:regions': { 'k:{"location":"uksouth"}': { '.': {}, 'f:location': {} } } } },
    });
    expect(JSON.stringify(own?.fieldsV1)).not.toContain('japaneast');
  });

  test('is refused when the object was edited since the draft, and not when only its status was written', async () => {
    await kube.apply(manifestOf('moved', at('japaneast')));
    const map = await mapFor();
    const regions = ['japaneast', 'uksouth'];
    const { version } = await drafted(map, 'moved', regions);
    await beReady('moved', 'japaneast');
    await kube.patch(pathOf('moved'), { spec: { interval: '7m' } });
    const answer = await refused(map, 'apply', { name: 'moved', regions, version });
    expect([answer.status, answer.error]).toEqual([409, expect.stringMatching(/^Somebody edited the object since/)]);
    const again = await drafted(map, 'moved', regions);
    await kube.patch(`${pathOf('moved')}/status`, { status: { summary: '0/1' } });
    const { status, text } = await map.post('/api/apply', {
      namespace,
      name: 'moved',
      regions,
      version: again.version,
    });
    expect(status, text).toBe(200);
  });

  test('while the operator writes status after status', async () => {
    await kube.apply(manifestOf('busy', at('japaneast')));
    await beReady('busy', 'japaneast');
    const map = await mapFor();
    const end = new AbortController();
    const writing = (async () => {
      for (let i = 0; !end.signal.aborted; i += 1) {
        await kube.patch(`${pathOf('busy')}/status`, { status: { summary: `${i % 10}/9` } });
        await new Promise((done) => setTimeout(done, 10));
      }
    })();
    await applied(map, 'busy', ['uksouth']);
    await applied(map, 'busy', ['japaneast']);
    end.abort();
    await writing;
    expect(await locations('busy')).toEqual(['japaneast']);
  });
});

describe('an object that Git keeps', () => {
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'apps',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  };

  test('is drafted, and not changed: the tool is named, and what shows its source', async () => {
    await kube.apply(manifestOf('kept', at('japaneast'), { labels }));
    const map = await mapFor();
    const { blocked, manifest, version } = await drafted(map, 'kept', ['japaneast', 'uksouth']);
    expect(blocked).toEqual({
      error: "Flux's Kustomization flux-system/apps applies this object and would undo a change made here.",
      cure: 'kubectl get kustomization apps -n flux-system -o yaml shows where its source is: change the manifest there.',
    });
    expect(manifest).not.toContain('fluxcd');
    const answer = await refused(map, 'apply', { name: 'kept', regions: ['uksouth'], version });
    expect(answer).toEqual({ status: 409, ...blocked });
    expect(await locations('kept')).toEqual(['japaneast']);
  });
});

describe('what is being deleted', () => {
  test('is not changed, and nobody is told that it would be', async () => {
    await kube.apply(manifestOf('leaving', at('japaneast'), { finalizers: ['example.com/held'] }));
    onTestFinished(async () => {
      await kube.patch(pathOf('leaving'), { metadata: { finalizers: [] } });
    });
    const map = await mapFor();
    await applied(map, 'leaving', ['japaneast', 'uksouth']);
    const { version: before } = await drafted(map, 'leaving', ['uksouth']);
    await kube.delete(pathOf('leaving'));
    const { blocked, version } = await drafted(map, 'leaving', ['uksouth']);
    expect(blocked?.error).toBe('The object is being deleted: a change of its regions would come to nothing.');
    const regions = ['uksouth'];
    expect(await refused(map, 'apply', { name: 'leaving', regions, version })).toEqual({ status: 409, ...blocked });
    expect((await refused(map, 'apply', { name: 'leaving', regions, version: before })).status).toBe(409);
    expect(await refused(map, 'undo', { name: 'leaving', regions: ['japaneast', 'uksouth'] })).toEqual({
      status: 409,
      ...blocked,
    });
    expect(await locations('leaving')).toEqual(['japaneast', 'uksouth']);
  });
});

describe('the door', () => {
  const page = () => mapFor(users.viewer);

  test('lets the browser of the link in, and nobody else', async () => {
    const map = await page();
    const host = { Host: `127.0.0.1:${map.port}` };
    const entered = await ask(map.port, map.link, { headers: host });
    expect([entered.status, entered.headers.location]).toEqual([303, '/']);
    expect(entered.headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^acr-map-${map.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`)),
    ]);
    expect(map.link).toMatch(/^\/\?token=[\w-]{43}$/); // 256 bits
    expect((await map.get('/')).text).toContain('<script type="module" src="/page.js">');
    for (const path of [
      '/',
      '/page.js',
      '/api/stream',
      `/api/story?namespace=${namespace}&name=x`,
      '/?token=',
      '/?token=guess',
    ]) {
      expect([path, (await ask(map.port, path, { headers: host })).status]).toEqual([path, 401]);
    }
    const cookies = [`acr-map-${map.port}=`, `acr-map-${map.port}=guess`, `acr-map-1=${map.cookie.split('=')[1]}`];
    for (const Cookie of cookies) {
      expect((await ask(map.port, '/', { headers: { ...host, Cookie } })).status, Cookie).toBe(401);
    }
    const { text } = await ask(map.port, '/', { headers: host });
    expect(text).toContain('Open the link that kubectl acr-replication map shows in the terminal.');
  });

  test.each(['evil.example', '127.0.0.1', 'localhost', '127.0.0.1:1'])('is not there by the name %j', async (Host) => {
    const map = await page();
    const { status, headers } = await ask(map.port, map.link, { headers: { Host, Cookie: map.cookie } });
    expect([status, headers['set-cookie']]).toEqual([403, undefined]);
  });

  test('is there as localhost, too', async () => {
    const map = await page();
    const headers = { Host: `localhost:${map.port}`, Cookie: map.cookie };
    expect((await ask(map.port, '/', { headers })).status).toBe(200);
  });

  test('shows a link for once to the browser that it opens, in a program of the PATH', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'browser-'));
    const seen = join(bin, 'opened');
    await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > ${seen}.new && mv ${seen}.new ${seen}\n`);
    await chmod(join(bin, 'xdg-open'), 0o755);
    const env = { ...signedOut, DISPLAY: ':0', PATH: `${bin}:/usr/bin:/bin` };
    const map = await visitedMap([], { kubeconfig: users.viewer, namespace, env });
    const opened = await vi.waitFor(async () => new URL((await readFile(seen, 'utf8')).trim()), soon);
    expect(opened.search).not.toBe(new URL(map.link, opened).search);
    const headers = { Host: opened.host };
    const path = `${opened.pathname}${opened.search}`;
    expect((await ask(map.port, path, { headers })).status).toBe(303);
    const again = await ask(map.port, path, { headers });
    expect(again.status).toBe(401);
    expect(again.text).toContain('This link was good once.');
    expect((await ask(map.port, path, { headers: { ...headers, Cookie: map.cookie } })).headers.location).toBe('/');
    expect((await ask(map.port, map.link, { headers })).status).toBe(303); // the printed one stays good
  });

  test.each([
    ['another origin', { Origin: 'http://evil.example' }, 403],
    ['another port', { Origin: 'http://127.0.0.1:1' }, 403],
    ['no origin', { Origin: '' }, 403],
    ['an opaque origin', { Origin: 'null' }, 403],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['another server of this machine', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['a form that looks like JSON', { 'Content-Type': 'text/plain' }, 415],
    ['no cookie', { Cookie: '' }, 401],
  ])('takes no POST of %s', async (_, headers, status) => {
    await kube.apply(manifestOf('guarded', at('japaneast')));
    const map = await page();
    const body = { namespace, name: 'guarded', regions: ['uksouth'], version: '', region: 'japaneast', for: '2h' };
    for (const path of ['/api/draft', '/api/apply', '/api/undo', '/api/drain', '/api/undrain']) {
      const answer = await map.post(path, { ...body, reason: 'drill' }, headers);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test.each([
    ['nothing', null],
    ['a text', 'x'],
    ['no regions', { name: 'x' }],
    ['another place', { name: '../x', regions: [] }],
    ['an odd region', { name: 'x', regions: ['a/b'] }],
    ['too many regions', { name: 'x', regions: Array.from({ length: 101 }, (_, i) => `r${i}`) }],
  ])('takes no draft of %s', async (_, body) => {
    const map = await page();
    const asked = typeof body === 'object' && body !== null ? { namespace, ...body } : body;
    expect((await map.post('/api/draft', asked)).status).toBe(400);
  });
});

describe('a drain', () => {
  const drill = { region: 'Japan East', for: '2h', reason: ' INC-4711 ' };
  const drainsIn = async (name: string) => (await get(name)).spec.drains;

  async function posted(map: Visitor, what: 'drain' | 'undrain', body: object) {
    const { status, text } = await map.post(`/api/${what}`, { namespace, ...body });
    return { status, ...(JSON.parse(text) as { said?: readonly string[]; error?: string; cure?: string }) };
  }

  test('is the same as that of the command: each ends what the other has begun', async () => {
    await kube.apply(manifestOf('drained', at('japaneast', 'uksouth')));
    await beReady('drained', 'japaneast', 'uksouth');
    const map = await mapFor();
    const cli = (...words: readonly string[]) => plugin(words, { kubeconfig: users.editor, namespace });
    const { status, said } = await posted(map, 'drain', { name: 'drained', ...drill });
    expect([status, said]).toEqual([200, [expect.stringMatching(/^japaneast is drained until \d.*Z\.$/)]]);
    expect(await drainsIn('drained')).toMatchObject([{ location: 'japaneast', reason: 'INC-4711' }]);
    expect(await cli('drain', 'uksouth', 'drained', '--for', '1h', '--reason', 'drill')).toMatchObject({ code: 0 });
    expect((await drainsIn('drained'))?.map(({ location }) => location)).toEqual(['japaneast', 'uksouth']);
    expect(await posted(map, 'undrain', { name: 'drained', region: 'uksouth' })).toEqual({
      status: 200,
      said: ['uksouth goes back to the routing that it has without a drain.'],
    });
    expect(await cli('undrain', 'japaneast', 'drained')).toMatchObject({ code: 0 });
    expect(await drainsIn('drained')).toBeUndefined();
    expect((await posted(map, 'undrain', { name: 'drained', region: 'uksouth' })).said).toEqual([
      'uksouth is not drained.',
    ]);
  });

  test('is begun where Argo CD keeps the object, too, and its next apply leaves it', async () => {
    const annotations = {
      'argocd.argoproj.io/tracking-id': 'registries:acr-replication.dev/RegistryReplication:any/argokept',
    };
    const file = manifestOf('argokept', at('japaneast', 'uksouth'), { annotations });
    await applyAs('argocd-controller', file);
    const map = await mapFor();
    expect((await posted(map, 'drain', { name: 'argokept', ...drill })).status).toBe(200);
    await applyAs('argocd-controller', file);
    expect(await drainsIn('argokept')).toHaveLength(1);
    const { manifest, blocked } = await drafted(map, 'argokept', ['japaneast']);
    expect(blocked?.error).toMatch(/Argo CD/);
    expect(manifest).not.toContain('INC-4711'); // Git would state it for good
  });

  test('that a file states stays in the manifest for that file, and ending it says that the file brings it back', async () => {
    const until = new Date(Date.now() + 7_200_000).toISOString().replace(/\.\d+/, '');
    const file = manifestOf('stated', at('japaneast', 'uksouth'));
    const drains = [{ location: 'japaneast', until, reason: 'planned' }];
    await applyAs('kubectl', { ...file, spec: { ...file.spec, drains } } as typeof file);
    const map = await mapFor();
    expect((await drafted(map, 'stated', ['japaneast'])).manifest).toContain('reason: planned');
    expect((await posted(map, 'undrain', { name: 'stated', region: 'japaneast' })).said).toEqual([
      'japaneast goes back to the routing that it has without a drain.',
      'But kubectl stated this drain, too: a file that has it brings it back. What helps: take it out of that file',
    ]);
    expect(await drainsIn('stated')).toEqual([]);
  });

  test('says what keeps it from having an effect', async () => {
    const manifest = manifestOf('resting', at('japaneast'));
    await kube.apply({ ...manifest, spec: { ...manifest.spec, suspend: true } });
    const map = await mapFor();
    expect((await posted(map, 'drain', { name: 'resting', ...drill })).said?.[1]).toBe(
      'But resting is suspended: no drain begins or ends until it is resumed.',
    );
  });

  test.each([
    ['a region of no replica', { region: 'westus3' }, 422, /has no region westus3/],
    ['a length that is none', { for: 'soon' }, 422, /soon is no duration/],
    ['more than 30 days', { for: '31d' }, 422, /30 days at most/],
    ['no reason', { reason: ' ' }, 400, /Say why/],
    ['a reason that the CRD refuses', { reason: 'x'.repeat(201) }, 422, /201|200/],
    ['an object that is not shown', { name: 'nowhere' }, 404, /There is no RegistryReplication/],
    ['an odd region', { region: 'a/b' }, 400, /name of a region/],
  ])('of %s is refused', async (_, change, status, error) => {
    await kube.apply(manifestOf('refusing', at('japaneast')));
    await beReady('refusing', 'japaneast');
    const map = await mapFor();
    const answer = await posted(map, 'drain', { name: 'refusing', ...drill, ...change });
    expect([answer.status, answer.error]).toEqual([status, expect.stringMatching(error)]);
    expect(await drainsIn('refusing')).toBeUndefined();
  });

  test('of who may only read is refused by the API server, with what helps', async () => {
    await kube.apply(manifestOf('watched-only', at('japaneast')));
    const map = await mapFor(users.viewer);
    const answer = await posted(map, 'drain', { name: 'watched-only', ...drill });
    expect(answer).toMatchObject({ status: 403, cure: expect.stringMatching(/kubectl/) });
  });
});

describe('the command', () => {
  test('ends well by Ctrl-C, with pages open', async () => {
    const map = await mapFor(users.viewer);
    const page = await map.follow();
    await vi.waitFor(() => expect(page.events).toContain('synced'), soon);
    map.interrupt();
    const { code, out, err } = await map.ended;
    expect([code, err]).toEqual([0, 'The map is there until Ctrl-C.\n']);
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/);
    await vi.waitFor(() => expect(page.isEnded()).toBe(true), soon);
  });

  test('serves on the port that is wanted, and says when it is taken', async () => {
    const map = await mapFor(users.viewer);
    const words = ['map', '--no-open', '--port', String(map.port)];
    expect(await plugin(words, { kubeconfig: users.viewer, namespace })).toEqual({
      code: 1,
      out: '',
      err: `error: port ${map.port} is in use; without --port a free one is found\ntry: kubectl acr-replication map -n ${namespace}\n`,
    });
    const odd = await plugin(['map', '--port', 'x'], { kubeconfig: users.viewer, namespace });
    expect([odd.code, odd.err]).toEqual([2, expect.stringMatching(/^error: --port is x, and is a number/)]);
  });

  test('says what somebody without rights needs', async () => {
    const { code, err } = await plugin(['map', '--no-open'], { kubeconfig: users.nobody, namespace });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/may not watch RegistryReplications in .*\ntry: ask who administers the cluster for: /),
    ]);
  });
});
