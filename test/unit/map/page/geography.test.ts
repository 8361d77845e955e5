import { describe, expect, test } from 'vitest';
import { continents, regionsOf } from '../../../../src/map/page/geography.ts';
import { plane, regionTable } from '../../../../src/map/page/world.generated.ts';

const none = new Set<string>();

describe('the regions of a cloud', () => {
  test('are those of the cloud alone', () => {
    expect([...regionsOf('AzureChinaCloud', none).keys()]).toEqual([
      'chinaeast',
      'chinaeast2',
      'chinaeast3',
      'chinanorth',
      'chinanorth2',
      'chinanorth3',
    ]);
    expect(regionsOf('AzureUSGovernment', none).size).toBe(5);
  });

  test('have canaries only where they are used', () => {
    expect(regionsOf('AzurePublic', none).has('eastus2euap')).toBe(false);
    expect(regionsOf('AzurePublic', new Set(['eastus2euap'])).has('eastus2euap')).toBe(true);
  });

  test('are read continent by continent', () => {
    const read = [...regionsOf('AzurePublic', none).values()];
    expect([...new Set(read.map(({ continent }) => continent))]).toEqual(continents.slice(0, 4));
    expect(read[0]?.label).toBe('Brazil South');
  });

  test('all have a continent and a place on the plane', () => {
    const all = ['AzurePublic', 'AzureChinaCloud', 'AzureUSGovernment'].flatMap((cloud) => [
      ...regionsOf(cloud, new Set(['eastus2euap', 'centraluseuap'])).values(),
    ]);
    expect(new Set(all.map(({ name }) => name)).size).toBe(regionTable.length);
    for (const { name, at, continent } of all) {
      expect(continent, name).not.toBe('Elsewhere');
      expect(at?.x, name).toBeGreaterThan(0);
      expect(at?.x, name).toBeLessThan(plane.width);
      expect(at?.y, name).toBeLessThan(plane.height);
    }
  });
});
