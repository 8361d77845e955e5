import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { openWindow, type Watched } from './browser-window.ts';
import { type ServedMap, type Visitor, visitedMap } from './map-visitor.ts';
import type { Lifetime } from './operator-world.ts';

/** The page of the map in a browser. */
export interface MapWindow extends Watched {
  /** A region on the map. */
  readonly mark: (region: string) => Locator;
  /** A region in the table beside it. */
  readonly row: (region: string) => Locator;
  /** Ticks or unticks regions in the table and the list. */
  readonly toggle: (...labels: readonly string[]) => Promise<void>;
  readonly button: (name: string | RegExp) => Locator;
}

export interface PluginWindow extends MapWindow {
  readonly map: Visitor;
  readonly origin: string;
}

/** `kubectl acr-replication map --no-open`, and a browser that comes in by its link. `hash` is what is chosen. */
export async function openPluginMap(
  lifetime: Lifetime,
  served: Omit<ServedMap, 'lifetime'>,
  { hash = '', ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<PluginWindow> {
  const map = await visitedMap(['--no-open', '--cluster-name', 'sandbox'], { ...served, lifetime });
  const origin = `http://127.0.0.1:${map.port}`;
  const watched = await openWindow(lifetime, origin, options);
  await watched.page.goto(`${origin}${map.link}`);
  if (hash !== '') await watched.page.goto(`${origin}/${hash}`);
  await untilLive(watched.page);
  return { ...windowOf(watched), map, origin };
}

/** A browser at a map that is served to everybody, as the operator's. */
export async function openMap(
  lifetime: Lifetime,
  origin: string,
  { hash = '', ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<MapWindow> {
  const watched = await openWindow(lifetime, origin, options);
  await watched.page.goto(`${origin}/${hash}`);
  await untilLive(watched.page);
  return windowOf(watched);
}

async function untilLive(page: Page): Promise<void> {
  await page.locator('.link-state.open').waitFor();
  await page.locator('[data-object], [data-row]').first().waitFor({ state: 'attached' });
}

function windowOf(watched: Watched): MapWindow {
  const { page } = watched;
  return {
    ...watched,
    mark: (region) => page.locator(`[data-region="${region}"]`),
    row: (region) => page.locator(`[data-row="${region}"]`),
    async toggle(...labels) {
      const list = page.locator('details.free-regions');
      for (const label of labels) {
        const inTable = page.getByRole('checkbox', { name: `${label} in the set`, exact: true });
        if ((await inTable.count()) > 0) await inTable.click();
        else {
          if ((await list.getAttribute('open')) === null) await list.locator('summary').click();
          await list.getByLabel(label, { exact: true }).click();
        }
      }
    },
    button: (name) => page.getByRole('button', { name, exact: typeof name === 'string' }),
  };
}
