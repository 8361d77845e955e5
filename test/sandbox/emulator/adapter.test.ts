import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cloudAt } from '../../../src/azure/cloud.ts';
import { type CredentialChoice, credentialFor } from '../../../src/azure/identity/credential.ts';
import { operatorSigner } from '../../../src/azure/identity/signer-of.ts';
import { createReplicationApi } from '../../../src/azure/replications.ts';
import { armClients } from '../../../src/azure/wire/client.ts';
import { regionOf } from '../../../src/domain/region.ts';
import { ownerTags, type RegistryRef } from '../../../src/domain/replication.ts';
import type { ReplicationApi } from '../../../src/ports/azure.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { trusting } from '../../support/trusting-http.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import type { FaultEffect } from './fault-rules.ts';
import { DEFAULTS } from './settings.ts';

const issuer = 'https://kubernetes.local';
const subject = 'system:serviceaccount:acr-replication-system:acr-replication-operator';
const signal = AbortSignal.timeout(300_000);
const tags = ownerTags('prod/platform/contoso');
const japaneast = {
  region: regionOf('japaneast'),
  name: 'japaneast',
  routing: undefined,
  zoneRedundancy: undefined,
  tags,
};
const ref: RegistryRef = { subscriptionId: DEFAULTS.subscriptionId, ...DEFAULTS.registry };

let azure: Emulator;
let folder: string;
let federated: CredentialChoice;
let secret: CredentialChoice;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  azure = await startEmulator({
    operationMs: 50,
    syncMs: 10,
    pageSize: 2,
    apps: [
      {
        clientId: DEFAULTS.clientId,
        secret: DEFAULTS.clientSecret,
        managedIdentity: true,
        federation: { issuer, subject, jwks },
      },
    ],
  });
  const { tenantId, clientId, clientSecret } = azure.credentials;
  folder = await mkdtemp(join(tmpdir(), 'adapter-'));
  const tokenFilePath = join(folder, 'token');
  const assertion = new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(issuer)
    .setSubject(subject)
    .setAudience('api://AzureADTokenExchange')
    .setIssuedAt()
    .setExpirationTime('1h');
  await writeFile(tokenFilePath, await assertion.sign(privateKey));
  federated = { kind: 'workload-identity', tenantId, clientId, tokenFilePath };
  secret = { kind: 'client-secret', tenantId, clientId, clientSecret };
  vi.stubEnv('IDENTITY_ENDPOINT', azure.identityUrl);
  vi.stubEnv('IDENTITY_HEADER', azure.identityHeader);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await azure.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await azure.control.clearFaults();
  await azure.control.putRegistry(DEFAULTS.registry);
  await azure.control.resetCounters();
});

function apiWith(choice: CredentialChoice): ReplicationApi {
  const clock = systemClock;
  const cloud = cloudAt(azure.url, azure.url);
  const httpClient = trusting(azure.caPem);
  const credential = credentialFor({ choice, cloud, clock, disableInstanceDiscovery: true, httpClient });
  const clientFor = armClients({ cloud, credential, clock, version: '0.1.0', httpClient });
  return createReplicationApi({ clientFor, clock, signer: operatorSigner(choice) })(undefined);
}

const credentials: Record<string, () => CredentialChoice> = {
  'a client secret': () => secret,
  'a federated token': () => federated,
  'a managed identity': () => ({ kind: 'managed-identity', clientId: undefined }),
};
for (const [name, choice] of Object.entries(credentials)) {
  test(`creates, observes and removes with ${name}`, async () => {
    const api = apiWith(choice());
    await expect(api.observe(ref, undefined, signal)).resolves.toMatchObject({
      ok: true,
      value: { registry: { home: 'eastus', sku: 'Premium' }, replicas: new Map() },
    });
    await expect(api.create(ref, japaneast, signal)).resolves.toMatchObject({
      ok: true,
      value: { state: 'Creating', status: '', tags },
    });
    await expect
      .poll(async () => {
        const observed = await api.observe(ref, undefined, signal);
        return (
          observed.ok && [...observed.value.replicas.values()].map((r) => `${r.region} ${r.state} ${r.status}`).sort()
        );
      })
      .toEqual(['eastus Succeeded Ready', 'japaneast Succeeded Ready']);
    await expect(api.remove(ref, 'japaneast', signal)).resolves.toEqual({ ok: true, value: undefined });
    await expect.poll(() => api.get(ref, 'japaneast', signal)).toEqual({ ok: true, value: undefined });
    await expect(api.remove(ref, 'japaneast', signal)).resolves.toEqual({ ok: true, value: undefined });
    const counters = await azure.control.counters();
    expect(counters['PUT replication']).toBe(1);
    expect(counters['DELETE replication']).toBe(2);
    expect(Object.keys(counters).filter((call) => /operation/i.test(call))).toEqual([]); // nothing is polled
  });
}

