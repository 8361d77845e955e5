import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest as test } from '../support/browser-window.ts';
import { controlPlane } from '../support/cluster.ts';
import { ask } from '../support/map-visitor.ts';
import { openPluginMap } from '../support/map-window.ts';
import type { Lifetime } from '../support/operator-world.ts';
import { ready, type StillScene, stillScene } from '../support/still-scene.ts';

const cluster = controlPlane();
let scene: StillScene;
beforeAll(async () => {
  scene = await stillScene(cluster, 'browser-strangers');
  await scene.put('secret', ['westeurope'], { replicas: ready('westeurope') });
});
afterAll(() => cluster.close());

/** A page of somebody else, as this machine and browser see it; `site` is `127.0.0.1` (same site) or `localhost`. */
async function foreignPage({ onTestFinished }: Lifetime, site: string): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>elsewhere</title><body></body>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${site}:${(server.address() as AddressInfo).port}/`;
}

for (const [site, what] of [
  ['127.0.0.1', 'another port of this machine, to which the browser sends the cookie'],
  ['localhost', 'another site'],
] as const) {
  test(`a page of ${what} can neither read nor write`, async (context) => {
    const served = { kubeconfig: scene.users.editor, namespace: scene.namespace };
    const window = await openPluginMap(context, served);
    const { origin, context: browser } = window;
    window.expectComplaints(/./); // the browser complains of all that follows
    const { namespace } = scene;
    const before = (await scene.get('secret')).metadata.resourceVersion;
    const body = { namespace, name: 'secret', regions: ['westeurope', 'japaneast'] };
    const page = await browser.newPage();
    await page.goto(await foreignPage(context, site));
    const statuses: string[] = [];
    page.on('response', (response) => {
      if (response.url().startsWith(origin)) statuses.push(`${response.status()} ${new URL(response.url()).pathname}`);
    });
    const story = `/api/story?namespace=${namespace}&name=secret`;
    const got = await page.evaluate(
      async ({ origin, story, body }) => {
        const results: Record<string, unknown> = {};
        const attempt = async (name: string, run: () => Promise<unknown>): Promise<void> => {
          results[name] = await run().catch(() => 'refused');
        };
        const read =
          (path: string, init: RequestInit = {}) =>
          async () =>
            (await fetch(`${origin}${path}`, { credentials: 'include', ...init })).text();
        const json = JSON.stringify(body);
        await attempt('fetch of the stream', read('/api/stream'));
        await attempt('fetch of a story', read(story));
        await attempt('fetch of the page', read('/'));
        await attempt('blind fetch', read(story, { mode: 'no-cors' }));
        await attempt(
          'post of json',
          read('/api/draft', { method: 'POST', body: json, headers: { 'content-type': 'application/json' } }),
        );
        await attempt('blind post', read('/api/apply', { method: 'POST', mode: 'no-cors', body: json }));
        await attempt('beacon', async () => void navigator.sendBeacon(`${origin}/api/apply`, json));
        const loaded = (element: HTMLElement, url: string): Promise<string> =>
          new Promise((resolve) => {
            element.addEventListener('load', () => resolve('loaded'));
            element.addEventListener('error', () => resolve('refused'));
            element.setAttribute(element instanceof HTMLLinkElement ? 'href' : 'src', url);
            document.body.append(element);
          });
        await attempt('script', () => loaded(document.createElement('script'), `${origin}/page.js`));
        await attempt('data as script', () => loaded(document.createElement('script'), `${origin}${story}`));
        await attempt('image', () => loaded(document.createElement('img'), `${origin}/icon.svg`));
        const style = document.createElement('link');
        style.rel = 'stylesheet';
        await attempt('style', () => loaded(style, `${origin}/page.css`));
        await attempt(
          'EventSource',
          () =>
            new Promise((resolve) => {
              const source = new EventSource(`${origin}/api/stream`, { withCredentials: true });
              source.addEventListener('open', () => resolve('open'));
              source.addEventListener('error', () => resolve('refused'));
            }),
        );
        return results;
      },
      { origin, story, body },
    );
    expect(got).toEqual({
      'fetch of the stream': 'refused',
      'fetch of a story': 'refused',
      'fetch of the page': 'refused',
      'blind fetch': 'refused', // by Cross-Origin-Resource-Policy
      'post of json': 'refused',
      'blind post': 'refused',
      beacon: undefined,
      script: 'refused',
      'data as script': 'refused',
      image: 'refused',
      style: 'refused',
      EventSource: 'refused',
    });

    // A frame stays empty, and a form is refused.
    await page.evaluate((address) => {
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
    }, `${origin}/`);
    await expect.poll(() => page.frames().length).toBe(2);
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
    const posted = page.waitForResponse(
      (response) => response.url() === `${origin}/api/apply` && response.request().isNavigationRequest(),
    );
    await page.evaluate((address) => {
      const form = document.createElement('form');
      Object.assign(form, { action: address, method: 'post', enctype: 'text/plain' });
      document.body.append(form);
      form.submit();
    }, `${origin}/api/apply`);
    expect((await posted).status()).toBe(403);
    expect(statuses.filter((status) => status.startsWith('2') && status.includes('/api/'))).toEqual([]);
    expect((await scene.get('secret')).metadata.resourceVersion).toBe(before);

    // The window that opened it, or that it opens, tells it nothing.
    const opener = await browser.newPage();
    await opener.goto(await foreignPage(context, site));
    await opener.evaluate((address) => {
      Object.assign(globalThis, { opened: globalThis.open(address) });
    }, `${origin}/`);
    await opener.waitForFunction('opened === null || opened.closed');
  });
}

test('a name of somebody else that leads here is refused: DNS rebinding', async (context) => {
  const served = { kubeconfig: scene.users.editor, namespace: scene.namespace };
  const window = await openPluginMap(context, served);
  const { map, origin, context: browser } = window;
  window.expectComplaints(
    /status of 403|asks elsewhere: http:\/\/rebound\.example|Cross-Origin-Opener-Policy header has been ignored/,
  );
  const host = `rebound.example:${map.port}`;
  const page = await browser.newPage();
  for (const path of ['/', map.link]) {
    const shown = await page.goto(`http://${host}${path}`);
    expect([shown?.status(), await shown?.text()]).toEqual([403, 'The map is not served by this name.\n']);
    expect(await page.evaluate("fetch('/api/stream').then(({ status }) => status)")).toBe(403);
  }
  for (const path of ['/', '/page.js', '/api/stream', `/api/story?namespace=${scene.namespace}&name=secret`]) {
    const answer = await ask(map.port, path, { headers: { Host: host, Cookie: map.cookie } });
    expect([answer.status, answer.text.includes('secret')]).toEqual([403, false]);
  }
  const posted = await ask(map.port, '/api/draft', {
    method: 'POST',
    headers: { Host: host, Cookie: map.cookie, Origin: `http://${host}`, 'Content-Type': 'application/json' },
    body: '{}',
  });
  expect(posted.status).toBe(403);
  expect((await ask(map.port, '/', { headers: { Host: new URL(origin).host, Cookie: map.cookie } })).status).toBe(200);
});
