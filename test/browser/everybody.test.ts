import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { regionTable } from '../../src/map/page/world.generated.ts';
import { browserTest as test } from '../support/browser-window.ts';
import { controlPlane } from '../support/cluster.ts';
import { openPluginMap } from '../support/map-window.ts';
import type { Lifetime } from '../support/operator-world.ts';
import { everyState, ready, type StillScene, stillScene } from '../support/still-scene.ts';

const cluster = controlPlane();
let scene: StillScene;
beforeAll(async () => {
  scene = await stillScene(cluster, 'browser-everybody');
  await scene.put('contoso', everyState.regions, { spec: everyState.spec(), replicas: everyState.replicas() });
  await scene.put('fabrikam', ['westeurope', 'uksouth', 'japaneast']);
  // Every region of Europe and around is taken.
  const europe = regionTable.filter(
    ([, , , , , cloud, x, y]) => cloud === 'AzurePublic' && x > 450 && x < 560 && y < 140,
  );
  await scene.put(
    'northwind',
    europe.map(([name]) => name),
  );
});
afterAll(() => cluster.close());

interface Looks extends BrowserContextOptions {
  readonly hash?: string;
}

const chosen = (): string => `#object=${scene.namespace}/contoso`;
const open = (context: Lifetime, looks: Looks = {}) =>
  openPluginMap(context, { kubeconfig: scene.users.editor, namespace: scene.namespace, env: signedOut }, looks);

const sizes = {
  phone: { width: 360, height: 740 },
  netbook: { width: 1_024, height: 640 },
  laptop: { width: 1_280, height: 800 },
  wall: { width: 3_840, height: 2_160 },
} as const;

describe('nothing overlaps, is cut off, or scrolls sideways', () => {
  for (const [name, viewport] of Object.entries(sizes)) {
    test(`on a ${name}, ${viewport.width} px`, async (context) => {
      const { page, toggle, mark } = await open(context, { viewport, hasTouch: name === 'phone' });
      expect(await flaws(page), 'all registries').toEqual([]);
      await page.goto(`${new URL(page.url()).origin}/${chosen()}`);
      await page.locator('.object-head').waitFor();
      await page.locator('.sentences').waitFor();
      expect(await flaws(page), 'a registry').toEqual([]);
      await toggle('Korea Central', 'West Europe');
      await page.locator('#draft .answer[aria-busy="false"]').waitFor();
      await mark('switzerlandnorth').focus();
      await page.keyboard.press('Enter');
      await page.locator('section.card.region').waitFor();
      expect(await flaws(page), 'a draft and a region').toEqual([]);
      await mark('centralindia').focus();
      await page.keyboard.press('Enter');
      await page.locator('.drain-form summary').click();
      expect(await flaws(page), 'a drain').toEqual([]);
    });
  }

  test('on a phone, with names as long as they may be in what the draft says', async (context) => {
    const name = `longest${'-name'.repeat(24)}`;
    // Its status is of another registry: the plan is refused, and both are named.
    const registry = { name: 'elsewhere', resourceGroup: 'registries' };
    await scene.put(name, ['westeurope'], { spec: { registry }, replicas: ready('westeurope') });
    context.onTestFinished(() => cluster.kube.delete(scene.path(name)));
    const hash = `#object=${scene.namespace}/${name}`;
    const { page, toggle } = await open(context, { viewport: sizes.phone, hash });
    await toggle('Japan East', 'West Europe'); // no draft in between is of no region
    await page.locator('#draft .answer[aria-busy="false"]').getByText('would refuse').waitFor();
    await page.getByRole('heading', { name: 'Draft' }).scrollIntoViewIfNeeded();
    await page.locator('button.review').waitFor({ state: 'detached' });
    expect(await flaws(page)).toEqual([]);
  });

  test('with letters twice as large', async (context) => {
    const { page } = await open(context, { hash: chosen() });
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    await page.locator('.sentences').waitFor();
    expect(await flaws(page)).toEqual([]);
  });
});

