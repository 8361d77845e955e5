import { createHttpHeaders, createPipelineRequest, type HttpClient, type HttpMethods } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import {
  type INetworkModule,
  ManagedIdentityApplication,
  type NetworkRequestOptions,
  type NetworkResponse,
} from '@azure/msal-node';

/** Failures of the managed identity are recognized by this name. */
class ManagedIdentityError extends Error {
  override readonly name = 'ManagedIdentityError';
}

/**
 * The machine's own identity, or the assigned one with this client id. Each getToken asks the machine's endpoint,
 * which may have a cache of its own; the SDK's ManagedIdentityCredential keeps tokens for the whole process and knows
 * no way past them. The endpoint is on the machine, so no proxy is used.
 */
export function managedIdentity(clientId: string | undefined, httpClient: HttpClient): TokenCredential {
  const application = new ManagedIdentityApplication({
    ...(clientId === undefined ? {} : { managedIdentityIdParams: { userAssignedClientId: clientId } }),
    system: { disableInternalRetries: true, networkClient: networkOver(httpClient) },
  });
  return {
    async getToken(scopes, { claims } = {}) {
      const resource = [scopes].flat().join(' ');
      try {
        // Claims make the library pass its cache by, too, and tell the endpoint which token was revoked.
        const how = claims === undefined ? { forceRefresh: true } : { claims };
        const { accessToken, expiresOn, refreshOn } = await application.acquireToken({ resource, ...how });
        if (expiresOn === null) throw new Error('the token has no end');
        return {
          token: accessToken,
          expiresOnTimestamp: expiresOn.getTime(),
          ...(refreshOn === undefined ? {} : { refreshAfterTimestamp: refreshOn.getTime() }),
        };
      } catch (cause) {
        throw new ManagedIdentityError('no token from the managed identity', { cause });
      }
    },
  };
}

/** What the identity library sends its requests through: the SDK's HTTP client. */
function networkOver(httpClient: HttpClient): INetworkModule {
  async function sendThroughSdk<T>(
    method: HttpMethods,
    url: string,
    options: NetworkRequestOptions,
  ): Promise<NetworkResponse<T>> {
    const { headers = {}, body } = options;
    const request = createPipelineRequest({
      method,
      url,
      headers: createHttpHeaders(headers),
      allowInsecureConnection: true, // link-local or on the machine itself
      ...(body === undefined ? {} : { body }),
    });
    const response = await httpClient.sendRequest(request);
    const answer = JSON.parse(response.bodyAsText ?? '') as T;
    return { status: response.status, headers: response.headers.toJSON(), body: answer };
  }
  return {
    sendGetRequestAsync: (url, options = {}) => sendThroughSdk('GET', url, options),
    sendPostRequestAsync: (url, options = {}) => sendThroughSdk('POST', url, options),
  };
}
