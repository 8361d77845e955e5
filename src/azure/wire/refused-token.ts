import {
  type BearerTokenAuthenticationPolicyOptions,
  isRestError,
  type PipelinePolicy,
} from '@azure/core-rest-pipeline';

/** The SDK's TokenCredential, taken from the one package that the wire imports: there it has no name of its own. */
type TokenCredential = NonNullable<BearerTokenAuthenticationPolicyOptions['credential']>;

/** A credential for requests to ARM. Without `tokenRefused` a refused request gets no second chance. */
export interface ArmCredential extends TokenCredential {
  /** Azure refused this token before its time. True when the next getToken gives another one. */
  tokenRefused?(scopes: string | string[], token: string): boolean;
}

/** About the tenant of the subscription: the next token would be of the same tenant as this one. */
const anotherTenant = 'InvalidAuthenticationTokenTenant';

/**
 * Sends a request that Azure refused for its token (401: nothing was done) once more with another one, where that can
 * be had. Belongs around the SDK's policy, which asks for a token each time and answers challenges that hold claims.
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
