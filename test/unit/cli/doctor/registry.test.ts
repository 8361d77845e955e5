import { describe, expect, test } from 'vitest';
import { type Places } from '../../../../src/cli/doctor/features.ts';
import { placesOf, seenRegistry } from '../../../../src/cli/doctor/registry.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { actual, replica } from '../../../support/builders.ts';

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

describe('a registry on the wire', () => {
  const entry = {
    name: 'japaneast',
    location: 'Japan East',
    tags: { a: 'b' },
    systemData: { createdBy: 'someone', createdAt: later() },
    properties: { provisioningState: 'Succeeded' },
  };
  function later() {
    return '2026-06-02T00:00:00Z';
  }

  test('is read with its replicas and who made them', () => {
    const seen = seenRegistry(body(), [entry]);
    expect(seen?.actual.registry).toEqual({
      id,
      home: 'eastus',
      sku: 'Premium',
      loginServer: 'contoso-abc123.azurecr.io',
    });
    expect([...(seen?.actual.replicas.keys() ?? [])]).toEqual(['japaneast']);
    expect(seen?.making.get(regionOf('japaneast'))).toEqual({ by: 'someone', at: later() });
  });

  test('is not believed when a part of it makes no sense', () => {
    expect(seenRegistry({ ...body(), location: '' }, [])).toBeUndefined();
    expect(seenRegistry(body(), [{ ...entry, location: undefined }])).toBeUndefined();
  });

  test('has its home among its places', () => {
    expect(placesOf(actual(replica('japaneast')), ['Japan East', 'UK South', 'eastus'])).toEqual(
      places(['eastus', 'japaneast'], ['uksouth']),
    );
  });
});
