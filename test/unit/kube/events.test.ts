import { expect, test, vi } from 'vitest';
import type { Occurrence } from '../../../src/domain/events.ts';
import { createEvents } from '../../../src/kube/events.ts';
import type { KubeRequest } from '../../../src/kube/http/client.ts';
import { KubeError } from '../../../src/kube/http/error.ts';
import { noon, resource } from '../../support/builders.ts';
import { clockAt } from '../../support/clock.ts';

interface Body {
  readonly metadata: { readonly name: string };
  readonly message: string;
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
    clock: clockAt(() => noon),
    timeoutMs: 50,
  });
  return { events, posted, logged };
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
  events.announce(at('9'), [ready, { ...ready, note: 'b' }, { ...ready, note: 'a' }]);
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

test('an API server that does not answer costs announcing no time, and at most a thousand wait', async () => {
  const { events, posted, logged } = recorder(noReply);
  for (let i = 0; i < 1_100; i += 1) events.announce(object, [ready]);
  expect(posted).toHaveLength(4);
  await vi.waitFor(() => expect(logged).toContain('warn QueueFull'));
  await events.close(0);
  events.announce(object, [ready]);
  expect(posted.length).toBeLessThan(1_100);
});
