/**
 * Takes the pictures of the map in docs/images: `npm run screenshots`, on the fleet of `npm run map`. With a folder
 * behind it (`npm run screenshots -- /tmp/pictures`) all are taken, of every size, light and dark, to be looked at.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from 'playwright-core';
import { noBrowser, startBrowser } from '../test/support/browser.ts';

const sizes = {
  phone: { width: 360, height: 740 },
  laptop: { width: 1_280, height: 800 },
  wall: { width: 3_840, height: 2_160 },
} as const;
const schemes = ['light', 'dark'] as const;
/** What is to be seen, and how the page comes to show it. */
const sights = { fleet: showFleet, draft: showDraft } as const;
/** The pictures that the documentation shows. */
const kept = new Set([
  'draft-laptop-light',
  'fleet-laptop-dark',
  'draft-phone-dark',
  'fleet-phone-light',
  'fleet-wall-dark',
]);
/** Of WebP: letters stay sharp, and no picture is larger than 150 kB. */
const quality = 82;

const [given] = process.argv.slice(2);
const folder = given ?? join(import.meta.dirname, 'images');
await mkdir(folder, { recursive: true });
const server = await startBrowser();
if (server === undefined) throw new Error(noBrowser);
const fleet = spawn(process.execPath, [resolve('test/sandbox/map/main.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const browser = await chromium.connect(server.wsEndpoint());
  await takeAll(browser, await linkOf());
} finally {
  fleet.kill('SIGTERM');
  await once(fleet, 'exit');
  await server.close();
}

async function linkOf(): Promise<string> {
  for await (const line of createInterface({ input: fleet.stdout })) {
    const [link] = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(line) ?? [];
    if (link === undefined) continue;
    fleet.stdout.resume();
    return link;
  }
  throw new Error('npm run map ended');
}

async function takeAll(browser: Browser, link: string): Promise<void> {
  for (const [what, show] of Object.entries(sights)) {
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of schemes) {
        const name = `${what}-${size}-${colorScheme}`;
        if (given === undefined && !kept.has(name)) continue;
        const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
        const page = await context.newPage();
        await page.goto(link);
        await page.locator('[data-object]').first().waitFor();
        await show(page);
        await take(page, join(folder, `map-${name}.webp`));
        await context.close();
      }
    }
  }
}

/** All registries, when most are well and several things happen at once. */
async function showFleet(page: Page): Promise<void> {
  await page
    .locator('.counts')
    .getByText(/[1-9]\d* ready/)
    .waitFor();
  await page.locator('.counts li:nth-child(4)').waitFor({ timeout: 180_000 });
}

/** One registry, with two regions added to it and one taken out. */
async function showDraft(page: Page): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#object=platform/contoso`);
  const free = page.locator('details.free-regions');
  await free.waitFor();
  await free.locator('summary').click();
  for (const region of ['Mexico Central', 'Korea South']) {
    const box = free.getByLabel(region, { exact: true });
    await box.click();
  }
  await free.locator('summary').click();
  await page.getByRole('checkbox', { checked: true, disabled: false }).last().click();
  await page.locator('#draft .answer[aria-busy="false"]').waitFor();
  await page.evaluate("scrollTo(0, 0); document.querySelector('.side').scrollTo(0, 0)");
  await page.locator('.review').waitFor({ state: 'detached' });
}

/** As WebP, which playwright itself does not take; what is wider than a page of text is taken at half its size. */
async function take(page: Page, file: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize() ?? sizes.laptop;
  const clip = { x: 0, y: 0, width, height, scale: width > 2_000 ? 0.5 : 1 };
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality, clip });
  const bytes = Buffer.from(data, 'base64');
  await writeFile(file, bytes);
  process.stdout.write(`${file} ${Math.round(bytes.length / 1_024)} kB\n`);
}
