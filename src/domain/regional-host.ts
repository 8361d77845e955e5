import type { Region } from './region.ts';
import type { Registry } from './replication.ts';

/** A login server of Azure's three clouds. Its first label is the registry's name, or with a domain name label more than that. */
const loginServerPattern = /^([a-z0-9-]+)\.(azurecr\.(?:io|cn|us))$/;

/**
 * The host that serves a registry from one region only, where the registry has regional endpoints; undefined for a
 * login server of another kind.
 * https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
 */
export function regionalHost({ loginServer }: Pick<Registry, 'loginServer'>, region: Region): string | undefined {
  const [, label, domain] = loginServerPattern.exec(loginServer) ?? [];
  if (label === undefined || !/^[a-z0-9]+$/.test(region)) return undefined;
  return `${label}.${region}.geo.${domain}`;
}
