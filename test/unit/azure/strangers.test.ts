import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cloudAt } from '../../../src/azure/cloud.ts';
import { credentialFor } from '../../../src/azure/identity/credential.ts';
import { createReplicationApi } from '../../../src/azure/replications.ts';
import { armClients } from '../../../src/azure/wire/client.ts';
import { queryPath } from '../../../src/azure/wire/graph-request.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { createAuthority } from '../../sandbox/certificates.ts';
import { known, operator, ref, registryId, replicaBody } from '../../support/arm-stub.ts';
import { json, startTlsServer, type TlsServer } from '../../support/tls-server.ts';
import { trusting } from '../../support/trusting-http.ts';

/** Azure's token and the application's secret go to Azure and to its issuer only, whatever an answer says. */
const signal = AbortSignal.timeout(60_000);
const centralus = {
  region: regionOf('centralus'),
  name: 'centralus',
  routing: undefined,
  zoneRedundancy: undefined,
  tags: {},
};

let azure: TlsServer;
/** Its certificate is believed: only its name is another. */
let stranger: TlsServer;
beforeAll(async () => {
  const authority = await createAuthority('Test CA');
  [azure, stranger] = await Promise.all([startTlsServer({ authority }), startTlsServer({ authority })]);
});
afterAll(() => Promise.all([azure[Symbol.asyncDispose](), stranger[Symbol.asyncDispose]()]));
beforeEach(() => {
  azure.seen.length = 0;
  stranger.seen.length = 0;
});

