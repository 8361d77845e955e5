import { createHash, X509Certificate } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  importX509,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import type { App, Federation } from './model.ts';

/** The reason for which Entra ID refuses: number and text of its AADSTS message. */
export interface Refusal {
  readonly aadsts: number;
  readonly message: string;
}

const FEDERATION_AUDIENCE = 'api://AzureADTokenExchange';
const SEE =
  'Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

/**
 * Checks an assertion that stands in for a client secret: one the app signed itself with its certificate, or one of a federated issuer,
 * whose signature is verified with the issuer's own keys. Undefined: accepted.
 */
export async function checkAssertion(
  app: App,
  assertion: string,
  tokenEndpoint: string,
  now: number,
): Promise<Refusal | undefined> {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(assertion);
    decodeProtectedHeader(assertion);
  } catch {
    return { aadsts: 50027, message: 'JWT token is invalid or malformed.' };
  }
  return claims.iss === app.clientId
    ? await checkOwn(app, assertion, tokenEndpoint, now)
    : await checkFederated(app.federation ?? [], claims, assertion, now);
}

async function checkOwn(app: App, assertion: string, tokenEndpoint: string, now: number): Promise<Refusal | undefined> {
  if (app.certificate === undefined) return unregistered(app);
  const header = decodeProtectedHeader(assertion);
  const der = new X509Certificate(app.certificate).raw;
  const print = (algorithm: string) => createHash(algorithm).update(der).digest('base64url');
  if (header['x5t#S256'] !== print('sha256') && header.x5t !== print('sha1')) return unregistered(app);
  const key = await importX509(app.certificate, header.alg ?? 'RS256', { extractable: true });
  return await verify(() =>
    jwtVerify(assertion, key, {
      issuer: app.clientId,
      subject: app.clientId,
      audience: [tokenEndpoint, tokenEndpoint.replace('/token', '')],
      ...clock(now),
    }),
  );
}

async function checkFederated(
  federation: readonly Federation[],
  claims: JWTPayload,
  assertion: string,
  now: number,
): Promise<Refusal | undefined> {
  const none = (number: number, what: string, value: unknown): Refusal => ({
    aadsts: number,
    message: `No matching federated identity record found for presented assertion ${what} '${String(value)}'. ${SEE}`,
  });
  const issued = federation.filter((f) => f.issuer === claims.iss);
  if (issued.length === 0) return none(700211, 'issuer', claims.iss);
  const meant = issued.filter((f) => [claims.aud].flat().includes(f.audience ?? FEDERATION_AUDIENCE));
  if (meant.length === 0) return none(700212, 'audience', [claims.aud].flat().join(','));
  const [match] = meant.filter((f) => f.subject === claims.sub);
  if (match === undefined) return none(700213, 'subject', claims.sub);
  const keys = createLocalJWKSet(match.jwks as unknown as JSONWebKeySet);
  return await verify(() => jwtVerify(assertion, keys, { issuer: match.issuer, ...clock(now) }));
}

/** Entra ID forgives clocks that differ by five minutes; MSAL's `nbf` is rounded and may lie half a second ahead. */
function clock(now: number) {
  return { currentDate: new Date(now), clockTolerance: 300 };
}

async function verify(check: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (
      error instanceof errors.JWTExpired ||
      (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
    )
      return { aadsts: 700024, message: 'Client assertion is not within its valid time range.' };
    if (error instanceof errors.JWTClaimValidationFailed)
      return { aadsts: 700023, message: `Client assertion ${error.claim} claim does not match the expected value.` };
    return {
      aadsts: 5000811,
      message: 'Unable to verify token signature. The signing key identifier does not match any valid registered keys.',
    };
  }
}

function unregistered(app: App): Refusal {
  return {
    aadsts: 700027,
    message: `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.] Application '${app.clientId}'(${app.displayName}).`,
  };
}
