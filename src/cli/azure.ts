import { createHttpHeaders, createPipelineRequest, type PipelineRequestOptions } from '@azure/core-rest-pipeline';
import {
  type AccessToken,
  AzureCliCredential,
  CredentialUnavailableError,
  type TokenCredential,
} from '@azure/identity';
import { type Cloud, clouds } from '../azure/cloud.ts';
import { chooseCredential, configuredKinds, credentialFor } from '../azure/identity/credential.ts';
import { attempt } from '../azure/refusals/classify.ts';
import type { Subject } from '../azure/refusals/rules.ts';
import type { Signer } from '../azure/refusals/signer.ts';
import { createReplicationApi } from '../azure/replications.ts';
import { armClients } from '../azure/wire/client.ts';
import { isGuid } from '../domain/entra.ts';
import { type Outcome, ok } from '../domain/failure.ts';
import type { RegistryRef } from '../domain/replication.ts';
import type { ReplicationApi, ServicePrincipal } from '../ports/azure.ts';
import { systemClock } from '../time/clock.ts';
import { version } from '../version.ts';
import { adviceOf } from './azure-answer.ts';
import { cloudOf } from './cloud.ts';
import { Problem } from './command.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Azure with the user's own login, never the operator's. */
export interface Azure {
  readonly cloud: Cloud;
  /** The id, in Microsoft Entra, of whoever is signed in; undefined: the token does not tell it. */
  readonly objectId: string | undefined;
  readonly replications: ReplicationApi;
  /** One GET of a resource by its path, `/subscriptions/…`; only reads are sent. */
  readonly get: (path: string, apiVersion: string, signal: AbortSignal) => Promise<Outcome<unknown>>;
  /** One POST of a question to Azure Policy, which only evaluates it; the right for it is one to read. */
  readonly ask: (path: string, apiVersion: string, question: object, signal: AbortSignal) => Promise<Outcome<unknown>>;
}

/** All that is asked for beside registries. */
const besides = {
  readable: /^\/subscriptions\//,
  answerable:
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.PolicyInsights\/checkPolicyRestrictions$/,
};

/**
 * Signs in as Azure CLI, by environment variables, or as workload identity, in this order; one token is asked for.
 * Undefined when the user has no login at all. A login that is refused is a Problem.
 */
export async function azureOf(env: Environment, signal: AbortSignal): Promise<Azure | undefined> {
  const cloud = cloudOf(env);
  const signedIn = await firstThatSignsIn(loginsFor(cloud, env), cloud, signal);
  return signedIn && azureWith(cloud, signedIn);
}

/** A way to sign in, and how refusals name who does. */
interface Login {
  readonly credential: TokenCredential;
  readonly signer: Signer;
}

interface SignedIn extends Login {
  readonly token: AccessToken | null;
}

function azureWith(cloud: Cloud, { credential, signer, token }: SignedIn): Azure {
  const clientFor = armClients({ cloud, credential, clock: systemClock, version, ...besides });
  const sent = (
    path: string,
    apiVersion: string,
    request: Pick<PipelineRequestOptions, 'method' | 'body'>,
    signal: AbortSignal,
  ) => {
    const ref = refIn(path);
    const join = path.includes('?') ? '&' : '?';
    const url = `${cloud.resourceManagerEndpoint}${path}${join}api-version=${apiVersion}`;
    const send = async (): Promise<unknown> => {
      const headers = createHttpHeaders(request.body === undefined ? {} : { 'content-type': 'application/json' });
      const sending = createPipelineRequest({ ...request, url, headers, abortSignal: signal });
      const { bodyAsText } = await clientFor(ref.subscriptionId).send(sending);
      return JSON.parse(bodyAsText ?? 'null');
    };
    return attempt(send, { ref, signer }, () => systemClock.now(), signal);
  };
  return {
    cloud,
    objectId: objectIdIn(token?.token ?? ''),
    replications: createReplicationApi({ clientFor, clock: systemClock, signer })(undefined),
    get: (path, apiVersion, signal) => sent(path, apiVersion, { method: 'GET' }, signal),
    ask: (path, apiVersion, question, signal) =>
      sent(path, apiVersion, { method: 'POST', body: JSON.stringify(question) }, signal),
  };
}

/** The claim `oid` of a token, for commands that name the one who is to get a right; nothing is decided by it. */
function objectIdIn(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { oid } = claims as { readonly oid?: unknown };
    return typeof oid === 'string' && isGuid(oid) ? oid : undefined;
  } catch {
    return undefined;
  }
}

