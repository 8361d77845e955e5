import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, addressOf, hashOf } from '../../../../src/map/page/address.ts';

describe("the page's address", () => {
  test('is empty for the whole world', () => {
    expect(hashOf({})).toBe('');
    expect(addressOf('')).toEqual({});
  });

  test('names object, region and view', () => {
    const address: Address = {
      object: 'platform/contoso',
      region: 'japaneast',
      view: { x: 825.2, y: 114.5, zoom: 2.5 },
    };
    expect(hashOf(address)).toBe('#object=platform/contoso&region=japaneast&view=825.2,114.5,2.50');
    expect(addressOf(hashOf(address))).toEqual(address);
  });

  test('leaves out what makes no sense', () => {
    expect(addressOf('#object=<b>&region=Japan East&view=1,2&x')).toEqual({});
    expect(addressOf('#object=a/b&view=1,2,zoom')).toEqual({ object: 'a/b' });
  });

  test('can be anything without harm', () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        expect(addressOf(hashOf(addressOf(hash)))).toEqual(addressOf(hash));
      }),
    );
  });
});
