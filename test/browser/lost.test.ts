import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest as test } from '../support/browser-window.ts';
import { controlPlane } from '../support/cluster.ts';
import { throughProxy } from '../support/cut-proxy.ts';
import { visitedMap } from '../support/map-visitor.ts';
import { openMap, openPluginMap } from '../support/map-window.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { ready, type StillScene, stillScene } from '../support/still-scene.ts';

const soon = { timeout: 30_000, interval: 20 };
const cluster = controlPlane();
let scene: StillScene;
beforeAll(async () => {
  scene = await stillScene(cluster, 'browser-lost');
});
afterAll(() => cluster.close());

test('the command is killed: that is shown with the age of what is seen; started again on its port, its link brings the page back', async (context) => {
  await scene.put('killed', ['westeurope'], { replicas: ready('westeurope') });
  const served = { kubeconfig: scene.users.editor, namespace: scene.namespace };
  const ends: (() => Promise<void>)[] = [];
  const window = await openPluginMap({ onTestFinished: (end) => ends.unshift(end) }, served, {
    hash: `#object=${scene.namespace}/killed`,
  });
  const { page, map, origin, row, button, context: browser } = window;
  context.onTestFinished(() => ends[0]?.()); // the window; the command ends below
  window.expectComplaints(/net::ERR_|status of 401/);
  await window.toggle('Japan East');
  await button('Apply').waitFor();

  await ends.at(-1)?.();
  const alert = page.locator('.alerts .alert');
  await alert.getByText('Connection lost').waitFor();
  await expect
    .poll(() => alert.innerText(), soon)
    .toMatch(/What is shown is [1-9] s old[^]*kubectl acr-replication map/);
  expect(await row('westeurope').innerText()).toContain('Ready'); // what was known stays in sight
  await scene.put('meanwhile', ['westeurope'], { replicas: ready('westeurope') });

  const again = await visitedMap(['--no-open', '--port', String(map.port)], { ...served, lifetime: context });
  await expect.poll(() => alert.innerText(), soon).toMatch(/not let in[^]*Open the link/);
  const other = await browser.newPage();
  await other.goto(`${origin}${again.link}`);
  await page.locator('.link-state.open').waitFor();
  await alert.waitFor({ state: 'detached' });
  await draftIsThere();
  await page.keyboard.press('Escape'); // a draft is open: nothing is lost by it
  await draftIsThere();

  async function draftIsThere(): Promise<void> {
    await page.locator('#draft').getByText('1 to add').waitFor();
  }
});

test("the operator is started anew: its map's page comes back by itself", async (context) => {
  const world = await operatorWorld(context);
  const first = await world.start({ MAP_ADDRESS: '127.0.0.1:0' });
  await world.apply('contoso', { regions: [{ location: 'westeurope' }], suspend: true });
  const { mapUrl = '' } = first;
  const window = await openMap(context, mapUrl, { hash: `#object=${world.namespace}/contoso` });
  window.expectComplaints(/net::ERR_/);
  const { page } = window;
  await first.kill();
  await page.locator('.alert').getByText('It comes back by itself.').waitFor();
  await world.apply('contoso', { regions: [{ location: 'westeurope' }, { location: 'uksouth' }], suspend: true });
  await world.start({ MAP_ADDRESS: `127.0.0.1:${new URL(mapUrl).port}` });
  await page.locator('.link-state.open').waitFor();
  await page.locator('[data-row="uksouth"]').waitFor();
  await page.locator('.alert').waitFor({ state: 'detached' });
});

test('the API server is not reached: that is told, and over when it is', async (context) => {
  await scene.put('unreached', ['westeurope'], { replicas: ready('westeurope') });
  const { proxy, kubeconfig } = await throughProxy(cluster, scene.users.editor, context);
  const served = { kubeconfig, namespace: scene.namespace };
  const window = await openPluginMap(context, served, { hash: `#object=${scene.namespace}/unreached` });
  const { page, button } = window;
  window.expectComplaints(/status of 50[0-9]/);
  proxy.cut();
  const alert = page.locator('.alerts .alert');
  await alert.getByText('Nothing new is heard of the API server').waitFor();
  // What is asked of it meanwhile is answered with why it cannot be.
  await window.toggle('Japan East');
  await page.locator('#draft .refusal').waitFor();
  expect(await button('Apply').isDisabled()).toBe(true);
  proxy.mend();
  await alert.waitFor({ state: 'detached', timeout: 60_000 });
  await scene.tell('unreached', [{ location: 'westeurope', provisioningState: 'Failed', status: '' }]);
  await expect.poll(() => window.mark('westeurope').getAttribute('data-state'), soon).toBe('failed');
});
