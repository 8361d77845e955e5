import { afterAll, beforeAll, describe, expect } from 'vitest';
import { azureLogin } from '../support/azure-login.ts';
import { browserTest as test } from '../support/browser-window.ts';
import { aggregateRoles, userWith } from '../support/cli-users.ts';
import { controlPlane } from '../support/cluster.ts';
import { openMap, openPluginMap } from '../support/map-window.ts';
import { operatorWorld } from '../support/operator-world.ts';
import { everyState, type StillScene, stillScene } from '../support/still-scene.ts';

const soon = { timeout: 30_000, interval: 20 };

describe('what stands', () => {
  const cluster = controlPlane();
  let scene: StillScene;
  beforeAll(async () => {
    scene = await stillScene(cluster, 'browser-map');
    await scene.put('contoso', everyState.regions, { spec: everyState.spec(), replicas: everyState.replicas() });
  });
  afterAll(() => cluster.close());

  /** Of the width and height of the land on the page, from its west and north; and what lies how. */
  const places: readonly (readonly [string, x: readonly [number, number], y: readonly [number, number]])[] = [
    ['westus', [0.09, 0.2], [0.2, 0.34]],
    ['canadacentral', [0.24, 0.34], [0.13, 0.27]],
    ['eastus', [0.24, 0.34], [0.19, 0.31]],
    ['brazilsouth', [0.31, 0.38], [0.68, 0.8]],
    ['northeurope', [0.43, 0.49], [0.07, 0.2]],
    ['westeurope', [0.45, 0.53], [0.08, 0.22]],
    ['swedencentral', [0.49, 0.56], [0.03, 0.15]],
    ['southafricanorth', [0.53, 0.6], [0.63, 0.78]],
    ['japaneast', [0.83, 0.92], [0.2, 0.32]],
    ['australiaeast', [0.85, 0.94], [0.76, 0.89]],
  ];

  test('regions stand where they are on the land, and as they lie to each other', async (context) => {
    const { page, mark } = await openPluginMap(
      context,
      { kubeconfig: scene.users.viewer, namespace: scene.namespace },
      { hash: `#object=${scene.namespace}/contoso` },
    );
    await mark('westeurope').waitFor();
    const land = await page.locator('svg.plane .land').first().boundingBox();
    if (land === null) throw new Error('there is no land');
    const at = new Map<string, { readonly x: number; readonly y: number }>();
    for (const [region, [west, east], [north, south]] of places) {
      const box = await mark(region).locator('.hit').boundingBox();
      if (box === null) throw new Error(`${region} is not there`);
      const x = (box.x + box.width / 2 - land.x) / land.width;
      const y = (box.y + box.height / 2 - land.y) / land.height;
      at.set(region, { x, y });
      const place = `${region} at ${x.toFixed(3)},${y.toFixed(3)}`;
      expect(x >= west && x <= east && y >= north && y <= south, place).toBe(true);
    }
    const order = (axis: 'x' | 'y', ...regions: readonly string[]) =>
      expect([...regions].sort((a, b) => (at.get(a)?.[axis] ?? 0) - (at.get(b)?.[axis] ?? 0))).toEqual(regions);
    order('x', 'westus', 'eastus', 'brazilsouth', 'northeurope', 'westeurope', 'southafricanorth', 'japaneast');
    order('y', 'swedencentral', 'westeurope', 'eastus', 'brazilsouth', 'australiaeast');
  });

  test('map and table tell the same states, each with a word', async (context) => {
    const { page, row, mark } = await openPluginMap(
      context,
      { kubeconfig: scene.users.viewer, namespace: scene.namespace },
      { hash: `#object=${scene.namespace}/contoso` },
    );
    const words: Readonly<Record<string, string>> = {
      germanywestcentral: 'Failed',
      francecentral: 'Missing',
      switzerlandnorth: 'Held',
      westus: 'Deleting',
      uksouth: 'Creating',
      swedencentral: 'Updating',
      northeurope: 'Syncing',
      italynorth: 'Not listed',
      centralindia: 'Drained',
      brazilsouth: 'Routing off',
      westeurope: 'Ready',
    };
    for (const [region, word] of Object.entries(words)) {
      expect(await row(region).innerText()).toContain(word);
      expect((await mark(region).getAttribute('aria-label'))?.toLowerCase()).toContain(word.toLowerCase());
    }
    const onMap = await page.locator('[data-region]:not([data-state="free"])').count();
    expect(await page.locator('[data-row]').count()).toBe(onMap);
    expect(await row('northeurope').innerText()).toMatch(/Syncing\s+4 min \d\d s/);
    expect(await row('centralindia').innerText()).toMatch(/Drained\s+1 h \d\d min left/);
    expect(await row('canadacentral').innerText()).toMatch(/Ready\s+drain waits/);
  });

  test('a region tells its story: what is said, since when, what it waits for', async (context) => {
    const { page, mark } = await openPluginMap(
      context,
      { kubeconfig: scene.users.viewer, namespace: scene.namespace },
      { hash: `#object=${scene.namespace}/contoso` },
    );
    await mark('switzerlandnorth').click();
    const panel = page.locator('section.card.region');
    await panel.getByText('The policy allowed-locations forbids this region.').waitFor();
    await expect
      .poll(() => panel.innerText(), soon)
      .toMatch(/Switzerland North[^]*Held[^]*Since[^]*4 min[^]*Waits for/);
    expect(await page.evaluate('document.activeElement.id')).toBe('region-title');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });
});

