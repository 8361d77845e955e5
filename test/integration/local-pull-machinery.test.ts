import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { apiVersion, plural, type Status } from '../../src/api/registryreplication.ts';
import { type ControlPlane, startControlPlane } from '../sandbox/apiserver.ts';
import { type KubeObject, readManifestFile } from '../sandbox/manifests.ts';
import {
  controlledBy,
  imagesOf,
  localPull,
  type Pod,
  pulledObject,
  pullRegion,
  servingFrom,
} from '../support/local-pull.ts';

/*
 * failurePolicy: Ignore is about errors of expressions and of parameters. Some of the machinery of policies answers a
 * request with an error of its own whatever a policy says; docs/local-pull.md lists where:
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/mutating/dispatcher.go
 * and generic/plugin.go, generic/policy_dispatcher.go beside it. Each test here goes where one of these is near.
 */

const group = apiVersion.split('/')[0];
const crdPath = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`;
const inVersion = (version: string) => `/apis/${group}/${version}/namespaces/platform/${plural}/contoso`;
const server = 'contoso.azurecr.io';
const regional = `contoso.${pullRegion}.geo.azurecr.io`;
const serving = servingFrom(regional);
const registry = { id: '/subscriptions/s/…/contoso', loginServer: server, homeRegion: 'eastus', sku: 'Premium' };
const well: Partial<Status> = { registry, replicas: [serving] };
const syncing: Partial<Status> = { registry, replicas: [{ ...serving, status: 'Syncing' }] };
interface Crd extends KubeObject {
  readonly spec: { readonly versions: readonly { readonly name: string }[]; readonly [field: string]: unknown };
}

vi.setConfig({ testTimeout: 300_000 });

let plane: ControlPlane;
let crd: Crd;

beforeAll(async () => {
  plane = await startControlPlane();
  const { kube } = plane;
  [crd] = (await readManifestFile(`crds/${plural}.${group}.yaml`)) as [Crd];
  await kube.applyCrd(crd);
  const label = { 'acr-replication.dev/local-pull': 'enabled' };
  for (const [name, labels] of Object.entries({ platform: {}, shop: label })) {
    await kube.request('POST', '/api/v1/namespaces', { metadata: { name, labels } });
    await kube.createServiceAccount(name, 'default');
  }
  const { policy, binding } = await localPull('local-pull', { namespace: 'platform', name: 'contoso' });
  await kube.applyAll([policy, binding]);
  await putObject();
});
afterAll(() => plane.stop());
beforeEach(() => untilPulledFrom(regional));

async function putObject(): Promise<void> {
  await plane.kube.apply(pulledObject);
  await says(well);
}

async function says(status: Partial<Status>, version = apiVersion.split('/')[1] ?? ''): Promise<void> {
  const stored = await plane.kube.get(inVersion(version));
  await plane.kube.request('PUT', `${inVersion(version)}/status`, { ...stored, status });
}

/** The CRD with a second version of the same fields, as an upgrade would bring it. */
function withSecondVersion(
  first: { readonly served: boolean; readonly storage: boolean },
  conversion: object = { strategy: 'None' },
): Crd {
  const [v1alpha1] = crd.spec.versions;
  if (v1alpha1 === undefined) throw new Error('the CRD has no version');
  const second = { ...v1alpha1, name: 'v1beta1', served: true, storage: !first.storage };
  return { ...crd, spec: { ...crd.spec, conversion, versions: [{ ...v1alpha1, ...first }, second] } };
}

let count = 0;
/** Makes a Pod, through all admission, stored nowhere, and gives the host that it pulls from. */
async function pull(): Promise<string> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${count++}`, ...controlledBy('apps/v1', 'ReplicaSet') },
    spec: { containers: [{ name: 'main', image: `${server}/app:1` }] },
  };
  const made = await plane.kube.request<Pod>('POST', '/api/v1/namespaces/shop/pods', pod, { query: { dryRun: 'All' } });
  return imagesOf(made)[0]?.split('/')[0] ?? '';
}

/**
 * An API server that has just started may need half a minute to find the kind of the parameter; one that could not read
 * the objects tries again up to 60 s later: client-go tools/cache/reflector.go, defaultBackoffMax and defaultBackoffJitter.
 */
async function untilPulledFrom(host: string): Promise<void> {
  await expect.poll(pull, { timeout: 120_000, interval: 50 }).toBe(host);
}

interface Stream {
  /** What became of the Pods: the host, or what the API server said. */
  readonly outcomes: ReadonlySet<string>;
  readonly pods: number;
}

