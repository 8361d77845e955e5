import { expect, test } from 'vitest';
import { servicePrincipalOf } from '../../../../src/kube/credentials/service-principal.ts';
import type { KubeObject } from '../../../../src/kube/watch/object.ts';
import { selfSigned } from '../../../sandbox/certificates.ts';

const tenantId = '10000000-0000-4000-8000-000000000001';
const clientId = '30000000-0000-4000-8000-000000000003';
const assertion = () => Promise.reject(new Error('not part of this test'));
const secretRef = { kind: 'secret', namespace: 'platform', name: 'azure-contoso' } as const;
const accountRef = { kind: 'service-account', namespace: 'platform', name: 'contoso-replication' } as const;

const [rsa, other, ec] = [await selfSigned(), await selfSigned(), await selfSigned('ec')];
const ids = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId };
const hidden = 'hunter2-and-more';

function secret(values: Readonly<Record<string, string>>): KubeObject {
  const data = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Buffer.from(v).toString('base64')]));
  return { metadata: {}, data } as unknown as KubeObject;
}

function account(annotations?: Readonly<Record<string, string>>): KubeObject {
  return { metadata: { annotations } } as unknown as KubeObject;
}

test('a client secret, without the line break that echo left', () => {
  const object = secret({ ...ids, AZURE_CLIENT_SECRET: `${hidden}\n`, AZURE_TENANT_ID: 'contoso.onmicrosoft.com\n' });
  expect(servicePrincipalOf(secretRef, object, assertion)).toEqual({
    ok: true,
    value: { kind: 'client-secret', tenantId: 'contoso.onmicrosoft.com', clientId, clientSecret: hidden },
  });
});

test('a certificate and its key in any order; it comes before a secret', () => {
  for (const pem of [rsa.cert + rsa.key, rsa.key + rsa.cert]) {
    const object = secret({ ...ids, AZURE_CLIENT_CERTIFICATE: pem, AZURE_CLIENT_SECRET: hidden });
    expect(servicePrincipalOf(secretRef, object, assertion)).toEqual({
      ok: true,
      value: { kind: 'certificate', tenantId, clientId, pem: pem.trim() },
    });
  }
});

test('a service account with both annotations', () => {
  const annotations = {
    'azure.workload.identity/tenant-id': tenantId,
    'azure.workload.identity/client-id': clientId,
  };
  expect(servicePrincipalOf(accountRef, account(annotations), assertion)).toEqual({
    ok: true,
    value: { kind: 'federated', tenantId, clientId, assertion },
  });
});

const inSecret = 'Secret azure-contoso in namespace platform';
const pem = (text: string) => ({ ...ids, AZURE_CLIENT_CERTIFICATE: text });
const refused: readonly {
  readonly name: string;
  readonly object: KubeObject | undefined;
  readonly ref?: typeof secretRef | typeof accountRef;
  readonly message: string;
}[] = [
  { name: 'no Secret', object: undefined, message: `There is no ${inSecret}.` },
  {
    name: 'an empty Secret',
    object: secret({}),
    message: `${inSecret} has no AZURE_TENANT_ID and no AZURE_CLIENT_ID.`,
  },
  {
    name: 'neither secret nor certificate',
    object: secret({ ...ids, AZURE_CLIENT_SECRET: ' \n' }),
    message: `${inSecret} has no AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE.`,
  },
  {
    name: 'a tenant that is neither id nor domain name',
    object: secret({ ...ids, AZURE_TENANT_ID: hidden }),
    message: `AZURE_TENANT_ID of ${inSecret} is neither an id nor a domain name.`,
  },
  {
    name: 'a secret in place of the client id',
    object: secret({ ...ids, AZURE_CLIENT_ID: hidden }),
    message: `AZURE_CLIENT_ID of ${inSecret} is no application (client) id.`,
  },
  {
    name: 'no PEM',
    object: secret(pem(hidden)),
    message: `AZURE_CLIENT_CERTIFICATE of ${inSecret} holds no certificate that can be read.`,
  },
  {
    name: 'a certificate without key',
    object: secret(pem(rsa.cert)),
    message: `AZURE_CLIENT_CERTIFICATE of ${inSecret} holds no private key that can be read.`,
  },
  {
    name: 'the key of another certificate',
    object: secret(pem(rsa.cert + other.key)),
    message: `AZURE_CLIENT_CERTIFICATE of ${inSecret} has a key that does not belong to its certificate.`,
  },
  {
    name: 'a key that Entra does not take',
    object: secret(pem(ec.cert + ec.key)),
    message: `AZURE_CLIENT_CERTIFICATE of ${inSecret} has a key that is not RSA.`,
  },
  {
    name: 'a service account without annotations',
    ref: accountRef,
    object: account(),
    message:
      'ServiceAccount contoso-replication in namespace platform has no azure.workload.identity/tenant-id and no azure.workload.identity/client-id.',
  },
];
for (const { name, object, ref = secretRef, message } of refused) {
  test(`refused: ${name}`, () => {
    const outcome = servicePrincipalOf(ref, object, assertion);
    expect(outcome).toMatchObject({ ok: false, failure: { reason: 'AuthenticationFailed', message } });
    expect(JSON.stringify(outcome)).not.toContain(hidden);
  });
}
