import { describe, expect, test } from 'vitest';
import { painter } from '../../../../src/cli/output/terminal.ts';
import { type MapLook, mapText } from '../../../../src/cli/world/map.ts';
import { type ReplicaRow, rowsOf, type Standing } from '../../../../src/view/replicas.ts';
import { resource } from '../../../support/builders.ts';

const look: MapLook = { paint: painter(false), isUnicode: true, width: 80, lines: 24 };

function rowIn(location: string, standing: Standing, managed = 'Created'): ReplicaRow {
  const [row] = rowsOf(resource([location]));
  if (row === undefined) throw new Error('an object without regions');
  return { ...row, standing, managed };
}

const rows = [
  rowIn('eastus', 'ready', 'Home'),
  rowIn('westeurope', 'ready'),
  rowIn('japaneast', 'ready'),
  rowIn('brazilsouth', 'busy'),
  rowIn('australiaeast', 'missing'),
  rowIn('southafricanorth', 'bad'),
  rowIn('uksouth', 'unlisted'),
];

test('at 80 columns, without colour', () => {
  expect(`\n${mapText(rows, look)}`).toMatchInlineSnapshot(`
    "
                 ⢀⣠⣀ ⡀⡖⣒⣿⡿⠛⠫⠽⠷⣶⣶⣾⣿⣿⣿⣿⣶⡖       ⠆⠲⠒      ⣀⡀     ⣀⣒⣂⣀⣀⡀    ⢀⣀⣀
    ⣄⣀ ⡤⣴⣶⣤⣤⣤⣤⣤⣤⣭⣽⣒⣺⣂⣡⣻⣼⠺⠛⠳⣦⢀⡀ ⢻⣿⣿⣿⠿⠿⢛⢀⡀     ⢀⣠⣤⣶⣦⡤⡄⣀⣀⣜⣦⣤⣔⣦⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣾⣷⣶⣶⣶⣶⣶⣶⣦⣤⣤⣤⣤
       ⠒⢿⠟⠛⠛⠻⠿⣿⣿⣿⣿⣿⣿⣿⣿⣏⡁⠁⠁⢶⣯⣩⡀ ⠈⠛⠋    ⠉  ⢀⡀ ⢶⢿⡯⢘⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⠿⠛⠻⢟⣹⠙⠛⠋⠁
       ⠁      ⠈⠟⢿⣿⣿⣿⣿⣿⣿⣿⣿⣬⣿⡿⣟⠛⣳⡀         ⠃◇⣤●⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣷⢶  ⠘⠉
                ⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⡿⠋⠉⠁           ⣶⣾⠋⠩⠓⠝⢿⢻⣥⣭⣽⣿⡄⢻⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⡿⠻⡿⠛⠁⡖
                ⠈⠻⢿⣿⣿⣿⡿⡿⠿◆⠁             ⢀⣴⣶⣿⣿⣤⣄⣤⣄⣀⣸⣿⣿⡿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⡄⠈⠖⠊●
         ⡀        ⠑⠙⣿⣏ ⢀⠠⠥⡀            ⢰⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣮⢻⣿⣷⣼⡭⠉⠙⢿⣿⣿⡿⠟⣿⣿⣿⢿⠟⠋⠂
                     ⠉⠙⠓⢶ ⢀⣀           ⢾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣦⡛⣛⠉   ⠈⢿⠍  ⠈⡿⢿⠆ ⢀⠡
                         ⠁⣿⣿⣿⣿⣦⣤        ⠙⠛⠛⠋⠛⣿⣿⣿⣿⣿⣿⣿⡿⠋     ⠈⠁   ⢵⡄⢀⣠⡆ ⠁
                         ⢸⣿⣿⣿⣿⣿⣿⣷⣶⣦⡀         ⢻⣿⣿⣿⣿⣿⡏            ⠈⠳⢈⡛⠑⠂⠐⠘⠐⣦⢄⠰ ⡀
                          ⠻⣿⣿⣿⣿⣿⣿⣿⡏          ⢨⣿⣿⣿⣿⣿⡇⢀⡤               ⢈⣄⣶⣂⢰⡄⠁
                           ⢸⣿⣿⣿⣿◐⠛⠁          ⠈⣿⣿⣿✕⠇ ⠸⠃             ⢠⣶⣿⣿⣿⣿⣿⣷⣄  ⠐
                           ⣸⣿⣿⡿⠟⠁             ⠘⠿⠿⠋                 ⠈⠿⠿⠛⠛⠿⣿⣿○
                          ⢀⣿⡿⠋⠁                                          ⠈⠩⠁   ⣀⠌
                          ⠰⣿⠃⠠⠄

    ◇ not in the spec 1  uksouth
    ● ready           2  japaneast, westeurope
    ◆ home            1  eastus
    ◐ under way       1  brazilsouth
    ○ missing         1  australiaeast
    ✕ failed          1  southafricanorth
    "
  `);
});

