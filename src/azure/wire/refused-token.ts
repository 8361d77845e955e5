import {
  type BearerTokenAuthenticationPolicyOptions,
  isRestError,
  type PipelinePolicy,
} from '@azure/core-rest-pipeline';

/** The SDK's TokenCredential, taken from the one package that the wire imports: there it has no name of its own. */
type TokenCredential = NonNullable<BearerTokenAuthenticationPolicyOptions['credential']>;

/** A credential for requests to ARM. One without `tokenRefused` gives a refused request no second chance. */
export interface ArmCredential extends TokenCredential {
  /** Takes note that Azure refused this token before its time. True when the next getToken gives another one. */
  tokenRefused?(scopes: string | string[], token: string): boolean;
}

/** Code of a 401 that no new token cures: the subscription is in another tenant than the credential. */
const anotherTenant = 'InvalidAuthenticationTokenTenant';

/**
 * Sends a request that Azure refused for its token (401: nothing was done) once more with another token, if there is
 * one. This policy belongs around the SDK's, which asks for a token each time and answers challenges that hold
 * claims.
 */
export function refusedTokenPolicy(credential: ArmCredential, scope: string): PipelinePolicy {
  return {
    name: 'acr-replication-operator-refused-token',
    async sendRequest(request, next) {
      try {
        return await next(request);
      } catch (error) {
        if (!isRestError(error) || error.statusCode !== 401 || error.code === anotherTenant) throw error;
        const token = request.headers.get('Authorization')?.replace(/^Bearer /, '') ?? '';
        if (credential.tokenRefused?.(scope, token) !== true) throw error;
        return await next(request);
      }
    },
  };
}
