import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test } from 'vitest';
import { type Emulator, startEmulator } from './emulator.ts';
import { DEFAULTS, type EmulatorOptions } from './settings.ts';

const CLIENT = DEFAULTS.clientId;

async function started(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ operationMs: 20, syncMs: 10, ...options });
  onTestFinished(emulator.stop);
  return emulator;
}

/** Settings of the credentials and the client that hold for any server with a CA of its own. */
function trusting({ url, caPem }: Emulator) {
  return {
    authorityHost: url,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: caPem },
    retryOptions: { maxRetries: 0 },
  };
}

function clientOf(emulator: Emulator, credential: TokenCredential): ContainerRegistryManagementClient {
  const { url, subscriptionId } = emulator;
  return new ContainerRegistryManagementClient(credential, subscriptionId, {
    ...trusting(emulator),
    endpoint: url,
    credentials: { scopes: [`${url}/.default`] },
  });
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'emulator-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('the SDK creates, lists, updates and deletes a replica with a client secret', async () => {
  const emulator = await started({ pageSize: 1 });
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  const { replications, registries } = clientOf(
    emulator,
    new ClientSecretCredential(tenantId, clientId, clientSecret, trusting(emulator)),
  );
  expect((await registries.get('registries', 'contoso')).sku?.name).toBe('Premium');
  const fast = { updateIntervalInMs: 10 };
  const created = await replications.create(
    'registries',
    'contoso',
    'japaneast',
    { location: 'Japan East', tags: { team: 'platform' } },
    fast,
  );
  expect(created).toMatchObject({ location: 'japaneast', provisioningState: 'Succeeded', tags: { team: 'platform' } });
  const listed = [];
  for await (const { name } of replications.list('registries', 'contoso')) listed.push(name);
  expect(listed.sort((a, b) => String(a).localeCompare(String(b)))).toEqual(['eastus', 'japaneast']);
  const updated = await replications.update(
    'registries',
    'contoso',
    'japaneast',
    { regionEndpointEnabled: false },
    fast,
  );
  expect(updated.regionEndpointEnabled).toBe(false);
  await replications.delete('registries', 'contoso', 'japaneast', fast);
  await expect(replications.get('registries', 'contoso', 'japaneast')).rejects.toMatchObject({
    statusCode: 404,
    code: 'ResourceNotFound',
  });
  expect(await emulator.control.counters()).toMatchObject({
    'PUT replication': 1,
    'PATCH replication': 1,
    'DELETE replication': 1,
    'LIST replications': 2,
    'POST token': 1,
  });
});

test('an operation that fails makes the poller fail with code and message of Azure', async () => {
  const emulator = await started();
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  const { replications } = clientOf(
    emulator,
    new ClientSecretCredential(tenantId, clientId, clientSecret, trusting(emulator)),
  );
  await emulator.control.addFault({
    effect: { kind: 'operationFails', code: 'NoCapacity', message: 'The region is full.' },
  });
  const create = async () =>
    await replications.create(
      'registries',
      'contoso',
      'japaneast',
      { location: 'japaneast' },
      { updateIntervalInMs: 10 },
    );
  await expect(create()).rejects.toThrow(/NoCapacity.*The region is full/s);
});

test('ClientSecretCredential reports the AADSTS number of a wrong secret', async () => {
  const emulator = await started();
  const credential = new ClientSecretCredential(emulator.credentials.tenantId, CLIENT, 'wrong', trusting(emulator));
  await expect(credential.getToken(`${emulator.url}/.default`)).rejects.toThrow(/AADSTS7000215/);
});

test('ClientCertificateCredential signs in with a registered certificate', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'operator' }], { algorithm: 'sha256' });
  const emulator = await started({ apps: [{ clientId: CLIENT, certificate: cert }] });
  const file = join(await folder(), 'client.pem');
  await writeFile(file, `${key}\n${cert}`);
  const credential = new ClientCertificateCredential(emulator.credentials.tenantId, CLIENT, file, trusting(emulator));
  expect((await clientOf(emulator, credential).registries.get('registries', 'contoso')).location).toBe('eastus');
});

test("WorkloadIdentityCredential exchanges a service account's token, and is told when the subject does not match", async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  const [issuer, subject] = ['https://kubernetes.default.svc.cluster.local', 'system:serviceaccount:acr:operator'];
  const emulator = await started({ apps: [{ clientId: CLIENT, federation: { issuer, subject, jwks } }] });
  const path = await folder();
  const credentialFor = async (who: string) => {
    const token = new SignJWT()
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setSubject(who)
      .setAudience(['api://AzureADTokenExchange']);
    const tokenFilePath = join(path, who.replaceAll(':', '-'));
    await writeFile(tokenFilePath, await token.setIssuedAt().setExpirationTime('10m').sign(privateKey));
    return new WorkloadIdentityCredential({
      ...trusting(emulator),
      tenantId: emulator.credentials.tenantId,
      clientId: CLIENT,
      tokenFilePath,
    });
  };
  const { registries } = clientOf(emulator, await credentialFor(subject));
  expect((await registries.get('registries', 'contoso')).name).toBe('contoso');
  const other = await credentialFor('system:serviceaccount:acr:somebody');
  await expect(other.getToken(`${emulator.url}/.default`)).rejects.toThrow(
    /AADSTS700213.*system:serviceaccount:acr:somebody/s,
  );
});

/**
 * Managed identity is configured by environment alone, and NODE_EXTRA_CA_CERTS is read at the start: a process of its
 * own.
 */
const CHILD = `
import { ManagedIdentityCredential } from '@azure/identity';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
const endpoint = process.env.ENDPOINT;
const client = new ContainerRegistryManagementClient(new ManagedIdentityCredential(), process.env.SUBSCRIPTION, { endpoint, credentials: { scopes: [endpoint + '/.default'] } });
console.log((await client.registries.get('registries', 'contoso')).loginServer);
`;

for (const style of ['App Service', 'virtual machine'] as const)
  test(`ManagedIdentityCredential signs in the way of the ${style}, with the CA from NODE_EXTRA_CA_CERTS`, async () => {
    const emulator = await started();
    const { identityUrl, identityHeader, imdsUrl } = emulator;
    const identity =
      style === 'App Service'
        ? { IDENTITY_ENDPOINT: identityUrl, IDENTITY_HEADER: identityHeader }
        : { AZURE_POD_IDENTITY_AUTHORITY_HOST: imdsUrl };
    const env = {
      ENDPOINT: emulator.url,
      SUBSCRIPTION: emulator.subscriptionId,
      NODE_EXTRA_CA_CERTS: emulator.caFile,
      ...identity,
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', CHILD], {
      env,
      timeout: 20_000,
      cwd: import.meta.dirname,
    });
    expect(stdout.trim()).toBe('contoso.azurecr.io');
  });
