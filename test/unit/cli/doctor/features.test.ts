import { describe, expect, test } from 'vitest';
import { featureChecks, featuresOf, type Places } from '../../../../src/cli/doctor/features.ts';
import { failing, warning } from '../../../../src/cli/doctor/finding.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { told } from './told.ts';

const ref = { subscriptionId: 'sub', resourceGroup: 'registries', name: 'contoso' };
const id = '/subscriptions/sub/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';
const places = (there: readonly string[], missing: readonly string[] = []): Places => ({
  there: there.map(regionOf),
  missing: missing.map(regionOf),
});

/** A registry as 2026-01-01-preview answers it, with these properties over what is off. */
const body = (properties: object = {}) => ({
  id,
  name: 'contoso',
  location: 'eastus',
  sku: { name: 'Premium' },
  properties: {
    loginServer: 'contoso-abc123.azurecr.io',
    policies: { softDeletePolicy: { status: 'disabled' }, trustPolicy: { status: 'disabled' } },
    dataEndpointEnabled: false,
    regionalEndpoints: 'Disabled',
    ...properties,
  },
});

describe('what a registry has switched on', () => {
  const check = (properties: object, at = places(['eastus', 'japaneast'], ['uksouth'])) =>
    featureChecks(featuresOf(body(properties)), ref, at);
  const policies = (soft: string, trust: string) => ({
    policies: { softDeletePolicy: { status: soft }, trustPolicy: { status: trust } },
  });

  test('is well where nothing excludes replicas', () => {
    expect(told(check({}))).toEqual(['ok: soft delete and content trust are off', 'ok: regional endpoints are off']);
  });

  test('soft delete excludes replicas, and does no harm to a registry that has none', () => {
    const cure = 'az acr config soft-delete update --registry contoso --subscription sub --status disabled';
    const soft = policies('enabled', 'disabled');
    expect(check(soft)[0]).toEqual(failing('soft delete is on: Azure gives such a registry no replicas', cure));
    expect(check(soft, places(['eastus']))[0]).toEqual(
      warning('soft delete is on: with it the registry cannot have replicas', cure),
    );
  });

  test('content trust excludes regional endpoints', () => {
    const cure = 'az acr config content-trust update --registry contoso --subscription sub --status disabled';
    const trust = policies('disabled', 'enabled');
    expect(check(trust)[0]).toEqual(
      warning('content trust is on: regional endpoints cannot be switched on beside it', cure),
    );
    expect(check({ ...trust, regionalEndpoints: 'Enabled' })[0]?.verdict).toBe('failing');
  });

  test('regional hosts have the first label of the login server, not the name of the registry', () => {
    expect(told(check({ regionalEndpoints: 'Enabled' }))[1]).toBe(
      'ok: regional endpoints are on: contoso-abc123.REGION.geo.azurecr.io, which no region stands in for when it fails',
    );
  });

  test('a data endpoint that is to come needs a firewall rule first', () => {
    const dataHosts = ['contoso-abc123.eastus.data.azurecr.io', 'contoso-abc123.japaneast.data.azurecr.io'];
    const on = { dataEndpointEnabled: true, dataEndpointHostNames: dataHosts };
    expect(check(on).at(-1)).toEqual(
      warning(
        'data endpoints to come, a firewall rule for each: contoso-abc123.uksouth.data.azurecr.io',
        'az acr show-endpoints --name contoso --resource-group registries --subscription sub',
      ),
    );
    expect(told(check(on, places(['eastus', 'japaneast']))).at(-1)).toBe(
      `ok: data endpoints, a firewall rule for each: ${dataHosts.join(', ')}`,
    );
  });

  test('of what the api-version does not have nothing is said', () => {
    const old = { policies: { trustPolicy: { status: 'disabled' } }, regionalEndpoints: undefined };
    expect(check(old)).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['no object', 'text'],
    ['properties of other types', { properties: { policies: 1, privateEndpointConnections: 'x' } }],
  ])('an answer with %s is no crash', (_, answer) => {
    expect(featuresOf(answer)).toMatchObject({ contentTrust: false, connections: [] });
  });
});
