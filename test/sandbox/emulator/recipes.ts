import type { Emulator } from './emulator.ts';

/** What the program says when it is up: where everything is, and how to go on. docs/emulator.md says more. */
export function recipes({
  url,
  caFile,
  identityUrl,
  identityHeader,
  imdsUrl,
  credentials: { tenantId, clientId, clientSecret },
  subscriptionId,
}: Emulator): string {
  return `Emulated Azure is up: container registries and their geo-replications.

  endpoint         ${url}
  CA certificate   ${caFile}
  tenant           ${tenantId}
  subscription     ${subscriptionId}
  client id        ${clientId}
  client secret    ${clientSecret}
  managed identity IDENTITY_ENDPOINT=${identityUrl} IDENTITY_HEADER=${identityHeader}
                   or AZURE_POD_IDENTITY_AUTHORITY_HOST=${imdsUrl}

With curl:
  TOKEN=$(curl -s --cacert ${caFile} -d grant_type=client_credentials -d client_id=${clientId} \\
    -d client_secret=${clientSecret} -d scope=${url}/.default ${url}/${tenantId}/oauth2/v2.0/token \\
    | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl --cacert ${caFile} -H "Authorization: Bearer $TOKEN" \\
    '${url}/subscriptions/${subscriptionId}/providers/Microsoft.ContainerRegistry/registries?api-version=2025-11-01'

With the Azure CLI, in a folder of its own, so that your own sign-in stays as it is:
  export AZURE_CONFIG_DIR=$(mktemp -d) REQUESTS_CA_BUNDLE=${caFile} AZURE_CORE_INSTANCE_DISCOVERY=false
  az cloud register --name Emulated --endpoint-resource-manager ${url} && az cloud set --name Emulated
  az login --service-principal --tenant ${tenantId} --username ${clientId} --password ${clientSecret}
And back to Azure, in the same shell:
  rm -r "$AZURE_CONFIG_DIR" && unset AZURE_CONFIG_DIR REQUESTS_CA_BUNDLE AZURE_CORE_INSTANCE_DISCOVERY

Something going wrong, here the next three writes:
  curl --cacert ${caFile} -d '{"times":3,"match":{"verb":"PUT"},"effect":{"kind":"throttle","retryAfterSeconds":5}}' \\
    ${url}/_emulator/addFault

With the operator, beside its KUBECONFIG:
  export NODE_EXTRA_CA_CERTS=${caFile} AZURE_RESOURCE_MANAGER_ENDPOINT=${url} AZURE_AUTHORITY_HOST=${url} \\
    AZURE_SUBSCRIPTION_ID=${subscriptionId} AZURE_TENANT_ID=${tenantId} \\
    AZURE_CLIENT_ID=${clientId} AZURE_CLIENT_SECRET=${clientSecret}

Ctrl-C stops it.
`;
}
