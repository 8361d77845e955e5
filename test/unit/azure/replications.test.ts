import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { regionOf } from '../../../src/domain/region.ts';
import { ownerTags } from '../../../src/domain/replication.ts';
import type { ArmRequest } from '../../../src/ports/arm-request.ts';
import {
  type Answered,
  apiVersion,
  known,
  ref,
  registryBody,
  registryUrl,
  replicaBody,
  stubbedApi,
} from '../../support/arm-stub.ts';
import { clockAt } from '../../support/clock.ts';

const signal = AbortSignal.timeout(60_000);
const tags = ownerTags('prod/platform/contoso');
const centralus = {
  region: regionOf('centralus'),
  name: 'centralus',
  routing: undefined,
  zoneRedundancy: undefined,
  tags,
};
const operation = `${registryUrl}/replications/centralus/operationStatuses/replications-1e511988?api-version=2025-11-01&t=1&c=${'c'.repeat(2700)}&s=1&h=1`;
const accepted: Answered = {
  status: 201,
  headers: { 'azure-asyncoperation': operation },
  body: replicaBody('centralus', {
    provisioningState: 'Creating',
    status: { timestamp: '2026-09-10T06:44:50.9988435Z' },
  }),
};
const registryRead: Answered = { status: 200, body: registryBody };
const notFound = (code: string, message: string): Answered => ({ status: 404, body: { error: { code, message } } });

