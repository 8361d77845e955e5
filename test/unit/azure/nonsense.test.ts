import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseReplicaOnWire } from '../../../src/azure/parse.ts';
import type { Registry, Replica } from '../../../src/domain/replication.ts';
import { ref, registryBody, replicaBody, stubbedApi } from '../../support/arm-stub.ts';

/** Whatever stands in an answer of Azure, what becomes of it fits into the object's status, and is read in no time. */
const signal = AbortSignal.timeout(60_000);

interface Schema {
  readonly properties: Readonly<Record<string, Schema & { readonly items: Schema }>>;
}
const crd = parse(readFileSync('crds/registryreplications.acr-replication.dev.yaml', 'utf8')) as {
  spec: { versions: [{ schema: { openAPIV3Schema: { properties: { status: Schema } } } }] };
};
const status = crd.spec.versions[0].schema.openAPIV3Schema.properties.status;
const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
ajv.addFormat('int32', true).addFormat('int64', true);
const validEntry = ajv.compile(status.properties['replicas']?.items ?? {});
const validRegistry = ajv.compile(status.properties['registry'] ?? {});

/** What Kubernetes would store as something else, or a terminal would take for a command. */
const unshowable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function problemsOf({ replica, registry }: { replica?: Replica; registry?: Registry }): unknown[] {
  const problems: unknown[] = [];
  if (replica !== undefined) {
    const { region, name, state, status, message, routing, changedAt } = replica;
    const since = changedAt === '' ? {} : { since: changedAt.replace(/\.\d+Z$/, 'Z') };
    const entry = { location: region, name, provisioningState: state, status, message, routing, ...since };
    if (!validEntry(entry)) problems.push(...(validEntry.errors ?? []));
    for (const text of Object.values(entry)) if (unshowable.test(text)) problems.push(text);
  }
  if (registry !== undefined) {
    const { id, loginServer, home: homeRegion, sku } = registry;
    const entry = { id, loginServer, homeRegion, sku };
    if (!validRegistry(entry)) problems.push(...(validRegistry.errors ?? []));
    for (const text of Object.values(entry)) if (unshowable.test(text)) problems.push(text);
  }
  return problems;
}

let nested: unknown = 'x';
for (let depth = 0; depth < 1_000; depth++) nested = depth % 2 === 0 ? [nested] : { a: nested };
const nonsense: Readonly<Record<string, unknown>> = {
  null: null,
  'a number': 7,
  'minus zero': -0,
  'a huge number': 1e308,
  true: true,
  'an array': ['Succeeded'],
  'an object': { a: 1 },
  'a thousand levels': nested,
  'no text': '',
  'a long text': 'x'.repeat(100_000),
  'a long text of surrogate pairs': '😀'.repeat(50_000),
  'a pair cut by every length there is': `x${'😀'.repeat(5_000)}`,
  NUL: 'a\u0000b',
  'a lone surrogate': 'a\ud83db',
  'terminal escapes': '\u001b]0;pwned\u0007\u001b[2J\u009b31m',
  'line breaks': 'a\r\nlevel=error msg=forged\u2028b',
  'text from right to left': '\u202eegnahc\u202c\u200f',
  'a path': '../../x',
  'an encoded path': '%2e%2e%2f',
  'a query': 'a?b=c#d',
  __proto__: '__proto__',
  'the year 275760': '+275760-09-13T00:00:00.000Z',
  'a year before Christ': '-000001-01-01T00:00:00Z',
};

/** Copies of a body with each of its members in turn, at any depth, replaced by the value. */
function* withEach(body: object, value: unknown): Generator<readonly [path: string, body: object]> {
  for (const [key, member] of Object.entries(body)) {
    yield [key, { ...body, [key]: value }];
    if (typeof member !== 'object' || member === null) continue;
    for (const [path, inner] of withEach(member, value)) yield [`${key}.${path}`, { ...body, [key]: inner }];
  }
}

const richReplica = replicaBody(
  'japaneast',
  { status: { displayStatus: 'Ready', message: 'm', timestamp: '2026-09-10T06:45:02Z' } },
  { tags: { a: 'b' } },
);

