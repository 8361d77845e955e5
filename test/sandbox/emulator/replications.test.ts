import { describe, expect, test } from 'vitest';
import { errorOf, type OpenAzure, openAzure } from './open-azure.ts';

interface Body {
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly systemData: { readonly createdByType: string };
  readonly properties: {
    readonly provisioningState: string;
    readonly status: { readonly displayStatus?: string };
    readonly regionEndpointEnabled: boolean;
  };
}

const put = (azure: OpenAzure, region: string, more: object = {}) =>
  azure.call('PUT', azure.acr(`/replications/${region}`), { location: region, ...more });
const get = (azure: OpenAzure, region: string) => azure.call('GET', azure.acr(`/replications/${region}`));
const state = async (azure: OpenAzure, region: string) => {
  const { properties } = (await get(azure, region)).body as Body;
  return `${properties.provisioningState} ${properties.status.displayStatus ?? '-'}`;
};
const list = async (azure: OpenAzure) =>
  ((await azure.call('GET', azure.acr('/replications'))).body as { readonly value: readonly Body[] }).value;

test('a replica is Creating without a displayStatus, then Succeeded and Syncing, then Ready', async () => {
  const azure = await openAzure({ operationMs: 10_000, syncMs: 5_000 });
  await put(azure, 'japaneast');
  expect(await state(azure, 'japaneast')).toBe('Creating -');
  azure.tick(9_999);
  expect(await state(azure, 'japaneast')).toBe('Creating -');
  azure.tick(1);
  expect(await state(azure, 'japaneast')).toBe('Succeeded Syncing');
  azure.tick(5_000);
  expect(await state(azure, 'japaneast')).toBe('Succeeded Ready');
});

test('unless told otherwise the first looks after Succeeded say Syncing', async () => {
  const azure = await openAzure();
  await put(azure, 'japaneast');
  azure.tick(10_000);
  expect(await state(azure, 'japaneast')).toBe('Succeeded Syncing');
  azure.tick(1_000);
  expect(await state(azure, 'japaneast')).toBe('Succeeded Ready');
});

describe('a zone redundant registry', () => {
  const home = {
    location: 'eastus',
    tags: { team: 'platform' },
    properties: { provisioningState: 'Succeeded', zoneRedundancy: 'Enabled', status: { displayStatus: 'Ready' } },
  };
  const contoso = { name: 'contoso', resourceGroup: 'registries', location: 'eastus', tags: { team: 'platform' } };

  test('lists its home replica from the start, zone redundant and with its own tags', async () => {
    const azure = await openAzure({ registries: [{ ...contoso, zoneRedundancy: 'Enabled' }] });
    expect(await list(azure)).toMatchObject([home]);
    expect((await azure.call('GET', azure.acr())).body).toMatchObject({ properties: { zoneRedundancy: 'Enabled' } });
  });
  test('is what every registry is when the setting says so, those that come later too', async () => {
    const azure = await openAzure({ registries: [contoso], zoneRedundancy: 'Enabled' });
    expect(await list(azure)).toMatchObject([home]);
    await azure.control.putRegistry({ ...contoso, name: 'later' });
    expect((await azure.control.replicas('later')).map((r) => r.location)).toEqual(['eastus']);
    await azure.control.putRegistry({ ...contoso, name: 'plain', zoneRedundancy: 'Disabled' });
    expect(await azure.control.replicas('plain')).toEqual([]);
  });
});

describe('a PATCH of tags alone', () => {
  const replicas = [{ location: 'japaneast', tags: { a: '1' } }];
  const registries = [{ name: 'contoso', resourceGroup: 'registries', location: 'eastus', replicas }];
  const patch = (azure: OpenAzure, body: object) => azure.call('PATCH', azure.acr('/replications/japaneast'), body);

  test('is answered by 201 with an operation, as recorded in 2026', async () => {
    const azure = await openAzure({ registries });
    const answer = await patch(azure, { tags: { b: '2' } });
    expect([answer.status, answer.headers['azure-asyncoperation'] === undefined]).toEqual([201, false]);
    expect(await state(azure, 'japaneast')).toBe('Updating Ready');
  });
  test('or by 200 and done, as recorded before; a PATCH of the routing is an operation all the same', async () => {
    const azure = await openAzure({ registries, tagPatch: 'immediate' });
    const answer = await patch(azure, { tags: { b: '2' } });
    expect([answer.status, answer.headers['azure-asyncoperation']]).toEqual([200, undefined]);
    expect(answer.body).toMatchObject({ tags: { b: '2' }, properties: { provisioningState: 'Succeeded' } });
    expect((await patch(azure, { tags: {}, properties: { regionEndpointEnabled: false } })).status).toBe(201);
    await azure.control.setHabits({ tagPatch: 'operation' });
    azure.tick(10_000);
    expect((await patch(azure, { tags: {} })).status).toBe(201);
  });
});

