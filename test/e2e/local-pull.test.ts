import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, type TestContext, test } from 'vitest';
import type { RegistryReplication } from '../../src/api/registryreplication.ts';
import type { ControlPlane } from '../sandbox/apiserver.ts';
import { access } from '../sandbox/cluster-access.ts';
import type { FaultEffect } from '../sandbox/emulator/fault-rules.ts';
import { startInstalledCluster } from '../sandbox/installed-cluster.ts';
import { controlledBy, imagesOf, localPull, type Pod, pullRegion } from '../support/local-pull.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';

const server = 'contoso.azurecr.io';
const regional = `contoso.${pullRegion}.geo.azurecr.io`;
const registries = [
  { name: 'contoso', resourceGroup: 'registries', location: 'eastus', features: { regionalEndpoints: true } },
];
const regions = [{ location: pullRegion }];
const preview = '2026-09-01-preview';

/** A control plane of its own: policies are the cluster's, and other tests look at those of theirs. */
let plane: ControlPlane;
beforeAll(async () => {
  plane = await startInstalledCluster();
});
afterAll(() => plane.stop());

/** What became of one Pod, by performance.now(). */
interface Made {
  readonly from: number;
  readonly to: number;
  readonly host: string;
}

/** The world of an operator whose cluster has the policy, and a namespace whose Pods it is for. */
async function pullingWorld(t: TestContext): Promise<{
  readonly world: OperatorWorld;
  /** Makes a Pod and says from where it pulls. */
  readonly pull: () => Promise<string>;
}> {
  const world = await operatorWorld(t, { registries, syncMs: 3_000 }, { cluster: access(plane) });
  const { cluster, namespace } = world;
  const shop = await cluster.kube.createNamespace('shop');
  await cluster.kube.createServiceAccount(shop, 'default');
  const selector = { matchLabels: { 'kubernetes.io/metadata.name': shop } };
  const { policy, binding } = await localPull(`local-pull-${namespace}`, { namespace, name: 'contoso' }, selector);
  await cluster.kube.applyAll([policy, binding]);
  let count = 0;
  return {
    world,
    async pull() {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `pod-${count++}`, ...controlledBy('apps/v1', 'ReplicaSet') },
        spec: { containers: [{ name: 'main', image: `${server}/app:1` }] },
      };
      const path = `/api/v1/namespaces/${shop}/pods`;
      const made = await cluster.kube.request<Pod>('POST', path, pod, { query: { dryRun: 'All' } });
      return imagesOf(made)[0]?.split('/')[0] ?? '';
    },
  };
}

function replicaIn({ status }: RegistryReplication) {
  return status?.replicas?.find(({ location }) => location === pullRegion);
}

/** What docs/local-pull.md promises: the regional host only while status says all of this. */
function mayServe(object: RegistryReplication | undefined): boolean {
  const replica = object && replicaIn(object);
  return (
    replica?.provisioningState === 'Succeeded' &&
    replica.status === 'Ready' &&
    replica.routing !== 'Disabled' &&
    replica.drained === undefined &&
    replica.endpoint === regional &&
    object?.metadata.deletionTimestamp === undefined
  );
}

