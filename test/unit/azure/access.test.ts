import { describe, expect, test, vi } from 'vitest';
import { type AzureFor, createAzureAccess } from '../../../src/azure/access.ts';
import { clouds } from '../../../src/azure/cloud.ts';
import { credentialFor } from '../../../src/azure/identity/credential.ts';
import type { Signer } from '../../../src/azure/refusals/signer.ts';
import { createReplicationApi } from '../../../src/azure/replications.ts';
import { armClients } from '../../../src/azure/wire/client.ts';
import { type Failure, failed, type Outcome, ok } from '../../../src/domain/failure.ts';
import type { Credentials } from '../../../src/domain/replication.ts';
import type { Errand, ReplicationApi, ServicePrincipal } from '../../../src/ports/azure.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { selfSigned } from '../../sandbox/certificates.ts';
import { stubHttp } from '../../support/arm-stub.ts';
import { clockAt } from '../../support/clock.ts';

const { signal } = new AbortController();
const ids = { tenantId: '10000000-0000-4000-8000-000000000001', clientId: '30000000-0000-4000-8000-000000000003' };
const contoso: Credentials = { kind: 'secret', namespace: 'platform', name: 'azure-contoso' };
const ref = { subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'registries', name: 'contoso' };
const refusal = (reason: Failure['reason']): Failure => ({
  kind: 'retryable',
  pace: 'slow',
  reason,
  code: 'X',
  message: 'No.',
});

const errand: Errand = { correlationId: 'some-id', urgency: 'steady' };

/** Azure that refuses everything. */
function refusing(reason: Failure['reason']): ReplicationApi {
  const refuse = async () => failed(refusal(reason));
  return { observe: refuse, readRegistry: refuse, get: refuse, create: refuse, update: refuse, remove: refuse };
}

function setup(reason: Failure['reason'] = 'Locked') {
  const state: { nowMs: number; read: Outcome<ServicePrincipal> } = { nowMs: 0, read: ok(secretOf('s1')) };
  const read = vi.fn(async () => state.read);
  const api = refusing(reason);
  const apiFor = vi.fn<AzureFor>(() => api);
  const connect = vi.fn<(principal: ServicePrincipal, signer: Signer) => AzureFor>(() => apiFor);
  const own = vi.fn<AzureFor>(() => api);
  const access = createAzureAccess({ own, source: { read }, connect, clock: clockAt(() => new Date(state.nowMs)) });
  const as = async (credentials: Credentials | undefined = contoso) => {
    const outcome = await access.as(credentials, errand, signal);
    return outcome.ok ? outcome.value : outcome.failure;
  };
  return { state, read, connect, apiFor, own, api, access, as };
}

function secretOf(clientSecret: string): ServicePrincipal {
  return { kind: 'client-secret', ...ids, clientSecret };
}

test('without credentials the operator is itself and nothing is read', async () => {
  const { access, own, api, read } = setup();
  expect(await access.as(undefined, errand, signal)).toEqual(ok(api));
  expect(own).toHaveBeenCalledWith(errand);
  expect(read).not.toHaveBeenCalled();
});

test('all objects with the same credentials share one connection, others have their own', async () => {
  const { as, connect, apiFor } = setup();
  await as();
  await as({ ...contoso });
  expect(connect).toHaveBeenCalledTimes(1);
  expect(apiFor.mock.calls).toEqual([[errand], [errand]]);
  await as({ ...contoso, namespace: 'shop' });
  await as({ ...contoso, kind: 'service-account' });
  expect(connect).toHaveBeenCalledTimes(3);
});

test('changed credentials make a new connection at once, with nothing remembered of the old one', async () => {
  const { as, connect, state } = setup();
  await as();
  state.read = ok(secretOf('s2'));
  await as();
  expect(connect.mock.lastCall?.[0]).toEqual(secretOf('s2'));
  const missing = refusal('AuthenticationFailed');
  state.read = failed(missing);
  expect(await as()).toBe(missing);
});

test('a connection that nobody used for an hour is dropped', async () => {
  const { as, connect, state } = setup();
  await as();
  state.nowMs += 3_600_000;
  await as();
  expect(connect).toHaveBeenCalledTimes(1);
  state.nowMs += 3_600_001;
  await as();
  expect(connect).toHaveBeenCalledTimes(2);
});

