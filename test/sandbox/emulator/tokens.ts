import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { fail, type Reply } from './errors.ts';
import type { App, Cloud } from './model.ts';
import { uuidFrom } from './seed.ts';

/** Issues and checks access tokens: real JWTs, signed with a key made at the start. */
export interface Tokens {
  readonly keys: { readonly keys: readonly JWK[] };
  readonly lifeSeconds: number;
  /** Whether there is a principal for a resource: tokens are issued for those only. */
  readonly knows: (audience: string) => boolean;
  readonly issue: (app: App, audience: string, now: number, how: '1' | '2') => Promise<string>;
  /** Refuses from now on every token that was checked before. */
  readonly revoke: (how: Revocation) => void;
  /** The caller's client id, or the 401 to answer with. Costs one map look-up when the token was seen before. */
  readonly check: (
    authorization: string | undefined,
    tenantId: string | undefined,
    now: number,
  ) => Promise<{ readonly clientId: string } | Reply>;
}

/**
 * The ways in which Azure refuses a token that was good: by a claims challenge that asks for a new one, or by a code
 * only.
 */
export type Revocation = 'challenge' | 'ExpiredAuthenticationToken' | 'InvalidAuthenticationToken';

interface Seen {
  readonly clientId: string;
  readonly tenantId: string;
  readonly audience: string;
  readonly notAfter: number;
}

const ARM: Record<Cloud, readonly string[]> = {
  AzurePublic: ['https://management.core.windows.net', 'https://management.azure.com'],
  AzureChinaCloud: ['https://management.core.chinacloudapi.cn', 'https://management.chinacloudapi.cn'],
  AzureUSGovernment: ['https://management.core.usgovcloudapi.net', 'https://management.usgovcloudapi.net'],
};
/** Resources whose tokens are good for nothing at ARM. */
const OTHERS = [
  'https://graph.microsoft.com',
  'https://vault.azure.net',
  'https://storage.azure.com',
  'https://containerregistry.azure.net',
];
const CACHED = 5_000;

/** `origins` are the addresses that the emulator is reached at; the first stands in its answers. */
export async function makeTokens(
  origins: readonly [string, ...string[]],
  cloud: Cloud,
  lifeSeconds: number,
): Promise<Tokens> {
  const [origin] = origins;
  const { publicKey, privateKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const kid = uuidFrom(JSON.stringify(await exportJWK(publicKey))).replaceAll('-', '');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid, x5t: kid, use: 'sig', alg: 'RS256' }] };
  const audiences = [...origins, ...ARM[cloud]];
  const cache = new Map<string, Seen>();
  const revoked = new Map<string, Revocation>();
  const trimmed = (audience: string) => audience.replace(/\/+$/, '');

  const read = async (token: string): Promise<Seen | undefined> => {
    const known = cache.get(token);
    if (known !== undefined) return known;
    try {
      if (decodeProtectedHeader(token).kid !== kid) return undefined;
      // The clock is checked later, by ours.
      const { exp = 0 } = decodeJwt(token);
      const { payload } = await jwtVerify(token, publicKey, { currentDate: new Date((exp - 1) * 1_000) });
      const seen = {
        clientId: String(payload['appid']),
        tenantId: String(payload['tid']),
        audience: String(payload.aud),
        notAfter: exp * 1_000,
      };
      if (cache.size >= CACHED) cache.clear();
      cache.set(token, seen);
      return seen;
    } catch {
      return undefined;
    }
  };
  const refuse = (tenantId: string | undefined, code: string, message: string, error = 'error="invalid_token"') =>
    fail(401, code, message, {
      'www-authenticate': `Bearer authorization_uri="${origin}/${tenantId ?? 'common'}", ${error}, error_description="${message.replaceAll('"', "'")}"`,
    });

  return {
    keys,
    lifeSeconds,
    knows: (audience) => [...audiences, ...OTHERS].includes(trimmed(audience)),
    async issue(app, audience, now, how) {
      const seconds = Math.floor(now / 1_000);
      const claims = {
        appid: app.clientId,
        appidacr: how,
        idp: `https://sts.windows.net/${app.tenantId}/`,
        idtyp: 'app',
        oid: app.objectId,
        tid: app.tenantId,
        ver: '1.0',
      };
      return await new SignJWT({ ...claims, uti: uuidFrom(`${app.clientId}${now}`) })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid, x5t: kid })
        .setIssuer(`https://sts.windows.net/${app.tenantId}/`)
        .setAudience(audience)
        .setSubject(app.objectId)
        .setIssuedAt(seconds)
        .setNotBefore(seconds)
        .setExpirationTime(seconds + lifeSeconds)
        .sign(privateKey);
    },
    revoke(how) {
      for (const token of cache.keys()) revoked.set(token, how);
    },
    async check(authorization, tenantId, now) {
      if (authorization === undefined)
        return refuse(
          tenantId,
          'AuthenticationFailed',
          "Authentication failed. The 'Authorization' header is missing.",
        );
      const token = /^bearer (.+)$/i.exec(authorization)?.[1];
      const seen = token === undefined ? undefined : await read(token);
      if (seen === undefined) return refuse(tenantId, 'InvalidAuthenticationToken', 'The access token is invalid.');
      const how = revoked.get(token ?? '');
      if (how !== undefined) {
        if (how !== 'challenge') return refuse(tenantId, how, 'The access token is expired or revoked.');
        const claims = btoa(`{"access_token":{"nbf":{"essential":true,"value":"${Math.floor(now / 1_000)}"}}}`);
        const challenge = `error="insufficient_claims", claims="${claims}"`;
        return refuse(tenantId, 'InvalidAuthenticationToken', 'The access token has been revoked.', challenge);
      }
      if (!audiences.includes(trimmed(seen.audience)))
        return refuse(
          tenantId,
          'InvalidAuthenticationTokenAudience',
          `The access token has been obtained for wrong audience or resource '${seen.audience}'. It should exactly match with one of the allowed audiences '${audiences.join("','")}'.`,
        );
      if (now >= seen.notAfter)
        return refuse(
          tenantId,
          'ExpiredAuthenticationToken',
          `The access token expiry UTC time '${new Date(seen.notAfter).toISOString()}' is earlier than current UTC time '${new Date(now).toISOString()}'.`,
        );
      if (tenantId !== undefined && seen.tenantId !== tenantId)
        return refuse(
          tenantId,
          'InvalidAuthenticationTokenTenant',
          `The access token is from the wrong issuer 'https://sts.windows.net/${seen.tenantId}/'. It must match the tenant 'https://sts.windows.net/${tenantId}/' associated with this subscription.`,
        );
      return { clientId: seen.clientId };
    },
  };
}

/** The client id that a token names, unchecked. */
export function clientIdIn(authorization: string | string[] | undefined): string | undefined {
  const token = String(authorization ?? '').replace(/^Bearer /, '');
  try {
    return String(decodeJwt(token)['appid']);
  } catch {
    return undefined;
  }
}
