import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { azureLogin } from '../support/azure-login.ts';
import { browserTest as test } from '../support/browser-window.ts';
import { aggregateRoles, userWith } from '../support/cli-users.ts';
import { controlPlane } from '../support/cluster.ts';
import { type MapWindow, openPluginMap } from '../support/map-window.ts';
import type { Lifetime } from '../support/operator-world.ts';
import { scene as registryScene, sharedWorld } from '../support/registry-scene.ts';
import { ready, type StillScene, stillScene } from '../support/still-scene.ts';

const soon = { timeout: 30_000, interval: 20 };

const draftOf = ({ page }: MapWindow) => page.locator('#draft');

/** The draft once the server has answered for the regions that are chosen. */
async function answered(window: MapWindow): Promise<string> {
  await draftOf(window).locator('.answer[aria-busy="false"]').waitFor();
  return draftOf(window).innerText();
}

describe('with the operator at work', () => {
  const world = sharedWorld();
  let kubeconfig = '';
  beforeAll(async () => {
    await aggregateRoles(world().cluster);
    kubeconfig = await userWith(world().cluster, world().namespace, ['edit']);
  });

  async function open(context: Lifetime, name: string) {
    const registry = await registryScene(world(), name);
    await registry.apply({ regions: [{ location: 'westeurope' }] });
    await registry.untilReady();
    const { namespace, azure } = world();
    const served = { kubeconfig, namespace, env: azureLogin(azure) };
    const window = await openPluginMap(context, served, { hash: `#object=${namespace}/${name}` });
    return { registry, window };
  }
  const wanted = async (name: string) => (await world().get(name))?.spec.regions.map(({ location }) => location);

  test('two regions selected on the map: diff, plan, cost; applied, they turn Ready on the map; undone, they go', async (context) => {
    const { window } = await open(context, 'clicked');
    const { mark, button, page } = window;
    await mark('japaneast').click();
    await mark('brazilsouth').click();
    await draftOf(window).getByText('2 to add').waitFor();
    const draft = await answered(window);
    expect(draft).toMatch(/Azure as it is now/);
    expect(await draftOf(window).locator('.plan li.create').allInnerTexts()).toEqual([
      expect.stringContaining('Brazil South'),
      expect.stringContaining('Japan East'),
    ]);
    expect(await draftOf(window).locator('ins').allInnerTexts()).toEqual([
      expect.stringContaining('brazilsouth'),
      expect.stringContaining('japaneast'),
    ]);
    expect(draft).toMatch(/What it costs[^]*month/);
    expect(await wanted('clicked')).toEqual(['westeurope']);

    await button('Apply').click();
    for (const region of ['japaneast', 'brazilsouth']) {
      await expect.poll(() => mark(region).getAttribute('data-state'), soon).toBe('ready');
    }
    expect((await wanted('clicked'))?.toSorted()).toEqual(['brazilsouth', 'japaneast', 'westeurope']);
    expect(await draftOf(window).innerText()).toMatch(/Applied[^]*brazilsouth and japaneast are wanted now/);

    await button('Undo').click();
    await page.getByText('brazilsouth and japaneast are no longer wanted.').waitFor();
    for (const region of ['japaneast', 'brazilsouth']) {
      await expect.poll(() => mark(region).getAttribute('data-state'), soon).toBe('free');
    }
    expect(await wanted('clicked')).toEqual(['westeurope']);
    expect(await button('Undo').count()).toBe(0);
    await button('Dismiss').click();
    await draftOf(window).waitFor({ state: 'detached' });
  });

  test('the whole way without a mouse', async (context) => {
    const { registry, window } = await open(context, 'typed');
    const { page, mark } = window;
    const { namespace } = world();
    await page.keyboard.press('Escape'); // to all registries
    await page.locator('[data-object]').first().waitFor();
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: it } = document;
        return it?.getAttribute('data-region') ?? it?.getAttribute('aria-label') ?? it?.textContent ?? '';
      });
    /** Tabs until this has the focus. */
    const tabTo = async (fits: RegExp): Promise<void> => {
      const passed: string[] = [];
      for (let i = 0; i < 120; i += 1) {
        await page.keyboard.press('Tab');
        const here = await focused();
        if (fits.test(here)) return;
        passed.push(here);
      }
      throw new Error(`no ${String(fits)} among: ${passed.join(' | ')}`);
    };
    await tabTo(/^Find a registry/);
    await page.keyboard.type('typed');
    await page.keyboard.press('Enter');
    await page.locator('.object-head').waitFor();
    expect(await page.evaluate('location.hash')).toBe(`#object=${namespace}/typed`);

    await tabTo(/^(westeurope|eastus|[a-z0-9]+)$/); // the one stop of the map
    const order: string[] = [];
    await page.keyboard.press('Home');
    for (let i = 0; i < 60 && (await focused()) !== 'japanwest'; i += 1) {
      order.push(await focused());
      await page.keyboard.press('PageDown');
    }
    expect(await focused()).toBe('japanwest');
    expect(order.indexOf('brazilsouth')).toBeLessThan(order.indexOf('westeurope')); // continent by continent
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('japaneast');
    await page.keyboard.press('Space');
    await draftOf(window).getByText('1 to add').waitFor();
    expect(await focused()).toBe('japaneast');
    await answered(window);
    await tabTo(/^Apply$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => mark('japaneast').getAttribute('data-state'), soon).toBe('ready');
    await registry.untilReady();
    await tabTo(/^Undo$/);
    await page.keyboard.press('Enter');
    await page.getByText('japaneast is no longer wanted.').waitFor();
    await expect.poll(() => wanted('typed'), soon).toEqual(['westeurope']);
  });
});

