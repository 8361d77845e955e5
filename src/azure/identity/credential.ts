import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import {
  type AuthorityValidationOptions,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
  type TokenCredentialOptions,
  WorkloadIdentityCredential,
} from '@azure/identity';
import type { ServicePrincipal } from '../../ports/azure.ts';
import type { Clock } from '../../time/clock.ts';
import type { Cloud } from '../cloud.ts';
import type { Heard } from '../refusals/token-error.ts';
import { bounded } from '../wire/bounded.ts';
import { managedIdentity } from './managed-identity.ts';
import { type SteadyCredential, steady } from './token.ts';

/** How the operator signs in to Azure. `Text` is the type of each configured text. */
export type CredentialChoice<Text = string> =
  | {
      readonly kind: 'workload-identity';
      readonly tenantId: Text;
      readonly clientId: Text;
      /** File with the service account token, which is read again when the token in it has changed. */
      readonly tokenFilePath: Text;
    }
  /** The identity with this client id; without one the machine's system-assigned identity. */
  | { readonly kind: 'managed-identity'; readonly clientId: Text | undefined }
  | {
      readonly kind: 'client-secret';
      readonly tenantId: Text;
      readonly clientId: Text;
      readonly clientSecret: Text;
    }
  | {
      readonly kind: 'client-certificate';
      readonly tenantId: Text;
      readonly clientId: Text;
      /** PEM file with certificate and private key. */
      readonly certificatePath: Text;
      readonly certificatePassword: Text | undefined;
    };

export const credentialKinds = [
  'workload-identity',
  'managed-identity',
  'client-secret',
  'client-certificate',
] as const satisfies readonly CredentialChoice['kind'][];

/** What is configured for signing in; undefined: nothing was given. */
export interface CredentialSettings<Text = string> {
  /** The kind that AZURE_CREDENTIAL names. */
  readonly kind: CredentialChoice['kind'] | undefined;
  readonly tenantId: Text | undefined;
  readonly clientId: Text | undefined;
  readonly tokenFilePath: Text | undefined;
  readonly certificatePath: Text | undefined;
  readonly certificatePassword: Text | undefined;
  readonly clientSecret: Text | undefined;
}

/** The choice, or one problem for each setting that the chosen kind needs and that was not given. */
export type ChosenCredential<Text = string> =
  | { readonly ok: true; readonly choice: CredentialChoice<Text> }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Chooses the kind that AZURE_CREDENTIAL names, else the kind that is configured: federated token file, certificate,
 * secret, in this order, else managed identity. Asks only whether a text was given, never whether it is right.
 */
export function chooseCredential<Text>(given: CredentialSettings<Text>): ChosenCredential<Text> {
  const { tenantId, clientId, clientSecret, certificatePath, certificatePassword, tokenFilePath } = given;
  const kind = given.kind ?? configuredKinds(given)[0] ?? 'managed-identity';
  switch (kind) {
    case 'managed-identity':
      return { ok: true, choice: { kind, clientId } };
    case 'workload-identity':
      return completed({ kind, tenantId, clientId, tokenFilePath });
    case 'client-secret':
      return completed({ kind, tenantId, clientId, clientSecret });
    case 'client-certificate': {
      const chosen = completed({ kind, tenantId, clientId, certificatePath });
      return chosen.ok ? { ok: true, choice: { ...chosen.choice, certificatePassword } } : chosen;
    }
  }
}

/** The kinds for which something was given, the one that goes before the others first. Managed identity needs nothing. */
export function configuredKinds<Text>(given: CredentialSettings<Text>): readonly CredentialChoice['kind'][] {
  const texts = [
    ['workload-identity', given.tokenFilePath],
    ['client-certificate', given.certificatePath],
    ['client-secret', given.clientSecret],
  ] as const;
  return texts.flatMap(([kind, text]) => (text === undefined ? [] : [kind]));
}

/** The environment variable, named as in the Azure SDKs, of each text that some kind of credential needs. */
const variables = {
  tenantId: 'AZURE_TENANT_ID',
  clientId: 'AZURE_CLIENT_ID',
  tokenFilePath: 'AZURE_FEDERATED_TOKEN_FILE',
  clientSecret: 'AZURE_CLIENT_SECRET',
  certificatePath: 'AZURE_CLIENT_CERTIFICATE_PATH',
} as const;

type Complete<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** The choice when all its texts were given, else one problem for each text that was not. */
function completed<const T extends { readonly kind: string }>(
  choice: T,
): { readonly ok: true; readonly choice: Complete<T> } | { readonly ok: false; readonly problems: readonly string[] } {
  if (isComplete(choice)) return { ok: true, choice };
  const missing = Object.entries(variables).filter(([text]) => text in choice && choice[text as keyof T] === undefined);
  return { ok: false, problems: missing.map(([, name]) => `${name} is not set; credential ${choice.kind} needs it`) };
}

