import type { Region } from '../../domain/region.ts';
import type { RegistryRef } from '../../domain/replication.ts';
import { type Check, failing, warning, well } from './finding.ts';

/** What a registry has switched on, as far as it matters to replicas. */
export interface Features {
  readonly loginServer: string;
  /** Undefined: the api-version in which Azure answered does not have it. */
  readonly softDelete: boolean | undefined;
  readonly contentTrust: boolean;
  /** The hosts of dedicated data endpoints; undefined: they are off. */
  readonly dataHosts: readonly string[] | undefined;
  /** Undefined: the api-version in which Azure answered does not have it. */
  readonly regionalEndpoints: boolean | undefined;
  readonly connections: readonly Connection[];
}

/** A registry's side of a private endpoint. */
export interface Connection {
  readonly id: string;
  readonly endpointId: string;
  /** The name of the endpoint. */
  readonly name: string;
  /** Approved, Pending, Rejected or Disconnected. */
  readonly status: string;
}

/** Where a registry has data, and where its object wants it. */
export interface Places {
  /** The home region is among them. */
  readonly there: readonly Region[];
  /** Wanted, and not there yet. */
  readonly missing: readonly Region[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Of the body of a registry. The newest of it is in 2026-01-01-preview and later previews only. */
export function featuresOf(body: unknown): Features {
  const properties = fields(fields(body)['properties']);
  const policies = fields(properties['policies']);
  const isOn = (policy: unknown): boolean => /^enabled$/i.test(text(fields(policy)['status']));
  const { softDeletePolicy, trustPolicy } = policies;
  const { regionalEndpoints, dataEndpointEnabled, dataEndpointHostNames, privateEndpointConnections } = properties;
  return {
    loginServer: text(properties['loginServer']),
    softDelete: softDeletePolicy === undefined ? undefined : isOn(softDeletePolicy),
    contentTrust: isOn(trustPolicy),
    dataHosts: dataEndpointEnabled === true ? list(dataEndpointHostNames).map(text) : undefined,
    regionalEndpoints: regionalEndpoints === undefined ? undefined : /^enabled$/i.test(text(regionalEndpoints)),
    connections: list(privateEndpointConnections).flatMap((connection) => {
      const { id, properties: inner } = fields(connection);
      const { privateEndpoint, privateLinkServiceConnectionState: state } = fields(inner);
      const endpointId = text(fields(privateEndpoint)['id']);
      if (endpointId === '') return [];
      const name = endpointId.split('/').at(-1) ?? '';
      return [{ id: text(id), endpointId, name, status: text(fields(state)['status']) }];
    }),
  };
}

/**
 * What of it stands in the way of replicas. Soft delete excludes them (Azure/acr#813), content trust excludes regional
 * endpoints (azure-cli, acr/custom.py), and each region with a data endpoint is another host for firewalls:
 * https://learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints
 */
export function featureChecks(features: Features, ref: RegistryRef, { there, missing }: Places): readonly Check[] {
  const { softDelete, contentTrust, regionalEndpoints, dataHosts, loginServer } = features;
  const registry = `--registry ${ref.name} --subscription ${ref.subscriptionId}`;
  const checks: Check[] = [];
  if (softDelete === true) {
    const cure = `az acr config soft-delete update ${registry} --status disabled`;
    const hasReplicas = there.length > 1 || missing.length > 0;
    checks.push(
      hasReplicas
        ? failing('soft delete is on: Azure gives such a registry no replicas', cure)
        : warning('soft delete is on: with it the registry cannot have replicas', cure),
    );
  }
  if (contentTrust) {
    const cure = `az acr config content-trust update ${registry} --status disabled`;
    checks.push(
      regionalEndpoints === true
        ? failing('content trust is on, and does not work with the regional endpoints that are on', cure)
        : warning('content trust is on: regional endpoints cannot be switched on beside it', cure),
    );
  }
  if (softDelete === false && !contentTrust) checks.push(well('soft delete and content trust are off'));
  const [label = '', ...domain] = loginServer.split('.');
  const hostOf = (kind: string, region: string) => [label, region, kind, ...domain].join('.');
  if (regionalEndpoints !== undefined) {
    const on = `regional endpoints are on: ${hostOf('geo', 'REGION')}, which no region stands in for when it fails`;
    checks.push(well(regionalEndpoints ? on : 'regional endpoints are off'));
  }
  if (dataHosts === undefined) return checks;
  const coming = missing.map((region) => hostOf('data', region)).filter((host) => !dataHosts.includes(host));
  if (coming.length === 0)
    return [...checks, well(`data endpoints, a firewall rule for each: ${dataHosts.join(', ')}`)];
  const cure = `az acr show-endpoints --name ${ref.name} --resource-group ${ref.resourceGroup} --subscription ${ref.subscriptionId}`;
  return [...checks, warning(`data endpoints to come, a firewall rule for each: ${coming.join(', ')}`, cure)];
}

export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
