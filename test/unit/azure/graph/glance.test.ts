import { createHttpHeaders, type HttpClient, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { clouds } from '../../../../src/azure/cloud.ts';
import { createThrottle } from '../../../../src/azure/limits/throttle.ts';
import { createReplicationApi } from '../../../../src/azure/replications.ts';
import { armClients } from '../../../../src/azure/wire/client.ts';
import { graphCalls } from '../../../../src/azure/wire/graph-calls.ts';
import { queryPath } from '../../../../src/azure/wire/graph-request.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import type { Registry, RegistryRef } from '../../../../src/domain/replication.ts';
import type { Glance } from '../../../../src/ports/azure.ts';
import { operator, replicaBody } from '../../../support/arm-stub.ts';
import { noon } from '../../../support/builders.ts';
import { clockAt } from '../../../support/clock.ts';

const subscriptionId = '00000000-0000-0000-0000-000000000000';
const refOf = (name: string): RegistryRef => ({ subscriptionId, resourceGroup: 'Größe', name });
const idOf = (name: string) =>
  `/subscriptions/${subscriptionId}/resourceGroups/Größe/providers/Microsoft.ContainerRegistry/registries/${name}`;
const knownAs = (name: string): Registry => ({
  id: idOf(name),
  loginServer: `${name}.azurecr.io`,
  home: regionOf('westus'),
  sku: 'Premium',
});
const halfAnInterval = 150_000;
const marks = { 'x-ms-resource-graph-request-duration': '0:00:00:00.0138132' };

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function textOf({ body }: PipelineRequest): string {
  return typeof body === 'string' ? body : '';
}

/** An Azure with registries of home and one region each, that answers as Resource Graph does unless `turn` says otherwise. */
function world(names: readonly string[] = ['contoso']) {
  const state = {
    now: noon,
    turn: undefined as ((request: PipelineRequest) => Answer | Error | Promise<Answer> | undefined) | undefined,
    replicasOf: (_name: string): readonly unknown[] => [replicaBody('westus'), replicaBody('japaneast')],
  };
  const sent: string[] = [];
  const reads: string[] = [];
  const clock = clockAt(() => state.now);

  function answer(request: PipelineRequest): Answer {
    const { url } = request;
    const name = /registries\/([a-z0-9]+)\/replications/.exec(url)?.[1];
    if (name !== undefined) return { status: 200, body: { value: state.replicasOf(name) }, headers: marks };
    const { query, options } = JSON.parse(textOf(request)) as {
      readonly query: string;
      readonly options: { readonly $top: number; readonly $skipToken?: string };
    };
    const [, slices = '1', slice = '0'] = /hash\(registry\) % (\d+) == (\d+)/.exec(query) ?? [];
    const rows = names.filter((_, i) => i % Number(slices) === Number(slice)); // a hash as even as can be
    const from = Number(options.$skipToken ?? 0);
    const page = rows.slice(from, from + options.$top);
    const next = from + page.length;
    return {
      status: 200,
      headers: { ...marks, 'x-ms-user-quota-remaining': '14', 'x-ms-user-quota-resets-after': '00:00:05' },
      body: {
        totalRecords: rows.length,
        count: page.length,
        resultTruncated: 'false',
        data: page.map((one) => ({ registry: idOf(one).toLowerCase(), replicas: state.replicasOf(one) })),
        ...(next < rows.length ? { $skipToken: String(next) } : {}),
      },
    };
  }

  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { pathname, searchParams } = new URL(request.url);
      const isQuery = queryPath.test(pathname);
      const isGraphs = searchParams.get('useResourceGraph') === 'true';
      sent.push(isQuery ? 'query' : `${isGraphs ? 'list' : request.method} ${pathname.split('/')[8]}`);
      const given = (await state.turn?.(request)) ?? answer(request);
      if (given instanceof Error) throw given;
      const headers = createHttpHeaders({ 'content-type': 'application/json', ...given.headers });
      return { request, status: given.status, headers, bodyAsText: JSON.stringify(given.body ?? {}) };
    },
  };
  const clientFor = armClients({
    cloud: clouds.AzurePublicCloud,
    credential: { getToken: async () => ({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    clock,
    version: '0.1.0',
    httpClient,
    answerable: queryPath,
  });
  const throttle = createThrottle({ clock, share: 1, meter: { throttled: () => {}, throttleWaited: () => {} } });
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, isDebugEnabled: () => false };
  const calls = graphCalls(clientFor, clouds.AzurePublicCloud);
  const api = createReplicationApi({
    clientFor,
    clock,
    signer: operator,
    graph: { calls, quotas: throttle.graph('operator'), log },
    onRead: (way) => reads.push(way),
  })(undefined);
  const { glance } = api;
  if (glance === undefined) throw new Error('Azure cannot be glanced at');

  return {
    state,
    sent,
    reads,
    later: (ms: number) => {
      state.now = new Date(state.now.getTime() + ms);
    },
    look: (name = 'contoso', maxAgeMs = halfAnInterval, signal = new AbortController().signal) =>
      glance(refOf(name), knownAs(name), maxAgeMs, signal),
  };
}

const fleetOf = (count: number) => Array.from({ length: count }, (_, i) => `registry${i}`);

/** Looks at all registries, and again at those that are to come back, as the queue does. */
async function lookAtAll(azure: ReturnType<typeof world>, names: readonly string[]): Promise<Map<string, Glance>> {
  const seen = new Map<string, Glance>();
  let left = [...names];
  for (let rounds = 0; left.length > 0 && rounds < 100; rounds += 1) {
    const glances = await Promise.all(left.map(async (name) => [name, await azure.look(name)] as const));
    const waits = glances.flatMap(([, glance]) => (glance.kind === 'later' ? [glance.until.getTime()] : []));
    for (const [name, glance] of glances) if (glance.kind !== 'later') seen.set(name, glance);
    left = left.filter((name) => !seen.has(name));
    if (waits.length > 0) azure.later(Math.max(Math.min(...waits) - azure.state.now.getTime(), 0));
  }
  return seen;
}

describe('a few registries', () => {
  test('are looked at by the LIST of each with the flag', async () => {
    const { look, sent, reads } = world();
    const glance = await look();
    expect(glance).toMatchObject({ kind: 'seen', by: 'resource_graph', actual: { registryRead: 'remembered' } });
    expect(glance.kind === 'seen' && [...glance.actual.replicas.keys()].toSorted()).toEqual(['japaneast', 'westus']);
    expect(glance.kind === 'seen' && glance.actual.registry).toEqual(knownAs('contoso'));
    expect(sent).toEqual(['list contoso']);
    expect(reads).toEqual(['resource_graph_list']);
  });

  test('are asked for in the version of the SDK and with the group as a path takes it', async () => {
    const { look, state } = world();
    const urls: string[] = [];
    state.turn = ({ url }) => void urls.push(url);
    await look();
    expect(urls).toEqual([
      `https://management.azure.com/subscriptions/${subscriptionId}/resourceGroups/Gr%C3%B6%C3%9Fe/providers/Microsoft.ContainerRegistry/registries/contoso/replications?api-version=2025-11-01&useResourceGraph=true`,
    ]);
  });

  const senseless: Readonly<Record<string, unknown>> = {
    'no JSON': 'x',
    'no list': {},
    'a list with more pages': { value: [replicaBody('westus')], nextLink: 'https://management.azure.com/x' },
    'an entry without a name': { value: [replicaBody('westus'), replicaBody('japaneast', {}, { name: undefined })] },
    'a list without the home region': { value: [replicaBody('japaneast')] },
  };
  for (const [name, body] of Object.entries(senseless)) {
    test(`are left to the provider where the answer is ${name}`, async () => {
      const { look, state, reads } = world();
      state.turn = () => ({ status: 200, body, headers: marks });
      await expect(look()).resolves.toEqual({ kind: 'unseen' });
      expect(reads).toEqual([]);
    });
  }
});

describe('after a refusal the provider is asked', () => {
  const minute = 60_000;
  const refusals: Readonly<
    Record<string, { readonly answer: Answer | Error; readonly ms: number; readonly others: boolean }>
  > = {
    '422, which never passes for this registry: for a day': {
      answer: { status: 422 },
      ms: 24 * 60 * minute,
      others: true,
    },
    '403, a right that is missing: for ten minutes': { answer: { status: 403 }, ms: 10 * minute, others: true },
    '404, a registry that is not indexed: for a minute': { answer: { status: 404 }, ms: minute, others: true },
    '503: for a minute': { answer: { status: 503 }, ms: minute, others: false },
    'no answer: for a minute': {
      answer: new RestError('x', { code: 'ECONNRESET' }),
      ms: minute,
      others: false,
    },
    '429: for a minute at least': {
      answer: { status: 429, headers: { 'retry-after': '3' } },
      ms: minute,
      others: false,
    },
    '429 with a longer Retry-After: until then': {
      answer: { status: 429, headers: { 'retry-after': '300' } },
      ms: 5 * minute,
      others: false,
    },
  };
  for (const [name, { answer, ms, others }] of Object.entries(refusals)) {
    test(`${name}${others ? '' : ', for the whole subscription'}`, async () => {
      const { look, state, sent, later } = world();
      state.turn = () => answer;
      await expect(look()).resolves.toEqual({ kind: 'unseen' });
      state.turn = undefined;
      later(ms - 1_000);
      await expect(look()).resolves.toEqual({ kind: 'unseen' });
      expect(sent).toEqual(['list contoso']);
      expect((await look('fabrikam')).kind).toBe(others ? 'seen' : 'unseen');
      later(2_000);
      expect((await look()).kind).toBe('seen');
    });
  }
});

describe('an Azure that does not route the flag to Resource Graph', () => {
  test('has answered as the provider, whose word is good', async () => {
    const { look, state, reads } = world();
    state.turn = () => ({ status: 200, body: { value: [replicaBody('westus'), replicaBody('japaneast')] } });
    await expect(look()).resolves.toMatchObject({ kind: 'seen', by: 'provider' });
    expect(reads).toEqual(['provider']);
  });

  test('is not asked so again for an hour', async () => {
    const { look, state, sent, later } = world();
    state.turn = () => ({ status: 200, body: { value: [replicaBody('westus')] } });
    await look();
    later(59 * 60_000);
    await expect(look()).resolves.toEqual({ kind: 'unseen' });
    await expect(look('fabrikam')).resolves.toEqual({ kind: 'unseen' });
    expect(sent).toHaveLength(1);
    later(2 * 60_000);
    await look();
    expect(sent).toHaveLength(2);
  });
});

describe('many registries of one subscription', () => {
  test('share the answer to one query: 300 cost a hundred LISTs and a query once, and then two queries an interval', async () => {
    const names = fleetOf(300);
    const azure = world(names);
    const seen = await lookAtAll(azure, names);
    expect([...seen.values()].every(({ kind }) => kind === 'seen')).toBe(true);
    expect(azure.sent.filter((one) => one === 'query')).toHaveLength(1);
    expect(azure.sent).toHaveLength(101);
    azure.sent.length = 0;
    for (const part of [0, 1, 2, 3]) {
      // Spread over the next interval, in four parts of 75 registries.
      azure.later(75_000);
      await lookAtAll(azure, names.slice(part * 75, (part + 1) * 75));
    }
    expect(azure.sent).toEqual(['query', 'query']);
    expect(new Set(azure.reads.slice(-300))).toEqual(new Set(['resource_graph_query']));
  });

  test('10,000 in one subscription are read by 24 queries in an interval', { timeout: 30_000 }, async () => {
    const names = fleetOf(10_000);
    const azure = world(names);
    const seen = await lookAtAll(azure, names);
    expect([...seen.values()].filter(({ kind }) => kind === 'seen')).toHaveLength(10_000);
    expect(azure.sent.filter((one) => one === 'query')).toHaveLength(1 + 12); // the first finds that it needs twelve
    azure.sent.length = 0;
    for (const part of [0, 1, 2, 3]) {
      azure.later(75_000);
      const looked = await lookAtAll(azure, names.slice(part * 2_500, (part + 1) * 2_500));
      expect([...looked.values()].every(({ kind }) => kind === 'seen')).toBe(true);
    }
    expect(azure.sent).toHaveLength(24);
    expect(new Set(azure.sent)).toEqual(new Set(['query']));
  });

  async function crowded(names = fleetOf(300), change?: (azure: ReturnType<typeof world>) => void) {
    const azure = world(names);
    for (const name of names.slice(0, 100)) await azure.look(name);
    expect(azure.sent.includes('query')).toBe(false);
    change?.(azure);
    azure.sent.length = 0;
    return azure;
  }

  test('are asked for as Resource Graph takes it', async () => {
    const azure = await crowded();
    const asked: unknown[] = [];
    azure.state.turn = (request) => void asked.push([request.method, request.url, JSON.parse(textOf(request))]);
    await azure.look('registry100');
    expect(asked).toEqual([
      [
        'POST',
        'https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01',
        {
          subscriptions: [subscriptionId],
          query: [
            'resources',
            "| where type =~ 'microsoft.containerregistry/registries/replications'",
            '| extend registry = tolower(id)',
            "| extend registry = substring(registry, 0, indexof(registry, '/replications/'))",
            "| project registry, replica = bag_pack('name', name, 'location', location, 'tags', tags, 'properties', properties)",
            '| summarize replicas = make_list(replica) by registry',
            '| order by registry asc',
          ].join('\n'),
          options: { $top: 1_000, resultFormat: 'objectArray' },
        },
      ],
    ]);
  });

  test('wait while one of them asks, and hold up no worker', async () => {
    const azure = await crowded();
    let answer = (): void => {};
    azure.state.turn = async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return undefined as never;
    };
    const first = azure.look('registry100');
    await expect(azure.look('registry101')).resolves.toEqual({
      kind: 'later',
      until: new Date(noon.getTime() + 2_000),
    });
    azure.later(10_000); // it hangs: who waits comes back less and less often
    await expect(azure.look('registry101')).resolves.toEqual({
      kind: 'later',
      until: new Date(noon.getTime() + 20_000),
    });
    azure.state.turn = undefined;
    answer();
    expect((await first).kind).toBe('seen');
    expect((await azure.look('registry101')).kind).toBe('seen');
    expect(azure.sent).toEqual(['query']);
  });

  test('that the answer does not hold are left to the provider', async () => {
    const azure = await crowded();
    await azure.look('registry100');
    await expect(azure.look('stranger')).resolves.toEqual({ kind: 'unseen' });
    expect(azure.sent).toEqual(['query']);
  });

  test('get an answer as fresh as they ask for', async () => {
    const azure = await crowded();
    await azure.look('registry100');
    for (const name of fleetOf(300).slice(150)) await azure.look(name);
    azure.later(100_000);
    azure.state.replicasOf = () => [replicaBody('westus')];
    const old = await azure.look('registry101');
    expect(old.kind === 'seen' && old.actual.replicas.size).toBe(2);
    const fresh = await azure.look('registry102', 100_000);
    expect(fresh.kind === 'seen' && fresh.actual.replicas.size).toBe(1);
    expect(azure.sent).toEqual(['query', 'query']);
  });

  test('are listed one by one again when they are few again', async () => {
    const azure = await crowded();
    await azure.look('registry100');
    azure.later(10 * 60_000);
    await azure.look('registry101');
    expect(azure.sent).toEqual(['query', 'list registry101']);
  });

  test('are read on from where the quota of queries has ended', async () => {
    const names = fleetOf(20_000);
    const azure = await crowded(names);
    // 1 query to see how many, then 23 slices; half of 5 at once and 2 a second.
    const first = await azure.look('registry9999');
    expect(first.kind).toBe('later');
    expect(azure.sent).toHaveLength(2);
    azure.later(2_000);
    await azure.look('registry9999');
    expect(azure.sent.length).toBeGreaterThan(2);
    expect(azure.sent.length).toBeLessThan(8);
    const seen = await lookAtAll(azure, names.slice(5_000, 5_200));
    expect([...seen.values()].every(({ kind }) => kind === 'seen')).toBe(true);
    expect(azure.sent).toHaveLength(1 + 23);
  });

  test('stop at what Azure says is left of the quota', async () => {
    const azure = await crowded(fleetOf(20_000));
    azure.later(60_000); // the bucket is full
    azure.state.turn = (request) =>
      request.method === 'POST'
        ? {
            status: 200,
            headers: { ...marks, 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:03' },
            body: { totalRecords: 20_000, data: [], $skipToken: 'x' },
          }
        : undefined;
    expect((await azure.look('registry9999')).kind).toBe('later');
    expect(azure.sent).toEqual(['query']);
  });

  test('follow an answer over several pages', async () => {
    const azure = await crowded();
    azure.state.turn = (request) => {
      const token = /"\$skipToken":"(\w+)"/.exec(textOf(request))?.[1];
      const row = (name: string) => ({ registry: idOf(name).toLowerCase(), replicas: [replicaBody('westus')] });
      return {
        status: 200,
        headers: marks,
        body:
          token === undefined
            ? { totalRecords: 2, data: [row('registry100')], $skipToken: 'more' }
            : { totalRecords: 2, data: [row('registry101')] },
      };
    };
    expect((await azure.look('registry101')).kind).toBe('seen');
    expect((await azure.look('registry100')).kind).toBe('seen');
    expect(azure.sent).toEqual(['query', 'query']);
  });

  test('are asked for in smaller parts when a page is too long', async () => {
    const azure = await crowded();
    azure.state.turn = (request) =>
      /hash\(registry\) % [4-9]/.test(textOf(request))
        ? undefined
        : {
            status: 400,
            body: { error: { code: 'BadRequest', message: 'x', details: [{ code: 'ResponsePayloadTooLarge' }] } },
          };
    const seen = await lookAtAll(azure, fleetOf(300).slice(100));
    expect([...seen.values()].every(({ kind }) => kind === 'seen')).toBe(true);
    expect(azure.sent).toHaveLength(2 + 4);
  });

  const refusals: Readonly<Record<string, { readonly answer: Answer; readonly ms: number }>> = {
    '400, an Azure that does not know the query: for an hour': { answer: { status: 400 }, ms: 3_600_000 },
    '403, no right on the subscription: for ten minutes': { answer: { status: 403 }, ms: 600_000 },
    '422: for a day': { answer: { status: 422 }, ms: 24 * 3_600_000 },
    '429: until Retry-After': { answer: { status: 429, headers: { 'retry-after': '90' } }, ms: 90_000 },
    '500: for a minute': { answer: { status: 500 }, ms: 60_000 },
    'an answer without sense: for a minute': {
      answer: { status: 200, body: { data: [{}] }, headers: marks },
      ms: 60_000,
    },
  };
  for (const [name, { answer, ms }] of Object.entries(refusals)) {
    test(`are listed one by one after ${name}`, async () => {
      const azure = await crowded();
      azure.state.turn = ({ method }) => (method === 'POST' ? answer : undefined);
      await expect(azure.look('registry100')).resolves.toEqual({ kind: 'unseen' });
      expect((await azure.look('registry101')).kind).toBe('seen');
      azure.later(ms - 1_000);
      for (const one of fleetOf(130).slice(1)) await azure.look(one);
      expect(azure.sent.filter((one) => one === 'query')).toHaveLength(1);
      azure.state.turn = undefined;
      azure.later(2_000);
      await azure.look('registry100');
      expect(azure.sent.filter((one) => one === 'query')).toHaveLength(2);
    });
  }

  test('are asked for by the next one when the one that asked has stopped', async () => {
    const azure = await crowded();
    const stop = new AbortController();
    azure.state.turn = async () => {
      stop.abort(new Error('stopped'));
      return undefined as never;
    };
    await expect(azure.look('registry100', halfAnInterval, stop.signal)).rejects.toThrow('stopped');
    azure.state.turn = undefined;
    expect((await azure.look('registry101')).kind).toBe('seen');
  });
});
