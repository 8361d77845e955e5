import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest as test } from '../support/browser-window.ts';
import { controlPlane } from '../support/cluster.ts';
import { openPluginMap } from '../support/map-window.ts';
import { ready, type StillScene, stillScene } from '../support/still-scene.ts';

const cluster = controlPlane();
const soon = { timeout: 20_000, interval: 20 };
const count = 1_000;
let scene: StillScene;
beforeAll(async () => {
  scene = await stillScene(cluster, 'browser-crowd');
  const names = Array.from({ length: count }, (_, i) => `team-${i}`);
  for (let i = 0; i < count; i += 50) {
    await Promise.all(
      names.slice(i, i + 50).map((name) => scene.put(name, ['westeurope', 'japaneast', 'brazilsouth'])),
    );
  }
  await scene.tell('team-777', [
    ...ready('westeurope', 'japaneast'),
    { location: 'brazilsouth', provisioningState: 'Failed' },
  ]);
});
afterAll(() => cluster.close());

/** Milliseconds of the longest tasks of the page, by its own count: nothing is answered meanwhile. */
const watchFreezes = `
  globalThis.freezes = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) freezes.push(duration);
  }).observe({ type: 'longtask', buffered: true });
`;

test('1,000 registries are usable at once: found, scrolled, chosen, and changed while they are seen', async (context) => {
  const window = await openPluginMap(context, { kubeconfig: scene.users.editor, namespace: scene.namespace });
  const { page, context: browser } = window;
  await browser.addInitScript(watchFreezes);
  const began = performance.now();
  await page.reload();
  const search = page.getByRole('searchbox');
  await page.getByText('1,000 registries').waitFor();
  await search.fill('team-777');
  await page.getByText(`1 of 1,000 registries`).waitFor();
  expect(performance.now() - began, 'time to the first answer').toBeLessThan(5_000);

  await search.fill('failed');
  await page.locator('[data-object]').first().waitFor();
  expect(await page.locator('[data-object]').count()).toBe(1);
  await search.fill('');
  // The worst first, and never a thousand rows at once.
  expect(await page.locator('[data-object]').first().getAttribute('data-object')).toBe(`${scene.namespace}/team-777`);
  expect(await page.locator('[data-object]').count()).toBe(50);
  for (let shown = 50; shown < 200; shown += 50) await page.getByRole('button', { name: 'Show 50 more' }).click();
  expect(await page.locator('[data-object]').count()).toBe(200);
  const last = page.locator('[data-object]').last();
  await last.scrollIntoViewIfNeeded();
  expect(await window.mark('westeurope').locator('.count').textContent()).toMatch(/^(1k|1000)$/);

  // A hundred change at once, while somebody types.
  const changed = Array.from({ length: 100 }, (_, i) => `team-${i * 10}`);
  const changes = Promise.all(changed.map((name) => scene.tell(name, ready('westeurope', 'japaneast', 'brazilsouth'))));
  await search.pressSequentially('team-99', { delay: 20 });
  await changes;
  await expect
    .poll(() => page.locator(`[data-object="${scene.namespace}/team-990"]`).innerText(), soon)
    .toContain('Ready');
  await page.locator(`[data-object="${scene.namespace}/team-990"]`).getByRole('button').click();
  await page.locator('.object-head').waitFor();
  const freezes = await page.evaluate<readonly number[]>('freezes');
  expect(Math.max(0, ...freezes), 'longest freeze').toBeLessThan(1_000);
});
