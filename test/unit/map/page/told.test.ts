import { describe, expect, test } from 'vitest';
import { noChanges } from '../../../../src/map/page/draft-set.ts';
import { regionsOf } from '../../../../src/map/page/geography.ts';
import { type Mark, marksOfFleet, marksOfObject } from '../../../../src/map/page/marks.ts';
import { labelOf, spokenOf } from '../../../../src/map/page/told.ts';
import { mapObject, replica } from './objects.ts';

const now = new Date('2026-03-10T12:00:00Z');
const since = '2026-03-10T11:47:55Z';
const regions = regionsOf('AzurePublic', new Set());
const nodes = { westeurope: 3, norwayeast: 1 };
const object = mapObject('ns/a', [
  replica('westeurope', 'ready', { home: true, since }),
  replica('japaneast', 'syncing', { since }),
  replica('uksouth', 'routingOff', { since }),
]);
const until = '2026-03-10T13:59:30Z';
const drain = { until, reason: 'INC-4711', out: true } as const;
const drained = marksOfObject(
  mapObject('ns/drained', [
    replica('westeurope', 'drained', { home: true, since, drain }),
    replica('japaneast', 'ready', { drain: { ...drain, out: false } }),
    replica('uksouth', 'drained', { drain: { until, out: true } }),
    replica('eastus', 'drained', { drain: { ...drain, until: since } }),
    replica('norwayeast', 'syncing', { since, drain }),
    replica('westus3', 'ready', { drain: { ...drain, out: false, until: since } }),
  ]),
  noChanges,
  { regions, nodes: {} },
);
const draft = { add: new Set(['westus3']), remove: new Set(['uksouth']) };
const at = (marks: readonly Mark[], name: string): Mark => {
  const mark = marks.find(({ region }) => region.name === name);
  if (mark === undefined) throw new Error(name);
  return mark;
};
const marks = marksOfObject(object, noChanges, { regions, nodes });
const drafted = marksOfObject(object, draft, { regions, nodes });
const fleet = marksOfFleet([object, mapObject('ns/b', [replica('japaneast', 'failed')])], { regions, nodes });

const cases: readonly (readonly [string, Mark, readonly string[], string])[] = [
  ['home', at(marks, 'westeurope'), ['West Europe', '3 nodes'], 'West Europe: ready, home, 3 nodes of this cluster'],
  ['what passes', at(marks, 'japaneast'), ['Japan East', 'Syncing 12 min 05 s'], 'Japan East: syncing, for 12 minutes'],
  ['what stays', at(marks, 'uksouth'), ['UK South', 'Routing off'], 'UK South: routing off'],
  ['a free region', at(marks, 'eastus'), ['East US'], 'East US: could be had'],
  [
    'nodes alone',
    at(marks, 'norwayeast'),
    ['Norway East', '1 node'],
    'Norway East: could be had, 1 node of this cluster',
  ],
  ['what is added', at(drafted, 'westus3'), ['West US 3', 'To be added'], 'West US 3: could be had, to be added'],
  ['what is removed', at(drafted, 'uksouth'), ['UK South', 'To be removed'], 'UK South: routing off, to be removed'],
  [
    'home that is drained',
    at(drained, 'westeurope'),
    ['West Europe', 'Drained, 1 h 59 min left'],
    'West Europe: drained, 1 hour left, home',
  ],
  ['a drain that waits', at(drained, 'japaneast'), ['Japan East', 'Drain waits'], 'Japan East: ready, drain waits'],
  [
    'a drain that was taken back',
    at(drained, 'uksouth'),
    ['UK South', 'Drained, to be put back'],
    'UK South: drained, to be put back',
  ],
  [
    'a drain that is over',
    at(drained, 'eastus'),
    ['East US', 'Drained, to be put back'],
    'East US: drained, to be put back',
  ],
  [
    'what is drained and passes',
    at(drained, 'norwayeast'),
    ['Norway East', 'Syncing 12 min 05 s, drained, 1 h 59 min left'],
    'Norway East: syncing, drained, 1 hour left, for 12 minutes',
  ],
  ['a drain of the past', at(drained, 'westus3'), ['West US 3'], 'West US 3: ready'],
  ['a fleet', at(fleet, 'japaneast'), ['Japan East', '1 failed'], 'Japan East: 2 replicas, 1 failed, 1 syncing'],
];

describe('a mark in words', () => {
  for (const [what, mark, label, spoken] of cases)
    test(`tells of ${what}`, () => {
      expect(labelOf(mark, now)).toEqual(label);
      expect(spokenOf(mark, now)).toBe(spoken);
    });
});
