import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Key } from '../../../../src/domain/key.ts';
import { keyOf } from '../../../../src/domain/key.ts';
import type { Credentials } from '../../../../src/domain/replication.ts';
import { createCredentialSource } from '../../../../src/kube/credentials/credential-source.ts';
import { createKubeClient } from '../../../../src/kube/http/client.ts';
import type { CacheChange } from '../../../../src/ports/store.ts';
import { resource } from '../../../support/builders.ts';
import { clockAt } from '../../../support/clock.ts';
import { type Answer, answers, bookmark, event, startWatchServer, status } from '../../../support/watch-server.ts';

const { signal } = new AbortController();
const tenantId = '10000000-0000-4000-8000-000000000001';
const clientId = '30000000-0000-4000-8000-000000000003';
const contoso: Credentials = { kind: 'secret', namespace: 'platform', name: 'azure-contoso' };
const account: Credentials = { kind: 'service-account', namespace: 'platform', name: 'contoso-replication' };
const path = '/api/v1/namespaces/platform/secrets';
const tokenPath = '/api/v1/namespaces/platform/serviceaccounts/contoso-replication/token';

function secret(clientSecret: string, version: number, labels = {}): object {
  const values = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: clientSecret };
  const data = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Buffer.from(v).toString('base64')]));
  const metadata = { name: 'azure-contoso', namespace: 'platform', uid: 'u', resourceVersion: `${version}`, labels };
  return { metadata, data };
}

function annotated(version: number): object {
  const annotations = {
    'azure.workload.identity/tenant-id': tenantId,
    'azure.workload.identity/client-id': clientId,
  };
  const metadata = { name: account.name, namespace: 'platform', uid: 'u', resourceVersion: `${version}`, annotations };
  return { metadata };
}

async function world(...script: readonly Answer[]) {
  const server = await startWatchServer();
  server.script(...script);
  const client = createKubeClient({ kubeConfig: server.kubeConfig, timeoutMs: 1_000 });
  const listeners: ((key: Key, change: CacheChange) => void)[] = [];
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), isDebugEnabled: () => true };
  const time = { nowMs: Date.parse('2026-09-10T12:00:00Z') };
  const credentials = createCredentialSource({
    client,
    store: { onChange: (listener) => void listeners.push(listener) },
    log,
    clock: clockAt(() => new Date(time.nowMs)),
    backoff: { firstMs: 4, maxMs: 20 },
  });
  const looked: Key[] = [];
  credentials.onChange((key) => looked.push(key));
  onTestFinished(async () => {
    credentials.stop();
    await client.close();
    await server[Symbol.asyncDispose]();
  });
  const object = (name: string, credentialsRef?: { name: string }) =>
    resource(['japaneast'], { metadata: { name }, ...(credentialsRef && { spec: { credentialsRef } }) });
  return {
    server,
    credentials,
    log,
    looked,
    time,
    /** Somebody applies an object that refers to a Secret, or to none; or deletes it. */
    set(name: string, change: { readonly before?: string; readonly after?: string }) {
      const { before, after } = change;
      const previous = before === undefined ? undefined : object(name, { name: before });
      const current = after === undefined ? undefined : object(name, { name: after });
      for (const listener of listeners) listener(keyOf(object(name)), { previous, current });
    },
    async read(of: Credentials = contoso) {
      const outcome = await credentials.read(of, signal);
      return outcome.ok ? outcome.value : outcome.failure;
    },
  };
}

/** A watch that stays open; `say` goes on with it. */
function openWatch(...first: readonly object[]): { readonly answer: Answer; say(text: string): void } {
  let open: ServerResponse | undefined;
  return {
    answer(response) {
      open = response.writeHead(200);
      open.write(first.map((object) => event('ADDED', object)).join('') + bookmark(10, true));
    },
    say: (text) => void open?.write(text),
  };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 });

test('a Secret is watched by its name alone, once for all who read it', async () => {
  const w = await world(openWatch(secret('s1', 3)).answer);
  w.set('a', { after: 'azure-contoso' });
  const [first, second] = await Promise.all([w.read(), w.read()]);
  expect(first).toEqual({ kind: 'client-secret', tenantId, clientId, clientSecret: 's1' });
  expect(second).toBe(first);
  expect(w.server.seen.map((s) => [s.path, s.query.get('fieldSelector')])).toEqual([
    [path, 'metadata.name=azure-contoso'],
  ]);
});

test('a change makes every object that refers to it be looked at, one that changes nothing does not', async () => {
  const watch = openWatch(secret('s1', 3));
  const w = await world(watch.answer);
  for (const name of ['a', 'b']) w.set(name, { after: 'azure-contoso' });
  w.set('c', { after: 'azure-fabrikam' });
  const first = await w.read();
  expect(w.looked).toEqual([]);
  watch.say(event('MODIFIED', secret('s1', 11, { team: 'platform' })));
  watch.say(event('MODIFIED', secret('s2', 12)));
  await until(() => expect(w.looked).toEqual(['platform/a', 'platform/b']));
  expect(await w.read()).toMatchObject({ clientSecret: 's2' });
  expect(await w.read()).not.toBe(first);
  watch.say(event('DELETED', secret('s2', 13)));
  await until(() => expect(w.looked).toHaveLength(4));
  expect(await w.read()).toMatchObject({ code: 'CredentialsMissing' });
});

