import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiVersion, kind, plural, type RegistryReplication, type Spec } from '../../../src/api/registryreplication.ts';
import type { SeedRegistry } from '../../sandbox/emulator/settings.ts';
import { resourceGroup, type Scene, scene, sharedWorld, unreadForMinutes } from '../../support/registry-scene.ts';
import { type Judgement, judge } from './judges.ts';
import { brokenPromises } from './promises.ts';
import { type Recorder, record } from './recorder.ts';

const world = sharedWorld({ updateMs: 1_000 });
let recorder: Recorder | undefined;
beforeAll(async () => {
  recorder = await record(world());
});
afterAll(async () => {
  await recorder?.stop();
});

type Wanted = Omit<Spec, 'registry'>;
const japaneast = { location: 'japaneast' };
const uksouth = { location: 'uksouth' };
const westeurope = { location: 'westeurope' };
const two: Wanted = { regions: [japaneast, uksouth] };

/** A scene that goes on only when what it waited for has been recorded. */
async function recorded(name: string, seed: Partial<SeedRegistry> = {}) {
  const it: Scene = await scene(world(), name, seed);
  const noted = async (object: Promise<RegistryReplication>) => here().seen(await object);
  return {
    ...it,
    untilReady: () => noted(it.untilReady()),
    untilReason: (reason: string) => noted(it.untilReason(reason)),
    until: (what: string, holds: (object: RegistryReplication) => boolean) => noted(it.until(what, holds)),
  };
}
type Recorded = Awaited<ReturnType<typeof recorded>>;

function here(): Recorder {
  if (recorder === undefined) throw new Error('nothing is recorded yet');
  return recorder;
}

const withDrift =
  (change: (control: ReturnType<typeof world>['azure']['control']) => Promise<void>) => async (it: Recorded) => {
    await it.apply(two);
    await it.untilReady();
    await change(world().azure.control);
    await it.lookNow();
    await it.untilReady();
  };

const refusedBy =
  (effect: Parameters<Scene['fault']>[0], told = 'Stalled') =>
  async (it: Recorded) => {
    const end = await it.fault(effect, { verb: 'PUT', region: 'uksouth' });
    await it.apply(two);
    await it.until(
      told,
      ({ status }) => status?.conditions?.some((c) => c.type === told || c.reason === told) === true,
    );
    await end();
    await it.lookNow();
    await it.untilReady();
  };

/** What happens, and how Flux and Argo CD take the object in the end. */
const scenarios: Readonly<
  Record<string, readonly [end: string, happens: (it: Recorded) => Promise<unknown>, seed?: Partial<SeedRegistry>]>
