import { describe, expect, test } from 'vitest';
import type { ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { type Drainage, drainageOf } from '../../../src/domain/drains.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Desired, Drain, Replica, Wish } from '../../../src/domain/replication.ts';
import { stamp } from '../../../src/domain/stamp.ts';
import { actual, desired, entry, minutesAfter, noon, replica, situation } from '../../support/builders.ts';

const set = ['japaneast', 'westeurope'];
const all = ['eastus', ...set];
const dayMinutes = 24 * 60;

function drain(region: string, minutes: number): Drain {
  return { region: regionOf(region), until: minutesAfter(minutes), reason: 'drill' };
}

/** On record: drained until so many minutes after noon. */
function drained(region: string, minutes: number, changes: Partial<ReplicaStatus> = {}): ReplicaStatus {
  const record = { until: stamp(minutesAfter(minutes)), before: 'Enabled' } as const;
  return entry(region, { routing: 'Disabled', drained: record, ...changes });
}

const out = (region: string, changes: Partial<Replica> = {}) => replica(region, { routing: 'Disabled', ...changes });

interface Case {
  readonly name: string;
  readonly drains: readonly Drain[];
  /** Of home and the set, all in routing where nothing else is said. */
  readonly have?: readonly Replica[];
  readonly remembered?: readonly ReplicaStatus[];
  readonly stated?: Readonly<Record<string, Partial<Wish>>>;
  readonly deleting?: true;
  readonly readyWhen?: Desired['readyWhen'];
  readonly then: readonly string[];
}

function wanting({ drains, stated = {}, readyWhen = 'Synced' }: Case): Desired {
  const base = desired(set);
  const wishes = [...base.wishes].map(([region, wish]) => [region, { ...wish, ...stated[region] }] as const);
  return { ...base, drains, readyWhen, wishes: new Map(wishes) };
}

function drainageIn(given: Case): Drainage {
  const { memory } = situation(set, [], { remembered: given.remembered ?? [] });
  const have = new Map(
    [...all.map((region) => replica(region)), ...(given.have ?? [])].map((one) => [one.region, one]),
  );
  const sight = { desired: wanting(given), actual: actual(...have.values()) };
  return drainageOf({ ...sight, memory, deleting: given.deleting === true, now: noon });
}

/** Each region of which drains make something, and what. */
function told({ courses, waiting }: Drainage): readonly string[] {
  const minutes = (until: Date) => (until.getTime() - noon.getTime()) / 60_000;
  return [
    ...[...courses].map(([region, course]) => {
      const before = course.kind === 'begin' ? '' : ` before ${course.before}`;
      return `${region} ${course.kind} ${minutes(course.until)}${before}`;
    }),
    ...[...waiting].map(([region, why]) => `${region} waits ${why}`),
  ].toSorted();
}

const cases: readonly Case[] = [
  { name: 'begins with a note of what routing is', drains: [drain('japaneast', 60)], then: ['japaneast begin 60'] },
  {
    name: 'goes on once that is on record',
    drains: [drain('japaneast', 60)],
    remembered: [drained('japaneast', 60)],
    then: ['japaneast drained 60 before Enabled'],
  },
  {
    name: 'follows its until as that is edited',
    drains: [drain('japaneast', 90)],
    remembered: [drained('japaneast', 60)],
    then: ['japaneast drained 90 before Enabled'],
  },
  { name: 'is over at its until', drains: [drain('japaneast', 0)], then: [] },
  {
    name: 'ends at its until',
    drains: [drain('japaneast', 0)],
    remembered: [drained('japaneast', 0)],
    then: ['japaneast end 0 before Enabled'],
  },
  {
    name: 'ends when its entry is gone',
    drains: [],
    remembered: [drained('japaneast', 60)],
    then: ['japaneast end 0 before Enabled'],
  },
  {
    name: 'ends when its object is deleted',
    drains: [drain('eastus', 60)],
    remembered: [drained('eastus', 60)],
    deleting: true,
    then: ['eastus end 0 before Enabled'],
  },
  {
    name: 'ends when its region has left the set',
    drains: [drain('uksouth', 60)],
    remembered: [drained('uksouth', 60)],
    then: ['uksouth end 0 before Enabled', 'uksouth waits elsewhere'],
  },
  { name: 'takes home, which the spec need not list', drains: [drain('eastus', 60)], then: ['eastus begin 60'] },
  {
    name: 'begins 30 days before its end at the earliest',
    drains: [drain('japaneast', 30 * dayMinutes), drain('westeurope', 30 * dayMinutes + 1)],
    then: [`japaneast begin ${30 * dayMinutes}`, 'westeurope waits far'],
  },
  {
    name: 'keeps its end when the new one is further away',
    drains: [drain('japaneast', 31 * dayMinutes)],
    remembered: [drained('japaneast', 60)],
    then: ['japaneast drained 60 before Enabled'],
  },
  {
    name: 'waits while it would leave none in routing',
    drains: [drain('japaneast', 60)],
    have: [out('eastus'), out('westeurope')],
    then: ['japaneast waits last'],
  },
  {
    name: 'waits while the only other one does not serve',
    drains: [drain('japaneast', 60)],
    have: [out('eastus'), replica('westeurope', { state: 'Failed' })],
    then: ['japaneast waits last'],
  },
  {
    name: 'waits while the only other one has not got its images yet',
    drains: [drain('japaneast', 60)],
    have: [out('eastus'), replica('westeurope', { status: 'Syncing' })],
    then: ['japaneast waits last'],
  },
  {
    name: 'does not wait for images where spec.readyWhen does not',
    drains: [drain('japaneast', 60)],
    have: [out('eastus'), replica('westeurope', { status: 'Syncing' })],
    readyWhen: 'Provisioned',
    then: ['japaneast begin 60'],
  },
  {
    name: 'does not wait for home, which has all images, to be called Ready',
    drains: [drain('japaneast', 60)],
    have: [replica('eastus', { status: 'Syncing' }), out('westeurope')],
    then: ['japaneast begin 60'],
  },
  {
    name: 'waits while the only other one is to be put back itself',
    drains: [drain('japaneast', 60)],
    have: [out('eastus'), out('westeurope')],
    remembered: [drained('westeurope', 0)],
    then: ['japaneast waits last', 'westeurope end 0 before Enabled'],
  },
  {
    name: 'waits while the only other one is to be out as the spec states',
    drains: [drain('japaneast', 60)],
    have: [out('eastus')],
    stated: { westeurope: { routing: 'Disabled' } },
    then: ['japaneast waits last'],
  },
  {
    name: 'of what is out already takes nothing from the others',
    drains: [drain('eastus', 60), drain('japaneast', 60)],
    have: [out('eastus')],
    then: ['eastus begin 60', 'japaneast begin 60'],
  },
  {
    name: 'of several at once is that with the oldest end',
    drains: [drain('eastus', 20), drain('japaneast', 30), drain('westeurope', 10)],
    then: ['eastus begin 20', 'japaneast waits last', 'westeurope begin 10'],
  },
  {
    name: 'of several with one end is the first by name',
    drains: [drain('westeurope', 10), drain('japaneast', 10), drain('eastus', 10)],
    then: ['eastus begin 10', 'japaneast begin 10', 'westeurope waits last'],
  },
  {
    name: 'that has begun goes before an older one',
    drains: [drain('eastus', 20), drain('japaneast', 30), drain('westeurope', 10)],
    have: [out('japaneast')],
    remembered: [drained('japaneast', 30)],
    then: ['eastus waits last', 'japaneast drained 30 before Enabled', 'westeurope begin 10'],
  },
  {
    name: 'yields when the spec states all others to be out',
    drains: [drain('japaneast', 60)],
    have: [out('eastus'), out('japaneast')],
    stated: { westeurope: { routing: 'Disabled' } },
    remembered: [drained('japaneast', 60)],
    then: ['japaneast end 0 before Enabled', 'japaneast waits last'],
  },
  {
    name: 'does not yield to a replica that failed',
    drains: [drain('japaneast', 60)],
    have: [out('eastus'), out('japaneast'), replica('westeurope', { state: 'Failed' })],
    remembered: [drained('japaneast', 60)],
    then: ['japaneast drained 60 before Enabled'],
  },
];

describe('a drain', () => {
  for (const given of cases) test(given.name, () => expect(told(drainageIn(given))).toEqual(given.then));
});

describe('of the regions that are to stay in routing', () => {
  test('those count that serve and are in it by the list, and no replica outside the set', () => {
    const have = [replica('westeurope', { state: 'Failed' }), replica('uksouth')];
    const { staying } = drainageIn({ name: '', drains: [drain('japaneast', 60)], have, then: [] });
    expect(staying?.map(({ region }) => region)).toEqual(['eastus']);
  });

  test('none is asked for where the spec itself states all to be out', () => {
    const stated = { japaneast: { routing: 'Disabled' }, westeurope: { routing: 'Disabled' } } as const;
    const { statedOut } = drainageIn({
      name: '',
      drains: [drain('japaneast', 60)],
      have: [out('eastus')],
      stated,
      then: [],
    });
    expect([...statedOut]).toEqual(set);
  });
});

test('without drains there is nothing to work out', () => {
  const given = { name: '', drains: [], have: [out('japaneast')], remembered: [entry('japaneast')], then: [] };
  expect(told(drainageIn(given))).toEqual([]);
});
