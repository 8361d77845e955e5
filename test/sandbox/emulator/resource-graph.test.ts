import { describe, expect, test } from 'vitest';
import type { FaultRule } from './fault-rules.ts';
import { type Answer, errorOf, type OpenAzure, openAzure } from './open-azure.ts';
import type { EmulatorOptions } from './settings.ts';

const CONTOSO = { name: 'contoso', resourceGroup: 'registries', location: 'eastus' } as const;
const QUERY_PATH = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
const TYPE = "resources | where type =~ 'microsoft.containerregistry/registries/replications'";
const WHOLE = `${TYPE}
| extend registry = tolower(id)
| extend registry = substring(registry, 0, indexof(registry, '/replications/'))
| project registry, replica = bag_pack('name', name, 'location', location, 'tags', tags, 'properties', properties)
| summarize replicas = make_list(replica) by registry
| order by registry asc`;

interface Replica {
  readonly location: string;
  readonly apiVersion?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: { readonly provisioningState: string };
}
interface Result {
  readonly totalRecords: number;
  readonly count: number;
  readonly resultTruncated: string;
  readonly $skipToken?: string;
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

const open = (options: EmulatorOptions = {}) =>
  openAzure({ registries: [{ ...CONTOSO, replicas: [{ location: 'japaneast' }] }], graphAgeMs: 30_000, ...options });
const byGraph = (path: string) => `${path}&useResourceGraph=true`;
const list = async (azure: OpenAzure) => {
  const { body } = await azure.call('GET', byGraph(azure.acr('/replications')));
  return (body as { readonly value: readonly Replica[] }).value;
};
const regions = async (azure: OpenAzure) => (await list(azure)).map(({ location }) => location).toSorted();
const put = (azure: OpenAzure, region: string) =>
  azure.call('PUT', azure.acr(`/replications/${region}`), { location: region });
const ask = (azure: OpenAzure, query: string, options: object = {}, more: object = {}) =>
  azure.call('POST', QUERY_PATH, { subscriptions: [azure.subscriptionId], query, options, ...more });
const result = (answer: Answer) => answer.body as Result;
const details = (answer: Answer) =>
  (answer.body as { readonly error: { readonly details: readonly { readonly code: string }[] } }).error.details.map(
    ({ code }) => code,
  );
const quotaOf = ({ headers }: Answer) => [
  headers['x-ms-user-quota-remaining'],
  headers['x-ms-user-quota-resets-after'],
];
const fleet = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...CONTOSO,
    name: `registry${`${i}`.padStart(5, '0')}`,
    replicas: [{ location: 'japaneast' }],
  }));