describe('nonsense in any place of an answer is taken for no more than it is', () => {
  for (const [name, value] of Object.entries(nonsense)) {
    test(name, async () => {
      let runs = 0;
      for (const [path, replica] of withEach(richReplica, value)) {
        const { api } = stubbedApi([
          { status: 200, body: registryBody },
          { status: 200, body: { value: [replica] } },
        ]);
        const observed = await api.observe(ref, undefined, signal);
        const [read] = observed.ok ? observed.value.replicas.values() : [];
        expect(problemsOf(read === undefined ? {} : { replica: read }), path).toEqual([]);
        const own = parseReplicaOnWire(replica);
        expect(problemsOf(own === undefined ? {} : { replica: own }), path).toEqual([]);
        runs++;
      }
      for (const [path, registry] of withEach(registryBody, value)) {
        const { api } = stubbedApi([
          { status: 200, body: registry },
          { status: 200, body: { value: [] } },
        ]);
        const observed = await api.observe(ref, undefined, signal);
        expect(problemsOf(observed.ok ? { registry: observed.value.registry } : {}), path).toEqual([]);
        runs++;
      }
      const error = { code: 'Code', message: 'message', target: 't', details: [{ code: 'a', message: 'b' }] };
      const info = [{ type: 'PolicyViolation', info: { policyAssignmentDisplayName: 'p', policyAssignmentName: 'q' } }];
      for (const status of [400, 401, 403, 404, 409, 429, 500]) {
        for (const code of ['AuthorizationFailed', 'RequestDisallowedByPolicy', 'ScopeLocked', 'InvalidLocation']) {
          for (const [path, body] of withEach({ error: { ...error, code, additionalInfo: info } }, value)) {
            const { api } = stubbedApi([{ status, body }]);
            const answer = await api.get(ref, 'japaneast', signal);
            if (answer.ok) continue; // a replica that is not there
            const { code: said, message } = answer.failure;
            const shown = {
              location: 'japaneast',
              error: { code: said, message: `${message} ${'advice'.repeat(90)}` },
            };
            expect(validEntry(shown) ? [] : validEntry.errors, path).toEqual([]);
            expect(`${said} ${message}`, path).not.toMatch(unshowable);
            runs++;
          }
        }
      }
      expect(runs).toBeGreaterThan(200);
    });
  }
});

describe('long texts cost no time', () => {
  const texts: Readonly<Record<string, string>> = {
    spaces: ' '.repeat(1_000_000),
    'opening parentheses': '('.repeat(1_000_000),
    'the beginning of ids': 'request id '.repeat(100_000),
    'the beginning of lists of regions': 'available regions '.repeat(100_000),
    'commas and timestamps': ',timestamp'.repeat(100_000),
    quotes: "action '".repeat(100_000),
    'the beginning of deny assignments': "because of the deny assignment with name 'a' ".repeat(20_000),
    'the beginning of issuers': "wrong issuer 'https://a/b' ".repeat(40_000),
    'escaped errors': JSON.stringify({
      error: { message: JSON.stringify({ error: { message: ' '.repeat(100_000) } }) },
    }),
  };
  for (const [name, message] of Object.entries(texts)) {
    for (const code of [
      'AuthorizationFailed',
      'LocationNotAvailableForResourceType',
      'Other',
      'NoRegisteredProviderFound',
      'DenyAssignmentAuthorizationFailed',
      'InvalidAuthenticationTokenTenant',
      'RequestDisallowedByPolicy',
      'ResourceNotFound',
    ]) {
      test(`${name} as message of ${code}`, { timeout: 2_000 }, async () => {
        const { api } = stubbedApi([{ status: 400, body: { error: { code, message } } }]);
        await expect(api.get(ref, 'japaneast', signal)).resolves.toMatchObject({ ok: false });
      });
    }
  }
});

describe('lists that no registry has', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => replicaBody(`region${i}`));
  test('of 256 replicas is believed', async () => {
    const { api } = stubbedApi([
      { status: 200, body: registryBody },
      { status: 200, body: { value: many(256) } },
    ]);
    const observed = await api.observe(ref, undefined, signal);
    expect(observed.ok && observed.value.replicas.size).toBe(256);
  });
  test('of 10,000 replicas is not, and is looked at again slowly', async () => {
    const { api } = stubbedApi([
      { status: 200, body: registryBody },
      { status: 200, body: { value: many(10_000) } },
    ]);
    await expect(api.observe(ref, undefined, signal)).resolves.toMatchObject({
      ok: false,
      failure: {
        pace: 'slow',
        message: "Azure's answer makes no sense: the list of replicas has more than 256 entries.",
      },
    });
  });
});

describe('headers', () => {
  const odd = [
    '-1',
    '1e308',
    'Infinity',
    'NaN',
    '0x10',
    '5, 5',
    '99999999999999999999',
    'Wed, 21 Oct 275760 07:28:00 GMT',
    '\u009b',
  ];
  for (const value of odd) {
    test(`Retry-After and remaining requests of ${JSON.stringify(value)} lead to a moment in the next hour`, async () => {
      const headers = { 'retry-after': value, 'x-ms-ratelimit-remaining-subscription-reads': value };
      const { api } = stubbedApi([{ status: 429, headers, body: { error: { code: 'TooManyRequests', message: '' } } }]);
      const answer = await api.get(ref, 'japaneast', signal);
      if (answer.ok || answer.failure.kind !== 'throttled') throw new Error('not throttled');
      const { until } = answer.failure;
      const now = Date.parse('2026-09-10T06:45:00Z');
      expect(until === undefined || (until.getTime() >= now && until.getTime() <= now + 3_600_000)).toBe(true);
    });
  }
});