/** What is wrong with how things lie, in words. */
function flaws(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`scrolls sideways: ${scrollWidth} in ${clientWidth}`);
    const nameOf = (element: Element): string =>
      `${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}"`;
    const isSeen = (element: Element): boolean =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      element.closest('.unseen, .skip') === null;

    // Targets of a finger: 24 px at least, and none on another. Circles of the map are round.
    const targets = [...document.querySelectorAll('button, summary, input, a, [data-region]')]
      .filter(isSeen)
      .map((element) => {
        const round = element.querySelector(':scope > .hit');
        const box = (round ?? element.closest('label') ?? element).getBoundingClientRect();
        return { element, box, isRound: round !== null };
      });
    for (const { element, box } of targets) {
      const isInText = element.matches('.link');
      if (!isInText && (box.width < 23.9 || box.height < 23.9)) {
        found.push(`${nameOf(element)} is ${box.width.toFixed(1)} x ${box.height.toFixed(1)}`);
      }
    }
    for (const [i, a] of targets.entries()) {
      for (const b of targets.slice(i + 1)) {
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
        const x = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const y = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (x <= 0.5 || y <= 0.5) continue;
        if (a.isRound !== b.isRound) continue; // buttons float above the map, which moves beneath
        if (a.isRound) {
          const centre = ({ left, top, width, height }: DOMRect) => ({ x: left + width / 2, y: top + height / 2 });
          const [p, q] = [centre(a.box), centre(b.box)];
          if (Math.hypot(p.x - q.x, p.y - q.y) >= (a.box.width + b.box.width) / 2 - 0.5) continue;
        }
        if (getComputedStyle(a.element).position === 'sticky' || getComputedStyle(b.element).position === 'sticky')
          continue;
        found.push(`${nameOf(a.element)} on ${nameOf(b.element)}`);
      }
    }

    // Text that is wider than its box, and not meant to scroll.
    for (const element of document.querySelectorAll('main *, header *')) {
      if (!(element instanceof HTMLElement) || !isSeen(element)) continue;
      const { overflowX } = getComputedStyle(element);
      if (overflowX === 'auto' || overflowX === 'scroll') continue;
      if (element.closest('.diff') !== null && !element.matches('.diff')) continue;
      if (element.querySelector(':scope > .close') !== null) continue; // the cross reaches into the card's padding
      if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) {
        found.push(`${nameOf(element)} is cut off: ${element.scrollWidth} in ${element.clientWidth}`);
      }
      const { left, right } = element.getBoundingClientRect();
      if (right > innerWidth + 1 || left < -1) found.push(`${nameOf(element)} leaves the page`);
    }

    // Labels on the map: inside it, on no sign and on no other label.
    const map = document.querySelector('svg.plane')?.getBoundingClientRect();
    const labels = [...document.querySelectorAll('svg.plane .labels > text')].map((element) => ({
      element,
      box: element.getBoundingClientRect(),
    }));
    const signs = targets.filter(({ isRound }) => isRound);
    for (const [i, { element, box }] of labels.entries()) {
      if (
        map !== undefined &&
        (box.left < map.left - 1 || box.right > map.right + 1 || box.top < map.top - 1 || box.bottom > map.bottom + 1)
      ) {
        found.push(`label ${nameOf(element)} leaves the map`);
      }
      const meets = (other: DOMRect, slack: number): boolean =>
        Math.min(box.right, other.right) - Math.max(box.left, other.left) > slack &&
        Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > slack;
      for (const other of labels.slice(i + 1)) {
        if (meets(other.box, 2)) found.push(`label ${nameOf(element)} on ${nameOf(other.element)}`);
      }
      for (const sign of signs) {
        // The ring of a region that could be had is small; what can be hit around it is not seen.
        const share = sign.element.getAttribute('data-state') === 'free' ? 0.65 : 0.25;
        if (meets(sign.box, sign.box.width * share))
          found.push(`label ${nameOf(element)} on sign ${nameOf(sign.element)}`);
      }
    }

    // The whole world is in sight: no sign is cut by the map's edge.
    for (const { element, box } of signs) {
      if (map === undefined || element.closest('.map.whole') === null) continue;
      const isInside =
        box.left >= map.left - 1 &&
        box.right <= map.right + 1 &&
        box.top >= map.top - 1 &&
        box.bottom <= map.bottom + 1;
      if (!isInside) found.push(`${nameOf(element)} is cut by the edge of the map`);
    }

    // The small sign of a state: nothing that is painted later covers it.
    const discs = [...document.querySelectorAll('svg.plane .disc')];
    for (const badge of document.querySelectorAll('svg.plane .badge')) {
      const { left, right, top, bottom } = badge.getBoundingClientRect();
      for (const disc of discs) {
        const isLater = (badge.compareDocumentPosition(disc) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
        const box = disc.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const away = Math.hypot((left + right) / 2 - x, (top + bottom) / 2 - y);
        if (isLater && away < box.width / 2 + (right - left) / 4) {
          found.push(`the sign of ${nameOf(badge.closest('[data-region]') ?? badge)} is covered`);
        }
      }
    }
    return found;
  });
}

