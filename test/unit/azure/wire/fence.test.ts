import { Agent } from 'node:https';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { cloudAt } from '../../../../src/azure/cloud.ts';
import { createReplicationApi } from '../../../../src/azure/replications.ts';
import { armClients } from '../../../../src/azure/wire/client.ts';
import { graphCalls } from '../../../../src/azure/wire/graph-calls.ts';
import { queryPath } from '../../../../src/azure/wire/graph-request.ts';
import { createKubeClient, fenced } from '../../../../src/kube/http/client.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import { operator, ref } from '../../../support/arm-stub.ts';
import { startTlsServer } from '../../../support/tls-server.ts';
import { trusting } from '../../../support/trusting-http.ts';
import { answers, startWatchServer } from '../../../support/watch-server.ts';

/** Lets so many questions pass, then throws, and aborts as a lost leadership does. */
function fenceAfter(questions: number) {
  const lost = new AbortController();
  let left = questions;
  const fence = (): void => {
    if (left-- > 0) return;
    lost.abort(new Error('leadership lost'));
    throw new Error('not sent');
  };
  const allow = (more: number): void => void (left = more);
  return { fence, signal: lost.signal, allow, asked: () => questions - left };
}

describe('a write to Azure', () => {
  async function world(questions: number) {
    const server = await startTlsServer();
    onTestFinished(() => server[Symbol.asyncDispose]());
    const replica = { name: 'japaneast', location: 'japaneast', properties: { provisioningState: 'Succeeded' } };
    server.answer((response, { method }) =>
      response
        .writeHead(method === 'PUT' ? 201 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(replica)),
    );
    const trusts = trusting(server.caPem);
    const httpClient: HttpClient = {
      sendRequest(request) {
        if (request.agent instanceof Agent) request.agent.options.ca = server.caPem; // the one for writes is the fence's
        return trusts.sendRequest(request);
      },
    };
    const { fence, signal, allow } = fenceAfter(questions);
    const token = { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 };
    const credential = { getToken: vi.fn(async () => token) };
    const cloud = cloudAt(server.url, 'https://login.local');
    const clock = systemClock;
    const clientFor = armClients({
      cloud,
      credential,
      clock,
      version: '0.1.0',
      httpClient,
      fence,
      answerable: queryPath,
    });
    const azure = createReplicationApi({ clientFor, clock, signer: operator })(undefined);
    const create = () => azure.create(ref, { region: 'japaneast', name: 'japaneast', tags: {} } as never, signal);
    const methods = () => server.seen.map(({ method }) => method);
    const calls = graphCalls(clientFor, cloud);
    return { azure, create, calls, allow, methods, credential };
  }

  test('is sent while the lease is held, on connections that are kept', async () => {
    const { create, methods } = await world(100);
    for (let i = 0; i < 3; i++) await expect(create()).resolves.toMatchObject({ ok: true });
    expect(methods()).toEqual(['PUT', 'PUT', 'PUT']);
  });

  test('is kept back when the lease is lost while its token was fetched; reading goes on', async () => {
    const { azure, create, methods, credential } = await world(0);
    await expect(create()).rejects.toThrow('leadership lost');
    expect(credential.getToken).toHaveBeenCalled();
    expect(methods()).toEqual([]);
    await azure.get(ref, 'japaneast', new AbortController().signal);
    expect(methods()).toEqual(['GET']);
  });

  test('is not what a query of Resource Graph is, which is a POST and reads', async () => {
    const { calls, methods } = await world(0);
    const question = { query: 'resources', top: 1, skipToken: undefined };
    await expect(calls.query(ref.subscriptionId, question, AbortSignal.timeout(5_000))).resolves.toMatchObject({
      kind: 'answered',
    });
    expect(methods()).toEqual(['POST']);
  });

  test('is kept back when the lease is lost while its connection was made', async () => {
    const { create, methods } = await world(1);
    await expect(create()).rejects.toThrow('leadership lost');
    expect(methods()).toEqual([]);
  });

  test('is kept back when the lease is lost while the SDK made a request of it, on a kept connection', async () => {
    const { create, methods, allow } = await world(100);
    await create();
    allow(1);
    await expect(create()).rejects.toThrow('leadership lost');
    expect(methods()).toEqual(['PUT']);
  });
});

describe('a write to Kubernetes', () => {
  const path = '/apis/acr-replication.dev/v1alpha1/namespaces/platform/registryreplications/contoso';
  const patch = { method: 'PATCH', path, body: {} } as const;
  async function world(questions: number) {
    const server = await startWatchServer();
    const client = createKubeClient({ kubeConfig: server.kubeConfig, connections: 1, timeoutMs: 5_000 });
    onTestFinished(async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    });
    server.script(...Array.from({ length: 5 }, () => answers(200, {})));
    const { fence, asked } = fenceAfter(questions);
    return { server, client, writer: fenced(client, fence), asked, never: new AbortController().signal };
  }

  test('is sent while the lease is held', async () => {
    const { server, writer, never } = await world(2);
    await writer.call(patch, never);
    await writer.call(patch, never);
    expect(server.seen.map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
  });

  test('is kept back when the lease is lost, while reading goes on', async () => {
    const { server, writer, never } = await world(0);
    await expect(writer.call(patch, never)).rejects.toThrow('not sent');
    await writer.call({ path }, never);
    expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  test('asks when its turn for a connection has come, not when it starts to wait', async () => {
    const { server, client, writer, asked, never } = await world(0);
    const reading = client.call({ path }, never);
    const writing = writer.call(patch, never);
    writing.catch(() => {});
    await reading;
    await expect(writing).rejects.toThrow('not sent');
    expect(asked()).toBe(1);
    expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
  });
});