test('what keeps a service account from a token is said before Azure is called', async () => {
  const { as, connect, state } = setup();
  const forbidden = refusal('Forbidden');
  state.read = ok({ kind: 'federated', ...ids, assertion: async () => failed(forbidden) });
  expect(await as()).toBe(forbidden);
  expect(connect).not.toHaveBeenCalled();
});

test('the connection knows whom messages are to name', async () => {
  const { as, connect, state } = setup();
  await as();
  expect(connect).toHaveBeenLastCalledWith(secretOf('s1'), {
    identity: 'the identity of Secret azure-contoso in namespace platform',
    credentials: 'Secret azure-contoso in namespace platform',
    proof: 'client secret',
    ...ids,
  });
  state.read = ok({ kind: 'federated', ...ids, assertion: async () => ok('t') });
  await as({ ...contoso, kind: 'service-account' });
  expect(connect.mock.lastCall?.[1]).toMatchObject({
    identity: 'the identity of ServiceAccount azure-contoso in namespace platform',
    proof: 'service account token',
  });
});

describe('sovereign clouds: every kind of credentials goes to the token issuer and the manager of its own cloud', async () => {
  const { cert, key } = await selfSigned();
  const principals: readonly ServicePrincipal[] = [
    secretOf('s1'),
    { kind: 'certificate', ...ids, pem: cert + key },
    { kind: 'federated', ...ids, assertion: async () => ok('service.account.token') },
  ];
  const expected = {
    AzurePublicCloud: ['https://login.microsoftonline.com', 'https://management.azure.com'],
    // The identity library knows login.chinacloudapi.cn, as it is configured, by its newer name.
    AzureChinaCloud: ['https://login.partner.microsoftonline.cn', 'https://management.chinacloudapi.cn'],
    AzureUSGovernment: ['https://login.microsoftonline.us', 'https://management.usgovcloudapi.net'],
  } as const;
  for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
    for (const principal of principals) {
      test(`${name}, ${principal.kind}`, async () => {
        const [issuer, manager] = expected[name];
        const cloud = clouds[name];
        const clock = systemClock;
        const { httpClient, sent } = stubHttp([
          async ({ url }) => ({ status: url.startsWith(manager) ? 404 : 200, body: answerOf(url, issuer) }),
        ]);
        const connect = (choice: ServicePrincipal, signer: Signer): AzureFor => {
          const credential = credentialFor({ choice, cloud, clock, httpClient });
          const clientFor = armClients({ cloud, credential, clock, version: '0', httpClient });
          const apiFor = createReplicationApi({ clock, signer, clientFor });
          return ({ correlationId }) => apiFor(correlationId);
        };
        const source = { read: async () => ok(principal) };
        const api = await createAzureAccess({ own: () => refusing('Locked'), source, connect, clock }).as(
          contoso,
          errand,
          signal,
        );
        const answer = api.ok ? await api.value.observe(ref, undefined, signal) : api;
        expect(answer).toMatchObject({ ok: false, failure: { reason: 'RegistryNotFound' } });
        expect(new Set(sent.map(({ url }) => new URL(url).origin))).toEqual(new Set([issuer, manager]));
        const form = new URLSearchParams(String(sent.find(({ method }) => method === 'POST')?.body));
        expect(form.get('scope')?.split(' ')[0]).toBe(`${manager}/.default`);
        expect(form.get('client_id')).toBe(ids.clientId);
      });
    }
  }
});

function answerOf(url: string, issuer: string): unknown {
  const { origin, pathname } = new URL(url);
  if (pathname.includes('/discovery/instance')) {
    const { host } = new URL(issuer);
    return {
      tenant_discovery_endpoint: `${issuer}/${ids.tenantId}/v2.0/.well-known/openid-configuration`,
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    };
  }
  if (pathname.endsWith('openid-configuration')) {
    return {
      token_endpoint: `${issuer}/${ids.tenantId}/oauth2/v2.0/token`,
      issuer: `${issuer}/${ids.tenantId}/v2.0`,
      authorization_endpoint: `${issuer}/${ids.tenantId}/oauth2/v2.0/authorize`,
      jwks_uri: `${issuer}/keys`,
    };
  }
  if (pathname.endsWith('/token')) return { token_type: 'Bearer', expires_in: 3600, access_token: 'a-token' };
  return { error: { code: 'ResourceNotFound', message: `nothing at ${origin}` } };
}
