import { type Dispatcher, request } from 'undici';
import type { Emulator } from './emulator.ts';

const timeoutMs = 10_000;

/** A token for ARM, which the emulator's first app gets with its client secret, as any program does. */
export async function signIn(
  { url, credentials }: Pick<Emulator, 'url' | 'credentials'>,
  dispatcher: Dispatcher,
): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    scope: `${url}/.default`,
  });
  const { statusCode, body } = await request(`${url}/${credentials.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: form.toString(),
    dispatcher,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`no token: ${statusCode} ${text}`);
  return (JSON.parse(text) as { readonly access_token: string }).access_token;
}
