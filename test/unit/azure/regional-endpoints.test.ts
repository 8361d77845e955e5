import { describe, expect, test } from 'vitest';
import { endpointMemory } from '../../../src/azure/regional-endpoints.ts';
import { type Failure, failed, localThrottle, type Outcome, ok } from '../../../src/domain/failure.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { abortable } from '../../../src/time/abortable.ts';
import {
  type Answered,
  known as knownRegistry,
  ref,
  registryBody,
  registryUrl,
  type Sent,
  stubbedApi,
} from '../../support/arm-stub.ts';
import { minutesAfter, noon } from '../../support/builders.ts';
import { clockAt } from '../../support/clock.ts';

const signal = AbortSignal.timeout(60_000);
type Kind =
  | { readonly kind: 'throttled' | 'terminal' }
  | { readonly kind: 'retryable'; readonly pace: 'soon' | 'slow' };
const slow: Kind = { kind: 'retryable', pace: 'slow' };
const refusal = (kind: Kind, code = 'x'): Failure => ({ ...kind, reason: 'Rejected', code, message: 'No.' });

/** An Azure that answers as it is told, and a clock that the test turns. */
function world(first: Outcome<boolean> | 'nothing' = ok(true), patienceMs = 20) {
  const state = { now: noon, answer: first, reads: 0 };
  const { api } = stubbedApi([]);
  const readEndpoints: ReplicationApi['readEndpoints'] = async (_ref, until) => {
    state.reads++;
    if (state.answer !== 'nothing') return state.answer;
    return await abortable(Promise.withResolvers<never>().promise, until);
  };
  const { endpoints } = endpointMemory(
    clockAt(() => state.now),
    patienceMs,
  )({ ...api, readEndpoints });
  if (endpoints === undefined) throw new Error('nobody asks');
  return {
    state,
    ask: (known: boolean | undefined, of = ref, maxAgeMs = 60 * 60_000, until = signal) =>
      endpoints(of, known, maxAgeMs, until),
  };
}

describe('whether a registry has regional endpoints', () => {
  test('is asked of Azure when status knows nothing, and again when that is too old', async () => {
    const { state, ask } = world();
    expect(await ask(undefined)).toBe(true);
    state.answer = ok(false);
    for (const minutes of [1, 30, 59]) {
      state.now = minutesAfter(minutes);
      expect(await ask(true)).toBe(true);
    }
    expect(state.reads).toBe(1);
    state.now = minutesAfter(60);
    expect(await ask(true)).toBe(false);
    expect(state.reads).toBe(2);
  });

  test('is believed of status after a restart, as if it had been read then', async () => {
    const { state, ask } = world();
    expect(await ask(false)).toBe(false);
    state.now = minutesAfter(59);
    expect(await ask(false)).toBe(false);
    expect(state.reads).toBe(0);
    state.now = minutesAfter(60);
    expect(await ask(false)).toBe(true);
    expect(state.reads).toBe(1);
  });

  test('is asked at once for who wants to know it now', async () => {
    const { state, ask } = world();
    await ask(false);
    expect(await ask(undefined)).toBe(true);
    expect(state.reads).toBe(1);
  });

  test('is remembered for each registry, whatever the case of its name', async () => {
    const { state, ask } = world();
    await ask(undefined);
    expect(await ask(false, { ...ref, name: ref.name.toUpperCase() })).toBe(true);
    expect(await ask(false, { ...ref, name: 'fabrikam' })).toBe(false);
    expect(state.reads).toBe(1);
  });
});

