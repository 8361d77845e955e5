import type { ReplicaRow } from '../../view/replicas.ts';
import { wrapped } from '../help.ts';
import { colours, type Mark, markFor, markOf } from '../output/marks.ts';
import type { Paint } from '../output/terminal.ts';
import { land } from './land.generated.ts';
import { height, pixelOf, width } from './projection.ts';
import { places } from './regions.generated.ts';

export interface MapLook {
  readonly paint: Paint;
  readonly isUnicode: boolean;
  /** Characters in a line; at least 40 are used, and 156 at most. */
  readonly width: number;
  /** How many lines there are for all of it; undefined: as many as it takes. */
  readonly lines?: number | undefined;
}

/** The marks, the most urgent first: where several replicas are at one place of the map, it has the first of theirs. */
const titles: Readonly<Record<Mark, string>> = {
  bad: 'failed',
  missing: 'missing',
  busy: 'under way',
  drained: 'drained',
  home: 'home',
  ready: 'ready',
  unlisted: 'not in the spec',
};
const urgency = Object.keys(titles) as readonly Mark[];

/** The world with the replicas on it, and below it how many are how, and where. */
export function mapText(rows: readonly ReplicaRow[], look: MapLook): string {
  const legend = legendLines(rows, look);
  const columns = columnsIn(look, legend.length + 2);
  const world = worldLines(rows, columns, look);
  const last = world.findLastIndex((line) => line !== '');
  return [...world.slice(0, last + 1), '', ...legend, ''].join('\n');
}

const known = new Map(Object.entries(places));

/** How wide the world is drawn, when so many lines are for other things: its height follows from its width. */
function columnsIn({ width: wide, lines = Number.POSITIVE_INFINITY }: MapLook, others: number): number {
  const highest = Math.floor(((lines - others) * 2 * width) / height);
  return Math.max(Math.min(wide, highest, width / 2), 40);
}

function worldLines(rows: readonly ReplicaRow[], columns: number, look: MapLook): readonly string[] {
  const scale = width / columns; // stored pixels in a character's width
  const marks = marksOn(rows, scale);
  return Array.from({ length: Math.floor(height / (2 * scale)) }, (_, line) => {
    let text = '';
    let ground = '';
    for (let column = 0; column < columns; column++) {
      const mark = marks.get(`${column},${line}`);
      if (mark === undefined) {
        ground += groundOf(dotsAt(column, line, scale), look.isUnicode);
        continue;
      }
      text += look.paint('faint', ground) + painted(mark, look);
      ground = '';
    }
    return text + look.paint('faint', ground.trimEnd());
  });
}

/** The mark of each character of the map that has one, by column and line. */
function marksOn(rows: readonly ReplicaRow[], scale: number): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const row of rows) {
    const place = known.get(row.location);
    if (place === undefined) continue;
    const [x, y] = pixelOf(place);
    const cell = `${Math.floor(x / scale)},${Math.floor(y / (2 * scale))}`;
    const before = marks.get(cell);
    if (before === undefined || urgency.indexOf(markFor(row)) < urgency.indexOf(before)) marks.set(cell, markFor(row));
  }
  return marks;
}

function groundOf(dots: number, isUnicode: boolean): string {
  if (isUnicode) return dots === 0 ? ' ' : String.fromCodePoint(0x2800 + dots);
  return braille.filter(([, , bit]) => (dots & bit) !== 0).length > 3 ? '.' : ' ';
}

/** Braille's dots: column, row, and bit. Source: Unicode, Braille Patterns. */
const braille = [
  [0, 0, 1],
  [0, 1, 2],
  [0, 2, 4],
  [1, 0, 8],
  [1, 1, 16],
  [1, 2, 32],
  [0, 3, 64],
  [1, 3, 128],
] as const;

/** The land in one character, as Braille's bits. */
function dotsAt(column: number, line: number, scale: number): number {
  return braille.reduce((dots, [x, y, bit]) => {
    const at = [(column + (x + 0.5) / 2) * scale, (line + (y + 0.5) / 4) * 2 * scale] as const;
    return isLand(Math.floor(at[0]), Math.floor(at[1])) ? dots | bit : dots;
  }, 0);
}

const bytes = Buffer.from(land, 'base64');

function isLand(x: number, y: number): boolean {
  const bit = y * width + x;
  return ((bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

function painted(mark: Mark, { paint, isUnicode }: MapLook): string {
  return paint(colours[mark], markOf(mark, isUnicode));
}

/** `● ready 12  japaneast, westeurope`: a line per mark that there is, with how many replicas have it, and their regions. */
function legendLines(rows: readonly ReplicaRow[], look: MapLook): readonly string[] {
  const byMark = Map.groupBy(rows, markFor);
  const there = urgency.filter((mark) => byMark.has(mark)).reverse();
  const titleWidth = Math.max(0, ...there.map((mark) => titles[mark].length));
  const countWidth = Math.max(0, ...there.map((mark) => String(byMark.get(mark)?.length).length));
  const unplaced = new Set(rows.map(({ location }) => location).filter((location) => !known.has(location)));
  return [
    ...there.flatMap((mark) => {
      const of = byMark.get(mark) ?? [];
      const head = `${titles[mark].padEnd(titleWidth)} ${String(of.length).padStart(countWidth)}  `;
      const names = [...new Set(of.map(({ location }) => location))].sort().join(', ');
      const [first = '', ...more] = wrapped(names, Math.max(look.width, 40) - head.length - 2);
      return [`${painted(mark, look)} ${head}${first}`, ...more.map((line) => ' '.repeat(head.length + 2) + line)];
    }),
    ...(unplaced.size === 0
      ? []
      : wrapped(`Not on the map: ${[...unplaced].sort().join(', ')}.`, Math.max(look.width, 40))),
  ];
}