function api(): ReplicationApi {
  const clientFor = armClients({
    cloud: cloudAt(azure.url, 'https://login.local'),
    credential: {
      getToken: () => Promise.resolve({ token: 'azure-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    clock: systemClock,
    version: '0.1.0',
    httpClient: trusting(azure.caPem),
  });
  return createReplicationApi({ clientFor, clock: systemClock, signer: operator })(undefined);
}

type Call = 'observe' | 'get' | 'create' | 'update' | 'remove';
const calls: Readonly<Record<Call, (api: ReplicationApi) => Promise<{ readonly ok: boolean }>>> = {
  observe: (api) => api.observe(ref, known, signal),
  get: (api) => api.get(ref, 'centralus', signal),
  create: (api) => api.create(ref, centralus, signal),
  update: (api) => api.update(ref, 'centralus', { routing: 'Disabled', tags: {} }, signal),
  remove: (api) => api.remove(ref, 'centralus', signal),
};
const names = Object.keys(calls) as Call[];

describe('a redirect is not followed', () => {
  const elsewhere = { 'another host': () => `${stranger.url}/x`, 'the registry itself': () => registryId };
  for (const [where, to] of Object.entries(elsewhere)) {
    for (const status of [300, 301, 302, 303, 307, 308]) {
      for (const name of names) {
        test(`${status} to ${where}, of ${name}`, async () => {
          azure.answer((response) => json(response, status, {}, { location: to() }));
          await expect(calls[name](api())).resolves.toMatchObject({
            ok: false,
            failure: { reason: 'Retrying', pace: 'slow', message: expect.stringMatching(/redirect/) },
          });
          expect(stranger.seen).toEqual([]);
          expect(azure.seen).toHaveLength(1);
        });
      }
    }
  }
});

describe('a next page is fetched from the same list only', () => {
  const links: Readonly<Record<string, () => string>> = {
    'another host': () => `${stranger.url}${registryId}/replications`,
    'another host without its scheme': () => `${stranger.url.slice('https:'.length)}/x`,
    'another host behind a user name': () => stranger.url.replace('//', `//${new URL(azure.url).host}@`),
    'plain HTTP': () => `http://${new URL(azure.url).host}${registryId}/replications`,
    'another part of Azure': () => `${azure.url}/subscriptions/x/providers/Microsoft.KeyVault/vaults`,
    'the path of another list by dots': () => `${azure.url}${registryId}/replications/../listCredentials`,
    'no URL': () => 'x',
    'a file': () => 'file:///etc/passwd',
  };
  for (const [name, link] of Object.entries(links)) {
    test(`not from ${name}`, async () => {
      azure.answer((response) => json(response, 200, { value: [replicaBody('westus')], nextLink: link() }));
      await expect(api().observe(ref, known, signal)).resolves.toMatchObject({
        ok: false,
        failure: { reason: 'Retrying', code: 'BadAnswer' },
      });
      expect(stranger.seen).toEqual([]);
      expect(azure.seen).toHaveLength(1);
    });
  }
});

test('URLs of operations are not asked, wherever they lead', async () => {
  azure.answer((response, { method }) => {
    const headers = { location: `${stranger.url}/l`, 'azure-asyncoperation': `${stranger.url}/a`, 'retry-after': '0' };
    if (method === 'DELETE') json(response, 202, '', headers);
    else json(response, 201, replicaBody('centralus', { provisioningState: 'Creating' }), headers);
  });
  for (const name of ['create', 'update', 'remove'] as const) {
    await expect(calls[name](api())).resolves.toMatchObject({ ok: true });
  }
  expect(azure.seen.map(({ method }) => method)).toEqual(['PUT', 'PATCH', 'DELETE']);
  expect(stranger.seen).toEqual([]);
});

test('a challenge that names another issuer is not answered there', async () => {
  azure.answer((response) => {
    const challenge = `Bearer authorization_uri="${stranger.url}/t", resource_id="${stranger.url}", error="x"`;
    json(
      response,
      401,
      { error: { code: 'InvalidAuthenticationToken', message: 'x' } },
      { 'www-authenticate': challenge },
    );
  });
  await expect(calls.observe(api())).resolves.toMatchObject({ ok: false, failure: { reason: 'AuthenticationFailed' } });
  expect(stranger.seen).toEqual([]);
});

describe('a name that would change the path', () => {
  const tricks = [
    '..',
    '.',
    '../..',
    '%2e%2e',
    '%2E%2E%2F',
    'a/b',
    'a?b',
    'a#b',
    'a;b',
    'a b',
    'a\\b',
    '\u0000',
    'ä',
    '',
  ];
  for (const trick of tricks) {
    test(`of a replica in a list, ${JSON.stringify(trick)}, makes the list unbelievable`, async () => {
      const body = { value: [replicaBody('westus'), replicaBody('eastus', {}, { name: trick })] };
      azure.answer((response) => json(response, 200, body));
      await expect(calls.observe(api())).resolves.toMatchObject({ ok: false, failure: { code: 'BadAnswer' } });
    });
    for (const method of ['get', 'remove', 'update', 'create'] as const) {
      test(`of a replica to ${method}, ${JSON.stringify(trick)}, is not sent`, async () => {
        const run = {
          get: () => api().get(ref, trick, signal),
          remove: () => api().remove(ref, trick, signal),
          update: () => api().update(ref, trick, { routing: 'Disabled', tags: {} }, signal),
          create: () => api().create(ref, { ...centralus, name: trick }, signal),
        };
        await expect(run[method]()).resolves.toMatchObject({ ok: false });
        expect(azure.seen).toEqual([]);
      });
    }
    if (trick === 'ä') continue; // a letter, which a group's name may have
    test(`of a resource group, ${JSON.stringify(trick)}, does not reach another path`, async () => {
      await expect(api().remove({ ...ref, resourceGroup: trick }, 'centralus', signal)).resolves.toMatchObject({
        ok: false,
      });
      expect(azure.seen).toEqual([]);
    });
  }
});

test('every letter that a resource group may have arrives as it is', async () => {
  azure.answer((response) => json(response, 200, { value: [] }));
  const groups = ['-_.()x', 'Größe(1).Straße_9-x', '東京リージョン', '٣٤٥', 'ǅʰ', 'é', 'g'.repeat(90), '()', '_', '-'];
  for (const resourceGroup of groups) {
    azure.seen.length = 0;
    await expect(api().observe({ ...ref, resourceGroup }, known, signal)).resolves.toMatchObject({ ok: true });
    const [, , , , group = ''] = azure.seen[0]?.target.split('/') ?? [];
    expect(decodeURIComponent(group)).toBe(resourceGroup);
  }
});

describe("the application's secret", () => {
  const secret = 'application-secret';
  const signIn = () =>
    credentialFor({
      choice: {
        kind: 'client-secret',
        tenantId: '11111111-2222-3333-4444-555555555555',
        clientId: '21111111-2222-3333-4444-555555555555',
        clientSecret: secret,
      },
      cloud: cloudAt('https://arm.local', azure.url),
      disableInstanceDiscovery: true,
      clock: systemClock,
      httpClient: trusting(azure.caPem),
    });
  const discovery = () => ({
    token_endpoint: `${azure.url}/t/oauth2/v2.0/token`,
    authorization_endpoint: `${azure.url}/t/oauth2/v2.0/authorize`,
    issuer: `${azure.url}/t/v2.0`,
    jwks_uri: `${azure.url}/t/discovery/v2.0/keys`,
  });
  test('is sent to the issuer', async () => {
    azure.answer((response, { method }) =>
      json(
        response,
        200,
        method === 'GET' ? discovery() : { token_type: 'Bearer', expires_in: 3599, access_token: 'x' },
      ),
    );
    await expect(signIn().getToken('https://arm.local/.default')).resolves.toMatchObject({ token: 'x' });
    expect(azure.seen.filter(({ body }) => body.includes(secret))).toHaveLength(1);
  });
  for (const status of [300, 301, 302, 303, 307, 308]) {
    for (const [where, to] of Object.entries({
      'another host': () => `${stranger.url}/t`,
      'another path': () => `${azure.url}/elsewhere`,
    })) {
      test(`does not follow ${status} to ${where}`, async () => {
        azure.answer((response, { method }) =>
          method === 'GET' ? json(response, 200, discovery()) : json(response, status, {}, { location: to() }),
        );
        await expect(signIn().getToken('https://arm.local/.default')).rejects.toThrow();
        expect(stranger.seen).toEqual([]);
        expect(azure.seen.filter(({ body }) => body.includes(secret))).toHaveLength(1);
      });
    }
  }
});

describe('what may be read beside registries is read from Azure, and from nowhere else', () => {
  const http = () => trusting(azure.caPem);
  const client = (besides: { readonly readable?: RegExp; readonly answerable?: RegExp }) =>
    armClients({
      cloud: cloudAt(azure.url, 'https://login.local'),
      credential: {
        getToken: () => Promise.resolve({ token: 'azure-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
      },
      clock: systemClock,
      version: '0.1.0',
      httpClient: http(),
      ...besides,
    })(ref.subscriptionId);
  const sendBeside = async (besides: Parameters<typeof client>[0], method: 'GET' | 'PUT' | 'POST', url: string) =>
    await client(besides).send(createPipelineRequest({ url, method }));
  const send = (readable: RegExp | undefined, method: 'GET' | 'PUT', url: string) =>
    sendBeside(readable === undefined ? {} : { readable }, method, url);
  const locations = '/subscriptions/00000000-0000-0000-0000-000000000000/locations';
  const stray = 'it points to another place';

  test('a path that was allowed', async () => {
    azure.answer((response) => json(response, 200, { value: [] }));
    expect((await send(/^\/subscriptions\//, 'GET', azure.url + locations)).status).toBe(200);
  });

  test('a question by POST where that was allowed, and nowhere else', async () => {
    const answerable = /^\/subscriptions\/[^/]+\/providers\/Microsoft\.PolicyInsights\/checkPolicyRestrictions$/;
    const question = '/subscriptions/0/providers/Microsoft.PolicyInsights/checkPolicyRestrictions';
    azure.answer((response) => json(response, 200, {}));
    expect((await sendBeside({ answerable }, 'POST', azure.url + question)).status).toBe(200);
    await expect(sendBeside({ answerable }, 'PUT', azure.url + question)).rejects.toThrow(stray);
    await expect(sendBeside({ answerable }, 'GET', azure.url + question)).rejects.toThrow(stray);
    await expect(sendBeside({ answerable }, 'POST', `${azure.url}${question}/more`)).rejects.toThrow(stray);
    await expect(sendBeside({ readable: answerable }, 'POST', azure.url + question)).rejects.toThrow(stray);
    expect(azure.seen).toHaveLength(1);
  });

  test('of Resource Graph the one path that is queried, by POST only', async () => {
    const graph = '/providers/Microsoft.ResourceGraph/resources';
    const besides = { answerable: queryPath };
    azure.answer((response) => json(response, 200, {}));
    expect((await sendBeside(besides, 'POST', `${azure.url}${graph}?api-version=2024-04-01`)).status).toBe(200);
    for (const url of [
      `${azure.url}${graph}/`,
      `${azure.url}${graph}History`,
      `${azure.url}/subscriptions/0${graph}`,
      `${azure.url}${graph}/../operations`,
      `${azure.url}/x/../../providers/Microsoft.ResourceGraph/resourcesHistory`,
      `${stranger.url}${graph}`,
      `${azure.url.replace('https:', 'http:')}${graph}`,
    ]) {
      await expect(sendBeside(besides, 'POST', url), url).rejects.toThrow(stray);
    }
    await expect(sendBeside(besides, 'GET', azure.url + graph)).rejects.toThrow(stray);
    await expect(sendBeside(besides, 'PUT', azure.url + graph)).rejects.toThrow(stray);
    await expect(sendBeside({}, 'POST', azure.url + graph)).rejects.toThrow(stray);
    expect(azure.seen).toHaveLength(1);
    expect(stranger.seen).toEqual([]);
  });

  test('no other path, no write, no other host', async () => {
    await expect(send(undefined, 'GET', azure.url + locations)).rejects.toThrow(stray);
    await expect(send(/^\/subscriptions\//, 'GET', `${azure.url}${locations}/../../../tenants`)).rejects.toThrow(stray);
    await expect(send(/^\/subscriptions\//, 'PUT', azure.url + locations)).rejects.toThrow(stray);
    await expect(send(/^\/subscriptions\//, 'GET', stranger.url + locations)).rejects.toThrow(stray);
    expect([...azure.seen, ...stranger.seen]).toEqual([]);
  });
});