/** Makes a Pod every 5 milliseconds until `act` is done. Connections that break are none of admission's. */
async function podsWhile(act: () => Promise<unknown>): Promise<Stream> {
  const outcomes = new Set<string>();
  const waiting = new Set<Promise<void>>();
  let pods = 0;
  const one = async (): Promise<void> => {
    try {
      outcomes.add(await pull());
      pods++;
    } catch (error) {
      if (error instanceof Error && error.name === 'KubeError') outcomes.add(error.message);
    }
  };
  const state = { isOver: false };
  const acting = act().finally(() => {
    state.isOver = true;
  });
  acting.catch(() => {}); // told at the end
  while (!state.isOver) {
    const made: Promise<void> = one().finally(() => waiting.delete(made));
    waiting.add(made);
    await pause(5);
  }
  await Promise.all(waiting);
  await acting;
  return { outcomes, pods };
}

function refusalsIn(outcomes: Stream['outcomes']): readonly string[] {
  return [...outcomes].filter((outcome) => outcome !== server && outcome !== regional);
}

test('an API server that starts refuses no Pod from its first answer on', async () => {
  for (let i = 0; i < 4; i++) {
    await plane.apiserver.kill();
    const { outcomes, pods } = await podsWhile(async () => {
      await plane.apiserver.start();
      // The worst is over once policies are in force: the API server has read the kind, and its own OpenAPI.
      await Promise.race([untilPulledFrom(regional), pause(5_000)]);
    });
    expect(pods).toBeGreaterThan(20);
    expect(refusalsIn(outcomes)).toEqual([]);
  }
});

test('the CRD goes and is back within a second, again and again: no Pod is refused, and Pods are steered as before', async () => {
  const { outcomes, pods } = await podsWhile(async () => {
    for (let i = 0; i < 5; i++) {
      await plane.kube.delete(crdPath);
      await plane.kube.waitForGone(crdPath);
      await plane.kube.applyCrd(crd);
      // A storage that begins anew may answer writes with 404, 405 or 429 for a moment.
      await expect.poll(() => putObject().then(() => 'there', String), { timeout: 30_000 }).toBe('there');
    }
  });
  expect(pods).toBeGreaterThan(100);
  expect(refusalsIn(outcomes)).toEqual([]);
  expect(outcomes).toContain(regional);
});

test('while the version that the policy names is not served, no Pod is refused, and Pods go on by the last status in it', async () => {
  /** Whether Pods pull from that host half a second after the other version has said so; a watch takes milliseconds. */
  const isHeard = async (host: string, status: Partial<Status>): Promise<boolean> => {
    await says(status, 'v1beta1');
    await pause(500);
    return (await pull()) === host;
  };
  const isDeaf = async () => !((await isHeard(server, syncing)) && (await isHeard(regional, well)));
  await plane.kube.applyCrd(withSecondVersion({ served: true, storage: true }));
  expect(await isDeaf()).toBe(false);
  const { outcomes } = await podsWhile(async () => {
    await plane.kube.applyCrd(withSecondVersion({ served: false, storage: true }));
    await expect.poll(isDeaf, { timeout: 30_000 }).toBe(true); // the watch that was there ends a moment later
  });
  expect(refusalsIn(outcomes)).toEqual([]);
  await plane.kube.applyCrd(withSecondVersion({ served: true, storage: true }));
  await says(syncing);
  await untilPulledFrom(server);
  await says(well);
});

test('while the API server cannot read the objects, Pods take a second longer, and pull from the global host', async () => {
  const webhook = { clientConfig: { url: 'https://127.0.0.1:1/convert' }, conversionReviewVersions: ['v1'] };
  const whole = withSecondVersion({ served: true, storage: false });
  const broken = withSecondVersion({ served: true, storage: false }, { strategy: 'Webhook', webhook });
  /** Stores the object in the second version, and breaks the way back. The API server takes up each CRD a moment later. */
  const isUnreadable = async (): Promise<boolean> => {
    await plane.kube.applyCrd(whole);
    await plane.kube.patch(inVersion('v1beta1'), { metadata: { labels: { stored: String(count++) } } });
    await plane.kube.apply(broken);
    await pause(500);
    return await plane.kube.get(inVersion('v1alpha1')).then(
      () => false,
      () => true,
    );
  };
  await expect.poll(isUnreadable, { timeout: 30_000 }).toBe(true);
  await plane.apiserver.kill();
  await plane.apiserver.start();
  /** Milliseconds that a Pod took. */
  const took = async (): Promise<number> => {
    const begun = performance.now();
    expect(await pull()).toBe(server);
    return performance.now() - begun;
  };
  await expect.poll(took, { timeout: 60_000, interval: 50 }).toBeGreaterThan(900);
  expect(await took()).toBeLessThan(3_000);
  await plane.kube.applyCrd(whole);
  await untilPulledFrom(regional);
});