describe('an answer that does not come', () => {
  const refusals: readonly { readonly name: string; readonly failure: Failure; readonly says: boolean | undefined }[] =
    [
      {
        name: 'a version that Azure does not know says no',
        failure: refusal(slow, 'InvalidApiVersion'),
        says: false,
      },
      { name: 'a right that is missing says no', failure: refusal(slow, 'AuthorizationFailed'), says: false },
      { name: 'a registry that is not there says no', failure: refusal({ kind: 'terminal' }), says: false },
      {
        name: 'an error of the server says nothing',
        failure: refusal({ kind: 'retryable', pace: 'soon' }),
        says: undefined,
      },
      { name: 'a throttled request says nothing', failure: refusal({ kind: 'throttled' }), says: undefined },
    ];
  for (const { name, failure, says } of refusals) {
    test(`${name}, and Azure is left alone for as long as after an answer`, async () => {
      const { state, ask } = world(failed(failure));
      expect(await ask(undefined)).toBe(says);
      state.now = minutesAfter(59);
      expect(await ask(true)).toBe(says);
      expect(state.reads).toBe(1);
      state.now = minutesAfter(60);
      state.answer = ok(true);
      expect(await ask(true)).toBe(true);
    });
  }

  test('within its own short time limit says nothing, and is asked for again an hour later, also for an object at rest', async () => {
    const day = 24 * 60 * 60_000;
    const { state, ask } = world('nothing');
    expect(await ask(undefined)).toBe(undefined); // else the test would end by its own limit
    state.now = minutesAfter(59);
    expect(await ask(false, ref, day)).toBe(undefined);
    expect(state.reads).toBe(1);
    state.now = minutesAfter(60);
    state.answer = ok(true);
    expect(await ask(false, ref, day)).toBe(true);
    expect(state.reads).toBe(2);
  });

  test('because the pass ends is no answer', async () => {
    const { ask } = world('nothing', 60_000);
    const stop = new AbortController();
    const asked = ask(undefined, ref, 0, stop.signal);
    stop.abort(new Error('the operator stops'));
    await expect(asked).rejects.toThrow('the operator stops');
  });

  test('because the operator paces itself says nothing, and the next pass asks', async () => {
    const { state, ask } = world(failed(localThrottle('Wait.', minutesAfter(1))));
    expect(await ask(undefined)).toBe(undefined);
    expect(await ask(undefined)).toBe(undefined);
    expect(state.reads).toBe(2);
  });
});

describe('the answer of Azure', () => {
  const { properties } = registryBody;
  const hosts = ['clireg000002.eastus.geo.azurecr.io', 'clireg000002.westus.geo.azurecr.io'];
  const answers: readonly { readonly name: string; readonly body: unknown; readonly has: boolean }[] = [
    { name: 'Disabled', body: registryBody, has: false },
    {
      name: 'Enabled, with the hosts',
      body: {
        ...registryBody,
        properties: { ...properties, regionalEndpoints: 'Enabled', regionalEndpointHostNames: hosts },
      },
      has: true,
    },
    {
      name: 'Enabled, without a list of hosts',
      body: { ...registryBody, properties: { ...properties, regionalEndpoints: 'Enabled' } },
      has: true,
    },
    {
      name: 'Enabled, with hosts that are made otherwise',
      body: {
        ...registryBody,
        properties: {
          ...properties,
          regionalEndpoints: 'Enabled',
          regionalEndpointHostNames: ['clireg000002.westus.azurecr.io'],
        },
      },
      has: false,
    },
    {
      name: 'a word that nobody knows',
      body: { ...registryBody, properties: { ...properties, regionalEndpoints: 'Enabling' } },
      has: false,
    },
    {
      name: 'no word of it',
      body: { ...registryBody, properties: { loginServer: 'clireg000002.azurecr.io' } },
      has: false,
    },
    {
      name: 'a registry without login server',
      body: { ...registryBody, properties: { regionalEndpoints: 'Enabled' } },
      has: false,
    },
  ];
  for (const { name, body, has } of answers) {
    test(`${name}: ${has}`, async () => {
      const { api, sent } = stubbedApi([{ status: 200, body }]);
      expect(await api.readEndpoints?.(ref, signal)).toEqual(ok(has));
      expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
        `GET ${registryUrl}?api-version=2026-09-01-preview`,
      ]);
    });
  }

  for (const body of [{}, '[]', '<html>']) {
    test(`says nothing where it makes no sense: ${JSON.stringify(body)}`, async () => {
      const { api } = stubbedApi([{ status: 200, body }]);
      expect(await api.readEndpoints?.(ref, signal)).toMatchObject({ ok: false, failure: { pace: 'soon' } });
    });
  }

  test('is a failure where Azure refuses, and the other calls go on in the stable version', async () => {
    const error = { code: 'InvalidApiVersionParameter', message: 'The api-version is invalid.' };
    const { api, sent } = stubbedApi([
      { status: 400, body: { error } },
      { status: 200, body: { value: [] } },
    ]);
    const refused = await api.readEndpoints?.(ref, signal);
    expect(refused).toMatchObject({ ok: false, failure: { code: error.code } });
    expect(await api.observe(ref, knownRegistry, signal)).toMatchObject({ ok: true });
    expect(sent[1]?.url).toContain('api-version=2025-11-01');
  });
});

