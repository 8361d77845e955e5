import { describe, expect, test } from 'vitest';
import { regionOf } from '../../../src/domain/region.ts';
import { known, ref, replicaBody, stubbedApi } from '../../support/arm-stub.ts';

const signal = AbortSignal.timeout(60_000);

describe('parsing replicas', () => {
  async function parse(body: object): Promise<unknown> {
    const { api } = stubbedApi([{ status: 200, body: { value: [body, replicaBody(known.home)] } }]);
    const observed = await api.observe(ref, known, signal);
    if (!observed.ok) return observed.failure;
    return [...observed.value.replicas.values()].find(({ region }) => region !== known.home);
  }
  const cases: { name: string; body: object; expected: object }[] = [
    {
      name: 'no provisioningState is Succeeded',
      body: replicaBody('a', { provisioningState: undefined }),
      expected: { state: 'Succeeded' },
    },
    {
      name: 'a provisioningState of null is Succeeded',
      body: replicaBody('a', { provisioningState: null }),
      expected: { state: 'Succeeded' },
    },
    {
      name: 'an unknown provisioningState is Unknown',
      body: replicaBody('a', { provisioningState: 'Moving' }),
      expected: { state: 'Unknown' },
    },
    {
      name: 'a status of null',
      body: replicaBody('a', { status: null }),
      expected: { status: '', message: '', changedAt: '' },
    },
    {
      name: 'no status',
      body: replicaBody('a', { status: undefined }),
      expected: { status: '', message: '', changedAt: '' },
    },
    {
      name: 'status while creating holds only a timestamp',
      body: replicaBody('a', { status: { timestamp: '2026-09-10T06:44:50.9988435Z' } }),
      expected: { status: '', changedAt: '2026-09-10T06:44:50.998Z' },
    },
    {
      name: 'a status longer than the CRD takes is cut',
      body: replicaBody('a', { status: { displayStatus: 'S'.repeat(101), message: 'm'.repeat(1025) } }),
      expected: { status: 'S'.repeat(100), message: 'm'.repeat(1024) },
    },
    {
      name: 'a status message',
      body: replicaBody('a', { status: { displayStatus: 'Syncing', message: 'm' } }),
      expected: { status: 'Syncing', message: 'm' },
    },
    {
      name: 'a timestamp that is none',
      body: replicaBody('a', { status: { timestamp: 'soon' } }),
      expected: { changedAt: '' },
    },
    {
      name: 'no properties at all',
      body: replicaBody('a', {}, { properties: undefined }),
      expected: { state: 'Succeeded', status: '' },
    },
    { name: 'tags of null', body: replicaBody('a', {}, { tags: null }), expected: { tags: {} } },
    {
      name: 'the owner, which is told in conditions, Events and log, with a mark for what cannot be shown',
      body: replicaBody('a', {}, { tags: { 'ACR-Replication-Owner': 'prod/a\u202e/b\n\u001b[2Jc', other: 'x\ny' } }),
      expected: { tags: { 'ACR-Replication-Owner': 'prod/a\ufffd/b\ufffd\ufffd[2Jc', other: 'x\ny' } },
    },
    { name: 'tags', body: replicaBody('a', {}, { tags: { Team: 'x' } }), expected: { tags: { Team: 'x' } } },
    {
      name: 'unknown properties',
      body: replicaBody('a', { shiny: { new: true } }, { kind: 'x' }),
      expected: { region: 'a' },
    },
    {
      name: 'the location as people write it',
      body: replicaBody('Japan East', {}, { name: 'japaneast' }),
      expected: { region: 'japaneast', name: 'japaneast' },
    },
    {
      name: 'a name that is not the location',
      body: replicaBody('japaneast', {}, { name: 'clireg' }),
      expected: { region: 'japaneast', name: 'clireg' },
    },
  ];
  for (const { name, body, expected } of cases) {
    test(name, async () => expect(await parse(body)).toMatchObject(expected));
  }
  for (const [name, rest] of Object.entries({ 'no name': { name: null }, 'no location': { location: '' } })) {
    test(`one replica with ${name} makes the whole answer unbelievable`, async () => {
      const { api } = stubbedApi([{ status: 200, body: { value: [replicaBody('b'), replicaBody('a', {}, rest)] } }]);
      await expect(api.observe(ref, known, signal)).resolves.toMatchObject({
        ok: false,
        failure: { code: 'BadAnswer', reason: 'Retrying', kind: 'retryable', pace: 'soon' },
      });
    });
  }
  test('of two replicas in one region the first by name counts, in whatever order they come', async () => {
    const pair = [replicaBody('japaneast', {}, { name: 'b' }), replicaBody('japaneast', {}, { name: 'a' })];
    for (const value of [pair, pair.toReversed()]) {
      const { api } = stubbedApi([{ status: 200, body: { value: [...value, replicaBody(known.home)] } }]);
      const observed = await api.observe(ref, known, signal);
      expect(observed.ok && observed.value.replicas.get(regionOf('japaneast'))?.name).toBe('a');
    }
  });
});

describe('an answer that is no list is never an empty list', () => {
  const bodies: Record<string, unknown> = {
    nothing: undefined,
    'an empty object': {},
    'value null': { value: null },
    'value an object': { value: {} },
    'an entry null': { value: [null] },
    'an entry that is text': { value: ['japaneast'] },
    'half a document': '{"value":[{"name":"japan',
    'a page of HTML': '<!doctype html><title>Sign in</title>',
    'a number': 7,
    'an array': [],
    'a next link that is no text': { value: [], nextLink: 7 },
  };
  for (const [name, body] of Object.entries(bodies)) {
    for (const contentType of ['application/json', 'text/html']) {
      test(`${name} as ${contentType}`, async () => {
        const { api } = stubbedApi([{ status: 200, headers: { 'content-type': contentType }, body }]);
        await expect(api.observe(ref, known, signal)).resolves.toMatchObject({
          ok: false,
          failure: { code: 'BadAnswer', reason: 'Retrying' },
        });
      });
    }
  }
});
