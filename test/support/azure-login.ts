import type { Emulator } from '../sandbox/emulator/emulator.ts';

/** Environment variables with which the plugin signs in to an emulator. */
export function azureLogin(
  { url, caFile, credentials: { tenantId, clientId, clientSecret }, subscriptionId }: Emulator,
  secret = clientSecret,
): Readonly<Record<string, string>> {
  return {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: secret,
    AZURE_SUBSCRIPTION_ID: subscriptionId,
    AZURE_AUTHORITY_HOST: url,
    AZURE_RESOURCE_MANAGER_ENDPOINT: url,
    NODE_EXTRA_CA_CERTS: caFile,
  };
}
