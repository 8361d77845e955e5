import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isObject } from './json.ts';
import { type Answer, openAzure, START } from './open-azure.ts';

interface Exchange {
  readonly step: string;
  readonly at: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly body?: Readonly<Record<string, unknown>>;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}
interface Recording {
  readonly exchanges: readonly Exchange[];
  readonly other: readonly { readonly apiVersion: string; readonly exchanges: readonly Exchange[] }[];
}

const recording = JSON.parse(
  readFileSync(new URL('./data/wire/replication-lifecycle.json', import.meta.url), 'utf8'),
) as Recording;

/** Headers that every HTTP server sends, or that were dropped when the recording was condensed. */
const UNRECORDED = new Set([
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'x-ms-request-id',
  'x-ms-correlation-request-id',
  'api-supported-versions',
]);
const SIGNED = /\?api-version=2026-09-01-preview&t=\d{18}&c=[\w-]{2600,2800}&s=[\w-]{342}&h=[\w-]{43}$/;
const SERVICE = '6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26';

test('answers the recorded life of a replica as Azure did', async () => {
  const azure = await openAzure({
    registries: [{ name: 'clireg000002', resourceGroup: 'rg1', location: 'westus' }],
    operationMs: 12_000,
    deleteMs: 12_000,
    homeDelayMs: 4_000,
  });
  let now = START;
  let poll = '';
  for (const { step, at, request, response } of recording.exchanges) {
    const then = Date.parse(`2026-09-10T${at}.000Z`);
    azure.tick(then - now);
    now = then;
    const url = /operation(Statuses|Results)/.test(request.url)
      ? poll
      : request.url.replace('https://management.azure.com', azure.url);
    const answer = await azure.call(request.method, url, request.body);
    poll = answer.headers['azure-asyncoperation'] ?? answer.headers['location'] ?? poll;
    expect(answer.status, step).toBe(response.status);
    expectHeaders(step, answer, response.headers, azure.url);
    expect(aligned(answer.body ?? null, response.body), step).toEqual(response.body);
  }
});

test('a PUT that changes only tags of an existing replica answers 200 at once, without the header of an operation', async () => {
  const name = 'asotestregistry1';
  const replica = { location: 'australiaeast', name, regionEndpointEnabled: false };
  const azure = await openAzure({
    registries: [{ name, resourceGroup: 'registries', location: 'westus', replicas: [replica] }],
  });
  const [recorded] = recording.other[0]?.exchanges ?? [];
  const answer = await azure.call('PUT', azure.acr(`/replications/${name}`, name), recorded?.request.body);
  expect(answer.status).toBe(recorded?.response.status);
  expect(Object.keys(answer.headers)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(azure-asyncoperation|location|retry-after)$/)]),
  );
  expect(answer.body).toMatchObject({
    tags: { scratchcard: 'lanyard' },
    properties: { provisioningState: 'Succeeded', status: { displayStatus: 'Ready' } },
  });
});

test('signs operation URLs anew on every poll, goes on accepting the first and refuses one that was tampered with', async () => {
  const azure = await openAzure();
  const put = await azure.call('PUT', azure.acr('/replications/japaneast'), { location: 'japaneast' });
  const first = put.headers['azure-asyncoperation'] ?? '';
  expect(first.length).toBeGreaterThan(3_200);
  expect(first.length).toBeLessThan(3_600);
  const second = (await azure.call('GET', first)).headers['azure-asyncoperation'] ?? '';
  const third = (await azure.call('GET', first)).headers['azure-asyncoperation'] ?? '';
  expect(new Set([first, second, third]).size).toBe(3);
  for (const url of [first, second, third]) expect((await azure.call('GET', url)).status).toBe(200);
  for (const part of ['t', 'c', 's', 'h']) {
    const url = new URL(first);
    const value = url.searchParams.get(part) ?? '';
    url.searchParams.set(part, (value.startsWith('1') ? '2' : '1') + value.slice(1));
    expect((await azure.call('GET', url.href)).status, part).toBe(403);
  }
  const stolen = first.replace('/replications/japaneast/', '/replications/westeurope/');
  expect((await azure.call('GET', stolen)).status).toBe(403);
});

function expectHeaders(
  step: string,
  { headers }: Answer,
  recorded: Readonly<Record<string, string>>,
  origin: string,
): void {
  for (const [name, value] of Object.entries(recorded)) {
    if (name !== 'azure-asyncoperation' && name !== 'location') {
      expect(headers[name], `${step}: ${name}`).toBe(value);
      continue;
    }
    const guid = /replications-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
    const path = (url: string) => new URL(url.split('?')[0] ?? '').pathname.replace(guid, 'replications-<guid>');
    expect(headers[name], `${step}: ${name}`).toMatch(SIGNED);
    expect(headers[name]?.startsWith(origin)).toBe(true);
    expect(path(headers[name] ?? '')).toBe(path(value));
  }
  const more = Object.keys(headers).filter((name) => !(name in recorded) && !UNRECORDED.has(name));
  expect(more, `${step}: headers that Azure did not send`).toEqual([]);
}

/**
 * What Azure said with the recorded value wherever the two mean the same: caller, moment in the same form within 2 s,
 * order of a list.
 */
function aligned(given: unknown, recorded: unknown, key = ''): unknown {
  if (Array.isArray(given) && Array.isArray(recorded)) {
    const named = (name: unknown) => given.find((g: { readonly name?: unknown }) => g.name === name) as unknown;
    return recorded.length === given.length
      ? recorded.map((r: { readonly name?: unknown }) => aligned(named(r.name), r))
      : given;
  }
  if (isObject(given) && isObject(recorded)) {
    const out = Object.fromEntries(Object.entries(given).map(([k, v]) => [k, aligned(v, recorded[k], k)]));
    for (const by of ['createdBy', 'lastModifiedBy'])
      if (recorded[by] === 'test@example.com' && given[by] !== SERVICE)
        Object.assign(out, { [by]: recorded[by], [`${by}Type`]: recorded[`${by}Type`] });
    return out;
  }
  const bothMoments = typeof given === 'string' && typeof recorded === 'string' && /(At|timestamp)$/.test(key);
  return bothMoments && form(given) === form(recorded) && Math.abs(Date.parse(given) - Date.parse(recorded)) <= 2_000
    ? recorded
    : given;
}

function form(moment: string): string {
  return moment
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, 'second')
    .replace(/\.\d{7}\+/, '.7 digits+')
    .replace(/\.\d+Z/, '.digitsZ');
}