describe('GET and LIST with useResourceGraph=true [azure-docs azure-resource-graph-get-list-api.md]', () => {
  test('are answered in the newest version that is no preview, which each body names', async () => {
    const azure = await open();
    expect((await list(azure)).map(({ apiVersion }) => apiVersion)).toEqual(['2026-11-01', '2026-11-01']);
    const registry = await azure.call('GET', byGraph(azure.acr()));
    expect(registry.body).toMatchObject({ name: 'contoso', apiVersion: '2026-11-01' });
    expect((await azure.call('GET', azure.acr())).body).not.toHaveProperty('apiVersion');
  });

  test('say that they are of Resource Graph, a GET also of when', async () => {
    const azure = await open();
    azure.tick(60_000);
    const listed = await azure.call('GET', byGraph(azure.acr('/replications')));
    const one = await azure.call('GET', byGraph(azure.acr('/replications/japaneast')));
    for (const { headers } of [listed, one])
      expect(headers).toMatchObject({
        'x-ms-resource-graph-request-duration': expect.stringMatching(/^0:00:00:00\.\d{7}$/),
        'x-ms-user-quota-resets-after': '00:01:00',
      });
    expect(listed.headers).not.toHaveProperty('x-ms-arg-snapshot-timestamp');
    expect(one.headers['x-ms-arg-snapshot-timestamp']).toBe('2026-09-10T06:45:20.0000000Z');
  });

  test('show of a registry what was true so long ago', async () => {
    const azure = await open({ operationMs: 10_000 });
    await put(azure, 'westeurope');
    azure.tick(29_999);
    expect(await regions(azure)).toEqual(['eastus', 'japaneast']);
    azure.tick(1);
    expect(await list(azure)).toContainEqual(
      expect.objectContaining({
        location: 'westeurope',
        properties: expect.objectContaining({ provisioningState: 'Creating' }),
      }),
    );
    azure.tick(10_000);
    expect((await list(azure)).map(({ properties }) => properties.provisioningState)).toEqual(
      Array.from({ length: 3 }, () => 'Succeeded'),
    );
  });

  test('show a replica as it was before each of several changes', async () => {
    const azure = await open();
    const seen = [];
    for (const step of ['one', 'two', 'three']) {
      await azure.control.alterReplica({ registry: 'contoso', region: 'japaneast', tags: { step } });
      azure.tick(20_000);
      seen.push((await list(azure)).find(({ location }) => location === 'japaneast')?.tags['step']);
    }
    expect(seen).toEqual([undefined, 'one', 'two']);
  });

  test('answer 404 just after a create, and still show what is gone', async () => {
    const azure = await open();
    await put(azure, 'westeurope');
    await azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
    const created = byGraph(azure.acr('/replications/westeurope'));
    expect(errorOf(await azure.call('GET', created)).code).toBe('ResourceNotFound');
    expect(await regions(azure)).toEqual(['eastus', 'japaneast']);
    azure.tick(30_000);
    expect((await azure.call('GET', created)).status).toBe(200);
    expect(await regions(azure)).toEqual(['eastus', 'westeurope']);
  });

  test('show a registry that was deleted, and one that was made anew as it was', async () => {
    const azure = await open();
    azure.tick(60_000);
    await azure.control.recreateRegistry({ registry: 'contoso', location: 'uksouth' });
    expect((await azure.call('GET', byGraph(azure.acr()))).body).toMatchObject({ location: 'eastus' });
    await azure.control.deleteRegistry('contoso');
    expect(await regions(azure)).toEqual(['eastus', 'japaneast']);
    azure.tick(30_000);
    expect((await azure.call('GET', byGraph(azure.acr()))).status).toBe(404);
    expect(await regions(azure)).toEqual([]);
  });

  test('need the same rights as without it', async () => {
    const azure = await open();
    await azure.control.setRoles([]);
    const answer = await azure.call('GET', byGraph(azure.acr('/replications')));
    expect([answer.status, errorOf(answer).code]).toEqual([403, 'AuthorizationFailed']);
  });

  test('count by themselves and not as reads of the subscription', async () => {
    const azure = await open({ buckets: { reads: { size: 1, perSecond: 1 } } });
    await list(azure);
    await list(azure);
    expect((await azure.call('GET', azure.acr('/replications'))).status).toBe(200);
    expect(await azure.control.counters()).toEqual({
      'LIST replications': 1,
      'LIST replicationsGraph': 2,
      'POST token': 1,
    });
  });

  test('are refused beyond their own limit per minute, user and subscription', async () => {
    const azure = await open();
    await azure.control.setResourceGraph({ readsPerMinute: 2 });
    const seen = [];
    for (let i = 0; i < 3; i += 1) seen.push(await azure.call('GET', byGraph(azure.acr('/replications'))));
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(seen.map(quotaOf)).toEqual([
      ['1', '00:01:00'],
      ['0', '00:01:00'],
      ['0', '00:01:00'],
    ]);
    const refused = seen.at(-1) as Answer;
    expect([errorOf(refused).code, details(refused)]).toEqual(['RateLimiting', ['RateLimiting']]);
    expect(refused.headers['retry-after']).toBe('60');
    azure.tick(60_000);
    expect((await azure.call('GET', byGraph(azure.acr('/replications')))).status).toBe(200);
  });

  test('the flag has no effect on what Resource Graph does not have', async () => {
    const azure = await open();
    const answer = await azure.call('GET', byGraph(azure.acr('/listUsages')));
    expect([answer.status, answer.headers['x-ms-resource-graph-request-duration']]).toEqual([200, undefined]);
    expect(await azure.control.counters()).toHaveProperty('LIST usages', 1);
  });
});

