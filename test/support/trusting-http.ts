import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { createHttpClient } from '../../src/azure/wire/http.ts';

/**
 * The HTTP client that the program has, believing one more CA: what NODE_EXTRA_CA_CERTS does for a process of its own. The
 * endpoint for managed identities, which has no TLS, is asked by the SDK's own.
 */
export function trusting(ca: string): HttpClient {
  const [overTls, plain] = [createHttpClient({ ca }), createDefaultHttpClient()];
  return { sendRequest: (request) => (request.url.startsWith('https:') ? overTls : plain).sendRequest(request) };
}
