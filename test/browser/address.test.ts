import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest as test } from '../support/browser-window.ts';
import { controlPlane } from '../support/cluster.ts';
import { openPluginMap } from '../support/map-window.ts';
import type { Lifetime } from '../support/operator-world.ts';
import { ready, type StillScene, stillScene } from '../support/still-scene.ts';

const soon = { timeout: 20_000, interval: 20 };
const cluster = controlPlane();
let scene: StillScene;
beforeAll(async () => {
  scene = await stillScene(cluster, 'browser-address');
  for (const name of ['contoso', 'fabrikam']) {
    await scene.put(name, ['westeurope', 'japaneast'], { replicas: ready('westeurope', 'japaneast') });
  }
});
afterAll(() => cluster.close());

const open = (context: Lifetime, name?: string) =>
  openPluginMap(
    context,
    { kubeconfig: scene.users.editor, namespace: scene.namespace, env: signedOut },
    { hash: name === undefined ? '' : `#object=${scene.namespace}/${name}` },
  );

test('the address keeps what is seen: back, forward, reload, and in another window', async (context) => {
  const { page, mark, context: browser } = await open(context);
  const title = page.locator('.summary h2');
  await page.locator(`[data-object="${scene.namespace}/contoso"]`).getByRole('button').click();
  await mark('japaneast').click();
  const panel = page.locator('section.card.region');
  await panel.getByRole('heading', { name: 'Japan East' }).waitFor();
  await expect.poll(() => page.url(), soon).toContain('region=japaneast');
  const address = page.url();
  expect(await page.title()).toContain('contoso');

  await page.goBack();
  await expect.poll(() => title.textContent(), soon).toBe('All registries');
  await page.goForward();
  await expect.poll(() => title.textContent(), soon).toBe('contoso');
  await page.goto(address);
  await page.reload();
  await panel.getByRole('heading', { name: 'Japan East' }).waitFor();
  const other = await browser.newPage();
  await other.goto(address);
  await other.locator('section.card.region').getByRole('heading', { name: 'Japan East' }).waitFor();
});

test('wheel, keys and buttons enlarge the map where it is pointed at; one key shows the whole world', async (context) => {
  const { page, mark } = await open(context, 'contoso');
  const place = async (region: string) => {
    const box = await mark(region).locator('.hit').boundingBox();
    if (box === null) throw new Error(`${region} is not seen`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const before = await place('israelcentral');
  await page.mouse.move(before.x, before.y);
  for (let i = 0; i < 5; i += 1) await page.mouse.wheel(0, -300);
  await expect.poll(() => page.url(), soon).toContain('view=');
  const japan = page.locator('[data-region="japaneast"] .hit');
  await expect.poll(async () => (await japan.boundingBox())?.x ?? 9_999, soon).toBeGreaterThan(1_280);
  const after = await place('israelcentral');
  // It stays under the pointer. It stood at its own place before: near others a marker is moved aside.
  expect(Math.hypot(after.x - before.x, after.y - before.y)).toBeLessThan(40);
  await mark('israelcentral').focus();
  await page.keyboard.press('0');
  await expect.poll(() => place('japaneast').then(({ x }) => x), soon).toBeLessThan(900);
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Show the whole world' }).click();
  await expect.poll(() => page.url(), soon).not.toContain('view=');
});

test('a drag moves the world, and is no click', async (context) => {
  const { page, mark } = await open(context, 'contoso');
  await mark('westeurope').focus();
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('+');
  await expect.poll(() => page.url(), soon).toContain('view=');
  const box = await mark('westeurope').locator('.hit').boundingBox();
  if (box === null) throw new Error('West Europe is not seen');
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move(at.x + 60, at.y + 30, { steps: 5 });
  await page.mouse.up();
  const moved = async () => ((await mark('westeurope').locator('.hit').boundingBox())?.x ?? 0) - box.x;
  await expect.poll(moved, soon).toBeGreaterThan(40);
  expect(page.url()).not.toContain('region=');
});

test('a registry that is deleted while it is looked at is said to be gone, and when it is back it is shown', async (context) => {
  await scene.put('short-lived', ['westeurope'], { replicas: ready('westeurope') });
  const { page, row, toggle } = await open(context, 'short-lived');
  await toggle('Brazil South');
  await page.locator('#draft .answer[aria-busy="false"]').waitFor();
  await cluster.kube.delete(scene.path('short-lived'));
  await page.getByText(`There is no RegistryReplication ${scene.namespace}/short-lived, or no longer.`).waitFor();
  await scene.put('short-lived', ['westeurope'], { replicas: ready('westeurope') });
  await row('westeurope').getByText('Ready').waitFor();
  expect(await scene.locations('short-lived')).toEqual(['westeurope']);
});

test('what somebody else adds meanwhile falls out of the draft, and is in the table', async (context) => {
  const { page, row, toggle } = await open(context, 'fabrikam');
  await toggle('Brazil South', 'Korea Central');
  await page.locator('#draft').getByText('2 to add').waitFor();
  await cluster.kube.patch(scene.path('fabrikam'), {
    spec: { regions: ['westeurope', 'japaneast', 'koreacentral'].map((location) => ({ location })) },
  });
  await page.locator('#draft').getByText('1 to add').waitFor();
  await row('koreacentral').getByText('Missing').waitFor();
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByText('brazilsouth is wanted now.').waitFor();
  expect((await scene.locations('fabrikam')).toSorted()).toEqual([
    'brazilsouth',
    'japaneast',
    'koreacentral',
    'westeurope',
  ]);
});

test('a draft that waits stays with its registry while another is looked at', async (context) => {
  const { page, toggle } = await open(context, 'contoso');
  await toggle('Brazil South');
  await page.locator('#draft').getByText('1 to add').waitFor();
  await page.getByRole('button', { name: 'All registries' }).click();
  await page.locator(`[data-object="${scene.namespace}/fabrikam"]`).getByRole('button').click();
  await page.locator('.object-head').waitFor();
  expect(await page.locator('#draft').count()).toBe(0);
  await page.goto(`${new URL(page.url()).origin}/#object=${scene.namespace}/contoso`);
  await page.locator('#draft').getByText('1 to add').waitFor();
});

/** Nobody is signed in to Azure. */
const signedOut = { AZURE_CLIENT_ID: '', AZURE_TENANT_ID: '', AZURE_CLIENT_SECRET: '', PATH: '/nowhere' };