test('a list of many pages is read whole', async () => {
  const locations = ['japaneast', 'japanwest', 'uksouth', 'westeurope', 'brazilsouth'];
  await azure.control.putRegistry({ ...DEFAULTS.registry, replicas: locations.map((location) => ({ location })) });
  const observed = await apiWith(secret).observe(ref, undefined, signal);
  expect(observed.ok && [...observed.value.replicas.keys()].sort()).toEqual([...locations, 'eastus'].sort());
});

describe('what goes wrong at Azure', () => {
  const faults: { effect: FaultEffect; failure: object }[] = [
    { effect: { kind: 'throttle' }, failure: { kind: 'throttled', reason: 'Throttled' } },
    { effect: { kind: 'throttle', retryAfterSeconds: 7 }, failure: { kind: 'throttled', until: expect.any(Date) } },
    {
      effect: { kind: 'lock', level: 'ReadOnly' },
      failure: { reason: 'Locked', message: expect.stringContaining('/resourceGroups/registries') },
    },
    {
      effect: { kind: 'policy', assignment: 'EU only' },
      failure: { reason: 'PolicyDenied', message: expect.stringContaining('EU only') },
    },
    {
      effect: { kind: 'deny' },
      failure: {
        reason: 'Forbidden',
        message: expect.stringContaining('Microsoft.ContainerRegistry/registries/replications/write'),
      },
    },
    { effect: { kind: 'outage' }, failure: { reason: 'Retrying' } },
    { effect: { kind: 'reset' }, failure: { reason: 'Retrying', pace: 'soon' } },
    { effect: { kind: 'body', form: 'html' }, failure: { reason: 'Retrying', pace: 'soon', code: '502' } },
    { effect: { kind: 'body', form: 'html', status: 200 }, failure: { reason: 'Retrying', code: 'BadAnswer' } },
    { effect: { kind: 'body', form: 'truncated' }, failure: { reason: 'Retrying' } },
    { effect: { kind: 'body', form: 'empty' }, failure: { reason: 'Retrying', code: 'BadAnswer' } },
  ];
  for (const { effect, failure } of faults) {
    test(JSON.stringify(effect), async () => {
      await azure.control.addFault({ effect });
      await expect(apiWith(secret).create(ref, japaneast, signal)).resolves.toMatchObject({ ok: false, failure });
      expect((await azure.control.counters())['PUT replication']).toBe(1); // never twice
    });
  }

  test('a region that does not exist: what was meant is suggested from Azure’s own list', async () => {
    const api = apiWith(secret);
    await expect(
      api.create(ref, { ...japaneast, region: regionOf('japanest'), name: 'japanest' }, signal),
    ).resolves.toMatchObject({
      ok: false,
      failure: {
        kind: 'terminal',
        reason: 'RegionUnavailable',
        message: expect.stringContaining('did you mean japaneast?'),
      },
    });
  });
  test('a Basic registry', async () => {
    await azure.control.putRegistry({ ...DEFAULTS.registry, sku: 'Basic' });
    const api = apiWith(secret);
    await expect(api.observe(ref, undefined, signal)).resolves.toMatchObject({ failure: { reason: 'SkuNotPremium' } });
    await expect(api.create(ref, japaneast, signal)).resolves.toMatchObject({
      failure: { reason: 'SkuNotPremium' },
    });
  });
  test('a registry, a group and a subscription that do not exist', async () => {
    const api = apiWith(secret);
    const absent: [Partial<RegistryRef>, string][] = [
      [{ name: 'nosuch' }, 'There is no registry nosuch'],
      [{ resourceGroup: 'nosuch' }, 'There is no resource group nosuch'],
      [{ subscriptionId: '99999999-9999-9999-9999-999999999999' }, 'There is no subscription 99999999'],
    ];
    for (const [part, message] of absent) {
      const failure = { reason: 'RegistryNotFound', message: expect.stringContaining(message) };
      await expect(api.observe({ ...ref, ...part }, undefined, signal)).resolves.toMatchObject({ failure });
      await expect(api.get({ ...ref, ...part }, 'japaneast', signal)).resolves.toMatchObject({ failure });
      await expect(api.create({ ...ref, ...part }, japaneast, signal)).resolves.toMatchObject({ failure });
    }
  });
  test('wrong credentials', async () => {
    const { tenantId, clientId } = azure.credentials;
    const wrong: [CredentialChoice, string][] = [
      [{ kind: 'client-secret', tenantId, clientId, clientSecret: 'wrong' }, 'AADSTS7000215'],
      [
        { kind: 'client-secret', tenantId, clientId: '30000000-0000-4000-8000-000000000003', clientSecret: 'x' },
        'AADSTS700016',
      ],
      [
        { kind: 'client-secret', tenantId: '30000000-0000-4000-8000-000000000003', clientId, clientSecret: 'x' },
        'AADSTS90002',
      ],
    ];
    for (const [choice, code] of wrong) {
      await expect(apiWith(choice).observe(ref, undefined, signal)).resolves.toMatchObject({
        ok: false,
        failure: { reason: 'AuthenticationFailed', code },
      });
    }
  });
});