function isComplete<T extends object>(choice: T): choice is T & Complete<T> {
  return Object.values(choice).every((value) => value !== undefined);
}

export interface CredentialConfig {
  readonly choice: CredentialChoice | ServicePrincipal;
  readonly cloud: Cloud;
  readonly clock: Clock;
  /** True for an authority that Microsoft doesn't know (emulator, Azure Stack): it is then trusted as configured. */
  readonly disableInstanceDiscovery?: boolean;
  /** Default: the SDK's client, which keeps connections and heeds HTTPS_PROXY and NODE_EXTRA_CA_CERTS. */
  readonly httpClient?: HttpClient;
}

/** Time limit of one request for a token; the identity library sets none. */
const requestTimeoutMs = 10_000;
/** Longest answer that is read; Entra's longest, its list of keys, has some 20 KB. */
const maxAnswerBytes = 2 ** 20;

/**
 * The SDK's credential without its retries, with time limits and one cache for all callers, so that it can be asked for
 * each request. It makes no call before the first getToken; every failure is a TokenError.
 */
export function credentialFor(config: CredentialConfig): SteadyCredential {
  const ear: Ear = { heard: undefined };
  const httpClient = listening(config.httpClient ?? createDefaultHttpClient(), ear);
  return steady(
    () => hearing(sdkCredential(config, httpClient, ear), ear),
    config.clock,
    () => ear.heard,
  );
}

/** Keeps what went wrong last in the present attempt at a token. */
interface Ear {
  heard: Heard | undefined;
}

/**
 * The same credential, which forgets at the start of each attempt what was heard in the one before. Where the library asks
 * nobody, because the issuer's last answer was 429 or 5xx or said when to come back, that answer still counts:
 * ThrottlingUtils of @azure/msal-common throws a ServerError of its own then, for a minute or as long as was said.
 */
function hearing(credential: TokenCredential, ear: Ear): TokenCredential {
  return {
    async getToken(scopes, options) {
      const before = ear.heard;
      ear.heard = undefined;
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        if (isOfIssuer(error)) ear.heard ??= before;
        throw error;
      }
    },
  };
}

/** Whether the library says that the issuer refused. */
function isOfIssuer(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ServerError' || isOfIssuer(error.cause));
}

function sdkCredential(
  { choice, cloud, ...rest }: CredentialConfig,
  httpClient: HttpClient,
  ear: Ear,
): TokenCredential {
  const options: TokenCredentialOptions & AuthorityValidationOptions = {
    authorityHost: cloud.authorityHost,
    disableInstanceDiscovery: rest.disableInstanceDiscovery ?? false,
    retryOptions: { maxRetries: 0 }, // the queue tries again
    httpClient,
  };
  switch (choice.kind) {
    case 'workload-identity':
      return new WorkloadIdentityCredential({ ...options, ...choice });
    case 'managed-identity':
      return managedIdentity(choice.clientId, httpClient);
    case 'client-secret':
      return new ClientSecretCredential(choice.tenantId, choice.clientId, choice.clientSecret, options);
    case 'client-certificate': {
      const { certificatePath, certificatePassword } = choice;
      const pem = certificatePassword === undefined ? { certificatePath } : { certificatePath, certificatePassword };
      return new ClientCertificateCredential(choice.tenantId, choice.clientId, pem, options);
    }
    case 'certificate':
      return new ClientCertificateCredential(choice.tenantId, choice.clientId, { certificate: choice.pem }, options);
    case 'federated': {
      const assertion = async (): Promise<string> => {
        const outcome = await choice.assertion(AbortSignal.timeout(requestTimeoutMs));
        if (outcome.ok) return outcome.value;
        ear.heard = { failure: outcome.failure };
        throw new Error(outcome.failure.message);
      };
      return new ClientAssertionCredential(choice.tenantId, choice.clientId, assertion, options);
    }
  }
}

/**
 * The HTTP client with limits of time and size. It notes what went wrong last, because the library throws the
 * answer's text away.
 */
function listening(httpClient: HttpClient, ear: Ear): HttpClient {
  return {
    async sendRequest(request) {
      const { host } = new URL(request.url);
      request.timeout = requestTimeoutMs;
      try {
        const response = await bounded(request, maxAnswerBytes, (sent) => httpClient.sendRequest(sent));
        const { status, bodyAsText, headers } = response;
        const retryAfter = headers.get('retry-after');
        ear.heard = status < 400 ? undefined : { host, status, body: bodyAsText ?? '', retryAfter };
        return response;
      } catch (error) {
        ear.heard = { host, error };
        throw error;
      }
    },
  };
}
