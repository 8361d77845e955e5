/**
 * What the operator does to live objects, against the Kubernetes API conventions; the sentences in quotation marks are
 * theirs.
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
 */
import { type TestContext, test } from 'vitest';
import { type Condition, finalizer, group, type RegistryReplication } from '../../src/api/registryreplication.ts';
import { eventReasons } from '../../src/domain/events.ts';
import { kubeSession } from '../support/kube-session.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';
import { scene, unreadForMinutes } from '../support/registry-scene.ts';

const japan = { location: 'japaneast' };
const uk = { location: 'uksouth' };
const slow = { timeout: 90_000, interval: 200 };

test('a pass that finds nothing new writes nothing, in whatever state the object is: not at the interval, not after a restart', async (t) => {
  const world = await operatorWorld(t);
  const operator = await world.start();
  const ready = await scene(world, 'ready');
  const syncing = await scene(world, 'syncing', { replicas: [japan] });
  const planned = await scene(world, 'planned');
  const failing = await scene(world, 'failing');
  const suspended = await scene(world, 'suspended');
  await syncing.apply({ regions: [japan], interval: '30s' });
  await syncing.untilReady();
  await world.azure.control.alterReplica({ registry: 'syncing', region: 'japaneast', displayStatus: 'Syncing' });
  await syncing.lookNow();
  await ready.apply({ regions: [japan, uk], interval: '30s' });
  await planned.apply({ regions: [japan], interval: '30s', mode: 'Observe' });
  await failing.apply({ regions: [japan, { location: 'atlantis' }], interval: '30s' });
  await suspended.apply({ regions: [japan], suspend: true });
  const registry = { name: 'missing', resourceGroup: 'registries' };
  await world.apply('missing', { registry, regions: [japan], interval: '30s' });
  await Promise.all([
    ready.untilReady(),
    syncing.untilReason('Syncing'),
    planned.untilReason('PlanPending'),
    failing.untilReason('RegionUnavailable'),
    suspended.untilReason('Suspended'),
    unreadForMinutes(world, 'missing').then(() =>
      world.until('missing', 'RegistryNotFound', isStalled('RegistryNotFound')),
    ),
  ]);
  await failing.until('the other region to be made', ({ status }) => status?.plan?.join() === '+atlantis');

  const names = ['ready', 'syncing', 'planned', 'failing', 'missing'];
  const now = async () => ({ objects: await written(world), events: (await eventsIn(world)).length });
  const before = await now();
  const lookedAtAgain = async () => {
    const calls = async () => Promise.all(names.map((name) => callsAbout(world, name)));
    const so = await calls();
    const waiting = async () => (await calls()).flatMap((n, i) => (n > (so[i] ?? 0) ? [] : [names[i]]));
    await t.expect.poll(waiting, slow).toEqual([]);
  };
  await lookedAtAgain();
  t.expect(await now()).toEqual(before);
  await operator.stop();
  const looked = lookedAtAgain();
  const next = await world.start();
  await looked;
  await next.stop(); // with the passes it has begun
  t.expect(await now()).toEqual(before);
});

test('over a whole life each status has conditions as the conventions want them, and nothing but status and finalizer is written', async (t) => {
  const world = await operatorWorld(t);
  const versions = watched(t, world);
  const it = await scene(world, 'contoso');
  const applied = await it.apply({ regions: [japan] });
  await world.start();
  await it.untilReady();
  await it.apply({ regions: [japan, uk, { location: 'atlantis' }] });
  await it.untilReason('RegionUnavailable');
  await it.apply({ regions: [uk], suspend: true });
  await it.until('Suspended', ({ status }) => status?.phase === 'Suspended');
  const settled = await it.apply({ regions: [uk], suspend: false });
  await it.untilReady();

  const owned = (await managedBy(world, 'contoso')).filter(({ manager }) => manager === 'acr-replication-operator');
  t.expect(owned.map(({ subresource = '', fieldsV1 }) => [subresource, Object.keys(fieldsV1)])).toEqual([
    ['', ['f:metadata']],
    ['status', ['f:status']],
  ]);
  t.expect(owned[0]?.fieldsV1).toEqual({
    'f:metadata': { 'f:finalizers': { '.': {}, [`v:"${finalizer}"`]: {} } },
  });
  const { spec, metadata } = (await world.get('contoso')) ?? settled;
  t.expect([spec, metadata.generation]).toEqual([settled.spec, settled.metadata.generation]);
  t.expect([metadata.labels, metadata.annotations]).toEqual([applied.metadata.labels, applied.metadata.annotations]);
  await world.cluster.kube.delete(world.path('contoso'));
  await it.untilGone();

  const seen = versions();
  const judged = seen.filter(({ status }) => status !== undefined);
  t.expect(judged.length).toBeGreaterThan(5);
  // "Controllers should apply their conditions to a resource the first time they visit the resource".
  for (const object of judged)
    t.expect(conditionsOf(object)).toContainEqual(t.expect.objectContaining({ type: 'Ready' }));
  for (const { type, reason, message } of judged.flatMap(conditionsOf)) {
    t.expect(['Ready', 'Reconciling', 'Stalled']).toContain(type);
    t.expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    t.expect(message).toMatch(/^[^\p{Cc}]+\.$/u); // one line, of sentences
  }
  t.expect(judged.flatMap((object, i) => movedWithoutCause(judged[i - 1], object))).toEqual([]);
  const generations = judged.map(({ status }) => status?.observedGeneration ?? 0);
  t.expect(generations).toEqual(generations.toSorted((a, b) => a - b));
  t.expect(new Set(judged.flatMap(conditionsOf).map(({ reason }) => reason)).size).toBeGreaterThan(3);
});