describe('a write to a Failed replica', () => {
  const write = {
    PATCH: (azure: OpenAzure) => azure.call('PATCH', azure.acr('/replications/japaneast'), { tags: {} }),
    PUT: (azure: OpenAzure) => put(azure, 'japaneast'),
  };
  for (const [verb, habits, status, after] of [
    ['PUT', {}, 200, 'Failed Failed'],
    ['PUT', { putOfFailed: 'heals' }, 201, 'Succeeded Ready'],
    ['PATCH', {}, 201, 'Succeeded Ready'],
    ['PATCH', { patchOfFailed: 'stays' }, 201, 'Failed Failed'],
    ['PATCH', { tagPatch: 'immediate' }, 200, 'Succeeded Ready'],
    ['PATCH', { tagPatch: 'immediate', patchOfFailed: 'stays' }, 200, 'Failed Failed'],
  ] as const) {
    test(`${verb} with ${JSON.stringify(habits)} is answered by ${status}, and it is ${after}`, async () => {
      const azure = await openAzure({ ...habits, syncMs: 0 });
      await azure.control.addFault({ effect: { kind: 'operationFails' }, times: 1 });
      await put(azure, 'japaneast');
      azure.tick(10_000);
      expect(await state(azure, 'japaneast')).toBe('Failed Failed');
      expect((await write[verb](azure)).status).toBe(status);
      azure.tick(10_000);
      expect(await state(azure, 'japaneast')).toBe(after);
    });
  }
});

test('the home replica appears by itself some seconds after the first create, made by the service', async () => {
  const azure = await openAzure();
  expect(await list(azure)).toEqual([]);
  await put(azure, 'japaneast');
  azure.tick(3_999);
  expect((await list(azure)).map((r) => r.name)).toEqual(['japaneast']);
  azure.tick(1);
  const home = (await list(azure)).find((r) => r.location === 'eastus');
  expect(home).toMatchObject({
    name: 'eastus',
    systemData: { createdByType: 'Application' },
    properties: { provisioningState: 'Succeeded', status: { displayStatus: 'Ready' } },
  });
});

test('creating a replica in the home region is a no-op that answers 200', async () => {
  const azure = await openAzure();
  const answer = await put(azure, 'eastus');
  expect(answer.status).toBe(200);
  expect(await list(azure)).toEqual([]);
});

test('the home replica can be deleted when it is the last', async () => {
  const azure = await openAzure({
    registries: [
      { name: 'contoso', resourceGroup: 'registries', location: 'eastus', replicas: [{ location: 'japaneast' }] },
    ],
  });
  expect(errorOf(await azure.call('DELETE', azure.acr('/replications/eastus'))).code).toBe(
    'HomeReplicationCannotBeDeleted',
  );
  await azure.control.deleteReplica({ registry: 'contoso', region: 'japaneast' });
  expect((await azure.call('DELETE', azure.acr('/replications/eastus'))).status).toBe(202);
});

test('replicas of different regions are created at the same time', async () => {
  const azure = await openAzure();
  const answers = await Promise.all(['japaneast', 'westeurope', 'brazilsouth'].map((region) => put(azure, region)));
  expect(answers.map((a) => a.status)).toEqual([201, 201, 201]);
  azure.tick(10_000);
  expect((await list(azure)).map((r) => r.name).sort((a, b) => a.localeCompare(b))).toEqual([
    'brazilsouth',
    'eastus',
    'japaneast',
    'westeurope',
  ]);
});

