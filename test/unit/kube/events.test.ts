import { describe, expect, test, vi } from 'vitest';
import type { Occurrence } from '../../../src/domain/events.ts';
import { createEvents } from '../../../src/kube/events.ts';
import type { KubeRequest } from '../../../src/kube/http/client.ts';
import { KubeError } from '../../../src/kube/http/error.ts';
import type { EventResult } from '../../../src/ports/event-result.ts';
import { noon, resource } from '../../support/builders.ts';
import { clockAt } from '../../support/clock.ts';

interface Body {
  readonly metadata: { readonly name: string };
  readonly message: string;
  readonly involvedObject: { readonly name: string };
  readonly [field: string]: unknown;
}

const ready: Occurrence = { type: 'Normal', reason: 'ReplicaReady', action: 'Observe', note: 'japaneast: ready.' };
const object = resource(['japaneast']);
/** As the real client: an abort ends the wait. */
const noReply = (_attempt: number, signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** What was posted and logged; `answer` decides how each request ends. */
function recorder(answer: (attempt: number, signal: AbortSignal) => Promise<unknown> = async () => ({})) {
  const posted: Body[] = [];
  const logged: string[] = [];
  const results: EventResult[] = [];
  let now = noon;
  const note = (level: string) => (_message: string, fields?: object) =>
    void logged.push(`${level} ${String((fields as { reason?: string }).reason)}`);
  const events = createEvents({
    client: {
      call: (request: KubeRequest, signal) => {
        expect(request).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/platform/events' });
        posted.push(request.body as Body);
        return answer(posted.length, signal);
      },
    },
    instance: `operator-0${'.'.repeat(200)}`,
    log: {
      debug: note('debug'),
      info: note('info'),
      warn: note('warn'),
      error: note('error'),
      isDebugEnabled: () => true,
    },
    clock: clockAt(() => now),
    timeoutMs: 50,
    onResult: (result) => void results.push(result),
  });
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  return { events, posted, logged, results, pass };
}

const refusal = (status: number, reason: string, details?: { readonly causes: { readonly reason: string }[] }) =>
  new KubeError({ request: 'POST events', status, reason, details });

test('an Event has every field that Kubernetes requires and kubectl sorts by, within its limits', async () => {
  const { events, posted } = recorder();
  events.announce(object, [{ ...ready, note: 'ü'.repeat(1000) }]);
  await events.close(1_000);
  const [body] = posted;
  expect(body).toMatchObject({
    apiVersion: 'v1',
    kind: 'Event',
    eventTime: '2026-09-10T12:00:00.000000Z',
    firstTimestamp: '2026-09-10T12:00:00Z',
    lastTimestamp: '2026-09-10T12:00:00Z',
    count: 1,
    involvedObject: {
      apiVersion: 'acr-replication.dev/v1alpha1',
      kind: 'RegistryReplication',
      namespace: 'platform',
      name: 'contoso',
      uid: 'uid-1',
      resourceVersion: '1',
    },
    type: 'Normal',
    reason: 'ReplicaReady',
    action: 'Observe',
    source: { component: 'acr-replication.dev/operator' },
    reportingComponent: 'acr-replication.dev/operator',
  });
  expect(body?.metadata.name).toMatch(/^contoso\.[0-9a-f]{28}$/);
  expect(body?.message).toMatch(/^ü+…$/);
  expect(Buffer.byteLength(body?.message ?? '')).toBeLessThanOrEqual(1024);
  expect(Buffer.byteLength(String(body?.['reportingInstance']))).toBeLessThanOrEqual(128);
});

test('the same thing told twice has one name, another version of the object another', async () => {
  const { events, posted } = recorder();
  events.announce(object, [ready]);
  events.announce(object, [ready]);
  events.announce({ ...object, metadata: { ...object.metadata, resourceVersion: '2' } }, [ready]);
  events.announce(object, [{ ...ready, note: 'uksouth: ready.' }]);
  await events.close(1_000);
  expect(posted).toHaveLength(4);
  expect(new Set(posted.map(({ metadata }) => metadata.name)).size).toBe(3);
});

test('names rise with the version of the object, and in one pass with the order of what happened', async () => {
  const { events, posted } = recorder();
  const at = (resourceVersion: string) => ({ ...object, metadata: { ...object.metadata, resourceVersion } });
  events.announce(at('9'), [
    ready,
    { ...ready, reason: 'Recovered', note: 'b' },
    { ...ready, reason: 'ReplicaUpdated', note: 'a' },
  ]);
  events.announce(at('10'), [ready]);
  events.announce(at('9007199254740993'), [ready]);
  await events.close(1_000);
  const inOrder = posted.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  expect(inOrder.map(({ message }) => message)).toEqual([ready.note, 'b', 'a', ready.note, ready.note]);
});

test('a version that is no number has an Event, too, with one name however often it is told', async () => {
  const { events, posted, logged } = recorder();
  const at = (resourceVersion: string) => ({ ...object, metadata: { ...object.metadata, resourceVersion } });
  for (const version of ['abc', 'abc', '', '1.5', '9'.repeat(200)]) events.announce(at(version), [ready]);
  await events.close(1_000);
  for (const { metadata } of posted) expect(metadata.name).toMatch(/^contoso\.0{20}[0-9a-f]{8}$/);
  expect([posted.length, new Set(posted.map(({ metadata }) => metadata.name)).size, logged]).toEqual([5, 4, []]);
});

test('an Event that cannot even be made is reported, and those after it are written', async () => {
  const { events, posted, logged } = recorder();
  const broken = { ...object, metadata: { ...object.metadata, namespace: '\ud800' } };
  events.announce(broken, [ready]);
  events.announce(object, [ready]);
  await events.close(1_000);
  expect([posted.length, logged]).toEqual([1, ['warn Unexpected']]);
});

test('the name of a long object stays a DNS subdomain', async () => {
  const { events, posted } = recorder();
  events.announce(resource([], { metadata: { name: `${'a'.repeat(199)}.${'b'.repeat(50)}` } }), [ready]);
  await events.close(1_000);
  expect(posted[0]?.metadata.name).toMatch(/^a{199}\.[0-9a-f]{28}$/);
});

test('a refusal is reported once per reason, and one for a name that exists not at all', async () => {
  const { events, logged } = recorder(async (attempt) => {
    throw attempt <= 3 ? refusal(409, 'AlreadyExists') : refusal(403, 'Forbidden');
  });
  for (let i = 0; i < 6; i += 1) events.announce(object, [ready]);
  await events.close(1_000);
  expect(logged).toEqual(['warn Forbidden']);
});

test('a namespace that is being deleted takes no Events, which is no reason to warn', async () => {
  const { events, logged } = recorder(async () => {
    throw refusal(403, 'Forbidden', { causes: [{ reason: 'NamespaceTerminating' }] });
  });
  events.announce(object, [ready]);
  await events.close(1_000);
  expect(logged).toEqual(['debug Forbidden']);
});

test('a broken connection is tried once more', async () => {
  const { events, posted, logged } = recorder(async (attempt) => {
    if (attempt === 1) throw refusal(0, 'ECONNRESET');
  });
  events.announce(object, [ready]);
  await events.close(1_000);
  expect([posted.length, logged]).toEqual([2, []]);
});

/** The object of a fleet with that number. */
const member = (number: number) => resource([], { metadata: { name: `fleet-${number}`, uid: `uid-${number}` } });
const failed: Occurrence = { type: 'Warning', reason: 'ReplicaFailed', action: 'Observe', note: 'uksouth: failed.' };

test('an API server that does not answer costs announcing no time, and at most a thousand wait', async () => {
  const { events, posted, logged, results } = recorder(noReply);
  for (let i = 0; i < 1_100; i += 1) events.announce(member(i), [ready]);
  expect(posted).toHaveLength(4);
  expect(logged).toEqual(['debug QueueFull']);
  expect(results).toEqual(Array(96).fill('dropped'));
  await events.close(0);
  events.announce(object, [ready]);
  expect([posted.length, results.length]).toEqual([4, 1_100]);
});

describe('a change of a thousand objects', () => {
  test('has fifty Events written at once, and ten in each second after that', async () => {
    const { events, posted, pass } = recorder();
    for (let i = 0; i < 100; i += 1) events.announce(member(i), [ready]);
    await vi.waitFor(() => expect(posted).toHaveLength(50));
    pass(1_000);
    await vi.waitFor(() => expect(posted).toHaveLength(60));
    await events.close(1_000);
    expect(posted).toHaveLength(100);
  });

  test('tells of the object that changed last before those that wait, and in the order in which it changed', async () => {
    const { events, posted, pass } = recorder();
    for (let i = 0; i < 60; i += 1) events.announce(member(i), [ready]);
    await vi.waitFor(() => expect(posted).toHaveLength(50));
    events.announce(object, [{ ...ready, reason: 'ReplicaCreating', note: 'first' }]);
    events.announce(object, [{ ...ready, note: 'second' }]);
    pass(200);
    await vi.waitFor(() => expect(posted).toHaveLength(52));
    expect(posted.slice(-2).map(({ message }) => message)).toEqual(['first', 'second']);
    await events.close(1_000);
  });

  test('tells Warnings before all others', async () => {
    const { events, posted } = recorder();
    for (let i = 0; i < 60; i += 1) events.announce(member(i), i === 30 ? [ready, failed] : [ready]);
    await events.close(1_000);
    const inFlight = ['fleet-0', 'fleet-1', 'fleet-2', 'fleet-3'];
    const told = posted.slice(0, 6).map(({ involvedObject, reason }) => [involvedObject.name, reason]);
    expect(told).toEqual([
      ...inFlight.map((name) => [name, 'ReplicaReady']),
      ['fleet-30', 'ReplicaFailed'],
      ['fleet-59', 'ReplicaReady'],
    ]);
  });

  test('loses the oldest Events when more than a thousand wait, and Warnings last', async () => {
    const answered = Promise.withResolvers<void>();
    const { events, posted, results } = recorder(() => answered.promise);
    for (let i = 0; i < 1_010; i += 1) events.announce(member(i), [i === 4 ? failed : ready]);
    expect(results).toEqual(Array(6).fill('dropped'));
    answered.resolve();
    await events.close(10_000);
    const told = new Set(posted.map(({ involvedObject }) => involvedObject.name));
    const lost = Array.from({ length: 1_010 }, (_, i) => `fleet-${i}`).filter((name) => !told.has(name));
    expect(lost).toEqual(['fleet-5', 'fleet-6', 'fleet-7', 'fleet-8', 'fleet-9', 'fleet-10']);
  });

  test('has one Event of an object for all that waits with the same reason, with the times at which it happened', async () => {
    const { events, posted, results, pass } = recorder();
    for (let i = 0; i < 60; i += 1) events.announce(member(i), [ready]);
    await vi.waitFor(() => expect(posted).toHaveLength(50));
    const { length } = results;
    events.announce(object, [ready]);
    pass(40);
    for (const note of ['uksouth: ready.', 'uksouth: ready.']) events.announce(object, [{ ...ready, note }]);
    expect(results.slice(length)).toEqual(['joined', 'joined']);
    pass(60_000);
    await events.close(1_000);
    expect(posted.filter(({ message }) => message.includes('uksouth'))).toMatchObject([
      {
        message: 'japaneast: ready. uksouth: ready.',
        count: 3,
        eventTime: '2026-09-10T12:00:00.000000Z',
        firstTimestamp: '2026-09-10T12:00:00Z',
        lastTimestamp: '2026-09-10T12:00:00Z',
      },
    ]);
  });
});

test('what became of each occurrence is counted', async () => {
  const { events, results } = recorder(async (attempt) => {
    if (attempt > 1) throw attempt === 2 ? refusal(409, 'AlreadyExists') : refusal(403, 'Forbidden');
  });
  for (let i = 0; i < 3; i += 1) events.announce(member(i), [ready]);
  await events.close(1_000);
  expect(results).toEqual(['written', 'written', 'refused']);
});