describe('the manifest, and refusals', () => {
  const cluster = controlPlane();
  let scene: StillScene;
  beforeAll(async () => {
    scene = await stillScene(cluster, 'browser-steer');
  });
  afterAll(() => cluster.close());

  async function open(
    context: Lifetime,
    name: string,
    { as = 'editor', ...more }: { as?: 'editor' | 'viewer' } & Parameters<StillScene['put']>[2] = {},
  ) {
    await scene.put(name, ['westeurope'], { replicas: ready('westeurope'), ...more });
    const served = { kubeconfig: scene.users[as], namespace: scene.namespace, env: signedOut };
    const hash = `#object=${scene.namespace}/${name}`;
    return openPluginMap(context, served, { hash, permissions: ['clipboard-read', 'clipboard-write'] });
  }

  test("what is copied and what is downloaded is exactly the draft's manifest", async (context) => {
    const window = await open(context, 'copied');
    const { page, toggle, button } = window;
    const drafts: string[] = [];
    page.on('response', (response) => {
      if (!response.url().endsWith('/api/draft')) return;
      void response.json().then(({ manifest }: { readonly manifest: string }) => drafts.push(manifest));
    });
    await toggle('Japan East', 'Brazil South');
    await answered(window);
    const download = page.waitForEvent('download');
    await button('Download').click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('copied.yaml');
    const folder = await mkdtemp(join(tmpdir(), 'browser-test-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await file.saveAs(join(folder, 'copied.yaml'));
    const text = await readFile(join(folder, 'copied.yaml'), 'utf8');
    await button('Copy manifest').click();
    await button('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
    expect(drafts.at(-1)).toBe(text);
    expect(text).toMatch(/^apiVersion: acr-replication.dev\/v1alpha1\nkind: RegistryReplication\n/);
    for (const region of ['japaneast', 'brazilsouth', 'westeurope']) expect(text).toContain(`location: ${region}\n`);
    await cluster.kube.request('POST', scene.path('').replace(/\/$/, ''), {
      ...(await parsed(text)),
      metadata: { name: 'from-the-map', namespace: scene.namespace },
    });
  });

  test('whoever may only read is told so by the API server, and what helps', async (context) => {
    const window = await open(context, 'watched', { as: 'viewer' });
    await window.toggle('Japan East');
    const draft = await answered(window);
    expect(draft).toMatch(/user-view may not patch RegistryReplications/);
    expect(await draftOf(window).locator('.cure').innerText()).toMatch(/kubectl/);
    expect(await window.button('Apply').isDisabled()).toBe(true);
    expect(await scene.locations('watched')).toEqual(['westeurope']);
  });

  test('a right that is taken away between draft and apply: the refusal of the apply is shown', async (context) => {
    const window = await open(context, 'revoked');
    const { kube } = cluster;
    await window.toggle('Japan East');
    await answered(window);
    const binding = `/apis/rbac.authorization.k8s.io/v1/namespaces/${scene.namespace}/rolebindings/user-edit-edit`;
    const { metadata, ...rest } = await kube.request<{ metadata: { name: string; namespace: string } }>('GET', binding);
    await kube.delete(binding);
    const { name, namespace } = metadata;
    context.onTestFinished(() => void kube.apply({ ...rest, metadata: { name, namespace } } as never));
    await kube.apply({
      ...rest,
      metadata: { name: 'user-edit-view', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    } as never);
    await untilForbidden(scene);
    window.expectComplaints(/status of 403/);
    await window.button('Apply').click();
    const alert = window.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/Refused[^]*may not patch[^]*What helps[^]*kubectl/);
    expect(await scene.locations('revoked')).toEqual(['westeurope']);
    await kube.apply({ ...rest, metadata: { name, namespace } } as never);
  });

  test("what a rule of the CRD refuses is said in the API server's words", async (context) => {
    const window = await open(context, 'ruled', { spec: { deletionPolicy: 'Retain' } });
    window.expectComplaints(/status of 422/);
    await window.row('westeurope').waitFor();
    // An object has at most 100 regions and at least one: the last is taken out.
    await window.toggle('West Europe');
    await draftOf(window).locator('.answer[aria-busy="false"]').waitFor();
    await expect.poll(() => draftOf(window).locator('.refusal').innerText(), soon).toMatch(/spec\.regions/);
    expect(await window.button('Apply').isDisabled()).toBe(true);
  });

  test('an edit that came between draft and apply is a conflict; the next draft goes through', async (context) => {
    const window = await open(context, 'edited');
    window.expectComplaints(/status of 409/);
    const { page, button } = window;
    await window.toggle('Japan East');
    await answered(window);
    // The page must not hear of it before: what it is told is held back.
    await page.route('**/api/apply', async (route) => {
      await cluster.kube.patch(scene.path('edited'), { spec: { interval: '31s' } });
      await route.continue();
    });
    await button('Apply').click();
    const alert = page.getByRole('alert');
    await alert.getByText('Somebody edited the object since the draft was made.').waitFor();
    expect(await alert.innerText()).toContain('Look at the draft again.');
    expect(await scene.locations('edited')).toEqual(['westeurope']);
    await page.unroute('**/api/apply');
    const again = page.waitForResponse((response) => response.url().endsWith('/api/draft'));
    await window.toggle('Brazil South');
    await again;
    await answered(window);
    await button('Apply').click();
    await page.getByText('brazilsouth and japaneast are wanted now.').waitFor();
    expect((await scene.locations('edited')).toSorted()).toEqual(['brazilsouth', 'japaneast', 'westeurope']);
  });

  test('what is drafted while an apply is on its way is kept', async (context) => {
    await scene.put('next', ['westeurope'], { replicas: ready('westeurope') });
    const window = await open(context, 'slow');
    const { page, button, mark } = window;
    await window.toggle('Japan East');
    await answered(window);
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await page.route('**/api/apply', async (route) => {
      asked.resolve();
      await answer.promise;
      await route.continue();
    });
    await button('Apply').click();
    await asked.promise;
    await page.goto(`${window.origin}/#object=${scene.namespace}/next`);
    await page.getByRole('heading', { name: 'next' }).waitFor();
    await window.toggle('Brazil South');
    await draftOf(window).getByText('1 to add').waitFor();
    const applied = page.waitForResponse((response) => response.url().endsWith('/api/apply'));
    answer.resolve();
    await (await applied).finished();
    await expect.poll(() => button('Apply').isEnabled(), soon).toBe(true); // nothing is being done any more
    expect(await draftOf(window).getByText('1 to add').count()).toBe(1);
    await page.goto(`${window.origin}/#object=${scene.namespace}/slow`);
    await page.getByText('japaneast is wanted now.').waitFor();
    await expect.poll(() => mark('japaneast').getAttribute('data-state'), soon).toBe('missing');
  });

  const keepers = [
    {
      name: 'argo',
      annotations: { 'argocd.argoproj.io/tracking-id': 'registries:acr-replication.dev/RegistryReplication:any/argo' },
      says: /Argo CD's Application registries/,
      cure: /registries/,
    },
    {
      name: 'flux',
      labels: {
        'kustomize.toolkit.fluxcd.io/name': 'apps',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
      says: /Flux's Kustomization flux-system\/apps/,
      cure: /kustomization apps -n flux-system/,
    },
  ];
  for (const { name, says, cure, ...marks } of keepers) {
    test(`what ${name} applies is not changed from here: which, and where its source is`, async (context) => {
      const window = await open(context, name, marks);
      await window.toggle('Japan East');
      const draft = await answered(window);
      expect(draft).toMatch(/Not to be applied from here/);
      expect(draft).toMatch(says);
      expect(await draftOf(window).locator('.cure').innerText()).toMatch(cure);
      expect(await window.button('Apply').isDisabled()).toBe(true);
      expect(await window.button('Copy manifest').isEnabled()).toBe(true); // it goes to Git instead
    });
  }
});

/** Nobody is signed in to Azure. */
const signedOut = { AZURE_CLIENT_ID: '', AZURE_TENANT_ID: '', AZURE_CLIENT_SECRET: '', PATH: '/nowhere' };

async function parsed(manifest: string): Promise<object> {
  const { parse } = await import('yaml');
  return parse(manifest) as object;
}

/** The API server's authorizer learns of a deleted binding by its watch. */
async function untilForbidden(scene: StillScene): Promise<void> {
  const { plugin } = await import('../support/plugin.ts');
  await expect
    .poll(
      async () =>
        (await plugin(['suspend', 'revoked'], { kubeconfig: scene.users.editor, namespace: scene.namespace })).err,
      soon,
    )
    .toMatch(/may not patch/);
}