test('a DELETE is 202 with a Location, the replica is Deleting, then gone; a DELETE of nothing is 204', async () => {
  const azure = await openAzure({ operationMs: 0, deleteMs: 8_000 });
  await put(azure, 'japaneast');
  const deleted = await azure.call('DELETE', azure.acr('/replications/japaneast'));
  expect(deleted.headers['location']).toContain(
    '/providers/Microsoft.ContainerRegistry/locations/japaneast/operationResults/',
  );
  expect((await state(azure, 'japaneast')).split(' ')[0]).toBe('Deleting');
  expect((await azure.call('GET', deleted.headers['location'] ?? '')).status).toBe(202);
  azure.tick(8_000);
  const last = await azure.call('GET', deleted.headers['location'] ?? '');
  expect([last.status, last.text]).toEqual([200, '']);
  expect((await get(azure, 'japaneast')).status).toBe(404);
  expect((await azure.call('DELETE', azure.acr('/replications/japaneast'))).status).toBe(204);
});

test('a replica that is being created or deleted refuses PUT and PATCH with 409', async () => {
  const azure = await openAzure();
  await put(azure, 'japaneast');
  expect((await put(azure, 'japaneast')).status).toBe(409);
  expect((await azure.call('PATCH', azure.acr('/replications/japaneast'), { tags: {} })).status).toBe(409);
  azure.tick(10_000);
  await azure.call('DELETE', azure.acr('/replications/japaneast'));
  expect((await put(azure, 'japaneast')).status).toBe(409);
});

test('a PATCH shows the new values at once while Updating, keeps displayStatus, and is Succeeded within a second', async () => {
  const azure = await openAzure({ operationMs: 1_000, syncMs: 0 });
  await put(azure, 'japaneast', { tags: { a: '1' } });
  azure.tick(1_000);
  const patched = await azure.call('PATCH', azure.acr('/replications/japaneast'), {
    properties: { regionEndpointEnabled: false },
  });
  expect(patched.status).toBe(201);
  expect(patched.body).toMatchObject({
    tags: { a: '1' },
    properties: { provisioningState: 'Updating', regionEndpointEnabled: false, status: { displayStatus: 'Ready' } },
  });
  azure.tick(999);
  expect((await azure.call('GET', patched.headers['azure-asyncoperation'] ?? '')).body).toEqual({
    status: 'Succeeded',
  });
});

test('a PUT that changes the routing of an existing replica runs as an operation', async () => {
  const azure = await openAzure({ operationMs: 0 });
  await put(azure, 'japaneast');
  const again = await put(azure, 'japaneast', { properties: { regionEndpointEnabled: false } });
  expect([again.status, again.headers['azure-asyncoperation'] === undefined]).toEqual([201, false]);
});

