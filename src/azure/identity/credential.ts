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

/** How the operator proves to Azure who it is. */
export type CredentialChoice =
  | {
      readonly kind: 'workload-identity';
      readonly tenantId: string;
      readonly clientId: string;
      readonly tokenFilePath: string;
    }
  /** The identity with this client id; without one the machine's system-assigned identity. */
  | { readonly kind: 'managed-identity'; readonly clientId: string | undefined }
  | {
      readonly kind: 'client-secret';
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: string;
    }
  | {
      readonly kind: 'client-certificate';
      readonly tenantId: string;
      readonly clientId: string;
      /** PEM file with certificate and private key. */
      readonly certificatePath: string;
      readonly certificatePassword: string | undefined;
    };

export const credentialKinds = [
  'workload-identity',
  'managed-identity',
  'client-secret',
  'client-certificate',
] as const satisfies readonly CredentialChoice['kind'][];

export type ChosenCredential =
  | { readonly ok: true; readonly choice: CredentialChoice }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The credential that AZURE_CREDENTIAL names, else the one that is configured: federated token file, certificate,
 * secret, in this order, else managed identity. The names are those of the Azure SDKs; an empty value counts as unset.
 */
export function chooseCredential(env: Readonly<Record<string, string | undefined>>): ChosenCredential {
  const problems: string[] = [];
  const kind = kindOf(env);
  if (kind === undefined) {
    problems.push(`AZURE_CREDENTIAL is "${env['AZURE_CREDENTIAL']}", must be one of ${credentialKinds.join(', ')}`);
    return { ok: false, problems };
  }
  const needed = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is not set; credential ${kind} needs it`);
    return value;
  };
  const tenant = (): string => {
    const value = needed('AZURE_TENANT_ID');
    if (!/^[0-9a-zA-Z.-]*$/.test(value)) problems.push('AZURE_TENANT_ID is neither an id nor a domain name');
    return value;
  };
  const build = (): CredentialChoice => {
    switch (kind) {
      case 'managed-identity':
        return { kind, clientId: env['AZURE_CLIENT_ID'] || undefined };
      case 'workload-identity':
        return {
          kind,
          tenantId: tenant(),
          clientId: needed('AZURE_CLIENT_ID'),
          tokenFilePath: needed('AZURE_FEDERATED_TOKEN_FILE'),
        };
      case 'client-secret':
        return {
          kind,
          tenantId: tenant(),
          clientId: needed('AZURE_CLIENT_ID'),
          clientSecret: needed('AZURE_CLIENT_SECRET'),
        };
      case 'client-certificate':
        return {
          kind,
          tenantId: tenant(),
          clientId: needed('AZURE_CLIENT_ID'),
          certificatePath: needed('AZURE_CLIENT_CERTIFICATE_PATH'),
          certificatePassword: env['AZURE_CLIENT_CERTIFICATE_PASSWORD'] || undefined,
        };
    }
  };
  const choice = build();
  return problems.length === 0 ? { ok: true, choice } : { ok: false, problems };
}

function kindOf(env: Readonly<Record<string, string | undefined>>): CredentialChoice['kind'] | undefined {
  if (env['AZURE_CREDENTIAL']) return credentialKinds.find((kind) => kind === env['AZURE_CREDENTIAL']);
  if (env['AZURE_FEDERATED_TOKEN_FILE']) return 'workload-identity';
  if (env['AZURE_CLIENT_CERTIFICATE_PATH']) return 'client-certificate';
  if (env['AZURE_CLIENT_SECRET']) return 'client-secret';
  return 'managed-identity';
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
    () => sdkCredential(config, httpClient),
    config.clock,
    () => ear.heard,
  );
}

/** Where `listening` leaves what it heard last. */
interface Ear {
  heard: Heard | undefined;
}

function sdkCredential({ choice, cloud, ...rest }: CredentialConfig, httpClient: HttpClient): TokenCredential {
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
        const { status, bodyAsText } = response;
        ear.heard = status < 400 ? undefined : { host, status, body: bodyAsText ?? '' };
        return response;
      } catch (error) {
        ear.heard = { host, error };
        throw error;
      }
    },
  };
}
