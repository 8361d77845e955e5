import { expect, onTestFinished, test } from 'vitest';
import type { RegistryReplication } from '../../../src/api/registryreplication.ts';
import { type EventReason, eventReasons, type Occurrence } from '../../../src/domain/events.ts';
import { createEvents } from '../../../src/kube/events.ts';
import { clockAt } from '../../support/clock.ts';
import { controlPlane } from '../../support/cluster.ts';
import { kubeSession, manifest } from '../../support/kube-session.ts';
import { kubectl } from './kubectl.ts';

const reasons = Object.keys(eventReasons) as EventReason[];
/** Each step with a reason of its own, so that no two become one Event. */
const happened = (note: string): Occurrence => ({
  type: 'Normal',
  reason: reasons[Number(note.replace('step ', ''))] ?? 'ReplicaUpdated',
  action: 'Update',
  note,
});

/** The notes in a text of kubectl, in its order. */
const notesIn = (text: string): readonly string[] => text.match(/step \d+/g) ?? [];

test('kubectl shows Events in the order in which they happened, also those of one second', async () => {
  const { kube, adminKubeconfig } = controlPlane();
  const namespace = await kube.createNamespace('order');
  const object = await kube.apply<RegistryReplication>(manifest(namespace, 'contoso'));
  const { client, logged } = kubeSession(adminKubeconfig, { namespaces: [namespace] });
  let now = Date.now();
  const log = {
    debug() {},
    info() {},
    warn: () => expect.fail(),
    error: () => expect.fail(),
    isDebugEnabled: () => false,
  };
  const events = createEvents({ client, instance: 'operator', log, clock: clockAt(() => new Date(now)) });
  onTestFinished(() => events.close(0));
  const expected = Array.from({ length: 10 }, (_, step) => `step ${step}`);
  for (const at of [0, 3, 6]) {
    const version = String(BigInt(object.metadata.resourceVersion) + BigInt(at));
    const seen = { ...object, metadata: { ...object.metadata, resourceVersion: version } };
    events.announce(seen, expected.slice(at, at === 6 ? 10 : at + 3).map(happened));
    events.announce(seen, expected.slice(at, at === 6 ? 10 : at + 3).map(happened)); // told twice
    now += at === 0 ? 100 : 1_000;
  }
  await events.close(20_000);
  expect(logged.filter(({ level }) => level !== 'info' && level !== 'debug')).toEqual([]);
  const listed = await kubectl('get', 'events', '-n', namespace, '--sort-by=.lastTimestamp');
  expect(notesIn(listed.stdout), listed.stderr).toEqual(expected);
  const described = await kubectl('describe', '-n', namespace, 'registryreplications.acr-replication.dev', 'contoso');
  expect(notesIn(described.stdout), described.stderr).toEqual(expected);
});
