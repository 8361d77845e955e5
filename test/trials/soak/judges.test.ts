import { expect, test } from 'vitest';
import type { Spec, Status } from '../../../src/api/registryreplication.ts';
import type { ReplicationBody } from '../../sandbox/emulator/bodies.ts';
import type { JournalEntry } from '../../sandbox/emulator/journal.ts';
import { resource } from '../../support/builders.ts';
import { disagreements } from './agreement.ts';
import { judge } from './deletions.ts';
import { History } from './history.ts';
import { isLed } from './led-writes.ts';
import { classOf } from './log-classes.ts';
import { growth, lows, slopePerHour } from './slope.ts';

const registry = { name: 'contoso', resourceGroup: 'registries' };
const hour = 3_600_000;

function specOf(regions: readonly string[], more: Partial<Spec> = {}): Spec {
  return { registry, regions: regions.map((location) => ({ location })), ...more };
}

/** An object about contoso: each version with the moment it was asked for, one second before it was acknowledged. */
function historyOf(...versions: readonly (readonly [at: number, spec: Spec, change?: 'delete'])[]): History {
  const history = new History();
  for (const [index, [at, spec, change]] of versions.entries()) {
    history.ask(spec, change ?? (index === 0 ? 'create' : 'edit'), at);
    history.acknowledged(at + 1_000);
    if (index === 0) history.created(new Date(at).toISOString(), at + 1_000);
  }
  return history;
}

function deletionOf(region: string, at: number, was: Partial<NonNullable<JournalEntry['was']>> = {}): JournalEntry {
  const replica = { name: region, provisioningState: 'Succeeded', tags: {}, ...was };
  const path = `/registries/contoso/replications/${region}`;
  return { at, verb: 'DELETE', kind: 'replication', method: 'DELETE', path, region, status: 202, was: replica };
}

function verdictOn(entry: JournalEntry, objects: Readonly<Record<string, History>>) {
  const all = new Map(Object.entries(objects));
  const options = { cluster: 'sandbox', slackMs: () => 20_000, historyOf: (key: string) => all.get(key) };
  return judge(entry, { registry: 'contoso', home: 'eastus', objects: all }, options);
}

const wanted = specOf(['japaneast']);
const owner = (value: string) => ({ tags: { 'acr-replication-owner': value } });
const failed = { provisioningState: 'Failed' };