describe('the age of what Resource Graph shows', () => {
  test('can be set for one registry', async () => {
    const azure = await open({
      registries: [CONTOSO, { ...CONTOSO, name: 'other' }].map((r) => ({
        ...r,
        replicas: [{ location: 'japaneast' }],
      })),
    });
    await azure.control.setResourceGraph({ registry: 'other', ageMs: 0 });
    for (const registry of ['contoso', 'other']) await azure.control.createReplica({ registry, location: 'uksouth' });
    const { data } = result(await ask(azure, `${TYPE} | where location == 'uksouth' | project id`));
    expect(data).toEqual([{ id: expect.stringContaining('/registries/other/') }]);
  });

  test('can stand still, until it is set going', async () => {
    const azure = await open({ graphAgeMs: 0 });
    await azure.control.setResourceGraph({ frozen: true });
    azure.tick(1);
    for (const location of ['uksouth', 'westeurope'])
      await azure.control.createReplica({ registry: 'contoso', location });
    azure.tick(3_600_000);
    await azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
    expect(await regions(azure)).toEqual(['eastus', 'japaneast']);
    await azure.control.setResourceGraph({ frozen: false });
    expect(await regions(azure)).toEqual(['eastus', 'uksouth', 'westeurope']);
  });

  test('can be drawn by the seed for each replica, so that they do not fit together', async () => {
    const drawn = async (seed: number) => {
      const azure = await open({ seed });
      await azure.control.setResourceGraph({ ageMs: 0, ageUpToMs: 20_000 });
      azure.tick(60_000);
      for (const location of ['uksouth', 'westeurope', 'brazilsouth'])
        await azure.control.createReplica({ registry: 'contoso', location });
      await azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
      azure.tick(10_000);
      const seen = [];
      for (let i = 0; i < 6; i += 1) seen.push((await regions(azure)).join());
      return seen;
    };
    const seen = await drawn(1);
    expect(new Set(seen).size).toBeGreaterThan(2);
    expect(await drawn(1)).toEqual(seen);
    expect(await drawn(2)).not.toEqual(seen);
  });
});

describe('what goes wrong with Resource Graph alone', () => {
  const broken = async (rule: FaultRule) => {
    const azure = await open({ graphAgeMs: 0 });
    await azure.control.addFault(rule);
    return azure;
  };
  const LISTED = { kind: 'replicationsGraph' } as const;

  test('graphIgnored: the provider answers, and counts it', async () => {
    const azure = await broken({ effect: { kind: 'graphIgnored' }, times: 1 });
    const ignored = await azure.call('GET', byGraph(azure.acr('/replications')));
    expect(ignored.headers).not.toHaveProperty('x-ms-resource-graph-request-duration');
    expect(ignored.body).not.toMatchObject({ value: [{ apiVersion: '2026-11-01' }, {}] });
    expect((await list(azure))[0]).toHaveProperty('apiVersion');
    expect(await azure.control.counters()).toMatchObject({ 'LIST replications': 1, 'LIST replicationsGraph': 1 });
  });

  test('graphUnprocessable: 422, and the provider answers', async () => {
    const azure = await broken({ effect: { kind: 'graphUnprocessable' } });
    expect((await azure.call('GET', byGraph(azure.acr('/replications')))).status).toBe(422);
    expect((await azure.call('GET', azure.acr('/replications'))).status).toBe(200);
  });

  test.each<[string, FaultRule, number]>([
    ['5xx', { match: LISTED, effect: { kind: 'respond', status: 503, code: 'ServiceUnavailable' } }, 503],
    ['no right', { match: LISTED, effect: { kind: 'deny' } }, 403],
    ['404', { match: LISTED, effect: { kind: 'notFound' } }, 404],
    ['too many', { match: LISTED, effect: { kind: 'throttle' } }, 429],
  ])('%s', async (_name, rule, status) => {
    const azure = await broken(rule);
    expect((await azure.call('GET', byGraph(azure.acr('/replications')))).status).toBe(status);
    expect((await azure.call('GET', azure.acr('/replications'))).status).toBe(200);
  });

  test('an outage of the home region does not touch it', async () => {
    const azure = await broken({ effect: { kind: 'outage' } });
    expect(await regions(azure)).toEqual(['eastus', 'japaneast']);
  });

  test('a row that is missing, by LIST and by query', async () => {
    const azure = await broken({ match: LISTED, effect: { kind: 'listOmits', region: 'japaneast' } });
    await azure.control.addFault({
      match: { kind: 'resourceGraphQuery', registry: 'contoso' },
      effect: { kind: 'listMisreports', region: 'japaneast', provisioningState: 'Failed' },
    });
    expect(await regions(azure)).toEqual(['eastus']);
    const { data } = result(
      await ask(azure, `${TYPE} | where properties.provisioningState == 'Failed' | project name`),
    );
    expect(data).toEqual([{ name: 'japaneast' }]);
    expect((await azure.call('GET', azure.acr('/replications'))).body).toMatchObject({ value: [{}, {}] });
  });
});