test('an Event is as events.k8s.io/v1 and the conventions want it', async (t) => {
  const world = await operatorWorld(t);
  await world.start();
  const it = await scene(world, 'contoso');
  await it.apply({ regions: [japan, { location: 'atlantis' }] });
  await it.untilReason('RegionUnavailable');
  await it.apply({ regions: [japan] });
  const { metadata, apiVersion, kind } = await it.untilReady();
  const told = async () => new Set((await eventsIn(world)).map(({ reason }) => reason));
  await t.expect.poll(told, slow).toEqual(new Set(['ReplicaCreating', 'ReplicaReady', 'Stalled', 'Recovered']));
  for (const event of await eventsIn(world)) {
    const known = eventReasons[event.reason as keyof typeof eventReasons];
    t.expect(event).toMatchObject({ ...known, regarding: { apiVersion, kind, name: 'contoso', uid: metadata.uid } });
    t.expect(event.reportingController).toMatch(new RegExp(`^${group}/[a-z-]+$`)); // a qualified name
    t.expect(event.reportingInstance).not.toBe('');
    t.expect(event.note).toMatch(/^[^\p{Cc}]+\.$/u);
    t.expect(event.metadata.namespace).toBe(world.namespace);
    t.expect(event.metadata.name).toMatch(/^contoso\.[0-9a-f]+$/);
  }
});

interface KubeEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly reason: string;
  readonly note: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
}

interface Managed {
  readonly manager: string;
  readonly subresource?: string;
  readonly fieldsV1: Readonly<Record<string, unknown>>;
}

async function eventsIn({ cluster, namespace }: OperatorWorld): Promise<readonly KubeEvent[]> {
  return await cluster.kube.list<KubeEvent>(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
}

/**
 * The version of every object; of one with a write that Azure refuses, its status: after each refusal it says anew until
 * when the region is left alone, and nothing else.
 */
async function written(world: OperatorWorld): Promise<readonly string[]> {
  const objects = await world.cluster.kube.list<RegistryReplication>(world.path('').slice(0, -1));
  return objects.map(({ metadata, status }) => {
    const isRefused = status?.replicas?.some(({ notBefore }) => notBefore !== undefined) ?? false;
    const told = JSON.stringify(status, (name, value: unknown) => (name === 'notBefore' ? 'later' : value));
    return `${metadata.name} ${isRefused ? told : metadata.resourceVersion}`;
  });
}

async function managedBy(world: OperatorWorld, name: string): Promise<readonly Managed[]> {
  const object = await world.cluster.kube.get<{ metadata: { managedFields: readonly Managed[] } }>(world.path(name));
  return object?.metadata.managedFields ?? [];
}

async function callsAbout({ azure }: OperatorWorld, registry: string): Promise<number> {
  return (await azure.control.journal()).filter(({ path }) => path.includes(`/registries/${registry}`)).length;
}

/** Every version of the objects of the world from now on, as a watch tells them. */
function watched(t: TestContext, { cluster, namespace }: OperatorWorld): () => readonly RegistryReplication[] {
  const seen: RegistryReplication[] = [];
  const { store } = kubeSession(cluster.adminKubeconfig, { namespaces: [namespace] }, t);
  store.onChange((_, { current }) => {
    if (current !== undefined) seen.push(current);
  });
  return () => seen;
}

function conditionsOf({ status }: RegistryReplication): readonly Condition[] {
  return status?.conditions ?? [];
}

/** "lastTransitionTime is the last time the condition transitioned from one status to another." */
function movedWithoutCause(before: RegistryReplication | undefined, now: RegistryReplication): readonly string[] {
  return conditionsOf(now).flatMap(({ type, status, lastTransitionTime }) => {
    const last = before === undefined ? undefined : conditionsOf(before).find((condition) => condition.type === type);
    const moved = last !== undefined && last.status === status && last.lastTransitionTime !== lastTransitionTime;
    return moved ? [`${type} ${status} of ${last.lastTransitionTime} at ${lastTransitionTime}`] : [];
  });
}

function isStalled(reason: string) {
  return ({ status }: RegistryReplication): boolean =>
    status?.conditions?.some((condition) => condition.type === 'Stalled' && condition.reason === reason) ?? false;
}