describe('the requests on the wire', () => {
  test('observe is one GET of the registry and one LIST', async () => {
    const { api, sent } = stubbedApi([registryRead, { status: 200, body: { value: [replicaBody('centralus')] } }]);
    const observed = await api.observe(ref, undefined, signal);
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${registryUrl}?${apiVersion}`,
      `GET ${registryUrl}/replications?${apiVersion}`,
    ]);
    expect(observed).toEqual({
      ok: true,
      value: {
        registry: known,
        registryRead: 'now',
        replicas: new Map([
          [
            'centralus',
            {
              region: 'centralus',
              name: 'centralus',
              state: 'Succeeded',
              status: 'Ready',
              message: '',
              changedAt: '2026-09-10T06:45:02.784Z',
              tags: {},
              routing: 'Enabled',
              zoneRedundancy: 'Disabled',
            },
          ],
        ]),
      },
    });
  });

  test('get is one GET by name', async () => {
    const { api, sent } = stubbedApi([{ status: 200, body: replicaBody('centralus') }]);
    await expect(api.get(ref, 'centralus', signal)).resolves.toMatchObject({ ok: true, value: { state: 'Succeeded' } });
    expect(sent).toMatchObject([{ method: 'GET', url: `${registryUrl}/replications/centralus?${apiVersion}` }]);
  });

  test('create asks for routing and zone redundancy only when they are stated', async () => {
    const { api, sent } = stubbedApi([accepted]);
    await api.create(ref, { ...centralus, routing: 'Disabled', zoneRedundancy: 'Enabled' }, signal);
    expect(sent[0]?.body).toMatchObject({ properties: { regionEndpointEnabled: false, zoneRedundancy: 'Enabled' } });
  });

  const changes = [
    { name: 'routing', change: { routing: 'Enabled' }, body: { properties: { regionEndpointEnabled: true } } },
    { name: 'tags', change: { tags: { a: 'b' } }, body: { tags: { a: 'b' } } },
    {
      name: 'both',
      change: { routing: 'Disabled', tags: {} },
      body: { tags: {}, properties: { regionEndpointEnabled: false } },
    },
  ] as const;
  for (const { name, change, body } of changes) {
    test(`update of ${name} is one PATCH of just that, without a poll`, async () => {
      const { api, sent } = stubbedApi([accepted, new Error('a second request')]);
      await expect(api.update(ref, 'centralus', change, signal)).resolves.toMatchObject({ ok: true });
      expect(sent).toMatchObject([{ method: 'PATCH', url: `${registryUrl}/replications/centralus?${apiVersion}` }]);
      expect(sent[0]?.body).toEqual(body);
    });
  }

  test('create is one PUT of location and owner tags, without a poll', async () => {
    const { api, sent } = stubbedApi([accepted, new Error('a second request')]);
    const created = await api.create(ref, centralus, signal);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ method: 'PUT', url: `${registryUrl}/replications/centralus?${apiVersion}` });
    expect(sent[0]?.body).toEqual({
      location: 'centralus',
      tags: { 'managed-by': 'acr-replication-operator', 'acr-replication-owner': 'prod/platform/contoso' },
    });
    expect(created).toMatchObject({
      ok: true,
      value: { state: 'Creating', status: '', changedAt: '2026-09-10T06:44:50.998Z' },
    });
    await pause(20);
    expect(sent).toHaveLength(1);
  });

  test('remove is one DELETE, without a poll', async () => {
    const location = `https://management.azure.com/subscriptions/${ref.subscriptionId}/providers/Microsoft.ContainerRegistry/locations/centralus/operationResults/replications-2e51?${apiVersion}`;
    const { api, sent } = stubbedApi([
      { status: 202, headers: { location, 'content-length': '0' } },
      new Error('again'),
    ]);
    await expect(api.remove(ref, 'centralus', signal)).resolves.toEqual({ ok: true, value: undefined });
    await pause(20);
    expect(sent).toMatchObject([
      { method: 'DELETE', url: `${registryUrl}/replications/centralus?${apiVersion}`, body: undefined },
    ]);
  });

  test('a page that answers a DELETE with 200 is not the word of Azure: nothing was accepted', async () => {
    const { api } = stubbedApi([{ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Hello</html>' }]);
    await expect(api.remove(ref, 'centralus', signal)).resolves.toMatchObject({
      ok: false,
      failure: { kind: 'retryable', code: 'BadAnswer' },
    });
  });

  test('requests carry the token and say who is asking', async () => {
    const { api, sent } = stubbedApi([{ status: 204 }]);
    await api.remove(ref, 'centralus', signal);
    expect(sent[0]?.headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'user-agent': expect.stringMatching(/^acr-replication-operator\/0\.1\.0 /),
      'x-ms-client-request-id': expect.any(String),
    });
  });

  test('a name cannot lead out of the registry', async () => {
    const { api, sent } = stubbedApi([{ status: 204 }]);
    await expect(api.remove(ref, '../../x?y#z', signal)).resolves.toMatchObject({ ok: false });
    expect(sent).toEqual([]);
  });

  test('no error is retried by the SDK', async () => {
    for (const status of [408, 429, 500, 503]) {
      const { api, sent } = stubbedApi([{ status, headers: { 'retry-after': '1' } }]);
      await expect(api.get(ref, 'centralus', signal)).resolves.toMatchObject({ ok: false });
      expect(sent).toHaveLength(1);
    }
  });

  test('a challenge for continuous access evaluation is met with a token for its claims', async () => {
    const asked: unknown[] = [];
    const challenge = `Bearer realm="", error="insufficient_claims", claims="${btoa('{"access_token":{}}')}"`;
    const { api, sent } = stubbedApi(
      [
        { status: 401, headers: { 'www-authenticate': challenge }, body: { error: { code: 'TokenRevoked' } } },
        { status: 200, body: replicaBody('centralus') },
      ],
      {
        credential: {
          getToken: (_, options) => {
            asked.push(options?.claims);
            return Promise.resolve({ token: `token-${asked.length}`, expiresOnTimestamp: Date.now() + 3_600_000 });
          },
        },
      },
    );
    await expect(api.get(ref, 'centralus', signal)).resolves.toMatchObject({ ok: true });
    expect(asked).toEqual([undefined, '{"access_token":{}}']);
    expect(sent.map((s) => s.headers['authorization'])).toEqual(['Bearer token-1', 'Bearer token-2']);
  });
});

describe('what a create may be answered', () => {
  const cases: { name: string; answer: Answered; state: string }[] = [
    { name: 'Creating with an operation to follow', answer: accepted, state: 'Creating' },
    {
      name: 'an existing replica, updated in place: 200 without an operation',
      answer: { status: 200, body: replicaBody('centralus') },
      state: 'Succeeded',
    },
    {
      name: 'a replica in state Failed, which the SDK takes for an error',
      answer: { status: 200, body: replicaBody('centralus', { provisioningState: 'Failed' }) },
      state: 'Failed',
    },
    {
      name: 'Creating without an operation',
      answer: { status: 201, body: replicaBody('centralus', { provisioningState: 'Creating' }) },
      state: 'Creating',
    },
  ];
  for (const { name, answer, state } of cases) {
    test(name, async () => {
      const { api, sent } = stubbedApi([answer, new Error('a second request')]);
      await expect(api.create(ref, centralus, signal)).resolves.toMatchObject({ ok: true, value: { state } });
      expect(sent).toHaveLength(1);
    });
  }

  test('a success without a replica in it is a failure to be retried, not a crash', async () => {
    for (const body of [undefined, '', '{}', '<html>ok</html>', '{"name":"x"']) {
      const { api } = stubbedApi([{ status: 201, body }]);
      await expect(api.create(ref, centralus, signal)).resolves.toMatchObject({
        ok: false,
        failure: { reason: 'Retrying', code: 'BadAnswer' },
      });
    }
  });
});

describe('already gone counts as removed', () => {
  const answers: Record<string, Answered> = {
    '204': { status: 204 },
    '404 of the replica': notFound(
      'ResourceNotFound',
      "The Resource 'Microsoft.ContainerRegistry/registries/clireg000002/replications/centralus' under resource group 'rg1' was not found.",
    ),
    '404 of the registry': notFound(
      'ResourceNotFound',
      "The Resource 'Microsoft.ContainerRegistry/registries/clireg000002' under resource group 'rg1' was not found.",
    ),
    '404 of the group': notFound('ResourceGroupNotFound', "Resource group 'rg1' could not be found."),
  };
  for (const [name, answer] of Object.entries(answers)) {
    test(name, async () => {
      const { api } = stubbedApi([answer]);
      await expect(api.remove(ref, 'centralus', signal)).resolves.toEqual({ ok: true, value: undefined });
    });
  }

  const unproven: Record<string, Answered> = {
    'of a parent without its name': notFound('ParentResourceNotFound', 'no parent'),
    'of the subscription': notFound('SubscriptionNotFound', 'The subscription could not be found.'),
    'of another registry': notFound(
      'ResourceNotFound',
      "The Resource 'Microsoft.ContainerRegistry/registries/other' under resource group 'rg1' was not found.",
    ),
    'of this registry in another group': notFound(
      'ResourceNotFound',
      "The Resource 'Microsoft.ContainerRegistry/registries/clireg000002' under resource group 'rg2' was not found.",
    ),
    'of this registry by a code of its own': notFound('RegistryNotFound', 'The registry could not be found.'),
    'of the namespace': notFound(
      'InvalidResourceNamespace',
      "The resource namespace 'Microsoft.ContainerRegistry' is invalid.",
    ),
    'with a code that nobody knows': notFound('NotFound', 'The resource was not found.'),
    'of a replica of another name': notFound(
      'ResourceNotFound',
      "The Resource 'Microsoft.ContainerRegistry/registries/clireg000002/replications/centralus2' under resource group 'rg1' was not found.",
    ),
    'of a replica of another registry': notFound(
      'ResourceNotFound',
      "The Resource 'Microsoft.ContainerRegistry/registries/other/replications/centralus' under resource group 'rg1' was not found.",
    ),
    'of another group': notFound('ResourceGroupNotFound', "Resource group 'rg2' could not be found."),
    'without a body': { status: 404 },
    'without a code': { status: 404, body: { error: { message: 'not found' } } },
  };
  for (const [name, answer] of Object.entries(unproven)) {
    test(`but a 404 ${name} does not`, async () => {
      const { api } = stubbedApi([answer]);
      await expect(api.remove(ref, 'centralus', signal)).resolves.toMatchObject({ ok: false });
    });
    test(`nor does a 404 ${name} say to a GET that the replica is gone`, async () => {
      const { api } = stubbedApi([answer]);
      await expect(api.get(ref, 'centralus', signal)).resolves.toMatchObject({ ok: false });
    });
  }

  test('but the 404 page of a proxy does not', async () => {
    const { api } = stubbedApi([{ status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' }]);
    await expect(api.remove(ref, 'centralus', signal)).resolves.toMatchObject({
      ok: false,
      failure: { code: 'BadAnswer', reason: 'Retrying' },
    });
  });
});

describe('get', () => {
  const missing =
    "The Resource 'Microsoft.ContainerRegistry/registries/clireg000002/replications/x' under resource group 'rg1' was not found.";
  const registryMissing =
    "The Resource 'Microsoft.ContainerRegistry/registries/clireg000002' under resource group 'rg1' was not found.";
  test('a replica that is not there is undefined', async () => {
    const { api } = stubbedApi([notFound('ResourceNotFound', missing)]);
    await expect(api.get(ref, 'x', signal)).resolves.toEqual({ ok: true, value: undefined });
  });
  for (const [code, message] of [
    ['ResourceNotFound', registryMissing],
    ['ParentResourceNotFound', 'no parent'],
    ['ResourceGroupNotFound', 'no group'],
    ['SubscriptionNotFound', 'no subscription'],
  ] as const) {
    test(`a registry that is not there is a failure: ${code}`, async () => {
      const { api } = stubbedApi([notFound(code, message)]);
      await expect(api.get(ref, 'x', signal)).resolves.toMatchObject({
        ok: false,
        failure: { reason: 'RegistryNotFound' },
      });
    });
  }
  test('the 404 page of a proxy does not say that the replica is gone', async () => {
    const { api } = stubbedApi([{ status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' }]);
    await expect(api.get(ref, 'x', signal)).resolves.toMatchObject({ ok: false, failure: { code: 'BadAnswer' } });
  });
});

describe('paging', () => {
  const next = `${registryUrl}/replications?${apiVersion}&$skiptoken=`;
  test('all pages are followed', async () => {
    const { api, sent } = stubbedApi([
      { status: 200, body: { value: [replicaBody('a')], nextLink: `${next}1` } },
      { status: 200, body: { value: [], nextLink: `${next}2` } },
      { status: 200, body: { value: [replicaBody('b')] } },
    ]);
    const observed = await api.observe(ref, { ...known, home: regionOf('a') }, signal);
    expect(observed.ok && [...observed.value.replicas.keys()].sort()).toEqual(['a', 'b']);
    expect(sent.map((s) => s.url)).toEqual([`${registryUrl}/replications?${apiVersion}`, `${next}1`, `${next}2`]);
  });
  test('a failing second page fails the whole list, in the words of its error', async () => {
    const { api } = stubbedApi([
      { status: 200, body: { value: [replicaBody('a')], nextLink: `${next}1` } },
      {
        status: 403,
        body: {
          error: {
            code: 'AuthorizationFailed',
            message: "does not have authorization to perform action 'x/read' over scope '/s'",
          },
        },
      },
    ]);
    await expect(api.observe(ref, known, signal)).resolves.toMatchObject({
      ok: false,
      failure: { reason: 'Forbidden', message: expect.stringContaining('x/read') },
    });
  });
  test('the token is not sent to another host', async () => {
    for (const nextLink of [
      'https://evil.example/next',
      'http://management.azure.com/next',
      'https://management.azure.com:8443/next',
    ]) {
      const { api, sent } = stubbedApi([
        { status: 200, body: { value: [replicaBody('a')], nextLink } },
        { status: 200, body: { value: [] } },
      ]);
      await expect(api.observe(ref, known, signal)).resolves.toMatchObject({
        ok: false,
        failure: { reason: 'Retrying' },
      });
      expect(sent).toHaveLength(1);
    }
  });
  test('a redirect to another host is not followed', async () => {
    const { api, sent } = stubbedApi([{ status: 307, headers: { location: 'https://evil.example/' } }]);
    await expect(api.get(ref, 'a', signal)).resolves.toMatchObject({ ok: false });
    expect(sent).toHaveLength(1);
  });
  test('a next link in circles ends', async () => {
    const { api, sent } = stubbedApi([{ status: 200, body: { value: [], nextLink: `${next}1` } }]);
    await expect(api.observe(ref, known, signal)).resolves.toMatchObject({ ok: false, failure: { code: 'BadAnswer' } });
    expect(sent).toHaveLength(100);
  });
});

describe('the memory of registries', () => {
  const list: Answered = { status: 200, body: { value: [] } };
  function setup(answers: Answered[]) {
    let ms = Date.parse('2026-09-10T06:45:00Z');
    const stub = stubbedApi(answers, { clock: clockAt(() => new Date(ms)) });
    return {
      ...stub,
      advance: (by: number) => (ms += by),
      calls: () => stub.sent.map(({ method, url }) => (url.includes('/replications?') ? 'LIST' : method)),
    };
  }

  test('a registry known from status costs one LIST and no GET', async () => {
    const { api, calls } = setup([list]);
    await api.observe(ref, known, signal);
    expect(calls()).toEqual(['LIST']);
  });
  test('after an hour it is read again', async () => {
    const { api, calls, advance } = setup([list, list, registryRead, list, list]);
    await api.observe(ref, known, signal);
    advance(3_599_999);
    await api.observe(ref, known, signal);
    advance(1);
    await api.observe(ref, known, signal);
    advance(3_599_999);
    await api.observe(ref, known, signal);
    expect(calls()).toEqual(['LIST', 'LIST', 'GET', 'LIST', 'LIST']);
  });
  test('what was read counts for the next hour, in any spelling of the id', async () => {
    const { api, calls } = setup([registryRead, list]);
    await api.observe(ref, undefined, signal);
    await api.observe({ ...ref, name: ref.name.toUpperCase() }, known, signal);
    expect(calls()).toEqual(['GET', 'LIST', 'LIST']);
  });
  test('it is forgotten when the registry is gone, even if status still knows it', async () => {
    const { api, calls } = setup([list, notFound('ResourceNotFound', 'x'), registryRead, list]);
    await api.observe(ref, known, signal);
    await expect(api.observe(ref, known, signal)).resolves.toMatchObject({ failure: { reason: 'RegistryNotFound' } });
    await api.observe(ref, known, signal);
    expect(calls()).toEqual(['LIST', 'LIST', 'GET', 'LIST']);
  });
  test('a registry that is not Premium is not listed and is read each time', async () => {
    const basic: Answered = { status: 200, body: { ...registryBody, sku: { name: 'Basic', tier: 'Basic' } } };
    const { api, calls } = setup([basic, basic, registryRead, list]);
    await expect(api.observe(ref, undefined, signal)).resolves.toMatchObject({
      ok: false,
      failure: { kind: 'terminal', reason: 'SkuNotPremium', message: 'Registry clireg000002 has SKU Basic.' },
    });
    await api.observe(ref, known, signal);
    await api.observe(ref, { ...known, sku: 'Basic' }, signal);
    expect(calls()).toEqual(['GET', 'GET', 'GET', 'LIST']);
  });
  describe('a registry that was made anew elsewhere', () => {
    const anew: Answered = { status: 200, body: { ...registryBody, location: 'westeurope' } };
    const shows = (...regions: string[]): Answered => ({
      status: 200,
      body: { value: regions.map((region) => replicaBody(region)) },
    });

    test('is read again when its list does not show the home region that is remembered', async () => {
      const { api, calls } = setup([shows('westeurope'), anew]);
      const observed = await api.observe(ref, known, signal);
      expect(calls()).toEqual(['LIST', 'GET']);
      expect(observed).toMatchObject({ value: { registry: { home: 'westeurope' }, registryRead: 'now' } });
    });
    test('is not read again when its list shows that region, nor when the list is empty', async () => {
      const { api, calls } = setup([shows('westus', 'japaneast'), shows()]);
      const observed = await api.observe(ref, known, signal);
      expect(observed).toMatchObject({ value: { registryRead: 'remembered' } });
      await api.observe(ref, known, signal);
      expect(calls()).toEqual(['LIST', 'LIST']);
    });
    test('costs one GET a minute while its list goes on without the home region', async () => {
      const { api, calls, advance } = setup([
        shows('japaneast'),
        registryRead,
        shows('japaneast'),
        shows('japaneast'),
        registryRead,
      ]);
      await api.observe(ref, known, signal);
      advance(59_999);
      await api.observe(ref, known, signal);
      advance(1);
      await api.observe(ref, known, signal);
      expect(calls()).toEqual(['LIST', 'GET', 'LIST', 'LIST', 'GET']);
    });
    test('is read again when status knows another home region, which other credentials may have read', async () => {
      const { api, calls } = setup([list, anew, list]);
      await api.observe(ref, known, signal);
      const observed = await api.observe(ref, { ...known, home: regionOf('westeurope') }, signal);
      expect(calls()).toEqual(['LIST', 'GET', 'LIST']);
      expect(observed).toMatchObject({ value: { registry: { home: 'westeurope' }, registryRead: 'now' } });
    });
    test('is not acted upon when it cannot be read', async () => {
      const { api } = setup([shows('westeurope'), { status: 503 }]);
      await expect(api.observe(ref, known, signal)).resolves.toMatchObject({ ok: false, failure: { code: '503' } });
    });
    test('is read again after Azure has refused to delete its home replica', async () => {
      const { api, calls } = setup([
        list,
        { status: 400, body: { error: { code: 'HomeReplicationCannotBeDeleted', message: 'no' } } },
        anew,
        list,
      ]);
      await api.observe(ref, known, signal);
      await api.remove(ref, 'westeurope', signal);
      const observed = await api.observe(ref, known, signal);
      expect(calls()).toEqual(['LIST', 'DELETE', 'GET', 'LIST']);
      expect(observed).toMatchObject({ value: { registry: { home: 'westeurope' } } });
    });
  });

  test('a registry that was Premium is listed all the same where any SKU is asked for', async () => {
    const basic: Answered = { status: 200, body: { ...registryBody, sku: { name: 'Basic', tier: 'Basic' } } };
    const { api, calls } = setup([basic, list, basic]);
    await expect(api.observe(ref, undefined, signal, { anySku: true })).resolves.toMatchObject({
      ok: true,
      value: { registry: { sku: 'Basic' }, registryRead: 'now' },
    });
    await expect(api.observe(ref, known, signal)).resolves.toMatchObject({ failure: { reason: 'SkuNotPremium' } });
    expect(calls()).toEqual(['GET', 'LIST', 'GET']);
  });

  test('is read anew for whom wants it now, with one GET that counts for the next hour', async () => {
    const { api, calls } = setup([registryRead, list]);
    await expect(api.readRegistry(ref, signal)).resolves.toMatchObject({ value: { home: 'westus' } });
    await api.observe(ref, known, signal);
    expect(calls()).toEqual(['GET', 'LIST']);
  });
  test('must be Premium when it is read, unless any SKU is asked for', async () => {
    const { api } = setup([{ status: 200, body: { ...registryBody, sku: { name: 'Basic', tier: 'Basic' } } }]);
    await expect(api.readRegistry(ref, signal)).resolves.toMatchObject({ failure: { reason: 'SkuNotPremium' } });
    await expect(api.readRegistry(ref, signal, { anySku: true })).resolves.toMatchObject({ value: { sku: 'Basic' } });
  });

  test('a registry answer without location, id or SKU is not believed', async () => {
    for (const rest of [{ location: undefined }, { id: null }, { sku: undefined }, { sku: {} }]) {
      const { api } = setup([{ status: 200, body: { ...registryBody, ...rest } }]);
      await expect(api.observe(ref, undefined, signal)).resolves.toMatchObject({ failure: { code: 'BadAnswer' } });
    }
  });
});

describe('aborts', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  test('an abort rejects at once with its reason, whatever the call', async () => {
    const calls = [
      (api: ReturnType<typeof stubbedApi>['api'], s: AbortSignal) => api.observe(ref, undefined, s),
      (api: ReturnType<typeof stubbedApi>['api'], s: AbortSignal) => api.get(ref, 'x', s),
      (api: ReturnType<typeof stubbedApi>['api'], s: AbortSignal) => api.create(ref, centralus, s),
      (api: ReturnType<typeof stubbedApi>['api'], s: AbortSignal) => api.remove(ref, 'x', s),
    ];
    for (const call of calls) {
      const stop = new AbortController();
      const { api } = stubbedApi([never]);
      const pending = call(api, stop.signal);
      stop.abort();
      await expect(pending).rejects.toBe(stop.signal.reason); // not taken for a time limit
    }
  });
  test('an abort on the second page, where the SDK has lost the signal', async () => {
    const stop = new AbortController();
    const { api, sent } = stubbedApi([
      { status: 200, body: { value: [], nextLink: `${registryUrl}/replications?page=2` } },
      never,
    ]);
    const pending = api.observe(ref, known, stop.signal);
    while (sent.length < 2) await pause(1);
    stop.abort(new Error('stopping'));
    await expect(pending).rejects.toThrow('stopping');
  });
  test('an abort while a token is fetched', async () => {
    const stop = new AbortController();
    const { api, sent } = stubbedApi([accepted], { credential: { getToken: never } });
    const pending = api.create(ref, centralus, stop.signal);
    stop.abort(new Error('stopping'));
    await expect(pending).rejects.toThrow('stopping');
    expect(sent).toHaveLength(0);
  });
  test('an aborted signal sends nothing', async () => {
    const { api, sent } = stubbedApi([accepted]);
    await expect(api.create(ref, centralus, AbortSignal.abort())).rejects.toThrow();
    expect(sent).toHaveLength(0);
  });
});

test('each request is reported with its status, Azure’s id and what is left of the quota', async () => {
  const seen: ArmRequest[] = [];
  const subscriptions = new Set<string>();
  const { api } = stubbedApi(
    [
      registryRead,
      { status: 429, body: { error: { code: 'SubscriptionRequestsThrottled' } } },
      {
        ...accepted,
        headers: {
          ...accepted.headers,
          'x-ms-correlation-request-id': 'c-1',
          'x-ms-ratelimit-remaining-subscription-writes': '799',
          'x-ms-ratelimit-remaining-subscription-global-writes': '11999',
        },
      },
      { status: 202, headers: { 'x-ms-ratelimit-remaining-subscription-deletes': 'lots' } },
      Object.assign(new Error('reset'), { name: 'RestError', code: 'ECONNRESET' }),
    ],
    {
      onRequest: (request, subscriptionId) => {
        seen.push(request);
        subscriptions.add(subscriptionId);
      },
    },
  );
  await api.observe(ref, undefined, signal);
  await api.create(ref, centralus, signal);
  await api.remove(ref, 'centralus', signal);
  await api.get(ref, 'centralus', signal);
  expect(
    seen.map(({ operation, status, correlationId, remaining }) => [operation, status, correlationId, remaining]),
  ).toEqual([
    ['registry_get', 200, '', {}],
    ['replications_list', 429, '', {}],
    ['replication_put', 201, 'c-1', { writes: 799 }],
    ['replication_delete', 202, '', {}],
    ['replication_get', undefined, '', {}],
  ]);
  expect([...subscriptions]).toEqual([ref.subscriptionId]);
});

test('a request takes as long as the clock that nobody sets says, whatever somebody does to the other', async () => {
  const state = { wallMs: Date.parse('2026-09-10T06:45:00Z'), monotonicMs: 5_000 };
  const durations: number[] = [];
  const { api } = stubbedApi(
    [
      async () => {
        state.wallMs -= 3_600_000;
        state.monotonicMs += 1_234;
        return { status: 200, body: replicaBody('centralus') };
      },
    ],
    {
      clock: { now: () => new Date(state.wallMs), monotonicMs: () => state.monotonicMs },
      onRequest: ({ durationMs }) => durations.push(durationMs),
    },
  );
  await api.get(ref, 'centralus', signal);
  expect(durations).toEqual([1_234]);
});
