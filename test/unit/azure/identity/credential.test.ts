import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { cloudAt, clouds } from '../../../../src/azure/cloud.ts';
import {
  type CredentialChoice,
  type CredentialSettings,
  chooseCredential,
  credentialFor,
} from '../../../../src/azure/identity/credential.ts';
import { classify } from '../../../../src/azure/refusals/classify.ts';
import { type Failure, failed } from '../../../../src/domain/failure.ts';
import type { ServicePrincipal } from '../../../../src/ports/azure.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import { type Answered, type Answers, operator, ref, stubHttp } from '../../../support/arm-stub.ts';

describe('choosing', () => {
  const nothing: CredentialSettings = {
    kind: undefined,
    tenantId: undefined,
    clientId: undefined,
    tokenFilePath: undefined,
    certificatePath: undefined,
    certificatePassword: undefined,
    clientSecret: undefined,
  };
  const ids = { tenantId: 't1', clientId: 'c1' };
  const everything = { ...ids, tokenFilePath: '/token', certificatePath: '/cert.pem', clientSecret: 's1' };
  const cases: { name: string; given: Partial<CredentialSettings>; choice: CredentialChoice }[] = [
    {
      name: 'nothing configured: system-assigned managed identity',
      given: {},
      choice: { kind: 'managed-identity', clientId: undefined },
    },
    {
      name: 'a client id alone: user-assigned managed identity',
      given: { clientId: 'c1' },
      choice: { kind: 'managed-identity', clientId: 'c1' },
    },
    {
      name: 'a federated token file comes first',
      given: everything,
      choice: { kind: 'workload-identity', tenantId: 't1', clientId: 'c1', tokenFilePath: '/token' },
    },
    {
      name: 'then a certificate',
      given: { ...everything, tokenFilePath: undefined },
      choice: {
        kind: 'client-certificate',
        tenantId: 't1',
        clientId: 'c1',
        certificatePath: '/cert.pem',
        certificatePassword: undefined,
      },
    },
    {
      name: 'then a secret',
      given: { ...ids, clientSecret: 's1' },
      choice: { kind: 'client-secret', tenantId: 't1', clientId: 'c1', clientSecret: 's1' },
    },
    {
      name: 'an explicit choice wins',
      given: { ...everything, kind: 'client-secret' },
      choice: { kind: 'client-secret', tenantId: 't1', clientId: 'c1', clientSecret: 's1' },
    },
    {
      name: 'managed identity on request, whatever else is there',
      given: { ...everything, kind: 'managed-identity' },
      choice: { kind: 'managed-identity', clientId: 'c1' },
    },
  ];
  for (const { name, given, choice } of cases) {
    test(name, () => expect(chooseCredential({ ...nothing, ...given })).toEqual({ ok: true, choice }));
  }

  const refused: { name: string; given: Partial<CredentialSettings>; problems: string[] }[] = [
    {
      name: 'everything missing, all at once',
      given: { kind: 'workload-identity' },
      problems: ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE'].map(
        (name) => `${name} is not set; credential workload-identity needs it`,
      ),
    },
    {
      name: 'a secret without its application',
      given: { clientSecret: 's1', tenantId: 't1' },
      problems: ['AZURE_CLIENT_ID is not set; credential client-secret needs it'],
    },
  ];
  for (const { name, given, problems } of refused) {
    test(`refused: ${name}`, () => expect(chooseCredential({ ...nothing, ...given })).toEqual({ ok: false, problems }));
  }
  test('no problem repeats a secret', () => {
    const chosen = chooseCredential({ ...nothing, clientSecret: 'hunter2' });
    expect(JSON.stringify(chosen)).not.toContain('hunter2');
  });
});

test('the scope of each cloud has a single slash', () => {
  expect(Object.fromEntries(Object.entries(clouds).map(([name, cloud]) => [name, Object.values(cloud)]))).toEqual({
    AzurePublicCloud: [
      'https://management.azure.com',
      'https://login.microsoftonline.com',
      'https://management.azure.com/.default',
    ],
    AzureChinaCloud: [
      'https://management.chinacloudapi.cn',
      'https://login.chinacloudapi.cn',
      'https://management.chinacloudapi.cn/.default',
    ],
    AzureUSGovernment: [
      'https://management.usgovcloudapi.net',
      'https://login.microsoftonline.us',
      'https://management.usgovcloudapi.net/.default',
    ],
  });
  expect(cloudAt('https://arm.local//', 'https://login.local/').tokenScope).toBe('https://arm.local/.default');
});

const cloud = cloudAt('https://arm.local', 'https://login.local');
const secret: CredentialChoice = { kind: 'client-secret', tenantId: 't1', clientId: 'c1', clientSecret: 'hunter2' };
const discovery: Answered = {
  status: 200,
  body: {
    token_endpoint: 'https://login.local/t1/oauth2/v2.0/token',
    issuer: 'https://login.local/t1/v2.0',
    authorization_endpoint: 'https://login.local/t1/oauth2/v2.0/authorize',
    jwks_uri: 'https://login.local/t1/keys',
  },
};
const issued: Answered = { status: 200, body: { token_type: 'Bearer', expires_in: 3600, access_token: 'a-token' } };

