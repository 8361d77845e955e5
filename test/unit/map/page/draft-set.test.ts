import { describe, expect, test } from 'vitest';
import {
  type Changes,
  isEmpty,
  isWanted,
  noChanges,
  pruned,
  regionsWith,
  toggled,
  without,
} from '../../../../src/map/page/draft-set.ts';
import { mapObject, replica } from './objects.ts';

const object = mapObject('ns/a', [
  replica('westeurope', 'ready', { home: true, wanted: false }),
  replica('uksouth'),
  replica('japaneast'),
  replica('eastasia', 'unlisted', { wanted: false }),
]);
const after = (...regions: string[]): Changes =>
  regions.reduce((changes, one) => toggled(object, changes, one), noChanges);

describe('a draft', () => {
  test('adds what the set does not have, and removes what it has', () => {
    expect(regionsWith(object, after('westus3', 'uksouth'))).toEqual(['japaneast', 'westus3']);
  });

  test('adds a replica that Azure has and the set does not list', () => {
    expect(regionsWith(object, after('eastasia'))).toEqual(['eastasia', 'japaneast', 'uksouth']);
  });

  test('is empty again when each change is taken back', () => {
    expect(isEmpty(after('westus3', 'uksouth', 'westus3', 'uksouth'))).toBe(true);
  });

  test('never touches home', () => {
    expect(after('westeurope')).toBe(noChanges);
  });

  test('keeps home in the set where the manifest lists it', () => {
    const listed = mapObject('ns/a', [replica('westeurope', 'ready', { home: true }), replica('uksouth')]);
    expect(regionsWith(listed, toggled(listed, noChanges, 'uksouth'))).toEqual(['westeurope']);
  });

  test('tells whether a region will be in the set', () => {
    const changes = after('westus3', 'uksouth');
    expect(['westus3', 'uksouth', 'japaneast', 'eastasia'].map((one) => isWanted(object, changes, one))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test('loses what the object has become by itself', () => {
    const applied = mapObject('ns/a', [replica('japaneast'), replica('westus3', 'creating')]);
    expect(pruned(applied, after('westus3', 'uksouth'))).toEqual(noChanges);
  });

  test('loses what was applied, and keeps what was drafted meanwhile', () => {
    const made = after('westus3', 'uksouth');
    expect(without(made, made)).toEqual(noChanges);
    expect(without(after('westus3', 'uksouth', 'brazilsouth', 'japaneast'), made)).toEqual({
      add: new Set(['brazilsouth']),
      remove: new Set(['japaneast']),
    });
  });

  test('outlives edits of others', () => {
    const edited = mapObject('ns/a', [...object.replicas, replica('brazilsouth')]);
    const changes = after('westus3', 'uksouth');
    expect(pruned(edited, changes)).toBe(changes);
    expect(regionsWith(edited, changes)).toEqual(['brazilsouth', 'japaneast', 'westus3']);
  });
});