test('on a phone it is told beside the title whether the page is live', async (context) => {
  const { page } = await open(context, { viewport: sizes.phone });
  const [title, live] = [await page.locator('.bar h1').boundingBox(), await page.locator('.link-state').boundingBox()];
  expect(Math.abs((title?.y ?? 0) - (live?.y ?? Infinity))).toBeLessThan(10);
});

test('on a phone every region of Europe can be hit with a finger, and tells itself', async (context) => {
  const { page, mark } = await open(context, { viewport: sizes.phone, hasTouch: true, hash: chosen() });
  for (const region of [
    'westeurope',
    'northeurope',
    'uksouth',
    'germanywestcentral',
    'switzerlandnorth',
    'italynorth',
  ]) {
    const hit = mark(region).locator('.hit');
    const box = await hit.boundingBox();
    if (box === null) throw new Error(`${region} is not there`);
    expect(box.width, region).toBeGreaterThanOrEqual(24);
    await hit.tap();
    await expect.poll(() => page.evaluate('location.hash')).toContain(`region=${region}`);
    await page.evaluate('scrollTo(0, 0)');
  }
});

test('printed, map and table are there, and nothing to press', async (context) => {
  const { page, toggle } = await open(context, { hash: chosen() });
  await toggle('Korea Central');
  await page.locator('#draft .answer[aria-busy="false"]').waitFor();
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('svg.plane .land').isVisible()).toBe(true);
  for (const region of ['westeurope', 'uksouth', 'francecentral', 'brazilsouth']) {
    expect(await page.locator(`[data-row="${region}"]`).isVisible(), region).toBe(true);
  }
  const pressed = page.locator(
    '.zoom button, .buttons button, .tabs button, input, .review, .skip, details.free-regions',
  );
  for (const one of await pressed.all())
    expect(await one.isVisible(), await one.evaluate((it) => it.outerHTML)).toBe(false);
  const ink = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(ink).toMatch(/^rgba?\((255, 255, 255|0, 0, 0, 0)/);
  expect((await page.pdf()).length).toBeGreaterThan(10_000);
});

test('who wants no motion sees none', async (context) => {
  const { page, mark } = await open(context, { reducedMotion: 'reduce', hash: chosen() });
  await mark('westeurope').click();
  await page.locator('section.card.region').waitFor();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .map((animation) => `${animation.playState} ${String((animation.effect as KeyframeEffect).target?.className)}`),
  );
  expect(moving).toEqual([]);
});

/** Nobody is signed in to Azure. */
const signedOut = { AZURE_CLIENT_ID: '', AZURE_TENANT_ID: '', AZURE_CLIENT_SECRET: '', PATH: '/nowhere' };
