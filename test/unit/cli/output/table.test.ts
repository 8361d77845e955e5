import { describe, expect, test } from 'vitest';
import { type Column, table } from '../../../../src/cli/output/table.ts';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly since: string;
}
const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'SINCE', cell: ({ since }) => since, drop: 1 },
];
const rows = [
  { name: 'japaneast', state: 'Creating', since: '5m' },
  { name: 'uksouth', state: 'Succeeded', since: '' },
];

const cases: readonly (readonly [width: number | undefined, text: string])[] = [
  [undefined, 'NAME        STATE       SINCE\njapaneast   Creating    5m\nuksouth     Succeeded\n'],
  [29, 'NAME        STATE       SINCE\njapaneast   Creating    5m\nuksouth     Succeeded\n'],
  [28, 'NAME       STATE      SINCE\njapaneast  Creating   5m\nuksouth    Succeeded\n'],
  [26, 'NAME        STATE\njapaneast   Creating\nuksouth     Succeeded\n'],
  [20, 'NAME       STATE\njapaneast  Creating\nuksouth    Succeeded\n'],
  [19, 'NAME      STATE\njapaneast Creating\nuksouth   Succeeded\n'],
];
describe('columns move together before they are left out', () => {
  test.each(cases)('in %s characters', (width, text) => {
    expect(table(columns, rows, width)).toBe(text);
  });
});

test('a last column that wraps goes on below itself', () => {
  const wrapping: readonly Column<Row>[] = [
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'STATE', cell: ({ state }) => state, wraps: true },
  ];
  const long = [{ name: 'japaneast', state: 'Creating, for five minutes', since: '' }];
  expect(table(wrapping, long, 32)).toBe('NAME        STATE\njapaneast   Creating, for five\n            minutes\n');
  expect(table(wrapping, long)).toBe('NAME        STATE\njapaneast   Creating, for five minutes\n');
});

test('a column that says in every row what another says goes before the columns touch', () => {
  const double: readonly Column<Row>[] = [
    { title: 'NAME', cell: ({ name }) => name, isSpare: ({ name, since }) => name === since },
    { title: 'LOCATION', cell: ({ since }) => since },
  ];
  const same = [{ name: 'japaneast', state: '', since: 'japaneast' }];
  expect(table(double, same, 19)).toBe('LOCATION\njapaneast\n');
  expect(table(double, [...same, { name: 'uk', state: '', since: 'uksouth' }], 19)).toBe(
    'NAME      LOCATION\njapaneast japaneast\nuk        uksouth\n',
  );
});