function credentialOver(choice: CredentialChoice | ServicePrincipal, answers: Answers) {
  const { httpClient, sent } = stubHttp(answers);
  const clock = systemClock;
  return { sent, credential: credentialFor({ choice, cloud, clock, disableInstanceDiscovery: true, httpClient }) };
}

describe('what the SDK sends for a token', () => {
  test('client secret', async () => {
    const { credential, sent } = credentialOver(secret, [discovery, issued]);
    await expect(credential.getToken(cloud.tokenScope)).resolves.toMatchObject({ token: 'a-token' });
    expect(sent.map((s) => `${s.method} ${s.url.split('?')[0]}`)).toEqual([
      'GET https://login.local/t1/v2.0/.well-known/openid-configuration',
      'POST https://login.local/t1/oauth2/v2.0/token',
    ]);
    expect(sent[1]?.body).toContain(`scope=${encodeURIComponent(cloud.tokenScope)}`);
    expect(sent[1]?.body).toContain('client_secret=hunter2');
    expect(sent.map((s) => s.timeout)).toEqual([10_000, 10_000]);
  });

  test('workload identity: the service account’s token from the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'azure-credential-'));
    const tokenFilePath = join(folder, 'token');
    await writeFile(tokenFilePath, 'service.account.token');
    const choice: CredentialChoice = { kind: 'workload-identity', tenantId: 't1', clientId: 'c1', tokenFilePath };
    const { credential, sent } = credentialOver(choice, [discovery, issued]);
    await expect(credential.getToken(cloud.tokenScope)).resolves.toMatchObject({ token: 'a-token' });
    expect(sent[1]?.body).toContain('client_assertion=service.account.token');
    await rm(folder, { recursive: true });
  });
});

test('while the identity library answers by itself after a 5xx, that answer counts', async () => {
  // ThrottlingUtils of @azure/msal-common 16: for a minute, or as long as Retry-After says, it throws without a request.
  const { credential, sent } = credentialOver(secret, [discovery, { status: 503, body: { error: 'server_error' } }]);
  for (const _attempt of ['first', 'second', 'third']) {
    const error: unknown = await credential.getToken(cloud.tokenScope).catch((e: unknown) => e);
    expect(classify(error, { ref, signer: operator }, new Date())).toMatchObject({
      reason: 'Retrying',
      code: '503',
      message: 'login.local answered 503 instead of a token.',
    });
  }
  expect(sent).toHaveLength(2);
});

test('an issuer that says when to come back is heard', async () => {
  const { credential } = credentialOver(secret, [discovery, { status: 503, headers: { 'retry-after': '42' } }]);
  const error: unknown = await credential.getToken(cloud.tokenScope).catch((e: unknown) => e);
  const failure = classify(error, { ref, signer: operator }, new Date('2026-11-22T10:00:00Z'));
  expect(failure.until?.toISOString()).toBe('2026-11-22T10:00:42.000Z');
});

test('why Kubernetes gives no service account token is told as it is, also in the middle of a pass', async () => {
  const away: Failure = {
    kind: 'retryable',
    pace: 'soon',
    reason: 'Retrying',
    code: 'KubernetesUnavailable',
    message: 'x.',
  };
  const assertion = async () => failed(away);
  const { credential } = credentialOver({ kind: 'federated', tenantId: 't1', clientId: 'c1', assertion }, [discovery]);
  const error: unknown = await credential.getToken(cloud.tokenScope).catch((e: unknown) => e);
  expect(classify(error, { ref, signer: operator }, new Date())).toEqual(away);
});

// One credential for all of these, because the identity library keeps the way of the first for the whole process.
test('what the managed identity endpoint answers while it is not ready passes; what lasts is told', async () => {
  const passing = [404, 410, 429, 500, 503].map((status) => ({
    answer: { status, body: '' },
    expected: { reason: 'Retrying', pace: 'soon', code: `ManagedIdentity${status}` },
  }));
  const lasting = [
    {
      answer: { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } },
      expected: { reason: 'AuthenticationFailed', settles: true, code: 'ManagedIdentityUnavailable' },
    },
    {
      answer: new RestError('connect ECONNREFUSED 169.254.169.254:80', { code: 'ECONNREFUSED' }),
      expected: {
        reason: 'AuthenticationFailed',
        code: 'ManagedIdentityUnavailable',
        message: "The machine's managed identity gave no token: its endpoint does not answer.",
      },
    },
  ];
  const rows = [...passing, ...lasting];
  const { credential } = credentialOver(
    { kind: 'managed-identity', clientId: undefined },
    rows.map(({ answer }) => answer),
  );
  for (const { expected } of rows) {
    const error: unknown = await credential.getToken(cloud.tokenScope).catch((e: unknown) => e);
    expect(classify(error, { ref, signer: operator }, new Date())).toMatchObject(expected);
  }
});

