import { describe, expect, test } from 'vitest';
import { type Fleet, nothingYet } from '../../../../src/map/page/fleet.ts';
import { newsOf } from '../../../../src/map/page/news.ts';
import type { MapObject, State } from '../../../../src/map/wire.ts';
import { mapObject, replica } from './objects.ts';

const fleetOf = (...objects: MapObject[]): Fleet => ({
  ...nothingYet,
  link: 'open',
  synced: true,
  objects: new Map(objects.map((object) => [object.key, object])),
});
const one = (state: State, key = 'ns/a') => mapObject(key, [replica('japaneast', state), replica('uksouth')]);
const label = (region: string): string => ({ japaneast: 'Japan East', uksouth: 'UK South' })[region] ?? region;

describe('what is read aloud', () => {
  test('of the chosen object is each region that became another', () => {
    expect(newsOf(fleetOf(one('creating')), fleetOf(one('syncing')), 'ns/a', label)).toEqual(['Japan East: Syncing.']);
  });

  test('of other objects is nothing while one is chosen', () => {
    const before = fleetOf(one('ready'), one('ready', 'ns/b'));
    expect(newsOf(before, fleetOf(one('ready'), one('failed', 'ns/b')), 'ns/a', label)).toEqual([]);
  });

  test('of the fleet is each object whose worst state became another', () => {
    expect(newsOf(fleetOf(one('ready')), fleetOf(one('failed')), undefined, label)).toEqual(['ns/a: Failed.']);
    const moved = mapObject('ns/a', [replica('japaneast'), replica('uksouth'), replica('eastus')]);
    expect(newsOf(fleetOf(one('ready')), fleetOf(moved), undefined, label)).toEqual([]);
  });

  test('is never more than three, and how many more', () => {
    const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => `ns/${name}`);
    const [before, now] = (['ready', 'failed'] as const).map((state) => fleetOf(...keys.map((key) => one(state, key))));
    expect(newsOf(before ?? nothingYet, now ?? nothingYet, undefined, label)).toEqual([
      'ns/a: Failed.',
      'ns/b: Failed.',
      'ns/c: Failed.',
      'And 2 more.',
    ]);
  });

  test('is nothing while the first objects arrive', () => {
    expect(newsOf({ ...nothingYet, link: 'open' }, fleetOf(one('failed')), undefined, label)).toEqual([]);
  });

  test('is that the connection is lost, and that it is back', () => {
    const open = fleetOf(one('ready'));
    const lost: Fleet = { ...open, link: 'lost' };
    expect(newsOf(open, lost, undefined, label)).toEqual(['Connection lost. Trying again.']);
    expect(newsOf(lost, open, undefined, label)).toEqual(['Connected again.']);
    expect(newsOf(nothingYet, { ...nothingYet, link: 'open' }, undefined, label)).toEqual([]);
  });

  test('is that a replica, or the object, is no more', () => {
    const less = mapObject('ns/a', [replica('uksouth')]);
    expect(newsOf(fleetOf(one('deleting')), fleetOf(less), 'ns/a', label)).toEqual([
      'Japan East: no replica any more.',
    ]);
    expect(newsOf(fleetOf(one('deleting')), fleetOf(), 'ns/a', label)).toEqual(['ns/a is no more.']);
  });
});
