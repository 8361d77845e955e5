import type { RegistryReplication } from '../../api/registryreplication.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The clouds as lists of regions name them, and where their registries are. */
const clouds = {
  AzurePublic: '.azurecr.io',
  AzureChinaCloud: '.azurecr.cn',
  AzureUSGovernment: '.azurecr.us',
} as const;

/** The cloud that the registries are in, or that the environment names. */
export function cloudAmong(objects: Iterable<RegistryReplication>, env: Environment): keyof typeof clouds {
  const names = Object.keys(clouds) as (keyof typeof clouds)[];
  for (const { status } of objects) {
    const server = status?.registry?.loginServer ?? '';
    const cloud = names.find((name) => server.endsWith(clouds[name]));
    if (cloud !== undefined) return cloud;
  }
  const named = env['AZURE_ENVIRONMENT']?.toLowerCase();
  return names.find((name) => name.toLowerCase() === named) ?? 'AzurePublic';
}