test.for<[string, JournalEntry, Readonly<Record<string, History>>, 'right' | 'wrong']>([
  ['the home region', deletionOf('eastus', hour), { 'a/x': historyOf([0, wanted]) }, 'wrong'],
  ['a region outside the set', deletionOf('uksouth', hour), { 'a/x': historyOf([0, wanted]) }, 'right'],
  ['a wanted region', deletionOf('japaneast', hour), { 'a/x': historyOf([0, wanted]) }, 'wrong'],
  [
    'a wanted region by its display name',
    deletionOf('japaneast', hour),
    { 'a/x': historyOf([0, specOf(['Japan East'])]) },
    'wrong',
  ],
  [
    'a wanted region that has failed',
    deletionOf('japaneast', hour, failed),
    { 'a/x': historyOf([0, wanted]) },
    'right',
  ],
  [
    'one that has just become wanted',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, wanted], [hour - 5_000, specOf(['uksouth'])]) },
    'right',
  ],
  [
    'one that became wanted a minute ago',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, wanted], [hour - 60_000, specOf(['uksouth'])]) },
    'wrong',
  ],
  [
    'under prune None',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, specOf(['japaneast'], { prune: 'None' })]) },
    'wrong',
  ],
  [
    'under prune Owned',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, specOf(['japaneast'], { prune: 'Owned' })]) },
    'wrong',
  ],
  [
    'its own under prune Owned',
    deletionOf('uksouth', hour, owner('sandbox/a/x')),
    { 'a/x': historyOf([0, specOf(['japaneast'], { prune: 'Owned' })]) },
    'right',
  ],
  [
    'once listed under prune Owned',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, specOf(['uksouth'])], [9, specOf(['japaneast'], { prune: 'Owned' })]) },
    'right',
  ],
  ['another cluster’s', deletionOf('uksouth', hour, owner('other/a/x')), { 'a/x': historyOf([0, wanted]) }, 'wrong'],
  [
    'a living object’s',
    deletionOf('uksouth', hour, owner('sandbox/a/y')),
    { 'a/x': historyOf([0, wanted]), 'a/y': historyOf([9_000, wanted]) },
    'wrong',
  ],
  [
    'one whose owner has gone',
    deletionOf('uksouth', hour, owner('sandbox/a/z')),
    { 'a/x': historyOf([0, wanted]) },
    'right',
  ],
  [
    'in mode Observe',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, specOf(['japaneast'], { mode: 'Observe' })]) },
    'wrong',
  ],
  [
    'while suspended',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, specOf(['japaneast'], { suspend: true })]) },
    'wrong',
  ],
  [
    'by a younger namesake',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, specOf(['uksouth'])]), 'a/y': historyOf([9_000, wanted]) },
    'wrong',
  ],
  [
    'by the one of two made in the same second that has begun, whatever its name',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, specOf(['uksouth'])]), 'a/y': historyOf([0, wanted]) },
    'right',
  ],
  [
    'of the set of an object that is being deleted',
    deletionOf('japaneast', hour),
    { 'a/x': historyOf([0, wanted], [hour - 60_000, wanted, 'delete']) },
    'right',
  ],
  [
    'beside the set of one that is being deleted',
    deletionOf('uksouth', hour),
    { 'a/x': historyOf([0, wanted], [hour - 60_000, wanted, 'delete']) },
    'wrong',
  ],
  [
    'with deletionPolicy Retain',
    deletionOf('japaneast', hour),
    {
      'a/x': historyOf(
        [0, specOf(['japaneast'], { deletionPolicy: 'Retain' })],
        [hour - 60_000, specOf(['japaneast'], { deletionPolicy: 'Retain' }), 'delete'],
      ),
    },
    'wrong',
  ],
  ['where no object is', deletionOf('uksouth', hour), {}, 'wrong'],
])('the soak judges a deletion: %s', ([, entry, objects, wanted]) => {
  expect(Object.keys(verdictOn(entry, objects))).toEqual([wanted]);
});

test.for<[string, Partial<JournalEntry>, boolean]>([
  ['after a LIST of the provider in the same pass', {}, true],
  ['after a LIST that asked for Resource Graph and was answered by the provider', { correlationId: undefined }, true],
  ['after nothing but a look by Resource Graph', { kind: 'replicationsGraph' }, false],
  ['an interval after the last LIST', { at: hour - 61_000 }, false],
  ['before the LIST', { at: hour + 1 }, false],
  ['after a LIST for another object', { correlationId: 'another' }, false],
  ['after a LIST of another registry', { registry: 'other' }, false],
  ['after a LIST that was refused', { status: 503 }, false],
] as [string, Partial<JournalEntry>, boolean][])('the soak judges a write: %s', ([, change, led]) => {
  const common = { registry: 'contoso', correlationId: 'one' };
  const write = { ...deletionOf('uksouth', hour), ...common };
  const list = { ...write, verb: 'LIST', kind: 'replications', at: hour - 2_000, status: 200 } as const;
  expect(isLed(write, [{ ...list, ...change }])).toBe(led);
});

test('the soak lets a replica be deleted in the moment in which its owner is gone and made again', () => {
  const owned = deletionOf('uksouth', hour, owner('sandbox/a/y'));
  const reborn = historyOf([9_000, wanted], [hour - 60_000, wanted, 'delete']);
  reborn.gone(hour - 900, hour - 10);
  reborn.ask(wanted, 'create', hour - 10);
  expect(verdictOn(owned, { 'a/x': historyOf([0, wanted]), 'a/y': reborn })).toHaveProperty('right');
});