test('states change live while Azure works, each within a second of its write, with the time that runs', async (context) => {
  const world = await operatorWorld(context, { operationMs: 1_500, syncMs: 2_500 });
  await world.start();
  await world.apply('contoso', { regions: [{ location: 'westeurope' }] });
  await world.untilReady('contoso');
  await aggregateRoles(world.cluster);
  const kubeconfig = await userWith(world.cluster, world.namespace, ['edit']);
  const { page, mark, row } = await openPluginMap(
    context,
    { kubeconfig, namespace: world.namespace, env: azureLogin(world.azure) },
    { hash: `#object=${world.namespace}/contoso` },
  );
  await expect.poll(() => mark('westeurope').getAttribute('data-state'), soon).toBe('ready');

  // When the page first showed each state, by its own clock, which is ours.
  await page.evaluate(() => {
    const seen: Record<string, number> = {};
    const rows: string[] = [];
    Object.assign(globalThis, { seenStates: seen, syncingRows: rows });
    new MutationObserver(() => {
      const state = document.querySelector('[data-region="japaneast"]')?.getAttribute('data-state') ?? '';
      seen[state] ??= Date.now();
      const told = document.querySelector('[data-row="japaneast"]')?.textContent ?? '';
      if (state === 'syncing' && !rows.includes(told)) rows.push(told);
    }).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  });
  const written = new Map<string, number>();
  await world.apply('contoso', { regions: [{ location: 'westeurope' }, { location: 'japaneast' }] });
  await world.until('contoso', 'Ready in Japan', ({ status }) => {
    const replica = status?.replicas?.find(({ location }) => location === 'japaneast');
    if (replica === undefined) return false;
    const { provisioningState, status: displayed } = replica;
    const state = provisioningState === 'Creating' ? 'creating' : displayed === 'Ready' ? 'ready' : 'syncing';
    if (!written.has(state)) written.set(state, Date.now());
    return state === 'ready';
  });
  await expect.poll(() => mark('japaneast').getAttribute('data-state'), { timeout: 2_000, interval: 20 }).toBe('ready');
  expect(await row('japaneast').innerText()).toContain('Ready');
  const seen = await page.evaluate<Readonly<Record<string, number>>>('seenStates');
  expect([...written.keys()]).toEqual(['creating', 'syncing', 'ready']);
  expect((await page.evaluate<readonly string[]>('syncingRows')).join()).toMatch(/Syncing0 s.*Syncing1 s/);
  for (const [state, ms] of written) expect((seen[state] ?? Infinity) - ms, state).toBeLessThan(1_000);
});

test('the operator serves the same page, for reading only', async (context) => {
  const world = await operatorWorld(context);
  const { mapUrl = '' } = await world.start({ MAP_ADDRESS: '127.0.0.1:0' });
  await world.apply('contoso', { regions: [{ location: 'westeurope' }] });
  await world.untilReady('contoso');
  const { page, row, mark } = await openMap(context, mapUrl, { hash: `#object=${world.namespace}/contoso` });
  await row('westeurope').getByText('Ready').waitFor();
  await mark('westeurope').click();
  await page.locator('section.card.region').waitFor();
  expect(await page.getByRole('checkbox').count()).toBe(0);
  await page.getByText('For reading only.').waitFor();
  await mark('westeurope').focus();
  await page.keyboard.press('Space');
  expect(await page.locator('#draft').count()).toBe(0);
});
