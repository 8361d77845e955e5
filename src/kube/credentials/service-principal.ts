import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isGuid, isTenant } from '../../domain/entra.ts';
import { type Failure, failed, type Outcome, ok } from '../../domain/failure.ts';
import { type Credentials, credentialsName } from '../../domain/replication.ts';
import type { ServicePrincipal } from '../../ports/azure.ts';
import type { KubeObject } from '../watch/object.ts';

const annotations = {
  tenantId: 'azure.workload.identity/tenant-id',
  clientId: 'azure.workload.identity/client-id',
} as const;

/**
 * The service principal that a Secret or a ServiceAccount describes, or what is wrong with it; undefined stands for an
 * object that is not there. `assertion` gives tokens of the ServiceAccount.
 */
export function servicePrincipalOf(
  credentials: Credentials,
  object: KubeObject | undefined,
  assertion: FederatedPrincipal['assertion'],
): Outcome<ServicePrincipal> {
  if (object === undefined) {
    const message = `There is no ${credentialsName(credentials)}.`;
    return unusable('CredentialsMissing', message, 'Create it, or correct spec.credentialsRef.');
  }
  return credentials.kind === 'secret'
    ? fromSecret(credentialsName(credentials), object)
    : fromServiceAccount(credentialsName(credentials), object, assertion);
}

type FederatedPrincipal = Extract<ServicePrincipal, { kind: 'federated' }>;

function fromSecret(what: string, object: KubeObject): Outcome<ServicePrincipal> {
  const { data } = object as { readonly data?: Readonly<Record<string, string>> };
  // Values that were made from files or with echo end in a line break. No valid value begins or ends with a space.
  const value = (key: string): string =>
    Buffer.from(data?.[key] ?? '', 'base64')
      .toString('utf8')
      .trim();
  const ids = idsOf(what, value, { tenantId: 'AZURE_TENANT_ID', clientId: 'AZURE_CLIENT_ID' });
  if (!ids.ok) return ids;
  const pem = value('AZURE_CLIENT_CERTIFICATE');
  if (pem !== '') {
    const problem = pemProblem(pem);
    if (problem === undefined) return ok({ kind: 'certificate', ...ids.value, pem });
    return unusable('CredentialsInvalid', `AZURE_CLIENT_CERTIFICATE of ${what} ${problem}.`, pemAdvice);
  }
  const clientSecret = value('AZURE_CLIENT_SECRET');
  if (clientSecret !== '') return ok({ kind: 'client-secret', ...ids.value, clientSecret });
  const message = `${what} has no AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE.`;
  return unusable('CredentialsIncomplete', message, 'Add one of them.');
}

function fromServiceAccount(
  what: string,
  { metadata }: KubeObject,
  assertion: FederatedPrincipal['assertion'],
): Outcome<ServicePrincipal> {
  const ids = idsOf(what, (name) => metadata.annotations?.[name]?.trim() ?? '', annotations);
  return ids.ok ? ok({ kind: 'federated', ...ids.value, assertion }) : ids;
}

/**
 * Tenant and client id, which must look like ids: when somebody has swapped an id with the secret, Entra would repeat
 * the secret in its message.
 */
function idsOf(
  what: string,
  value: (name: string) => string,
  names: { readonly tenantId: string; readonly clientId: string },
): Outcome<{ readonly tenantId: string; readonly clientId: string }> {
  const missing = Object.values(names).filter((name) => value(name) === '');
  if (missing.length > 0)
    return unusable('CredentialsIncomplete', `${what} has no ${missing.join(' and no ')}.`, 'Add it.');
  const [tenantId, clientId] = [value(names.tenantId), value(names.clientId)];
  if (!isTenant(tenantId)) {
    return unusable(
      'CredentialsInvalid',
      `${names.tenantId} of ${what} is neither an id nor a domain name.`,
      'Correct it.',
    );
  }
  if (!isGuid(clientId)) {
    return unusable('CredentialsInvalid', `${names.clientId} of ${what} is no application (client) id.`, 'Correct it.');
  }
  return ok({ tenantId, clientId });
}

const pemAdvice = 'It must hold a certificate and its RSA key without a password, both in PEM.';

/**
 * What is wrong with a certificate and its key. The identity library finds it out late, and says it in changing words.
 */
function pemProblem(pem: string): string | undefined {
  const certificate = ifReadable(() => new X509Certificate(pem));
  if (certificate === undefined) return 'holds no certificate that can be read';
  const key: KeyObject | undefined = ifReadable(() => createPrivateKey(pem));
  if (key === undefined) return 'holds no private key that can be read';
  if (key.asymmetricKeyType !== 'rsa') return 'has a key that is not RSA';
  return certificate.checkPrivateKey(key) ? undefined : 'has a key that does not belong to its certificate';
}

/**
 * What `read` gives; undefined when it throws. The error is dropped, because it may quote the key that it could not
 * read.
 */
function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function unusable(code: string, message: string, advice: string): { readonly ok: false; readonly failure: Failure } {
  return failed({ kind: 'retryable', pace: 'slow', reason: 'AuthenticationFailed', code, message, advice });
}
