import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import { azureLogin } from '../support/azure-login.ts';
import { browserTest as test } from '../support/browser-window.ts';
import { aggregateRoles, userWith } from '../support/cli-users.ts';
import { controlPlane } from '../support/cluster.ts';
import { type MapWindow, openMap, openPluginMap } from '../support/map-window.ts';
import { type Lifetime, operatorWorld } from '../support/operator-world.ts';
import { scene as registryScene, sharedWorld } from '../support/registry-scene.ts';
import { type StillScene, stillScene } from '../support/still-scene.ts';

const soon = { timeout: 30_000, interval: 20 };

const panelOf = ({ page }: MapWindow) => page.locator('section.card.region');

/** Fills in the form of the region that is told about, and sends it. */
async function drain({ page, button }: MapWindow, words: string, length: string, reason: string): Promise<void> {
  await page.getByText(words, { exact: true }).click();
  await page.getByLabel('For', { exact: true }).selectOption({ label: length });
  await page.getByLabel('Why', { exact: true }).fill(reason);
  await button('Drain').click();
}

const inSeconds = (seconds: number): string =>
  new Date(Date.now() + seconds * 1_000).toISOString().replace(/\.\d+/, '');

describe('with the operator at work', () => {
  const world = sharedWorld();
  let kubeconfig = '';
  beforeAll(async () => {
    await aggregateRoles(world().cluster);
    kubeconfig = await userWith(world().cluster, world().namespace, ['edit']);
  });

  async function open(context: Lifetime, name: string, regions = ['westeurope', 'japaneast']) {
    const registry = await registryScene(world(), name);
    await registry.apply({ regions: regions.map((location) => ({ location })) });
    await registry.untilReady();
    const { namespace, azure } = world();
    const served = { kubeconfig, namespace, env: azureLogin(azure) };
    const window = await openPluginMap(context, served, { hash: `#object=${namespace}/${name}` });
    return { registry, window };
  }
  const drainsOf = async (name: string) => (await world().get(name))?.spec.drains;
  const stateOf = ({ mark }: MapWindow, region: string) => mark(region).getAttribute('data-state');
  const routingOf = async (name: string, region: string) =>
    (await world().azure.control.replicas(name)).find(({ location }) => location === region)?.properties
      .regionEndpointEnabled;

  test('a region is drained, given another end, and put back', async (context) => {
    const { window } = await open(context, 'drilled');
    const { mark, row, button, page } = window;
    await mark('japaneast').click();
    await drain(window, 'Drain it for a while', '2 hours', 'INC-4711');
    await panelOf(window).getByText('japaneast is drained until').waitFor();
    await expect.poll(() => stateOf(window, 'japaneast'), soon).toBe('drained');
    expect(await routingOf('drilled', 'japaneast')).toBe(false);
    expect(await row('japaneast').innerText()).toMatch(/Drained\s+1 h 59 min left/);
    expect(await mark('japaneast').getAttribute('aria-label')).toMatch(/Japan East: drained, 1 hour left/);
    await expect
      .poll(() => panelOf(window).innerText(), soon)
      .toMatch(
        /Drained until\s+\d.*1 h 59 min left[^]*Why\s+INC-4711[^]*Before\s+on[^]*Afterwards\s+on: the global address[^]*Waits for\s+the end of its drain[^]*Routing\s+off/,
      );
    const object = (await world().get('drilled')) as RegistryReplication & {
      metadata: { managedFields: readonly { manager: string; operation: string; fieldsV1: object }[] };
    };
    const owners = object.metadata.managedFields.filter(({ fieldsV1 }) =>
      JSON.stringify(fieldsV1).includes('f:drains'),
    );
    expect(owners.map(({ manager, operation }) => [manager, operation])).toEqual([['acr-replication-drain', 'Apply']]);

    await drain(window, 'Change its drain', '1 day', 'INC-4711, still');
    await expect.poll(async () => (await drainsOf('drilled'))?.[0]?.reason, soon).toBe('INC-4711, still');
    await expect.poll(() => row('japaneast').innerText(), soon).toMatch(/Drained\s+23 h 59 min left/);
    expect(await drainsOf('drilled')).toHaveLength(1);

    await button('End the drain').click();
    await panelOf(window).getByText('japaneast goes back to the routing that it has without a drain.').waitFor();
    await expect.poll(() => stateOf(window, 'japaneast'), soon).toBe('ready');
    expect(await routingOf('drilled', 'japaneast')).toBe(true);
    expect(await drainsOf('drilled')).toBeUndefined();
    expect(await button('End the drain').count()).toBe(0);
    expect(await page.locator('#draft').count()).toBe(0); // a drain is no draft
  });

  test('its end by itself is seen live, while nobody touches the page', async (context) => {
    const { window } = await open(context, 'ending');
    await window.page.evaluate(() => {
      const lines: string[] = [];
      Object.assign(globalThis, { toldLines: lines });
      new MutationObserver(() => {
        const told = document.querySelector('[data-row="japaneast"]')?.textContent ?? '';
        if (lines.at(-1) !== told) lines.push(told);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const until = inSeconds(8);
    await world().cluster.kube.patch(world().path('ending'), {
      spec: { drains: [{ location: 'japaneast', until, reason: 'drill' }] },
    });
    await expect.poll(() => stateOf(window, 'japaneast'), soon).toBe('drained');
    await expect.poll(() => stateOf(window, 'japaneast'), soon).toBe('ready');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
    const lines = await window.page.evaluate<readonly string[]>('toldLines');
    expect(lines.join('|')).toMatch(/Drained[2-9] s left\|.*Drained1 s left\|/);
    expect(lines.at(-1)).not.toContain('Drained');
  });

  test('the drain of the last region in routing says what it waits for', async (context) => {
    const { registry, window } = await open(context, 'lastone', ['westeurope']);
    const { mark, row } = window;
    await mark('westeurope').click();
    await drain(window, 'Drain it for a while', '30 minutes', 'drill');
    await expect.poll(() => stateOf(window, 'westeurope'), soon).toBe('drained');
    await mark('eastus').click(); // home
    await drain(window, 'Drain it for a while', '1 hour', 'drill');
    await panelOf(window)
      .getByText('But no other region of lastone is in routing: the drain waits until one is.')
      .waitFor();
    await expect.poll(() => row('eastus').innerText(), soon).toMatch(/Ready\s+drain waits/);
    await expect
      .poll(() => panelOf(window).innerText(), soon)
      .toMatch(
        /It waits\s+no other region of the set that serves, with all images, is in routing\.[^]*Waits for\s+its drain to begin/,
      );
    expect(await routingOf('lastone', 'eastus')).toBe(true);

    // The other one is back: now it begins, and home has its sign.
    await mark('westeurope').click();
    await window.button('End the drain').click();
    await expect.poll(() => stateOf(window, 'eastus'), soon).toBe('drained');
    await registry.until(
      'home drained',
      ({ status }) => status?.conditions?.some(({ type }) => type === 'Drained') === true,
    );
  });

  test('a draft keeps the drains, and says what becomes of that of a region that goes', async (context) => {
    const { window } = await open(context, 'drafted');
    const { mark, button, toggle, page } = window;
    await mark('japaneast').click();
    await drain(window, 'Drain it for a while', '2 hours', 'INC-4711');
    await expect.poll(() => stateOf(window, 'japaneast'), soon).toBe('drained');
    await toggle('Japan East', 'Brazil South');
    const draft = page.locator('#draft');
    await expect
      .poll(() => draft.innerText(), soon)
      .toMatch(/japaneast is drained until .*: a drain of a region outside the set does nothing\. End it, too\./);
    await toggle('Japan East');
    await draft.getByText('1 to add').waitFor();
    await draft.locator('.answer[aria-busy="false"]').waitFor();
    await expect.poll(() => draft.innerText(), soon).not.toMatch(/outside the set/);
    const downloaded = page.waitForEvent('download');
    await button('Download').click();
    expect(await (await downloaded).createReadStream().then(textOf)).not.toContain('drains'); // it is no part of Git
    await button('Apply').click();
    await expect.poll(() => stateOf(window, 'brazilsouth'), soon).toBe('ready');
    expect(await stateOf(window, 'japaneast')).toBe('drained');
    expect(await drainsOf('drafted')).toMatchObject([{ location: 'japaneast', reason: 'INC-4711' }]);
  });
});

test('the map of the operator shows drains, and lets nobody begin or end one', async (context) => {
  const world = await operatorWorld(context);
  const { mapUrl = '' } = await world.start({ MAP_ADDRESS: '127.0.0.1:0' });
  const until = inSeconds(7_190);
  const drains = [{ location: 'japaneast', until, reason: 'INC-4711' }];
  await world.apply('contoso', { regions: [{ location: 'westeurope' }, { location: 'japaneast' }], drains });
  const window = await openMap(context, mapUrl, { hash: `#object=${world.namespace}/contoso&region=japaneast` });
  await expect.poll(() => window.mark('japaneast').getAttribute('data-state'), soon).toBe('drained');
  await expect.poll(() => panelOf(window).innerText(), soon).toMatch(/1 h 5\d min left[^]*INC-4711/);
  expect(await window.page.locator('.drain-form').count()).toBe(0);
  expect(await window.button('End the drain').count()).toBe(0);
});

describe('refusals, and the regional host', () => {
  const cluster = controlPlane();
  let scene: StillScene;
  beforeAll(async () => {
    scene = await stillScene(cluster, 'browser-drain');
  });
  afterAll(() => cluster.close());
  const endpoint = 'contoso.westeurope.geo.azurecr.io';

  async function open(context: Lifetime, name: string, as: 'editor' | 'viewer') {
    await scene.put(name, ['westeurope'], { replicas: [{ location: 'westeurope', endpoint }] });
    const served = { kubeconfig: scene.users[as], namespace: scene.namespace };
    const hash = `#object=${scene.namespace}/${name}&region=westeurope`;
    return openPluginMap(context, served, { hash, permissions: ['clipboard-read', 'clipboard-write'] });
  }

  test('whoever may only read is told so by the API server, and what helps', async (context) => {
    const window = await open(context, 'watched', 'viewer');
    window.expectComplaints(/status of 403/);
    await drain(window, 'Drain it for a while', '2 hours', 'INC-4711');
    const alert = panelOf(window).getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/Refused[^]*may not patch RegistryReplications[^]*What helps[^]*kubectl/);
    expect((await scene.get('watched')).spec.drains).toBeUndefined();
    expect(await window.page.getByLabel('Why', { exact: true }).inputValue()).toBe('INC-4711'); // nothing typed is lost
  });

  test('a drain that nobody gives a reason for is not begun', async (context) => {
    const window = await open(context, 'unsaid', 'editor');
    await window.page.getByText('Drain it for a while', { exact: true }).click();
    expect(await window.button('Drain').isDisabled()).toBe(true);
    await window.page.getByLabel('Why', { exact: true }).fill('  ');
    expect(await window.button('Drain').isDisabled()).toBe(true);
  });

  test("a region's own host can be copied", async (context) => {
    const window = await open(context, 'hosted', 'viewer');
    await panelOf(window).getByText(endpoint).waitFor();
    await window.button('Copy the regional host').click();
    await window.button('Copied').waitFor();
    expect(await window.page.evaluate('navigator.clipboard.readText()')).toBe(endpoint);
  });
});

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