> = {
  created: ['Current Healthy', async (it) => [await it.apply(two), await it.untilReady()]],
  edited: [
    'Current Healthy',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await it.apply({ regions: [japaneast, uksouth, westeurope] });
      await it.untilReady();
    },
  ],
  swapped: [
    'Current Healthy',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await it.apply({ regions: [japaneast, westeurope] });
      await it.untilReady();
    },
  ],
  swappedmidway: [
    'Current Healthy',
    async (it) => {
      await it.apply(two);
      await it.untilReason('Creating');
      await it.apply({ regions: [westeurope] });
      await it.untilReady();
    },
  ],
  settings: [
    'Current Healthy',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await it.apply({ regions: [{ ...japaneast, routing: 'Disabled' }, uksouth], tags: { team: 'platform' } });
      await it.untilReady();
    },
  ],
  driftdeleted: [
    'Current Healthy',
    withDrift((c) => c.deleteReplica({ registry: 'driftdeleted', region: 'japaneast' })),
  ],
  // For five minutes it has notice.
  driftadded: [
    'InProgress Progressing',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await world().azure.control.createReplica({ registry: 'driftadded', ...westeurope });
      await it.lookNow();
      await it.untilReason('Deleting');
    },
  ],
  driftfailed: [
    'Current Healthy',
    withDrift((c) => c.alterReplica({ registry: 'driftfailed', region: 'japaneast', provisioningState: 'Failed' })),
  ],
  repaired: [
    'Current Healthy',
    async (it) => {
      await it.fault({ kind: 'operationFails' }, { verb: 'PUT', region: 'uksouth' }, 1);
      await it.apply(two);
      await it.untilReady();
    },
  ],
  outage: [
    'Current Healthy',
    async (it) => {
      const end = await it.fault({ kind: 'respond', status: 503, code: 'ServiceUnavailable' }, { verb: 'PUT' });
      await it.apply(two);
      await it.untilReason('Retrying');
      await end();
      await it.lookNow();
      await it.untilReady();
    },
  ],
  provisioned: [
    'Current Healthy',
    async (it) => {
      await it.fault({ kind: 'stuckSyncing' });
      await it.apply(two);
      await it.untilReason('Syncing');
      await it.apply({ ...two, readyWhen: 'Provisioned' });
      await it.untilReady();
    },
  ],
  syncing: [
    'InProgress Progressing',
    async (it) => {
      await it.fault({ kind: 'stuckSyncing' });
      await it.apply(two);
      await it.untilReason('Syncing');
    },
  ],
  forbidden: [
    'Current Healthy',
    // For five minutes the role may be on its way.
    refusedBy({ kind: 'deny', action: 'Microsoft.ContainerRegistry/registries/replications/write' }, 'Retrying'),
  ],
  locked: ['Current Healthy', refusedBy({ kind: 'lock', level: 'ReadOnly' })],
  policy: ['Current Healthy', refusedBy({ kind: 'policy', assignment: 'eu-only' })],
  notpremium: [
    'Failed Degraded',
    async (it) => [await it.apply(two), await it.untilReason('SkuNotPremium')],
    { sku: 'Basic' },
  ],
  unknownregion: [
    'Failed Degraded',
    async (it) => [
      await it.apply({ regions: [japaneast, { location: 'japanest' }] }),
      await it.untilReason('RegionUnavailable'),
    ],
  ],
  missing: [
    'Failed Degraded',
    async (it) => {
      await world().azure.control.deleteRegistry(it.name);
      await it.apply(two);
      await unreadForMinutes(world(), it.name);
      await it.untilReason('RegistryNotFound');
    },
  ],
  foreign: [
    'Failed Degraded',
    async (it) => [await it.apply(two), await it.untilReason('Conflict')],
    { replicas: [{ ...westeurope, tags: { 'acr-replication-owner': 'elsewhere/platform/contoso' } }] },
  ],
  planned: [
    'InProgress Suspended',
    async (it) => [await it.apply({ ...two, mode: 'Observe' }), await it.untilReason('PlanPending')],
  ],
  observed: [
    'Current Healthy',
    async (it) => [await it.apply({ ...two, mode: 'Observe' }), await it.untilReady()],
    { replicas: [japaneast, uksouth] },
  ],
  carriedout: [
    'Current Healthy',
    async (it) => {
      await it.apply({ ...two, mode: 'Observe' });
      await it.untilReason('PlanPending');
      await it.apply({ ...two, mode: 'Apply' });
      await it.untilReady();
    },
  ],
  suspendedready: [
    'Current Suspended',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await it.apply({ ...two, suspend: true });
      await it.until('Suspended', ({ status }) => status?.phase === 'Suspended');
    },
  ],
  suspendededited: [
    'InProgress Suspended',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await it.apply({ regions: [japaneast, westeurope], suspend: true });
      await it.untilReason('Suspended');
    },
  ],
  suspendedtags: [
    'InProgress Suspended',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await it.apply({ ...two, suspend: true });
      await it.until('Suspended', ({ status }) => status?.phase === 'Suspended');
      const { metadata } = await it.apply({ ...two, tags: { team: 'platform' }, suspend: true });
      await it.until('seen', ({ status }) => status?.observedGeneration === metadata.generation);
    },
  ],
  resumed: [
    'Current Healthy',
    async (it) => {
      await it.apply({ ...two, suspend: true });
      await it.untilReason('Suspended');
      await it.apply(two);
      await it.untilReady();
    },
  ],
  claimed: [
    'Failed Degraded',
    async (it) => {
      const registry = { name: it.name, resourceGroup };
      await world().apply('aholder', { registry, ...two });
      await world().untilReady('aholder');
      await it.apply({ regions: [westeurope] });
      await it.untilReason('RegistryClaimed');
    },
  ],
  deleted: [
    'Terminating Progressing',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      await world().cluster.kube.delete(world().path(it.name));
      await it.untilGone();
    },
  ],
  deletionblocked: [
    'Terminating Degraded',
    async (it) => {
      await it.apply(two);
      await it.untilReady();
      const end = await it.fault({ kind: 'lock', level: 'CanNotDelete' }, { verb: 'DELETE' });
      await world().cluster.kube.delete(world().path(it.name));
      await it.untilReason('Locked');
      return async () => {
        await end();
        await it.lookNow();
        await it.untilGone();
      };
    },
  ],
};