test('no answer carries Retry-After unless that is switched on', async () => {
  for (const [retryAfterSeconds, expected] of [
    [undefined, undefined],
    [15, '15'],
  ] as const) {
    const azure = await openAzure(retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    const created = await put(azure, 'japaneast');
    const polled = await azure.call('GET', created.headers['azure-asyncoperation'] ?? '');
    expect([created.headers['retry-after'], polled.headers['retry-after']]).toEqual([expected, expected]);
  }
});

test('LIST is paged by nextLink when there is a page size, and complete', async () => {
  const azure = await openAzure({ operationMs: 0, pageSize: 2 });
  for (const region of ['japaneast', 'westeurope', 'brazilsouth', 'uksouth']) await put(azure, region);
  const seen: string[] = [];
  let next: string | undefined = azure.acr('/replications');
  let pages = 0;
  while (next !== undefined) {
    const page: { readonly value: readonly Body[]; readonly nextLink?: string } = (await azure.call('GET', next))
      .body as never;
    seen.push(...page.value.map((r) => r.name));
    next = page.nextLink;
    pages += 1;
  }
  expect([pages, seen.length, new Set(seen).size]).toEqual([3, 5, 5]);
});

test('usage counts the home replica and has no limit', async () => {
  const azure = await openAzure({ operationMs: 0 });
  await put(azure, 'japaneast');
  const { value } = (await azure.call('GET', azure.acr('/listUsages'))).body as {
    readonly value: readonly { readonly name: string }[];
  };
  expect(value.find((u) => u.name === 'Geo-replications')).toMatchObject({ limit: -1, currentValue: 2 });
});

test('the provider tells the regions of the subscription, in every cloud its own', async () => {
  for (const [cloud, region] of [
    ['AzurePublic', 'Japan East'],
    ['AzureChinaCloud', 'China North 3'],
    ['AzureUSGovernment', 'USGov Virginia'],
  ] as const) {
    const azure = await openAzure({ cloud });
    const { body } = await azure.call(
      'GET',
      `/subscriptions/${azure.subscriptionId}/providers/Microsoft.ContainerRegistry?api-version=2022-12-01`,
    );
    const { resourceTypes } = body as {
      readonly resourceTypes: readonly { readonly resourceType: string; readonly locations: readonly string[] }[];
    };
    const offered = resourceTypes.find((t) => t.resourceType === 'registries/replications')?.locations ?? [];
    expect(offered.map((l) => l.replaceAll(' ', '').toLowerCase())).toContain(region.replaceAll(' ', '').toLowerCase());
  }
});

test('answers what the Azure CLI asks for beside: subscriptions, tenants, resources by filter, locations, metadata', async () => {
  const azure = await openAzure();
  const ask = async (path: string) => (await azure.call('GET', path)).body;
  expect(await ask('/subscriptions?api-version=2022-12-01')).toMatchObject({
    value: [{ subscriptionId: azure.subscriptionId, state: 'Enabled', tenantId: azure.credentials.tenantId }],
  });
  expect(await ask('/tenants?api-version=2022-12-01')).toMatchObject({
    value: [{ tenantId: azure.credentials.tenantId }],
  });
  const filter = encodeURIComponent("resourceType eq 'Microsoft.ContainerRegistry/registries' and name eq 'Contoso'");
  expect(
    await ask(`/subscriptions/${azure.subscriptionId}/resources?$filter=${filter}&api-version=2024-11-01`),
  ).toMatchObject({ value: [{ name: 'contoso' }] });
  const other = encodeURIComponent("resourceType eq 'Microsoft.Storage/storageAccounts'");
  expect(await ask(`/subscriptions/${azure.subscriptionId}/resources?$filter=${other}&api-version=2024-11-01`)).toEqual(
    { value: [] },
  );
  const { value } = (await ask(`/subscriptions/${azure.subscriptionId}/locations?api-version=2022-12-01`)) as {
    readonly value: readonly { readonly name: string }[];
  };
  expect(value.find((l) => l.name === 'japaneast')).toMatchObject({
    id: `/subscriptions/${azure.subscriptionId}/locations/japaneast`,
    type: 'Region',
    displayName: 'Japan East',
    metadata: { regionType: 'Physical', pairedRegion: [{ name: 'japanwest' }] },
    availabilityZoneMappings: [{ logicalZone: '1', physicalZone: 'japaneast-az1' }, {}, {}],
  });
  expect(value.find((l) => l.name === 'global')).toMatchObject({ metadata: { regionType: 'Logical' } });
  expect(await ask('/metadata/endpoints?api-version=2022-09-01')).toMatchObject({
    name: 'AzureCloud',
    resourceManager: azure.url,
    authentication: { loginEndpoint: azure.url },
  });
});

test("a sovereign cloud names its own registries' domain", async () => {
  const azure = await openAzure({ cloud: 'AzureChinaCloud' });
  const { body } = await azure.call('GET', '/metadata/endpoints?api-version=2022-09-01');
  expect(body).toMatchObject({ name: 'AzureChinaCloud', suffixes: { acrLoginServer: 'azurecr.cn' } });
});

test('lists registries of a group and of a subscription', async () => {
  const registries = ['one11', 'two22', 'three'].map((name, i) => ({
    name,
    resourceGroup: i === 0 ? 'a' : 'b',
    location: 'eastus',
  }));
  const azure = await openAzure({ registries });
  const names = async (path: string) =>
    ((await azure.call('GET', path)).body as { readonly value: readonly Body[] }).value.map((r) => r.name);
  const base = `/subscriptions/${azure.subscriptionId}`;
  const tail = '/providers/Microsoft.ContainerRegistry/registries?api-version=2025-11-01';
  expect(await names(base + tail)).toEqual(['one11', 'two22', 'three']);
  expect(await names(`${base}/resourceGroups/b${tail}`)).toEqual(['two22', 'three']);
});
