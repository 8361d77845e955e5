import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { Agent, fetch as fetchWith } from 'undici';
import { type TestContext, test } from 'vitest';
import { createAuthority, issueServerCertificate } from '../sandbox/certificates.ts';
import { noBrowser, startBrowser } from '../support/browser.ts';
import { type MapPage, openMapPage } from '../support/map-page.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';

const regions = [{ location: 'japaneast' }, { location: 'westeurope' }];
const address = { MAP_ADDRESS: '127.0.0.1:0' };
const soon = { timeout: 30_000, interval: 20 };

async function mapOf(world: OperatorWorld, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { mapUrl } = await world.start({ ...address, ...env });
  if (mapUrl === undefined) throw new Error('the operator serves no map');
  return mapUrl;
}

async function followed({ onTestFinished }: TestContext, ...given: Parameters<typeof openMapPage>): Promise<MapPage> {
  const page = await openMapPage(...given);
  onTestFinished(() => page.close());
  return page;
}

test('the operator shows its objects live, and those of namespaces that it does not watch do not exist', async (t) => {
  const world = await operatorWorld(t);
  const elsewhere = await world.cluster.kube.createNamespace('unwatched');
  const { spec, ...rest } = await world.apply('contoso', { regions, suspend: true });
  const hidden = { ...rest, spec, metadata: { name: 'hidden', namespace: elsewhere } };
  await world.cluster.kube.apply(hidden);
  const origin = await mapOf(world);
  const page = await followed(t, origin);
  await t.expect.poll(page.isSynced, soon).toBe(true);
  t.expect(page.hello()).toMatchObject({ host: 'operator', cluster: 'sandbox', cloud: 'AzurePublic' });
  t.expect([...page.objects.keys()]).toEqual([`${world.namespace}/contoso`]);

  const states = () =>
    page.objects.get(`${world.namespace}/contoso`)?.replicas.map(({ region, state }) => `${region} ${state}`);
  await world.apply('contoso', { regions });
  await t.expect.poll(states, soon).toEqual(t.expect.arrayContaining(['japaneast creating', 'westeurope creating']));
  await t.expect.poll(states, soon).toEqual(['eastus ready', 'japaneast ready', 'westeurope ready']);
  await world.apply('second', { registry: { name: 'missing', resourceGroup: 'registries' }, regions });
  await t.expect
    .poll(() => [...page.objects.keys()].sort(), soon)
    .toEqual([`${world.namespace}/contoso`, `${world.namespace}/second`]);

  const story = async (namespace: string, name: string) => {
    const response = await fetch(`${origin}/api/story?namespace=${namespace}&name=${name}`);
    return [response.status, await response.json()] as const;
  };
  const [status, told] = await story(world.namespace, 'contoso');
  t.expect(status).toBe(200);
  t.expect(told).toMatchObject({ events: 'the operator may not list Events' }); // by the role of deploy/, without the map's
  t.expect(await story(elsewhere, 'hidden')).toEqual([
    404,
    { error: `There is no RegistryReplication ${elsewhere}/hidden.` },
  ]);
  await world.cluster.kube.apply({ ...hidden, spec: { ...spec, suspend: false } });
  await world.cluster.kube.delete(world.path('second'));
  await t.expect.poll(() => [...page.objects.keys()], soon).toEqual([`${world.namespace}/contoso`]);
});

test('a change is shown within a second of its write', async (t) => {
  const world = await operatorWorld(t);
  const origin = await mapOf(world);
  /** When each version came; several changes of a moment come as the last of them. */
  const shown: { readonly version: number; readonly ms: number }[] = [];
  const page = await followed(t, origin, {
    onObject: ({ version }) => void shown.push({ version: Number(version), ms: performance.now() }),
  });
  await t.expect.poll(page.isSynced, soon).toBe(true);
  const delays: number[] = [];
  for (const interval of ['31s', '32s', '33s', '34s', '35s']) {
    const { metadata } = await world.apply('contoso', { regions, interval });
    const written = performance.now();
    const isShown = () => shown.find(({ version }) => version >= Number(metadata.resourceVersion));
    await t.expect.poll(isShown, { timeout: 5_000, interval: 5 }).toBeDefined();
    delays.push((isShown()?.ms ?? 0) - written);
    await world.untilReady('contoso');
  }
  t.expect(Math.max(...delays)).toBeLessThan(1_000);
});

test('whatever is sent to it, it changes nothing: there is nothing that could', async (t) => {
  const world = await operatorWorld(t);
  await world.apply('contoso', { regions, suspend: true });
  const origin = await mapOf(world);
  const page = await followed(t, origin);
  await t.expect.poll(page.isSynced, soon).toBe(true);
  const settled = await world.until('contoso', 'Suspended', ({ status }) => status?.phase === 'Suspended');
  const before = settled.metadata.resourceVersion;
  const body = JSON.stringify({ namespace: world.namespace, name: 'contoso', regions: ['uksouth'], version: before });
  for (const path of [
    '/',
    '/api/draft',
    '/api/apply',
    '/api/undo',
    '/api/drain',
    '/api/undrain',
    '/api/stream',
    '/api/story',
    '/sign-in',
  ]) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const headers = { 'content-type': 'application/json', origin };
      const { status } = await fetch(`${origin}${path}`, { method, headers, body });
      t.expect([404, 405], `${method} ${path}`).toContain(status);
    }
  }
  t.expect((await world.get('contoso'))?.metadata.resourceVersion).toBe(before);
  const foreign = await fetch(`${origin}/api/story?namespace=${world.namespace}&name=contoso`, {
    headers: { origin: 'https://evil.example' },
  });
  t.expect(foreign.status).toBe(403);
});