test('where the locale has only ASCII', () => {
  expect(`\n${mapText(rows, { ...look, isUnicode: false })}`).toMatchInlineSnapshot(`
    "
                      .................                        .
        ............ .......   .......         ...    ............................
        ...............   ...   .           ... .............................. .
               ................           ?.@.............................
                ...........              ..   ....... .................. .
                 ........H               ..... .  ...................    @
                    ..                  ................  ..........
                        .              ...............     .    ..
                          ......         .. .........           .
                         ..........          .......             . .     .
                          .........           ......                   .
                           .....~.            ...X                  .......
                           .....               ..                   .......o
                           ..
                           .

    ? not in the spec 1  uksouth
    @ ready           2  japaneast, westeurope
    H home            1  eastus
    ~ under way       1  brazilsouth
    o missing         1  australiaeast
    X failed          1  southafricanorth
    "
  `);
});

test('a drained region has a mark of its own, unless something else is amiss there', () => {
  const drained = { until: '2026-12-01T06:00:00Z', reason: 'INC-4711' };
  const home = { ...rowIn('eastus', 'ready', 'Home'), drained };
  const text = mapText([home, { ...rowIn('japaneast', 'busy'), drained }, rowIn('westeurope', 'ready')], look);
  expect(text).toMatch(/⊘ drained   1  eastus/);
  expect(text).toMatch(/◐ under way 1  japaneast/);
  expect(mapText([home], { ...look, isUnicode: false })).toMatch(/\/ drained 1  eastus/);
});

test.each([60, 80, 200])('at %i columns no line is longer, and all of it fits the height', (width) => {
  const lines = mapText(rows, { ...look, width }).split('\n');
  expect(lines.filter((line) => line.length > width)).toEqual([]);
  expect(lines.length).toBeLessThanOrEqual(24);
});

test('a large terminal has a large world', () => {
  const { length } = mapText(rows, { ...look, width: 200, lines: 60 }).split('\n');
  expect(length).toBeGreaterThan(32);
});

describe('legend and marks', () => {
  const legend = (...of: readonly ReplicaRow[]) => mapText(of, look).split('\n\n').at(-1)?.trimEnd().split('\n');

  test('of several replicas at one place the worst is shown, and all are counted', () => {
    const both = [rowIn('eastus', 'ready'), rowIn('eastus2', 'ready'), rowIn('eastus', 'bad')];
    const text = mapText(both, look);
    expect(text.split('\n\n')[0]).toContain('✕');
    expect(legend(...both)).toEqual(['● ready  2  eastus, eastus2', '✕ failed 1  eastus']);
  });

  test('a region that is not on the map is named', () => {
    expect(legend(rowIn('marsnorth', 'ready'), rowIn('constructor', 'ready'))?.at(-1)).toBe(
      'Not on the map: constructor, marsnorth.',
    );
  });

  test('the mark is painted, and the land is faint', () => {
    expect(mapText([rowIn('japaneast', 'bad')], { ...look, paint: painter(true) })).toContain('\u001b[31m✕\u001b[39m');
  });
});