describe.concurrent('Flux says Current and Argo CD Healthy when Azure agrees, and both say when somebody must act', () => {
  for (const [name, [end, happens, seed]] of Object.entries(scenarios)) {
    test(`${name}: ${end}`, async ({ expect }) => {
      const it = await recorded(name, seed);
      const after = await happens(it);
      const moments = here().of(name);
      const judgements = await judge(moments.map(({ object }) => object));
      const ofThis = moments.flatMap(({ object }, i) => (object.metadata.name === name ? [judgements[i]] : []));
      expect(await brokenPromises(moments)).toEqual([]);
      expect(inShort(ofThis.at(-1)), 'in the end').toBe(end);
      expect(inShort(ofThis[0]), 'when it has just been created').toBe(
        moments[0]?.object.spec.suspend === true ? 'InProgress Suspended' : 'InProgress Progressing',
      );
      if (typeof after === 'function') await (after as () => Promise<void>)();
    });
  }
});

/** Without conditions and observedGeneration Flux's library takes any object for current. */
test('an object that no operator has seen yet is in progress, when it is new and after an edit', async () => {
  const { kube } = world().cluster;
  const namespace = await kube.createNamespace('unwatched');
  const registry = { name: 'unseen', resourceGroup };
  const metadata = { name: 'unseen', namespace };
  const created = await kube.apply({ apiVersion, kind, metadata, spec: { registry, ...two } });
  const read = await kube.get(`/apis/${apiVersion}/namespaces/${namespace}/${plural}/unseen`);
  const edited = await kube.apply({ apiVersion, kind, metadata, spec: { registry, regions: [japaneast] } });
  expect(edited.metadata.generation).toBe(2);
  const judgements = await judge([created, read ?? {}, edited]);
  expect(judgements.map(inShort)).toEqual(Array(3).fill('InProgress Progressing'));
});

/** What is terminal is not waited for until the time is up: it is told in one step, and stays told while it lasts. */
test('from the first failure that needs somebody until the next edit nothing else is said', async () => {
  for (const name of ['notpremium', 'unknownregion', 'missing', 'foreign', 'claimed']) {
    const moments = here()
      .of(name)
      .filter(({ object }) => object.metadata.name === name);
    const judgements = await judge(moments.map(({ object }) => object));
    const said = judgements.map(({ kstatus }) => kstatus.status).filter((status, i, all) => status !== all[i - 1]);
    expect(said, name).toEqual(['InProgress', 'Failed']);
  }
});

function inShort(judgement: Judgement | undefined): string {
  return `${judgement?.kstatus.status} ${judgement?.argocd.status}`;
}