test('through the life of a replica Pods pull from it while its status says that it serves, and never else', async (t) => {
  const { world, pull } = await pullingWorld(t);
  const { control } = world.azure;
  const pods: Made[] = [];
  const seen: { readonly at: number; readonly serves: boolean }[] = [];
  const stop = new AbortController();
  /** A Pod and a look at the object, again and again. */
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const object = await world.get('contoso');
      seen.push({ at: performance.now(), serves: mayServe(object) });
      const from = performance.now();
      const host = await pull();
      pods.push({ from, to: performance.now(), host });
      await pause(20);
    }
  })();
  watching.catch(() => {}); // told at the end
  t.onTestFinished(() => stop.abort());
  const pulledFrom = (host: string) => t.expect.poll(pull, { timeout: 20_000, interval: 50 }).toBe(host);

  await world.start();
  await world.apply('contoso', { regions });
  await world.until('contoso', 'Syncing', (object) => replicaIn(object)?.status === 'Syncing');
  await pulledFrom(server);
  await world.untilReady('contoso');
  await pulledFrom(regional);

  await control.alterReplica({ registry: 'contoso', region: pullRegion, displayStatus: 'Syncing' });
  await lookNow(world);
  await world.until('contoso', 'Syncing again', (object) => replicaIn(object)?.status === 'Syncing');
  await pulledFrom(server);
  await control.alterReplica({ registry: 'contoso', region: pullRegion, displayStatus: 'Ready' });
  await world.untilReady('contoso');
  await pulledFrom(regional);

  await control.alterReplica({ registry: 'contoso', region: pullRegion, provisioningState: 'Failed' });
  await lookNow(world);
  await world.until('contoso', 'not Succeeded', (object) => replicaIn(object)?.provisioningState !== 'Succeeded');
  await world.untilReady('contoso'); // repaired in place
  await pulledFrom(regional);

  const until = new Date(Date.now() + 15_000).toISOString();
  await world.apply('contoso', { regions, drains: [{ location: pullRegion, until, reason: 'INC-4711' }] });
  await world.until('contoso', 'drained', (object) => replicaIn(object)?.drained !== undefined);
  await pulledFrom(server);
  await world.until('contoso', 'no longer drained', (object) => replicaIn(object)?.drained === undefined);
  await pulledFrom(regional);

  await control.alterRegistry({ registry: 'contoso', features: { regionalEndpoints: false } });
  await lookNow(world);
  await world.until('contoso', 'no host', (object) => replicaIn(object)?.endpoint === undefined);
  await pulledFrom(server);
  await control.alterRegistry({ registry: 'contoso', features: { regionalEndpoints: true } });
  await lookNow(world);
  await pulledFrom(regional);

  await world.cluster.kube.delete(world.path('contoso'));
  await pulledFrom(server);
  await world.cluster.kube.waitForGone(world.path('contoso'));
  await pulledFrom(server);
  stop.abort();
  await watching; // fails when a Pod was refused

  const wrong = pods.filter(({ from, to, host }) => host === regional && !servedAround(from, to));
  t.expect(wrong).toEqual([]);
  t.expect(new Set(pods.map(({ host }) => host))).toEqual(new Set([server, regional]));

  /** Whether one of the looks from a second before the Pod was asked for, to the first after it was made, showed it serving. */
  function servedAround(from: number, to: number): boolean {
    const begin = seen.findLastIndex(({ at }) => at < from - 1_000);
    const end = seen.findIndex(({ at }) => at > to);
    return seen.slice(Math.max(begin, 0), end < 0 ? undefined : end + 1).some(({ serves }) => serves);
  }
});

describe('where Azure answers the preview version', () => {
  const answers: readonly (readonly [what: string, effect: FaultEffect])[] = [
    ['that it does not know it', { kind: 'respond', status: 400, code: 'InvalidApiVersionParameter' }],
    ['with a right that is missing', { kind: 'respond', status: 403, code: 'AuthorizationFailed' }],
    ['that there is no registry', { kind: 'respond', status: 404, code: 'ResourceNotFound' }],
    ['with an error of its own', { kind: 'respond', status: 503, code: 'ServiceUnavailable' }],
    ['without any field', { kind: 'body', form: 'braces' }],
    ['with half of its JSON', { kind: 'body', form: 'truncated' }],
    ["with a proxy's page", { kind: 'body', form: 'html', status: 200 }],
    ['with 100 MB', { kind: 'body', form: 'huge' }],
    ['by closing the connection', { kind: 'reset' }],
    ['never', { kind: 'hold' }],
  ];
  for (const [what, effect] of answers) {
    test(`${what}, all is Ready in time, nothing is steered, and Azure is left alone`, async (t) => {
      const { world, pull } = await pullingWorld(t);
      await world.azure.control.addFault({ match: { kind: 'registry', apiVersion: preview }, effect });
      await world.start();
      const begun = performance.now();
      await world.apply('contoso', { regions, interval: '30s' });
      const ready = await world.untilReady('contoso');
      t.expect(performance.now() - begun).toBeLessThan(20_000); // a request may take 30 s, this one 3 s
      t.expect(ready.status?.replicas?.map(({ endpoint }) => endpoint)).toEqual([undefined, undefined]);
      t.expect(await pull()).toBe(server);
      await world.azure.control.clearFaults(); // a call that is held is on record when it is let go
      const asked = async () => {
        const calls = await world.azure.control.journal({ kind: 'registry' });
        return calls.filter((call) => call.apiVersion === preview).length;
      };
      await t.expect.poll(asked).toBe(1);
    });
  }
});

/** Has the operator look now, at the registry too. */
async function lookNow(world: OperatorWorld): Promise<void> {
  const annotations = { 'acr-replication.dev/requested-at': String(performance.now()) };
  await world.cluster.kube.patch(world.path('contoso'), { metadata: { annotations } });
}
