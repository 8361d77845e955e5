/** The addresses of a cloud's management API and of its token issuer. */
export interface Cloud {
  /** URL of Azure Resource Manager, without a slash at the end. */
  readonly resourceManagerEndpoint: string;
  /** URL of Microsoft Entra, without a slash at the end. */
  readonly authorityHost: string;
  /** Scope of the tokens for Azure Resource Manager, with a single slash before .default. */
  readonly tokenScope: string;
}

/** The cloud at two addresses, such as an Azure Stack or an emulator. Slashes at the end are taken off. */
export function cloudAt(resourceManagerEndpoint: string, authorityHost: string): Cloud {
  const endpoint = withoutSlash(resourceManagerEndpoint);
  return {
    resourceManagerEndpoint: endpoint,
    authorityHost: withoutSlash(authorityHost),
    tokenScope: `${endpoint}/.default`,
  };
}

/** The public clouds. */
export const clouds = {
  AzurePublicCloud: cloudAt('https://management.azure.com', 'https://login.microsoftonline.com'),
  AzureChinaCloud: cloudAt('https://management.chinacloudapi.cn', 'https://login.chinacloudapi.cn'),
  AzureUSGovernment: cloudAt('https://management.usgovcloudapi.net', 'https://login.microsoftonline.us'),
} as const satisfies Record<string, Cloud>;

const byName: Readonly<Record<string, Cloud>> = {
  azurepubliccloud: clouds.AzurePublicCloud,
  azurechinacloud: clouds.AzureChinaCloud,
  azureusgovernmentcloud: clouds.AzureUSGovernment,
  azureusgovernment: clouds.AzureUSGovernment,
  azurecloud: clouds.AzurePublicCloud,
};

/** The names that AZURE_ENVIRONMENT can have, of several for one cloud the first, in words. */
export const cloudNames = 'AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud';

/** The cloud that AZURE_ENVIRONMENT names; undefined when there is none of that name. Case does not matter. */
export function cloudNamed(name: string): Cloud | undefined {
  return byName[name.toLowerCase()];
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
