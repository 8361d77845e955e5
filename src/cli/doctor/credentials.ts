import type { RegistryReplication } from '../../api/registryreplication.ts';
import type { Failure } from '../../domain/failure.ts';
import { type Credentials, credentialsName } from '../../domain/replication.ts';
import type { ServicePrincipal } from '../../ports/azure.ts';
import { adviceOf } from '../azure-answer.ts';
import { program } from '../help.ts';
import { type Check, failing, warning, well } from './finding.ts';

/** What came of looking at the credentials that an object names. */
export type Tried =
  /** The user may not read them. */
  | { readonly kind: 'unseen'; readonly why: string }
  /** They are not there, or something in them is missing or wrong; nobody was asked for a token. */
  | { readonly kind: 'unusable'; readonly failure: Failure }
  /** A ServiceAccount as the operator needs it. A token of it is not asked for: that right is the operator's. */
  | { readonly kind: 'complete'; readonly principal: ServicePrincipal }
  /** Entra gave no token for them. */
  | { readonly kind: 'refused'; readonly principal: ServicePrincipal; readonly failure: Failure }
  | { readonly kind: 'signed-in'; readonly principal: ServicePrincipal };

/**
 * What Entra or Kubernetes says of the credentials, in the operator's words; else what the object says of them. Undefined:
 * they are those of the operator itself.
 */
export function credentialChecks(
  credentials: Credentials,
  tried: Tried,
  object: RegistryReplication | undefined,
): readonly Check[] {
  const what = credentialsName(credentials);
  const status = object && `${program} status ${object.metadata.name} -n ${object.metadata.namespace}`;
  switch (tried.kind) {
    case 'unseen': {
      if (isUsed(object)) return [well(`${what} works: the object says so, and you may not read it`)];
      return [warning(`${what} was not looked at: ${tried.why}${heard(object)}`, status)];
    }
    case 'unusable':
      return [failing(tried.failure.message, completion(credentials, tried.failure))];
    case 'complete': {
      const says = `${what} names application ${tried.principal.clientId}`;
      return [isUsed(object) ? well(`${says}, and it works`) : warning(`${says}${heard(object)}`, status)];
    }
    case 'refused': {
      const { failure, principal } = tried;
      const says = `${what}: ${failure.message}`;
      if (failure.reason !== 'AuthenticationFailed') return [warning(says, adviceOf(failure))];
      return [failing(says, renewal(credentials, principal, failure))];
    }
    case 'signed-in':
      return [well(`${what} signs in as application ${tried.principal.clientId}`)];
  }
}

/** Whether the object's newest spec was carried out with its credentials. */
function isUsed(object: RegistryReplication | undefined): boolean {
  if (object === undefined || object.status?.observedGeneration !== object.metadata.generation) return false;
  return object.status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}

function heard(object: RegistryReplication | undefined): string {
  if (object === undefined) return '';
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  return `; the object says ${ready?.reason ?? 'nothing yet'}`;
}

/** The command that makes the credentials, or adds what their object lacks, with the names that the operator reads. */
function completion({ kind, namespace, name }: Credentials, { code, message }: Failure): string {
  const at = `kubectl -n ${namespace}`;
  if (kind === 'service-account') {
    if (code === 'CredentialsMissing') return `${at} create serviceaccount ${name}`;
    const keys = [...new Set(message.match(/azure\.workload\.identity\/[a-z-]+/g))];
    return `${at} annotate --overwrite serviceaccount ${name} ${keys.map((key) => `${key}=${key.split('/')[1]?.toUpperCase()}`).join(' ')}`;
  }
  if (code === 'CredentialsMissing') {
    const literals = ['AZURE_TENANT_ID=TENANT-ID', 'AZURE_CLIENT_ID=CLIENT-ID', 'AZURE_CLIENT_SECRET=SECRET'];
    return `${at} create secret generic ${name} ${literals.map((literal) => `--from-literal=${literal}`).join(' ')}`;
  }
  const keys = [...new Set(message.match(/AZURE_[A-Z_]+/g))].filter(
    (key, _, all) => key !== 'AZURE_CLIENT_CERTIFICATE' || !all.includes('AZURE_CLIENT_SECRET'),
  );
  const data = Object.fromEntries(keys.map((key) => [key, key.replace('AZURE_', '').replaceAll('_', '-')]));
  return `${at} patch secret ${name} -p '${JSON.stringify({ stringData: data })}'`;
}

/** Codes of a client secret that is wrong or has expired. */
const spent = new Set(['AADSTS7000215', 'AADSTS7000222']);

/** The command that renews a client secret where that is what is wrong; else the operator's advice. */
function renewal({ namespace, name }: Credentials, { kind, clientId }: ServicePrincipal, failure: Failure): string {
  if (kind !== 'client-secret' || !spent.has(failure.code)) return adviceOf(failure);
  const secret = `$(az ad app credential reset --id ${clientId} --append --query password --output tsv)`;
  return `kubectl -n ${namespace} patch secret ${name} -p '{"stringData":{"AZURE_CLIENT_SECRET":"'"${secret}"'"}}'`;
}
