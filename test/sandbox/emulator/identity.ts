import type { Call } from './call.ts';
import { checkAssertion } from './client-assertions.ts';
import type { Reply } from './errors.ts';
import type { App } from './model.ts';
import { same, uuidFrom } from './seed.ts';
import type { Store } from './store.ts';
import type { Tokens } from './tokens.ts';

/** Entra ID on the same origin: discovery, keys and the token endpoint for the client credentials grant. */
export interface Identity {
  readonly store: Store;
  readonly tokens: Tokens;
  readonly origin: string;
  /** The value that the App Service endpoint wants in X-IDENTITY-HEADER. */
  readonly identityHeader: string;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const UNAUTHORISED: ReadonlySet<number> = new Set([
  7000215, 7000216, 700024, 700027, 700211, 700212, 700213, 5000811, 50027, 700023,
]);

export function openidConfiguration({ store, origin }: Identity, call: Call): Reply {
  const tenant = call.names.tenant ?? '';
  if (!knownTenant(store, tenant)) return tenantUnknown(tenant, call.now);
  const base = `${origin}/${tenant}`;
  return {
    status: 200,
    body: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      tenant_region_scope: 'EU',
      cloud_instance_name: new URL(origin).host,
    },
  };
}

export function instanceDiscovery({ origin }: Identity, call: Call): Reply {
  const tenant = /\/([0-9a-f-]{36})\//i.exec(call.query.get('authorization_endpoint') ?? '')?.[1] ?? 'common';
  const { host } = new URL(origin);
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
}

/** Answers `POST /{tenant}/oauth2/v2.0/token`. */
export async function token(identity: Identity, call: Call): Promise<Reply> {
  const { store, tokens, origin } = identity;
  const { now, names } = call;
  const form = new URLSearchParams(call.text);
  const tenant = names.tenant ?? '';
  if (!knownTenant(store, tenant)) return tenantUnknown(tenant, now);
  if (form.get('grant_type') !== 'client_credentials')
    return refuse(
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${form.get('grant_type')}'.`,
      now,
    );
  const scope = form.get('scope')?.split(' ')[0] ?? '';
  if (!scope.endsWith('/.default'))
    return refuse(
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
      now,
    );
  const clientId = form.get('client_id') ?? '';
  const app = store.app(clientId);
  if (app === undefined || !same(app.tenantId, tenant))
    return refuse(
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
      now,
    );
  const audience = scope.slice(0, -'/.default'.length);
  if (!tokens.knows(audience))
    return refuse(
      'invalid_resource',
      500011,
      `The resource principal named ${audience} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
      now,
    );
  const assertion = form.get('client_assertion_type') === ASSERTION_TYPE ? form.get('client_assertion') : null;
  const endpoint = `${origin}/${tenant}/oauth2/v2.0/token`;
  const refusal =
    assertion === null
      ? checkSecret(app, form.get('client_secret'))
      : await checkAssertion(app, assertion, endpoint, now);
  if (refusal !== undefined) return refuse('invalid_client', refusal.aadsts, refusal.message, now);
  const { lifeSeconds } = tokens;
  const access_token = await tokens.issue(app, audience, now, assertion === null ? '1' : '2');
  return {
    status: 200,
    body: { token_type: 'Bearer', expires_in: lifeSeconds, ext_expires_in: lifeSeconds, access_token },
  };
}

/**
 * Answers for a managed identity in the style of App Service (`X-IDENTITY-HEADER`) or of virtual machines (`Metadata:
 * true`), as the path says.
 */
export async function managedIdentityToken({ store, tokens, identityHeader }: Identity, call: Call): Promise<Reply> {
  const imds = call.path.startsWith('/metadata/');
  const allowed = imds ? call.headers['metadata'] === 'true' : call.headers['x-identity-header'] === identityHeader;
  if (!allowed)
    return plain(
      imds ? 400 : 401,
      'invalid_request',
      imds ? 'Required metadata header not specified' : 'Invalid identity header',
    );
  const resource = call.query.get('resource') ?? '';
  if (!tokens.knows(resource))
    return plain(
      400,
      'invalid_resource',
      `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`,
    );
  const wanted = call.query.get('client_id') ?? call.query.get('clientid');
  const app = store.state.apps.find((a) => a.managedIdentity === true && (wanted === null || same(a.clientId, wanted)));
  if (app === undefined) return plain(400, 'invalid_request', 'Identity not found');
  const expires = Math.floor(call.now / 1_000) + tokens.lifeSeconds;
  const access_token = await tokens.issue(app, resource, call.now, '2');
  const common = { access_token, client_id: app.clientId, expires_on: `${expires}`, resource, token_type: 'Bearer' };
  return {
    status: 200,
    body: imds
      ? {
          ...common,
          expires_in: `${tokens.lifeSeconds}`,
          ext_expires_in: `${tokens.lifeSeconds}`,
          not_before: `${Math.floor(call.now / 1_000)}`,
        }
      : common,
  };
}

function checkSecret(app: App, secret: string | null) {
  if (secret === null)
    return {
      aadsts: 7000216,
      message: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    };
  if (app.secret !== undefined && secret === app.secret) return undefined;
  return {
    aadsts: 7000215,
    message: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.clientId}'.`,
  };
}

function knownTenant(store: Store, tenant: string): boolean {
  return [...store.state.apps, ...store.state.subscriptions].some((s) => same(s.tenantId, tenant));
}

function tenantUnknown(tenant: string, now: number): Reply {
  return refuse(
    'invalid_request',
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
    now,
  );
}

function refuse(error: string, aadsts: number, message: string, now: number): Reply {
  const timestamp = new Date(now)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, 'Z');
  const [trace_id, correlation_id] = [uuidFrom(`trace ${now} ${message}`), uuidFrom(`correlation ${now} ${message}`)];
  const error_description = `AADSTS${aadsts}: ${message} Trace ID: ${trace_id} Correlation ID: ${correlation_id} Timestamp: ${timestamp}`;
  return {
    status: UNAUTHORISED.has(aadsts) ? 401 : 400,
    body: {
      error,
      error_description,
      error_codes: [aadsts],
      timestamp,
      trace_id,
      correlation_id,
      error_uri: `https://login.microsoftonline.com/error?code=${aadsts}`,
    },
  };
}

function plain(status: number, error: string, error_description: string): Reply {
  return { status, body: { error, error_description } };
}