test('the soak takes for an object’s own what an earlier one of its name has listed', () => {
  const reborn = historyOf([0, specOf(['uksouth'])], [9_000, wanted, 'delete']);
  reborn.gone(18_000, 19_000);
  reborn.ask(specOf(['japaneast'], { prune: 'Owned' }), 'create', 19_000);
  expect(verdictOn(deletionOf('uksouth', hour), { 'a/x': reborn })).toHaveProperty('right');
});

test('the soak knows the lines that faults lead to, and no others', () => {
  expect(classOf('warn azure refused {"reason":"Locked","code":"ScopeLocked"}')).toBe('Azure lock');
  expect(classOf('error pass failed {"error":{"message":"PATCH x: 403 Forbidden: y"}}')).toBeUndefined();
  expect(classOf('error pass failed {"error":{"message":"PATCH x: 403 Forbidden: y"}}', true)).toBeDefined();
  // An object that somebody edited or deleted meanwhile is told for debugging only.
  expect(classOf('error pass failed {"error":{"message":"PATCH x: 409 Conflict: y"}}')).toBeUndefined();
  expect(classOf('error unhandled rejection {"error":{"message":"Timeout"}}')).toBeUndefined();
  expect(classOf('error pass failed {"error":{"name":"TypeError","message":"x is undefined"}}')).toBeUndefined();
  expect(classOf('(node:1) MaxListenersExceededWarning: Possible EventEmitter memory leak detected')).toBeUndefined();
});

test('the slope of several lives is the one they have in common, whatever their levels', () => {
  const life = (level: number) => [0, 1, 2, 3].map((hours) => ({ at: hours * hour, value: level + 2 * hours }));
  expect(slopePerHour([life(50)])).toBeCloseTo(2);
  expect(slopePerHour([life(50), life(90)])).toBeCloseTo(2);
  expect(growth(life(50))).toBe(6);
  expect(lows([...life(50), ...life(40)], 2 * hour).map(({ value }) => value)).toEqual([40, 44]);
});

test('a figure grows when its least, middle and greatest values do, not when there is more to do for a while', () => {
  const swinging = (least: (minute: number) => number, greatest: (minute: number) => number) =>
    Array.from({ length: 60 }, (_, at) => ({ at: at * 60_000, value: at % 2 === 0 ? least(at) : greatest(at) }));
  expect(
    growth(
      swinging(
        (minute) => 15 + minute / 4,
        () => 55,
      ),
    ),
  ).toBe(0);
  expect(
    growth(
      swinging(
        (minute) => 15 + minute / 4,
        (minute) => 55 + minute / 4,
      ),
    ),
  ).toBe(10);
});

test('what is to go may stay while a wanted region is not to be had, because another object has a broken replica there', () => {
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: 'Conflict',
    message: 'x',
    lastTransitionTime: 'x',
  });
  const object = resource(['japaneast'], {
    status: {
      observedGeneration: 1,
      phase: 'Failed',
      conditions: [condition('Ready', 'False'), condition('Stalled', 'True')],
    } as Status,
  });
  const body = (location: string, provisioningState: string, tags: Record<string, string> = {}) =>
    ({ name: location, location, tags, properties: { provisioningState } }) as unknown as ReplicationBody;
  const foreign = { 'acr-replication-owner': 'other/a/b' };
  const quiet = { object, about: [object], home: 'eastus', cluster: 'sandbox', living: new Set<string>() };
  const problems = (tags: typeof foreign | undefined) =>
    disagreements({ ...quiet, replicas: [body('japaneast', 'Failed', tags), body('uksouth', 'Succeeded')] }).problems;
  expect(problems(foreign)).toEqual([]);
  expect(problems(undefined)).toContain('Azure differs from the spec: +japaneast, -uksouth');
});
