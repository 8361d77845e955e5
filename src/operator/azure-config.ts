import { type Cloud, cloudAt, clouds } from '../azure/cloud.ts';
import {
  type CredentialChoice,
  type CredentialSettings,
  chooseCredential,
  configuredKinds,
} from '../azure/identity/credential.ts';
import { type Part, problemsOf, type Readers, unmade } from './part.ts';
import { type Setting, settings } from './settings.ts';
import { type Values, type Wrong, wrong } from './values.ts';

/** Which Azure the operator works with, and as whom. */
export interface AzureConfig {
  /** Subscription for objects whose spec names none. */
  readonly subscriptionId: string | undefined;
  readonly cloud: Cloud;
  readonly credential: CredentialChoice;
  /** Kinds of credential that are configured, too, although AZURE_CREDENTIAL names none and so does not choose. */
  readonly unusedCredentials: readonly CredentialChoice['kind'][];
  /** Whether the token issuer is trusted as configured, without asking Microsoft about it. */
  readonly disableInstanceDiscovery: boolean;
}

/** Makes the part from its settings; looks at one file at most. */
export function azureConfig(values: Values, readers: Readers): Part<AzureConfig> {
  const credential = credentialPart(values, readers);
  const cloud = cloudPart(values);
  const { subscriptionId, disableInstanceDiscovery } = values;
  if (!credential.ok || !cloud.ok || subscriptionId === wrong || disableInstanceDiscovery === wrong) {
    return unmade(...problemsOf(credential, cloud));
  }
  const given = givenCredential(values);
  const isKnown = knownCloud(cloud.value.authorityHost) !== undefined;
  return {
    ok: true,
    value: {
      subscriptionId,
      cloud: cloud.value,
      credential: credential.value,
      unusedCredentials: given.kind === undefined ? configuredKinds(given).slice(1) : [],
      disableInstanceDiscovery: disableInstanceDiscovery ?? !isKnown,
    },
  };
}

/** The choice while some of its texts may be wrong. */
type GivenChoice = CredentialChoice<string | Wrong>;

function credentialPart(values: Values, readers: Readers): Part<CredentialChoice> {
  if (values.credential === wrong) return unmade();
  const chosen = chooseCredential(givenCredential(values));
  if (!chosen.ok) return unmade(...chosen.problems, ...overlaidClient(values));
  const { setting, path } = credentialFile(chosen.choice) ?? {};
  if (setting !== undefined && typeof path === 'string' && !readers.isFile(path)) {
    return unmade(`${setting.name} is ${JSON.stringify(path)}, where there is no readable file`);
  }
  return isRightChoice(chosen.choice) ? { ok: true, value: chosen.choice } : unmade(...overlaidClient(values));
}

/** What is configured for signing in. A wrong kind counts as none: it is told of already. */
function givenCredential(values: Values): CredentialSettings<string | Wrong> {
  const { credential: kind, tenantId, clientId, clientSecret } = values;
  return {
    kind: kind === wrong ? undefined : kind,
    tenantId,
    clientId,
    clientSecret,
    certificatePath: values.clientCertificatePath,
    certificatePassword: values.clientCertificatePassword,
    tokenFilePath: values.federatedTokenFile,
  };
}

/** Where a wrong client id, or an empty one, comes from when a Secret and the webhook of workload identity both give one. */
function overlaidClient({ clientId, clientSecret, clientCertificatePath, federatedTokenFile }: Values): string[] {
  const ofSecret = clientSecret === undefined ? clientCertificatePath : clientSecret;
  const isRight = clientId !== wrong && clientId !== undefined;
  if (isRight || ofSecret === undefined || federatedTokenFile === undefined) return [];
  const { name } = clientSecret === undefined ? settings.clientCertificatePath : settings.clientSecret;
  return [
    `${name} is set beside AZURE_FEDERATED_TOKEN_FILE: the webhook of workload identity puts the client id of the ServiceAccount over that of a Secret; to sign in with the Secret, take the label azure.workload.identity/use from the pods (chart: azure.credential=client-secret; kustomize: deploy/client-secret)`,
  ];
}

/** The file that the credential is read from, and the setting that names it; undefined when there is no file. */
function credentialFile(
  choice: GivenChoice,
): { readonly setting: Setting<unknown>; readonly path: string | Wrong } | undefined {
  switch (choice.kind) {
    case 'workload-identity':
      return { setting: settings.federatedTokenFile, path: choice.tokenFilePath };
    case 'client-certificate':
      return { setting: settings.clientCertificatePath, path: choice.certificatePath };
    case 'client-secret':
    case 'managed-identity':
      return undefined;
  }
}

function isRightChoice(choice: GivenChoice): choice is CredentialChoice {
  return !Object.values<unknown>(choice).includes(wrong);
}

/** The cloud by its addresses, else by its name, else by its token issuer, which the workload identity webhook sets. */
function cloudPart({ environment, resourceManagerEndpoint, authorityHost }: Values): Part<Cloud> {
  if (resourceManagerEndpoint === wrong || authorityHost === wrong) return unmade();
  const issuer = authorityHost === undefined ? undefined : knownCloud(authorityHost);
  if (resourceManagerEndpoint !== undefined) {
    if (authorityHost !== undefined) return { ok: true, value: cloudAt(resourceManagerEndpoint, authorityHost) };
    if (environment === wrong) return unmade();
    if (environment !== undefined) {
      return { ok: true, value: cloudAt(resourceManagerEndpoint, environment.authorityHost) };
    }
    return unmade(
      'AZURE_RESOURCE_MANAGER_ENDPOINT is set without AZURE_AUTHORITY_HOST: set both, or AZURE_ENVIRONMENT',
    );
  }
  if (authorityHost !== undefined && issuer === undefined) {
    return unmade(
      `AZURE_AUTHORITY_HOST is ${JSON.stringify(authorityHost)}, which belongs to no known cloud: set AZURE_RESOURCE_MANAGER_ENDPOINT too`,
    );
  }
  if (environment === wrong) return unmade();
  if (environment !== undefined && issuer !== undefined && environment !== issuer) {
    return unmade(
      `AZURE_AUTHORITY_HOST is ${JSON.stringify(authorityHost)}, which belongs to another cloud than AZURE_ENVIRONMENT: unset one of them`,
    );
  }
  return { ok: true, value: environment ?? issuer ?? clouds.AzurePublicCloud };
}

/** The public cloud with this token issuer. */
function knownCloud(authorityHost: string): Cloud | undefined {
  return Object.values(clouds).find((cloud) => cloud.authorityHost === authorityHost);
}
