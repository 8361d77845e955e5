import { expect, test } from 'vitest';
import { rememberedAzure } from '../../../../src/cli/plan/remembered.ts';
import { memoryOf } from '../../../../src/domain/memory.ts';
import { regionOf } from '../../../../src/domain/region.ts';
import { ownerTags } from '../../../../src/domain/replication.ts';
import { entry, resource } from '../../../support/builders.ts';

const owner = 'test/platform/contoso';
const registry = { id: '/subscriptions/s/…', loginServer: 'contoso.azurecr.io', homeRegion: 'eastus', sku: 'Premium' };
const object = resource(['japaneast', 'uksouth'], {
  spec: { tags: { team: 'platform' }, regions: [{ location: 'Japan East' }, { location: 'uksouth' }] },
  status: {
    owner,
    registry,
    plan: ['~uksouth routing tags', '+westus2'],
    replicas: [
      entry('japaneast', { routing: 'Disabled' }),
      entry('uksouth', { managed: 'Adopted' }),
      { location: 'westus2' },
    ],
  },
});

test('status tells what Azure had; tags are those that were asked for, unless they are known to differ', () => {
  const actual = rememberedAzure(object, memoryOf(object));
  expect([...(actual?.replicas.keys() ?? [])]).toEqual(['japaneast', 'uksouth']);
  expect(actual?.replicas.get(regionOf('japaneast'))).toMatchObject({
    routing: 'Disabled',
    status: 'Ready',
    tags: { team: 'platform', ...ownerTags(owner) },
  });
  expect(actual?.replicas.get(regionOf('uksouth'))?.tags).toEqual({});
});

test('an object that nobody has looked at tells nothing', () => {
  const fresh = resource(['japaneast']);
  expect(rememberedAzure(fresh, memoryOf(fresh))).toBeUndefined();
});
