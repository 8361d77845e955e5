import { expect } from 'vitest';
import { browserTest as test } from '../support/browser-window.ts';
import { controlPlane } from '../support/cluster.ts';
import { throughProxy } from '../support/cut-proxy.ts';
import { openPluginMap } from '../support/map-window.ts';
import { ready, stillScene } from '../support/still-scene.ts';

/**
 * A watch of which nothing is heard is given up after 90 seconds: the API server sends a bookmark each minute. Most of
 * this test is that time; it stands alone so that it passes beside the others.
 */
const stalled = { timeout: 110_000, interval: 100 };

test('the API server is frozen: that is told, and what came meanwhile is shown when it is not any more', async (context) => {
  const cluster = controlPlane();
  context.onTestFinished(() => cluster.close());
  const scene = await stillScene(cluster, 'browser-frozen');
  await scene.put('frozen', ['westeurope'], { replicas: ready('westeurope') });
  const { proxy, kubeconfig } = await throughProxy(cluster, scene.users.editor, context);
  const served = { kubeconfig, namespace: scene.namespace };
  const { page, mark } = await openPluginMap(context, served, { hash: `#object=${scene.namespace}/frozen` });
  await page.locator('.sentences').waitFor();
  proxy.freeze();
  await scene.tell('frozen', [{ location: 'westeurope', provisioningState: 'Failed', status: '' }]);
  const alert = page.locator('.alerts .alert');
  await expect
    .poll(() => alert.allInnerTexts(), stalled)
    .toEqual([expect.stringContaining('Nothing new is heard of the API server')]);
  expect(await mark('westeurope').getAttribute('data-state')).toBe('ready'); // as it was last heard
  proxy.thaw();
  await expect
    .poll(() => mark('westeurope').getAttribute('data-state'), { timeout: 60_000, interval: 50 })
    .toBe('failed');
  await alert.waitFor({ state: 'detached' });
}, 240_000);
