import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf, type OpenAzure, openAzure } from './open-azure.ts';

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000';
const REGISTRIES = `${SUBSCRIPTION}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries`;
const V = '?api-version=2025-11-01';
const JAPAN = { location: 'japaneast' };

interface Case {
  readonly name: string;
  readonly call: readonly [method: string, path: string, body?: unknown];
  readonly says: readonly [status: number, code: string, message?: RegExp];
}

const cases: readonly Case[] = [
  {
    name: 'GET of a missing registry',
    call: ['GET', `${REGISTRIES}/nowhere${V}`],
    says: [404, 'ResourceNotFound', /registries\/nowhere' under resource group 'registries' was not found/],
  },
  {
    name: 'LIST of replications of a missing registry',
    call: ['GET', `${REGISTRIES}/nowhere/replications${V}`],
    says: [404, 'ResourceNotFound'],
  },
  {
    name: 'GET of a missing replication',
    call: ['GET', `${REGISTRIES}/contoso/replications/japaneast${V}`],
    says: [404, 'ResourceNotFound', /replications\/japaneast/],
  },
  {
    name: 'PUT below a missing registry',
    call: ['PUT', `${REGISTRIES}/nowhere/replications/japaneast${V}`, JAPAN],
    says: [404, 'ParentResourceNotFound', /'nowhere'/],
  },
  {
    name: 'PATCH of a missing replication',
    call: ['PATCH', `${REGISTRIES}/contoso/replications/japaneast${V}`, {}],
    says: [404, 'ResourceNotFound'],
  },
  {
    name: 'a registry in another group than its own',
    call: ['GET', `${SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.ContainerRegistry/registries/contoso${V}`],
    says: [404, 'ResourceNotFound'],
  },
  {
    name: 'a missing resource group',
    call: [
      'GET',
      `${SUBSCRIPTION}/resourceGroups/nogroup/providers/Microsoft.ContainerRegistry/registries/contoso${V}`,
    ],
    says: [404, 'ResourceGroupNotFound', /Resource group 'nogroup' could not be found/],
  },
  {
    name: 'a missing subscription',
    call: [
      'GET',
      `/subscriptions/99999999-0000-0000-0000-000000000000/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso${V}`,
    ],
    says: [404, 'SubscriptionNotFound'],
  },
  {
    name: 'a malformed subscription id',
    call: [
      'GET',
      `/subscriptions/not-a-uuid/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso${V}`,
    ],
    says: [400, 'InvalidSubscriptionId'],
  },
  { name: 'no api-version', call: ['GET', `${REGISTRIES}/contoso`], says: [400, 'MissingApiVersionParameter'] },
  {
    name: 'an unknown api-version',
    call: ['GET', `${REGISTRIES}/contoso?api-version=2017-06-01-preview`],
    says: [
      400,
      'NoRegisteredProviderFound',
      /API version '2017-06-01-preview' for type 'registries'.*2025-11-01.*japaneast/s,
    ],
  },
  {
    name: 'an unknown region, with the regions there are',
    call: ['PUT', `${REGISTRIES}/contoso/replications/atlantis${V}`, { location: 'Atlantis' }],
    says: [400, 'LocationNotAvailableForResourceType', /'Atlantis'.*australiaeast,.*japaneast/s],
  },
  {
    name: 'no location',
    call: ['PUT', `${REGISTRIES}/contoso/replications/japaneast${V}`, { location: '' }],
    says: [400, 'LocationRequired'],
  },
  {
    name: 'a registry that is not Premium',
    call: ['PUT', `${REGISTRIES}/basicone/replications/japaneast${V}`, JAPAN],
    says: [400, 'ReplicationNotSupported', /SKU Basic/],
  },
  {
    name: 'another region for an existing name',
    call: ['PUT', `${REGISTRIES}/full/replications/westeurope${V}`, JAPAN],
    says: [409, 'InvalidResourceLocation'],
  },
  {
    name: 'a second replica of one region',
    call: ['PUT', `${REGISTRIES}/full/replications/westeurope2${V}`, { location: 'westeurope' }],
    says: [409, 'ReplicationAlreadyExists'],
  },
  {
    name: 'another zone redundancy',
    call: [
      'PUT',
      `${REGISTRIES}/full/replications/westeurope${V}`,
      { location: 'westeurope', properties: { zoneRedundancy: 'Enabled' } },
    ],
    says: [400, 'ZoneRedundancyUpdateNotSupported'],
  },
  {
    name: 'DELETE of the home replica while others exist',
    call: ['DELETE', `${REGISTRIES}/full/replications/eastus${V}`],
    says: [400, 'HomeReplicationCannotBeDeleted'],
  },
  { name: 'a verb that is not offered', call: ['POST', `${REGISTRIES}/contoso${V}`], says: [405, 'MethodNotAllowed'] },
];

/** Requests that break the swagger on purpose: the validating client would refuse to call these good. */
const malformed: readonly Case[] = [
  {
    name: 'a replication name of 51 letters',
    call: ['PUT', `${REGISTRIES}/contoso/replications/${'a'.repeat(51)}${V}`, JAPAN],
    says: [400, 'InvalidResourceName'],
  },
  {
    name: 'a replication name with a dash',
    call: ['PUT', `${REGISTRIES}/contoso/replications/japan-east${V}`, JAPAN],
    says: [400, 'InvalidResourceName'],
  },
  {
    name: 'tags that are a list',
    call: ['PUT', `${REGISTRIES}/contoso/replications/japaneast${V}`, { ...JAPAN, tags: ['a'] }],
    says: [400, 'InvalidRequestContent', /tags/],
  },
  {
    name: 'a tag that is a number',
    call: ['PATCH', `${REGISTRIES}/full/replications/westeurope${V}`, { tags: { a: 1 } }],
    says: [400, 'InvalidRequestContent'],
  },
  {
    name: 'a routing that is a word',
    call: [
      'PUT',
      `${REGISTRIES}/contoso/replications/japaneast${V}`,
      { ...JAPAN, properties: { regionEndpointEnabled: 'yes' } },
    ],
    says: [400, 'InvalidRequestContent', /regionEndpointEnabled/],
  },
  {
    name: 'a body that is not JSON',
    call: ['PUT', `${REGISTRIES}/contoso/replications/japaneast${V}`, '{"location":'],
    says: [400, 'InvalidRequestContent'],
  },
];

describe('refuses as ARM does', () => {
  // Nothing here changes anything, so one Azure does for all.
  let azure: OpenAzure;
  let tidy = async () => {};
  afterAll(() => tidy());
  beforeAll(async () => {
    azure = await openAzure(
      {
        subscriptions: [{ id: SUBSCRIPTION.slice('/subscriptions/'.length), resourceGroups: ['other'] }],
        registries: [
          { name: 'contoso', resourceGroup: 'registries', location: 'eastus' },
          { name: 'basicone', resourceGroup: 'registries', location: 'eastus', sku: 'Basic' },
          { name: 'full', resourceGroup: 'registries', location: 'eastus', replicas: [{ location: 'westeurope' }] },
        ],
      },
      (stop) => {
        tidy = stop;
      },
    );
  });
  for (const { name, call, says } of [...cases, ...malformed])
    test(`${name}: ${says[0]} ${says[1]}`, async () => {
      const answer = await azure.call(...call);
      const [status, code, message = /./] = says;
      expect(answer.status).toBe(status);
      expect(errorOf(answer)).toEqual({ code, message: expect.stringMatching(message) as string });
      expect(answer.headers['x-ms-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    });
});

test('names are looked up whatever their case, and unknown members of a body are let pass', async () => {
  const azure = await openAzure();
  const path = azure
    .acr('/replications/JapanEast', 'CONTOSO')
    .replace('/resourceGroups/registries', '/resourcegroups/Registries');
  const put = await azure.call('PUT', path, {
    location: 'Japan East',
    properties: { comesLater: { a: 1 } },
    alsoNew: true,
  });
  expect(put.status).toBe(201);
  expect(put.body).toMatchObject({ name: 'JapanEast', location: 'japaneast' });
  expect((await azure.call('GET', azure.acr('/replications/japaneast'))).status).toBe(200);
});

test('echoes the correlation id of the client and makes one up without it', async () => {
  const azure = await openAzure();
  const given = await azure.call('GET', azure.acr(), undefined, { 'x-ms-correlation-request-id': 'mine' });
  expect(given.headers['x-ms-correlation-request-id']).toBe('mine');
  expect((await azure.call('GET', azure.acr())).headers['x-ms-correlation-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('throttles by token buckets: 429 with the seconds until the next token, which then is there', async () => {
  const azure = await openAzure({ buckets: { reads: { size: 2, perSecond: 0.5 } } });
  const statuses = [];
  for (let i = 0; i < 3; i += 1) statuses.push((await azure.call('GET', azure.acr())).status);
  expect(statuses).toEqual([200, 200, 429]);
  const refused = await azure.call('GET', azure.acr());
  expect([errorOf(refused).code, refused.headers['retry-after']]).toEqual(['SubscriptionRequestsThrottled', '2']);
  azure.tick(2_000);
  expect((await azure.call('GET', azure.acr())).status).toBe(200);
});
