import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';

/** The SDK's own HTTP client, believing one more CA: what NODE_EXTRA_CA_CERTS does for a process of its own. */
export function trusting(ca: string): HttpClient {
  const httpClient = createDefaultHttpClient();
  const tlsSettings = { ca }; // one object: the SDK keeps one pool of connections for each
  return {
    sendRequest(request) {
      if (request.url.startsWith('https:')) request.tlsSettings = tlsSettings;
      return httpClient.sendRequest(request);
    },
  };
}
