import { describe, expect, test } from 'vitest';
import { noChanges } from '../../../../src/map/page/draft-set.ts';
import { regionsOf } from '../../../../src/map/page/geography.ts';
import { marksOfFleet, marksOfObject, rankOf, tableOrder, usedRegions } from '../../../../src/map/page/marks.ts';
import { mapObject, replica } from './objects.ts';

const a = mapObject('ns/a', [replica('westeurope', 'ready', { home: true }), replica('japaneast', 'syncing')]);
const b = mapObject('ns/b', [replica('westeurope'), replica('japaneast', 'failed'), replica('atlantis', 'creating')]);
const nodes = { norwayeast: 2, westeurope: 5 };
const regions = regionsOf('AzurePublic', usedRegions([a, b], nodes));
const names = (marks: readonly { readonly region: { readonly name: string } }[]) =>
  marks.map(({ region }) => region.name);

describe('the marks of the fleet', () => {
  const marks = marksOfFleet([a, b], { regions, nodes });
  const at = (name: string) => marks.find(({ region }) => region.name === name);

  test('count the replicas of a region by their states, the worst first', () => {
    expect(at('japaneast')).toMatchObject({ kind: 'fleet', state: 'failed', count: 2 });
    expect([...(at('japaneast')?.counts ?? [])]).toEqual([
      ['failed', 1],
      ['syncing', 1],
    ]);
  });

  test('tell of every region of the cloud, and where the nodes are', () => {
    expect(marks.length).toBeGreaterThan(55);
    expect(at('norwayeast')).toMatchObject({ kind: 'free', nodes: 2, count: 0 });
  });

  test('tell of a region that the world does not know, without a place', () => {
    expect(at('atlantis')?.region).toMatchObject({ label: 'atlantis', continent: 'Elsewhere' });
    expect(at('atlantis')?.region).not.toHaveProperty('at');
  });

  test('come into the table the worst first', () => {
    expect(names(tableOrder(marks))).toEqual(['japaneast', 'atlantis', 'westeurope']);
  });
});

describe('the marks of one object', () => {
  test('are its replicas, and regions that could be had', () => {
    const marks = marksOfObject(a, noChanges, { regions, nodes });
    expect(names(marks.filter(({ kind }) => kind === 'replica'))).toEqual(['westeurope', 'japaneast']);
    expect(marks.find(({ home }) => home)?.region.label).toBe('West Europe');
  });

  test('tell what the draft makes of them; what it adds comes first in the table', () => {
    const draft = { add: new Set(['uksouth']), remove: new Set(['japaneast']) };
    const table = tableOrder(marksOfObject(a, draft, { regions, nodes }));
    expect(table.map(({ region, draft }) => [region.name, draft])).toEqual([
      ['uksouth', 'add'],
      ['japaneast', 'remove'],
      ['westeurope', undefined],
    ]);
  });
});

test('no state is better than ready', () => {
  expect(rankOf('failed')).toBe(0);
  expect(rankOf('ready')).toBeGreaterThan(rankOf('routingOff'));
  expect(rankOf(undefined)).toBeGreaterThan(rankOf('ready'));
});