/** What a path is about, for messages. */
function refIn(path: string): RegistryRef {
  const [, subscriptionId = '', resourceGroup = '', name = ''] =
    /^\/subscriptions\/([^/?]+)(?:\/resourceGroups\/([^/?]+)(?:\/providers\/Microsoft\.ContainerRegistry\/registries\/([^/?]+))?)?/i.exec(
      path,
    ) ?? [];
  return { subscriptionId, resourceGroup, name };
}

/**
 * Azure with the credentials of an object, by one request for a token. The cloud is that of the environment, as it is for
 * the user's own login.
 */
export async function azureAs(
  env: Environment,
  principal: ServicePrincipal,
  { ref, signer }: Subject,
  signal: AbortSignal,
): Promise<Outcome<Azure>> {
  const cloud = cloudOf(env);
  const credential = credentialFor({
    choice: principal,
    cloud,
    clock: systemClock,
    disableInstanceDiscovery: !isKnown(cloud),
  });
  const signIn = () => credential.getToken(cloud.tokenScope, { abortSignal: signal });
  const token = await attempt(signIn, { ref, signer }, () => systemClock.now(), signal);
  return token.ok ? ok(azureWith(cloud, { credential, signer, token: token.value })) : token;
}

/** The same, for commands that can do nothing without Azure. */
export async function signedIn(env: Environment, signal: AbortSignal): Promise<Azure> {
  const azure = await azureOf(env, signal);
  if (azure !== undefined) return azure;
  throw new Problem('you are not signed in to Azure', 'az login');
}

/** How refusals name the person who runs the command. */
const you: Signer = {
  identity: 'your identity',
  credentials: 'your login (az login)',
  proof: 'client secret',
  clientId: undefined,
  tenantId: undefined,
};

/** The same person, who is signed in by variables. */
const youByVariables: Signer = {
  ...you,
  credentials: 'AZURE_TENANT_ID, AZURE_CLIENT_ID and what proves them in your environment',
};

/** Whether Microsoft knows who issues the cloud's tokens. */
function isKnown({ authorityHost }: Cloud): boolean {
  return Object.values(clouds).some((known) => known.authorityHost === authorityHost);
}

/** Lazily: variables that make no sense are no trouble to whom Azure CLI signs in. */
function* loginsFor(cloud: Cloud, env: Environment): Iterable<Login> {
  yield { credential: new AzureCliCredential(), signer: you };
  const given = {
    kind: undefined,
    tenantId: env['AZURE_TENANT_ID'] || undefined,
    clientId: env['AZURE_CLIENT_ID'] || undefined,
    clientSecret: env['AZURE_CLIENT_SECRET'] || undefined,
    certificatePath: env['AZURE_CLIENT_CERTIFICATE_PATH'] || undefined,
    certificatePassword: env['AZURE_CLIENT_CERTIFICATE_PASSWORD'] || undefined,
    tokenFilePath: env['AZURE_FEDERATED_TOKEN_FILE'] || undefined,
  };
  // The environment goes before workload identity, as in the Azure SDKs.
  for (const kind of [...configuredKinds(given)].reverse()) {
    const chosen = chooseCredential({ ...given, kind });
    if (!chosen.ok) throw new Problem(chosen.problems.join('; '), 'az login');
    const { choice } = chosen;
    const credential = credentialFor({ choice, cloud, clock: systemClock, disableInstanceDiscovery: !isKnown(cloud) });
    yield { credential, signer: youByVariables };
  }
}

async function firstThatSignsIn(
  logins: Iterable<Login>,
  { tokenScope }: Cloud,
  abortSignal: AbortSignal,
): Promise<SignedIn | undefined> {
  const ref = { subscriptionId: '', resourceGroup: '', name: '' };
  for (const login of logins) {
    const { credential, signer } = login;
    /** Undefined: this way is none that the user has. */
    const signIn = async (): Promise<AccessToken | null | undefined> => {
      try {
        return await credential.getToken(tokenScope, { abortSignal });
      } catch (error) {
        if (error instanceof CredentialUnavailableError) return undefined;
        throw error;
      }
    };
    const signed = await attempt(signIn, { ref, signer }, () => systemClock.now(), abortSignal);
    if (!signed.ok) {
      throw new Problem(`Azure does not let you sign in: ${signed.failure.message}`, adviceOf(signed.failure));
    }
    if (signed.value !== undefined) return { ...login, token: signed.value };
  }
  return undefined;
}
