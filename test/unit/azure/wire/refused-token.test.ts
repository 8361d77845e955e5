import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { cloudAt } from '../../../../src/azure/cloud.ts';
import { type CredentialConfig, credentialFor } from '../../../../src/azure/identity/credential.ts';
import { steady } from '../../../../src/azure/identity/token.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import { selfSigned } from '../../../sandbox/certificates.ts';
import { type Answered, type Answers, ref, replicaBody, stubbedApi, stubHttp } from '../../../support/arm-stub.ts';
import { clockAt } from '../../../support/clock.ts';

const cloud = cloudAt('https://arm.local', 'https://login.local');
const { tokenScope } = cloud;

/** Entra and the machine's identity endpoint: each asking gives another token, good for an hour. */
function issuer() {
  const asked: string[] = [];
  const answer = async ({ url, method }: PipelineRequest): Promise<Answered> => {
    if (url.includes('/.well-known/')) {
      const at = (path: string) => `https://login.local/t1/${path}`;
      const endpoints = { token_endpoint: at('token'), authorization_endpoint: at('authorize'), jwks_uri: at('keys') };
      return { status: 200, body: { ...endpoints, issuer: at('v2.0') } };
    }
    asked.push(`${method} ${new URL(url).host}`);
    const expires_on = Math.floor(Date.now() / 1_000) + 3_600;
    const token = { access_token: `token-${asked.length}`, token_type: 'Bearer', expires_in: 3_600, expires_on };
    return { status: 200, body: token };
  };
  return { asked, answers: [answer] satisfies Answers };
}

describe('past the caches of the identity library', () => {
  const ids = { tenantId: 't1', clientId: 'c1' };
  const cases: Readonly<Record<string, (folder: string) => Promise<CredentialConfig['choice']>>> = {
    'a client secret': async () => ({ kind: 'client-secret', ...ids, clientSecret: 'hunter2' }),
    'a certificate in a file': async (folder) => {
      const certificatePath = join(folder, 'client.pem');
      const { key, cert } = await selfSigned();
      await writeFile(certificatePath, key + cert);
      return { kind: 'client-certificate', ...ids, certificatePath, certificatePassword: undefined };
    },
    'a certificate in a Secret': async () => {
      const { key, cert } = await selfSigned();
      return { kind: 'certificate', ...ids, pem: cert + key };
    },
    'workload identity': async (folder) => {
      const tokenFilePath = join(folder, 'token');
      await writeFile(tokenFilePath, 'service.account.token');
      return { kind: 'workload-identity', ...ids, tokenFilePath };
    },
    'a service account': async () => ({
      kind: 'federated',
      ...ids,
      assertion: async () => ({ ok: true, value: 'service.account.token' }),
    }),
    'managed identity': async () => ({ kind: 'managed-identity', clientId: undefined }),
  };
  for (const [name, choose] of Object.entries(cases)) {
    test(`a token that Azure refused is signed in anew for: ${name}`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'refused-token-'));
      t.onTestFinished(() => rm(folder, { recursive: true }));
      const { asked, answers } = issuer();
      const { httpClient } = stubHttp(answers);
      const clock = systemClock;
      const choice = await choose(folder);
      const credential = credentialFor({ choice, cloud, clock, disableInstanceDiscovery: true, httpClient });
      const token = async () => (await credential.getToken(tokenScope, { enableCae: true }))?.token;
      expect(await token()).toBe('token-1');
      expect(await token()).toBe('token-1');
      expect(credential.tokenRefused(tokenScope, 'token-1')).toBe(true);
      expect(await token()).toBe('token-2');
      expect(await token()).toBe('token-2');
      const claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
      const challenged = await credential.getToken(tokenScope, { enableCae: true, claims });
      expect(challenged?.token).toBe('token-2'); // within the pause
      expect(asked).toHaveLength(2);
    });
  }
});

