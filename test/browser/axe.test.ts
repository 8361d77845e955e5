import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { browserTest as test } from '../support/browser-window.ts';
import { controlPlane } from '../support/cluster.ts';
import { openPluginMap } from '../support/map-window.ts';
import type { Lifetime } from '../support/operator-world.ts';
import { everyState, type StillScene, stillScene } from '../support/still-scene.ts';

const cluster = controlPlane();
let scene: StillScene;
beforeAll(async () => {
  scene = await stillScene(cluster, 'browser-axe');
  await scene.put('contoso', everyState.regions, { spec: everyState.spec(), replicas: everyState.replicas() });
  await scene.put('fabrikam', ['westeurope', 'uksouth', 'japaneast']);
});
afterAll(() => cluster.close());

const chosen = (): string => `#object=${scene.namespace}/contoso`;
const open = (context: Lifetime, looks: BrowserContextOptions) =>
  openPluginMap(context, { kubeconfig: scene.users.editor, namespace: scene.namespace, env: signedOut }, looks);
const phone = { width: 360, height: 740 };

describe('axe finds nothing', () => {
  const looks: Readonly<Record<string, BrowserContextOptions>> = {
    light: { colorScheme: 'light' },
    dark: { colorScheme: 'dark' },
    narrow: { viewport: phone },
    'narrow and dark': { viewport: phone, colorScheme: 'dark' },
    'more contrast': { contrast: 'more' },
    'forced colours': { forcedColors: 'active' },
  };
  for (const [name, look] of Object.entries(looks)) {
    test(name, async (context) => {
      const { page, mark, toggle } = await open(context, look);
      expect(await violations(page), 'all registries').toEqual([]);
      await mark('westeurope').focus();
      await page.keyboard.press('Enter');
      await page.locator('section.card.region').waitFor();
      expect(await violations(page), 'a region of all').toEqual([]);
      await page.goto(`${new URL(page.url()).origin}/${chosen()}`);
      await page.locator('.object-head').waitFor();
      await page.locator('.sentences, .events').first().waitFor();
      expect(await violations(page), 'a registry').toEqual([]);
      await toggle('Korea Central', 'West Europe');
      await page.locator('#draft .answer[aria-busy="false"]').waitFor();
      await mark('switzerlandnorth').focus();
      await page.keyboard.press('Enter');
      await page.locator('section.card.region').waitFor();
      expect(await violations(page), 'a draft and a region').toEqual([]);
      await mark('centralindia').focus();
      await page.keyboard.press('Enter');
      await page.locator('.drain-form summary').click();
      expect(await violations(page), 'a drain').toEqual([]);
    });
  }
});

async function violations(page: Page): Promise<readonly string[]> {
  const run = `${axe.source}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`;
  const { violations: found } = await page.evaluate<axe.AxeResults>(run);
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${String(target)}: ${failureSummary}`),
  );
}

/** Nobody is signed in to Azure. */
const signedOut = { AZURE_CLIENT_ID: '', AZURE_TENANT_ID: '', AZURE_CLIENT_SECRET: '', PATH: '/nowhere' };
