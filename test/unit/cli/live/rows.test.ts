import { expect, test } from 'vitest';
import { allRows, fitting, type LiveRows, taken } from '../../../../src/cli/live/rows.ts';
import type { Key } from '../../../../src/domain/key.ts';
import { type ReplicaRow, rowsOf } from '../../../../src/view/replicas.ts';
import { resource } from '../../../support/builders.ts';

const key = 'platform/contoso' as Key;
const rows = (...regions: readonly string[]) => rowsOf(resource(regions));
const told = (list: readonly ReplicaRow[]) => list.map((row) => `${row.location} ${row.provisioningState}`);

test('what is new, other than before, or gone is told, and nothing else', () => {
  const live: LiveRows = new Map();
  expect(told(taken(live, key, rows('japaneast', 'uksouth')))).toEqual(['japaneast unknown', 'uksouth unknown']);
  expect(taken(live, key, rows('japaneast', 'uksouth'))).toEqual([]);
  const [changed] = rows('uksouth').map((row) => ({ ...row, provisioningState: 'Creating' }));
  expect(told(taken(live, key, changed === undefined ? [] : [changed]))).toEqual([
    'uksouth Creating',
    'japaneast gone',
  ]);
  expect(told(taken(live, key, []))).toEqual(['uksouth gone']);
  expect(live.size).toBe(0);
});

test('rows are in the order of their objects, whenever they came', () => {
  const live: LiveRows = new Map();
  taken(live, 'b/a' as Key, rows('uksouth'));
  taken(live, 'a/b' as Key, rows('japaneast'));
  expect(told(allRows(live))).toEqual(['japaneast unknown', 'uksouth unknown']);
});

test('where there is no room for all, those come first that are not ready', () => {
  const many = [...rows('a', 'b', 'c').map((row) => ({ ...row, standing: 'ready' as const })), ...rows('d')];
  expect(fitting(many, 4)).toEqual([many, 0]);
  const [shown, rest] = fitting(many, 3);
  expect([shown.map(({ location }) => location), rest]).toEqual([['d', 'a'], 2]);
});