describe('a request', () => {
  const ok: Answered = { status: 200, body: replicaBody('japaneast') };
  const plain = (code: string, headers = {}): Answered => ({
    status: 401,
    body: { error: { code, message: 'no' } },
    headers,
  });
  const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString('base64');
  const challenge = plain('InvalidAuthenticationToken', {
    'www-authenticate': `Bearer authorization_uri="https://login.local/t1", error="insufficient_claims", claims="${claims}"`,
  });

  function setup(answers: Answers) {
    const state = { nowMs: 0, issued: 0 };
    const credential = steady(
      () => ({
        getToken: async () => ({ token: `token-${++state.issued}`, expiresOnTimestamp: state.nowMs + 3_600_000 }),
      }),
      clockAt(() => new Date(state.nowMs)),
    );
    const { api, sent } = stubbedApi(answers, { credential });
    const tokens = () => sent.map(({ headers }) => headers['authorization']);
    return { api, state, sent, tokens, get: () => api.get(ref, 'japaneast', AbortSignal.timeout(5_000)) };
  }

  for (const [code, headers] of [
    ['ExpiredAuthenticationToken', {}],
    [
      'InvalidAuthenticationToken',
      { 'www-authenticate': 'Bearer authorization_uri="https://login.local/t1", error="invalid_token"' },
    ],
    ['AuthenticationFailed', {}],
  ] as const) {
    test(`refused with 401 ${code} is sent again with a new token`, async () => {
      const { get, tokens } = setup([plain(code, headers), ok]);
      await expect(get()).resolves.toMatchObject({ ok: true });
      expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-2']);
    });
  }

  test('is sent again with its body', async () => {
    const { api, sent } = setup([plain('ExpiredAuthenticationToken'), ok]);
    const replica = {
      name: 'japaneast',
      region: regionOf('japaneast'),
      tags: {},
      routing: undefined,
      zoneRedundancy: undefined,
    };
    await api.create(ref, replica, AbortSignal.timeout(5_000));
    expect(sent.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
    expect(sent[1]?.body).toEqual(sent[0]?.body);
  });

  test('refused again fails, and until a pause is over no request signs in for that', async () => {
    const { get, tokens, state } = setup([plain('InvalidAuthenticationToken')]);
    const failure = { reason: 'AuthenticationFailed', code: 'InvalidAuthenticationToken' };
    await expect(get()).resolves.toMatchObject({ ok: false, failure });
    await expect(get()).resolves.toMatchObject({ ok: false, failure });
    state.nowMs += 14_999;
    await expect(get()).resolves.toMatchObject({ ok: false, failure });
    expect(tokens()).toEqual(['Bearer token-1', ...Array<string>(3).fill('Bearer token-2')]);
    state.nowMs += 1;
    await expect(get()).resolves.toMatchObject({ ok: false, failure });
    expect(tokens().slice(4)).toEqual(['Bearer token-2', 'Bearer token-3']);
  });

  test('challenged for ever signs in no more often', async () => {
    const { get, state } = setup([challenge]);
    for (let i = 0; i < 5; i++) await expect(get()).resolves.toMatchObject({ ok: false });
    expect(state.issued).toBe(2);
  });

  test('several at once, refused with one token, sign in once', async () => {
    const { get, state, sent } = setup([
      async (request) =>
        request.headers.get('authorization') === 'Bearer token-1' ? plain('ExpiredAuthenticationToken') : ok,
    ]);
    const all = await Promise.all([get(), get(), get(), get()]);
    expect(all.every((outcome) => outcome.ok)).toBe(true);
    expect(state.issued).toBe(2);
    expect(sent).toHaveLength(8);
  });

  test('about a subscription of another tenant leaves the token alone: the next would be of the same tenant', async () => {
    const { get, state, sent } = setup([plain('InvalidAuthenticationTokenTenant')]);
    await expect(get()).resolves.toMatchObject({ failure: { code: 'InvalidAuthenticationTokenTenant' } });
    expect(sent).toHaveLength(1);
    expect(state.issued).toBe(1);
  });
});