describe('a query [azure-docs query-language.md, paging-results.md]', () => {
  test('puts together the replicas of each registry', async () => {
    const azure = await open();
    const { data, ...page } = result(await ask(azure, WHOLE));
    expect(page).toEqual({ totalRecords: 1, count: 1, resultTruncated: 'false', facets: [] });
    const provider = await azure.call('GET', azure.acr('/replications'));
    const { value } = provider.body as { readonly value: readonly Readonly<Record<string, unknown>>[] };
    expect(data).toEqual([
      {
        registry: azure.acr().replace(/\?.*/, '').toLowerCase(),
        replicas: value.map(({ name, location, tags, properties }) => ({ name, location, tags, properties })),
      },
    ]);
  });

  test('gives at most 1 000 rows, and a token for the next', async () => {
    const azure = await open({ registries: fleet(1_200) });
    const first = result(await ask(azure, WHOLE));
    expect(first).toMatchObject({ totalRecords: 1_200, count: 1_000, resultTruncated: 'false' });
    const { $skipToken } = first;
    const second = result(await ask(azure, WHOLE, { $skipToken }));
    expect(second).toMatchObject({ totalRecords: 1_200, count: 200 });
    expect(second).not.toHaveProperty('$skipToken');
    expect(new Set([...first.data, ...second.data].map((row) => row['registry'])).size).toBe(1_200);
  });

  test('sliced by a hash, gives each registry once', async () => {
    const azure = await open({ registries: fleet(300) });
    const slices = await Promise.all(
      [0, 1, 2].map((i) => ask(azure, WHOLE.replace('| project', `| where hash(registry) % 3 == ${i}\n| project`))),
    );
    const counts = slices.map((slice) => result(slice).count);
    expect(counts.reduce((a, b) => a + b)).toBe(300);
    for (const count of counts) expect(count).toBeGreaterThan(60);
    expect(new Set(slices.flatMap((slice) => result(slice).data.map((row) => row['registry']))).size).toBe(300);
  });

  test.each<[string, string, unknown]>([
    ['count', `${TYPE} | count`, [{ Count: 2 }]],
    [
      'where with and, or',
      `${TYPE} | where name == 'japaneast' and (location =~ 'x' or location != 'x') | project name`,
      [{ name: 'japaneast' }],
    ],
    ['in~', `${TYPE} | where name in~ ('JAPANEAST', 'x') | project name`, [{ name: 'japaneast' }]],
    [
      'summarize by a member',
      `${TYPE} | summarize n = count() by state = tostring(properties.provisioningState)`,
      [{ state: 'Succeeded', n: 2 }],
    ],
    ['order', `${TYPE} | project name | order by name desc`, [{ name: 'japaneast' }, { name: 'eastus' }]],
    [
      'strcat',
      `${TYPE} | where isnotempty(name) | order by name asc | take 1 | project a = strcat(name, "-", tags['none'])`,
      [{ a: 'eastus-' }],
    ],
    [
      'the registries',
      `resources | where type == 'microsoft.containerregistry/registries' | project name, sku.name`.replace(
        ', sku.name',
        ', tier = sku.name',
      ),
      [{ name: 'contoso', tier: 'Premium' }],
    ],
  ])('knows %s', async (_name, query, data) => {
    expect(result(await ask(await open(), query)).data).toEqual(data);
  });

  test.each([
    ['a table that is not there', 'resourcechanges | count', 'resourcechanges'],
    ['a column that is not there', `${TYPE} | project age`, 'age'],
    ['an operator that is not known', `${TYPE} | evaluate tags`, 'evaluate'],
    ['an end too soon', `${TYPE} | where`, '<end>'],
  ])('is refused for %s, which the answer names', async (_name, query, token) => {
    const answer = await ask(await open(), query);
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'BadRequest']);
    expect(details(answer)).toEqual(['InvalidQuery', 'ParserFailure']);
    expect(answer.body).toMatchObject({ error: { details: [{}, { line: 1, token }] } });
  });

  test('without an order gives the rows in any', async () => {
    const azure = await open({ registries: fleet(50) });
    const asked = async () => result(await ask(azure, `${TYPE} | project id`)).data.map((row) => String(row['id']));
    const [first, second] = [await asked(), await asked()];
    expect(first).not.toEqual(second);
    expect(first.toSorted()).toEqual(second.toSorted());
  });

  test.each([
    ['take', `${TYPE} | project id | order by id asc | take 90`],
    ['nothing but objects', `${TYPE} | project properties`],
  ])('has no pages with %s', async (_name, query) => {
    const azure = await open({ registries: fleet(50) });
    const page = result(await ask(azure, query, { $top: 10 }));
    expect(page).toMatchObject({ count: 10, resultTruncated: 'true' });
    expect(page).not.toHaveProperty('$skipToken');
  });

  test('can be had as a table', async () => {
    const { data } = result(
      await ask(await open(), `${TYPE} | project name | order by name asc`, { resultFormat: 'table' }),
    );
    expect(data).toEqual({ columns: [{ name: 'name', type: 'string' }], rows: [['eastus'], ['japaneast']] });
  });

  test('leaves out what the caller may not read, and does not say so', async () => {
    const azure = await open({ registries: fleet(3) });
    const [role] = (await azure.control.state()).roles;
    const scope = azure.acr('', 'registry00001').replace(/\?.*/, '');
    await azure.control.setRoles(role === undefined ? [] : [{ ...role, scope }]);
    const { data, totalRecords } = result(await ask(azure, WHOLE));
    expect([totalRecords, data.map((row) => row['registry'])]).toEqual([1, [scope.toLowerCase()]]);
  });

  test('by a caller without any role there is 403; in a subscription that is not there 400', async () => {
    const azure = await open();
    const unknown = await ask(azure, WHOLE, {}, { subscriptions: ['00000000-0000-0000-0000-00000000ffff'] });
    expect([unknown.status, details(unknown)]).toEqual([400, ['NoValidSubscriptionsInQueryRequest']]);
    await azure.control.setRoles([]);
    const denied = await ask(azure, WHOLE);
    expect([denied.status, errorOf(denied).code, details(denied)]).toEqual([403, 'AccessDenied', ['AccessDenied']]);
  });

  test('is counted, and refused beyond 15 in 5 s and user [azure-docs guidance-for-throttled-requests.md]', async () => {
    const azure = await open();
    const seen = [];
    for (let i = 0; i < 16; i += 1) seen.push(await ask(azure, `${TYPE} | count`));
    expect(seen.map(({ status }) => status)).toEqual([...Array.from({ length: 15 }, () => 200), 429]);
    expect(seen.map(quotaOf).slice(0, 2)).toEqual([
      ['14', '00:00:05'],
      ['13', '00:00:05'],
    ]);
    expect(seen.at(-1)?.headers['retry-after']).toBe('5');
    azure.tick(5_000);
    expect((await ask(azure, `${TYPE} | count`)).status).toBe(200);
    expect(await azure.control.counters()).toHaveProperty('POST resourceGraphQuery', 17);
  });

  test('wants JSON [azure-docs troubleshoot/general.md], a query and at most 1 000 rows', async () => {
    const azure = await open();
    const text = await azure.call('POST', QUERY_PATH, '{}', { 'content-type': 'text/plain' });
    expect(text.status).toBe(500);
    expect((await azure.call('POST', QUERY_PATH, {})).status).toBe(400);
    expect((await ask(azure, WHOLE, { $top: 1_001 })).status).toBe(400);
  });

  test('shows what was true so long ago, also of registries that are gone', async () => {
    const azure = await open({ registries: fleet(2) });
    await azure.control.deleteRegistry('registry00001');
    await azure.control.putRegistry({ ...CONTOSO, name: 'newcomer', replicas: [{ location: 'uksouth' }] });
    const names = async () =>
      result(await ask(azure, WHOLE)).data.map((row) => String(row['registry']).split('/').at(-1));
    expect(await names()).toEqual(['registry00000', 'registry00001']);
    azure.tick(30_000);
    expect(await names()).toEqual(['newcomer', 'registry00000']);
  });
});