test('with a token required the map is for whom Kubernetes allows it: a proxy by its header, a person by a form, over TLS', async (t) => {
  const world = await operatorWorld(t);
  await world.apply('contoso', { regions, suspend: true });
  const dir = await mkdtemp(join(tmpdir(), 'acr-replication-map-tls-'));
  t.onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const authority = await createAuthority('Map CA');
  const { certPem, keyPem } = await issueServerCertificate(authority);
  await writeFile(join(dir, 'tls.crt'), certPem);
  await writeFile(join(dir, 'tls.key'), keyPem);
  const { allowed, powerless } = await readers(world);
  const origin = (await mapOf(world, { MAP_REQUIRE_TOKEN: 'true', MAP_TLS_DIR: dir })).replace('http:', 'https:');
  const ca = authority.certPem;
  const dispatcher = new Agent({ connect: { ca } });
  t.onTestFinished(() => dispatcher.close());
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetchWith(`${origin}${path}`, { dispatcher, headers });
  const signIn = (token: string) =>
    fetchWith(`${origin}/sign-in`, {
      dispatcher,
      method: 'POST',
      redirect: 'manual',
      headers: { origin, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ token }),
    });

  const nobody = await ask('/');
  t.expect(nobody.status).toBe(401);
  t.expect(await nobody.text()).toContain('<form method="post" action="/sign-in">');
  t.expect(nobody.headers.get('content-security-policy')).toContain("form-action 'self'");
  t.expect((await ask('/api/stream')).status).toBe(401);
  t.expect((await ask('/api/stream', { authorization: 'Bearer invented' })).status).toBe(401);
  t.expect((await ask('/api/stream', { authorization: `Bearer ${powerless}` })).status).toBe(403);
  t.expect((await ask('/', { authorization: `Bearer ${allowed}` })).status).toBe(200);
  t.expect((await signIn(powerless)).status).toBe(403);
  t.expect((await signIn('invented')).status).toBe(401);

  const signedIn = await signIn(allowed);
  t.expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/']);
  const [cookie = ''] = signedIn.headers.getSetCookie();
  t.expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  const page = await followed(t, origin, { ca, headers: { cookie: cookie.split(';', 1)[0] ?? '' } });
  await t.expect.poll(page.isSynced, soon).toBe(true);
  t.expect([...page.objects.keys()]).toEqual([`${world.namespace}/contoso`]);
});

test('a browser signs in by the form, and stays signed in when a link of another site leads to the map', async (t) => {
  const world = await operatorWorld(t);
  await world.apply('contoso', { regions, suspend: true });
  const { allowed, powerless } = await readers(world);
  const origin = await mapOf(world, { MAP_REQUIRE_TOKEN: 'true' });
  const wiki = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end(`<a href="${origin}/">the map</a>`);
  }).listen(0, '127.0.0.1');
  await once(wiki, 'listening');
  t.onTestFinished(() => void wiki.close());
  const server = await startBrowser();
  if (server === undefined) return t.skip(noBrowser);
  t.onTestFinished(() => server.close());
  const browser = await chromium.connect(server.wsEndpoint());
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));

  await page.goto(origin);
  const sign = async (token: string) => {
    await page.getByLabel('A Kubernetes token that may see the map').fill(token);
    await page.getByRole('button', { name: 'Show the map' }).click();
  };
  const found = await page.evaluate<{ readonly violations: readonly { readonly id: string }[] }>(
    `${axe.source}; axe.run()`,
  );
  t.expect(found.violations.map(({ id }) => id)).toEqual([]);
  await sign('invented');
  await page.getByRole('alert').getByText('Kubernetes does not know this token.').waitFor();
  await sign(powerless);
  await page.getByRole('alert').getByText('This account may not get /map.').waitFor();
  await sign(allowed);
  /** The map is there, and is told what it asks. */
  const isIn = async (): Promise<void> => {
    await page.locator('script[src="/page.js"]').waitFor({ state: 'attached' });
    t.expect(page.url()).toBe(`${origin}/`);
    const story = `/api/story?namespace=${world.namespace}&name=contoso`;
    t.expect(await page.evaluate(`fetch(${JSON.stringify(story)}).then(({ status }) => status)`)).toBe(200);
  };
  await isIn();
  const [cookie] = await page.context().cookies();
  t.expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', value: allowed });
  t.expect(await page.evaluate('document.cookie')).toBe('');

  const { port } = wiki.address() as AddressInfo;
  await page.goto(`http://localhost:${port}/`); // another site than 127.0.0.1
  await page.getByRole('link', { name: 'the map' }).click();
  await isIn();
  t.expect(complaints.filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
});

/** Tokens of two service accounts, of which one may see the map, by what the chart calls `…-map-reader`. */
async function readers({ cluster: { kube }, namespace }: OperatorWorld) {
  const rules = [{ nonResourceURLs: ['/map'], verbs: ['get'] }];
  const name = `map-reader-${namespace}`;
  const rbac = 'rbac.authorization.k8s.io';
  const auth = `map-auth-${namespace}`;
  await kube.apply({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules });
  const bind = (role: string, subject: object) =>
    kube.apply({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: role },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
      subjects: [subject],
    });
  await bind(name, { kind: 'ServiceAccount', name: 'reader', namespace });
  const create = ['create'];
  await kube.apply({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: auth },
    rules: [
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: create },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: create },
    ],
  });
  await bind(auth, { kind: 'ServiceAccount', name: 'acr-replication-operator', namespace: 'acr-replication-system' });
  const tokenOf = async (serviceAccount: string): Promise<string> => {
    await kube.createServiceAccount(namespace, serviceAccount);
    return kube.tokenFor({ namespace, serviceAccount });
  };
  return { allowed: await tokenOf('reader'), powerless: await tokenOf('somebody') };
}
