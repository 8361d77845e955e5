import { describe, expect, test } from 'vitest';
import { operatorAccount, operatorNamespace } from '../sandbox/operator.ts';
import { type OperatorWorld, operatorWorld } from '../support/operator-world.ts';
import { age } from '../support/registry-scene.ts';

interface Event {
  readonly metadata: { readonly name: string };
  readonly eventTime: string;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly uid: string };
  readonly reportingController: string;
}

const five = ['brazilsouth', 'japaneast', 'northeurope', 'uksouth', 'westeurope'];

/** As `kubectl describe` looks for them; oldest first, and those of one pass by name: in the order of the pass. */
async function eventsOf(world: OperatorWorld, uid: string): Promise<readonly Event[]> {
  const path = `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`;
  const events = await world.cluster.kube.list<Event & { readonly kind: string; readonly apiVersion: string }>(path, {
    fieldSelector: `regarding.uid=${uid}`,
  });
  return events
    .toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name))
    .toSorted((a, b) => a.eventTime.localeCompare(b.eventTime));
}

const lines = (events: readonly Event[]) => events.map(({ type, reason, note }) => `${type} ${reason} ${note}`);

/** Regions an Event's note names. */
const regionsOf = (events: readonly Event[], reason: string) =>
  events.filter((e) => e.reason === reason).flatMap(({ note }) => (note.split(':')[0] ?? '').split(', '));

/** Writes of the operator in this namespace, as the API server logged them: `events create`. */
async function kubeWrites({ cluster, namespace }: OperatorWorld): Promise<Record<string, number>> {
  const account = `system:serviceaccount:${operatorNamespace}:${operatorAccount}`;
  const counts: Record<string, number> = {};
  for (const { user, verb, objectRef } of await cluster.auditEvents()) {
    if (user.username !== account || objectRef?.namespace !== namespace || !/create|patch|update|delete/.test(verb))
      continue;
    const what = `${[objectRef.resource, objectRef.subresource].filter(Boolean).join('/')} ${verb}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

describe('Events', () => {
  test('tell each change once, for all regions together, and nothing while nothing changes', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    await world.apply('contoso', { regions: five.map((location) => ({ location })), interval: '30s' });
    const { metadata } = await world.untilReady('contoso');
    await t.expect
      .poll(async () => regionsOf(await eventsOf(world, metadata.uid), 'ReplicaReady').toSorted(), { timeout: 10_000 })
      .toEqual(five);
    const events = await eventsOf(world, metadata.uid);
    expect(lines(events)[0]).toBe(`Normal ReplicaCreating ${five.join(', ')}: being created.`);
    expect(new Set(events.map(({ reason }) => reason))).toEqual(new Set(['ReplicaCreating', 'ReplicaReady']));
    expect(regionsOf(events, 'ReplicaCreating')).toEqual(five);
    await t.expect
      .poll(async () => (await kubeWrites(world))['events create'], { timeout: 10_000 }) // the audit log comes later
      .toBe(events.length);
    const writes = await kubeWrites(world);

    const lists = async () => (await world.azure.control.counters())['LIST replications'] ?? 0;
    const before = await lists();
    expect(before).toBeGreaterThan(0);
    await t.expect.poll(lists, { timeout: 90_000, interval: 500 }).toBeGreaterThanOrEqual(before + 2);
    expect(await kubeWrites(world)).toEqual(writes);
    expect(await eventsOf(world, metadata.uid)).toEqual(events);
  });

  test('warn of what somebody else did, and tell the end of a deleted object', async (t) => {
    const world = await operatorWorld(t);
    await world.start();
    await world.apply('contoso', { regions: [{ location: 'japaneast' }], interval: '30s' });
    const ready = await world.untilReady('contoso');
    const { metadata } = ready;
    await age(world, ready);
    await world.azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
    await world.until('contoso', 'the drift to be seen', ({ status }) => status?.plan?.includes('+japaneast') === true);
    await world.untilReady('contoso');
    await world.cluster.kube.delete(world.path('contoso'));
    await world.cluster.kube.waitForGone(world.path('contoso'));
    await t.expect
      .poll(async () => lines(await eventsOf(world, metadata.uid)), { timeout: 10_000 })
      .toEqual([
        'Normal ReplicaCreating japaneast: being created.',
        'Normal ReplicaReady japaneast: ready.',
        'Warning DriftDetected japaneast: deleted outside the operator.',
        'Normal ReplicaCreating japaneast: being created.',
        'Normal ReplicaReady japaneast: ready.',
        'Normal ReplicaDeleting japaneast: being deleted.',
        'Normal ReplicaDeleted japaneast: deleted.',
      ]);
  });
});
