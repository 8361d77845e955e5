import { createHttpHeaders, createPipelineRequest, type HttpClient, type HttpMethods } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import {
  type INetworkModule,
  ManagedIdentityApplication,
  type NetworkRequestOptions,
  type NetworkResponse,
} from '@azure/msal-node';

/** Known by its name where failures are explained. */
class ManagedIdentityError extends Error {
  override readonly name = 'ManagedIdentityError';
}

/**
 * The machine's identity, or one that was assigned to it. Asks the machine's endpoint at each getToken: unlike the
 * SDK's ManagedIdentityCredential, which keeps tokens for the whole process and knows no way past them. The endpoint
 * may keep them, too. Never uses a proxy: the endpoint is the machine's own.
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
        // With claims the library passes its cache by, too, and tells the endpoint which token was revoked.
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