describe('a registry that is read for the first time', () => {
  const listed: Answered = { status: 200, body: { value: [] } };
  const read: Answered = { status: 200, body: registryBody };
  const enabled = { ...registryBody, properties: { ...registryBody.properties, regionalEndpoints: 'Enabled' } };
  const calls = (sent: readonly Sent[]) =>
    sent.map(({ url }) => `${url.includes('/replications') ? 'LIST' : 'GET'} ${/api-version=(.*)/.exec(url)?.[1]}`);
  const first = { endpoints: true };
  const preview = 'GET 2026-09-01-preview';
  const stable = 'GET 2025-11-01';
  const list = 'LIST 2025-11-01';

  test('takes one GET for itself and its regional endpoints', async () => {
    const { api, sent } = stubbedApi([{ status: 200, body: enabled }, listed, listed]);
    const registry = { ...knownRegistry, regionalEndpoints: true };
    expect(await api.observe(ref, undefined, signal, first)).toMatchObject({
      value: { registry, registryRead: 'now' },
    });
    expect(calls(sent)).toEqual([preview, list]);
    const later = await api.observe(ref, knownRegistry, signal); // what is remembered of it are not the endpoints
    expect(later).toMatchObject({ ok: true, value: { registry: knownRegistry } });
    expect(later.ok && later.value.registry).not.toHaveProperty('regionalEndpoints');
  });

  const refusals: readonly (readonly [string, Answered])[] = [
    ['is refused', { status: 400, body: { error: { code: 'InvalidApiVersionParameter', message: 'No.' } } }],
    ['is forbidden', { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } }],
    ['fails', { status: 503 }],
    ['makes no sense', { status: 200, body: { ...registryBody, sku: null } }],
  ];
  for (const [what, answer] of refusals) {
    test(`is read in the stable version where the preview ${what}`, async () => {
      const { api, sent } = stubbedApi([answer, read, listed]);
      expect(await api.observe(ref, undefined, signal, first)).toMatchObject({ value: { registry: knownRegistry } });
      expect(calls(sent)).toEqual([preview, stable, list]);
    });
  }

  test('is not asked for again where Azure throttles the first request', async () => {
    const { api, sent } = stubbedApi([{ status: 429, headers: { 'retry-after': '7' } }, read, listed]);
    expect(await api.observe(ref, undefined, signal, first)).toMatchObject({ failure: { kind: 'throttled' } });
    expect(calls(sent)).toEqual([preview]);
  });

  test('of another SKU is told so after one GET', async () => {
    const { api, sent } = stubbedApi([{ status: 200, body: { ...registryBody, sku: { name: 'Basic' } } }, read]);
    expect(await api.observe(ref, undefined, signal, first)).toMatchObject({ failure: { reason: 'SkuNotPremium' } });
    expect(calls(sent)).toEqual([preview]);
  });
});