describe('why there is no token', () => {
  const aad = (text: string): Answered => ({ status: 401, body: { error: 'invalid_client', error_description: text } });
  const trace =
    ' Trace ID: 11111111-1111-1111-1111-111111111111 Correlation ID: 22222222-1111-1111-1111-111111111111 Timestamp: 2026-11-22 10:00:00Z';
  const nobody = new RestError('connect ECONNREFUSED 127.0.0.1:443', { code: 'ECONNREFUSED' });
  const missing: CredentialChoice = {
    kind: 'workload-identity',
    tenantId: 't1',
    clientId: 'c1',
    tokenFilePath: '/nowhere/token',
  };
  const certificate: CredentialChoice = {
    kind: 'client-certificate',
    tenantId: 't1',
    clientId: 'c1',
    certificatePath: '/nowhere/cert.pem',
    certificatePassword: undefined,
  };
  const cases: { name: string; choice?: CredentialChoice; answers: Answers; expected: Partial<Failure> }[] = [
    {
      name: 'a wrong secret',
      answers: [discovery, aad(`AADSTS7000215: Invalid client secret provided.${trace}`)],
      expected: {
        reason: 'AuthenticationFailed',
        code: 'AADSTS7000215',
        message:
          'Microsoft Entra gave no token: The client secret is wrong; for application 20000000-0000-4000-8000-000000000002 it must be the value of the secret, not its id.',
      },
    },
    {
      name: 'a refusal we have no words for: Azure’s, without the ids and times of the call',
      answers: [discovery, aad(`AADSTS1234567: Something is not as it should be.${trace}`)],
      expected: {
        reason: 'AuthenticationFailed',
        code: 'AADSTS1234567',
        message: 'Microsoft Entra gave no token: Something is not as it should be (AADSTS1234567).',
      },
    },
    {
      name: 'a wrong tenant, which the identity library calls endpoints_resolution_error',
      answers: [
        {
          status: 400,
          body: { error: 'invalid_tenant', error_description: `AADSTS90002: Tenant 't1' not found.${trace}` },
        },
      ],
      expected: {
        reason: 'AuthenticationFailed',
        code: 'AADSTS90002',
        message:
          'Microsoft Entra gave no token: There is no tenant 10000000-0000-4000-8000-000000000001 in this cloud, or it has no active subscription.',
      },
    },
    {
      name: 'Entra is busy by its own word',
      answers: [discovery, aad(`AADSTS90033: A transient error has occurred. Please try again.${trace}`)],
      expected: { reason: 'Retrying', code: 'AADSTS90033', kind: 'retryable' },
    },
    {
      name: 'Entra is down',
      answers: [discovery, { status: 503, body: '<html>' }],
      expected: { reason: 'Retrying', code: '503', message: 'login.local answered 503 instead of a token.' },
    },
    {
      name: 'Entra throttles',
      answers: [discovery, { status: 429, body: { error: 'temporarily_unavailable' } }],
      expected: { reason: 'Retrying', code: '429' },
    },
    {
      name: 'nobody there',
      answers: [nobody],
      expected: {
        reason: 'Retrying',
        code: 'ECONNREFUSED',
        message: 'login.local refuses connections (ECONNREFUSED).',
      },
    },
    {
      name: 'nobody there any more',
      answers: [discovery, nobody],
      expected: { reason: 'Retrying', code: 'ECONNREFUSED' },
    },
    {
      name: 'a wrong address',
      answers: [{ status: 404, body: '<html>not here</html>' }],
      expected: {
        reason: 'Retrying',
        busy: true, // nothing says that the credentials are wrong
        code: 'BadAnswer',
        message: 'The answer 404 does not come from Azure; something in between gave it.',
      },
    },
    {
      name: 'an OAuth error without a number of Entra',
      answers: [
        discovery,
        {
          status: 400,
          body: { error: 'invalid_grant', error_description: 'The assertion is not signed by a known key' },
        },
      ],
      expected: {
        reason: 'AuthenticationFailed',
        message: 'login.local gave no token: invalid_grant, The assertion is not signed by a known key.',
      },
    },
    {
      name: 'a missing token file',
      choice: missing,
      answers: [],
      expected: {
        reason: 'AuthenticationFailed',
        code: 'ENOENT',
        message: 'A file with credentials cannot be read: /nowhere/token.',
      },
    },
    {
      name: 'a missing certificate',
      choice: certificate,
      answers: [],
      expected: {
        reason: 'AuthenticationFailed',
        code: 'ENOENT',
        message: 'A file with credentials cannot be read: /nowhere/cert.pem.',
      },
    },
    {
      name: 'Entra down with a code of a refusal',
      answers: [discovery, { ...aad('AADSTS700213: No matching federated identity record found.'), status: 500 }],
      expected: { reason: 'Retrying', pace: 'soon', code: 'AADSTS700213' },
    },
  ];
  for (const { name, choice = secret, answers, expected } of cases) {
    test(name, async () => {
      const { credential } = credentialOver(choice, answers);
      const error: unknown = await credential.getToken(cloud.tokenScope).catch((e: unknown) => e);
      const failure = classify(error, { ref, signer: operator }, new Date());
      expect(failure).toMatchObject(expected);
      expect(failure.message).not.toMatch(/hunter2|1111-|2026/);
      expect(failure.message).toMatch(/\.$/);
    });
  }
});