test('when the last object that refers to it goes or refers to another, the watch ends', async () => {
  const w = await world(openWatch(secret('s1', 3)).answer);
  w.set('a', { after: 'azure-contoso' });
  w.set('b', { after: 'azure-contoso' });
  await w.read();
  w.set('a', { before: 'azure-contoso' });
  expect(w.server.connections().open).toBe(1);
  w.set('b', { before: 'azure-contoso', after: 'azure-fabrikam' });
  await until(() => expect(w.server.connections().open).toBe(0));
});

test('a read for an object that is gone meanwhile leaves no watch behind', async () => {
  const w = await world(openWatch(secret('s1', 3)).answer);
  expect(await w.read()).toMatchObject({ clientSecret: 's1' });
  await until(() => expect(w.server.connections().open).toBe(0));
});

test('a missing right is said at once, and when it is granted the object is looked at', async () => {
  const forbidden = answers(403, status(403, 'Forbidden'));
  const watch = openWatch(secret('s1', 3));
  const w = await world(forbidden, forbidden, watch.answer);
  w.set('a', { after: 'azure-contoso' });
  expect(await w.read()).toMatchObject({
    reason: 'Forbidden',
    message:
      'Kubernetes does not let the operator use Secret azure-contoso in namespace platform: it lacks list and watch on it.',
  });
  await until(() => expect(w.looked).toEqual(['platform/a']));
  expect(await w.read()).toMatchObject({ clientSecret: 's1' });
});

test('a right that is taken away counts too, while an API server that is away, or refuses all as it starts, does not', async () => {
  const breaks: Answer = (response) => {
    response.writeHead(200).write(event('ADDED', secret('s1', 3)) + bookmark(10, true));
    setTimeout(() => response.destroy(), 20);
  };
  const unavailable = answers(503, status(503, 'ServiceUnavailable'));
  const gate = Promise.withResolvers<void>();
  const later: Answer = (response) =>
    void gate.promise.then(() => answers(403, status(403, 'Forbidden'))(response, seen));
  const seen = { method: '', path: '', query: new URLSearchParams(), authorization: undefined, body: '' };
  const starting = answers(403, status(403, 'Forbidden'));
  const w = await world(breaks, unavailable, starting, later);
  w.set('a', { after: 'azure-contoso' });
  const first = await w.read();
  await until(() => expect(w.server.seen).toHaveLength(4));
  expect(await w.read()).toBe(first);
  w.time.nowMs += 10_000;
  gate.resolve();
  await until(() => expect(w.looked).toContain('platform/a'));
});

test('a Kubernetes that cannot be asked is a reason to try again soon', async () => {
  const w = await world(answers(503, status(503, 'ServiceUnavailable')));
  w.set('a', { after: 'azure-contoso' });
  expect(await w.read()).toMatchObject({ reason: 'Retrying', pace: 'soon', code: 'KubernetesUnavailable' });
});

test('an event cut in the middle is not quoted in the log', async () => {
  const cut: Answer = (response) => void response.writeHead(200).end(`{"type":"ADDED","object":{"data":hunter2}}\n`);
  const w = await world(cut, openWatch(secret('s1', 3)).answer);
  w.set('a', { after: 'azure-contoso' });
  await w.read();
  await until(() => expect(w.log.warn).toHaveBeenCalled());
  const causes = w.log.warn.mock.calls.map(([, { error }]) => [String(error), String(error.cause), error.stack]);
  expect(JSON.stringify(causes)).toContain('an event is no JSON');
  expect(JSON.stringify(causes)).not.toContain('hunter2');
});

/** Tokens that live an hour. */
function token(text: string, from: number): Answer {
  const expirationTimestamp = new Date(from + 3_600_000).toISOString();
  return answers(201, { status: { token: text, expirationTimestamp } });
}

test('a service account gives tokens for Azure, each kept until five minutes before it expires', async () => {
  const w = await world(openWatch(annotated(3)).answer);
  const start = w.time.nowMs;
  const principal = await w.credentials.read(account, signal);
  if (!principal.ok || principal.value.kind !== 'federated') throw new Error('no service account');
  const { assertion } = principal.value;

  w.server.script(token('t1', start));
  const both = await Promise.all([assertion(signal), assertion(signal)]);
  expect(both.map((outcome) => outcome.ok && outcome.value)).toEqual(['t1', 't1']);
  w.time.nowMs = start + 54 * 60_000;
  expect(await assertion(signal)).toEqual({ ok: true, value: 't1' });
  w.time.nowMs = start + 56 * 60_000;
  w.server.script(answers(500, status(500, 'InternalError')), token('t2', w.time.nowMs));
  expect(await assertion(signal)).toEqual({ ok: true, value: 't1' }); // still good for four minutes
  expect(await assertion(signal)).toEqual({ ok: true, value: 't2' });

  w.time.nowMs += 3_600_000;
  w.server.script(answers(403, status(403, 'Forbidden')));
  expect(await assertion(signal)).toMatchObject({
    failure: { reason: 'Forbidden', message: expect.stringContaining('it lacks create on serviceaccounts/token.') },
  });
  const asked = w.server.seen.filter((s) => s.path === tokenPath);
  expect(asked.map((s) => s.method)).toEqual(Array(4).fill('POST'));
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({
    spec: { audiences: ['api://AzureADTokenExchange'], expirationSeconds: 3600 },
  });
});
