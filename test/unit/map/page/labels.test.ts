import { describe, expect, test } from 'vitest';
import { type Label, type LabelPlace, placeLabels } from '../../../../src/map/page/labels.ts';

const screen = { width: 400, height: 300 };
const label = (id: string, x: number, y: number, rank = 5): Label => ({
  id,
  x,
  y,
  radius: 12,
  width: 80,
  height: 30,
  rank,
});

function boxOf({ x, y, side }: LabelPlace, { width, height }: Label) {
  const left = x - { start: 0, middle: width / 2, end: width }[side];
  return { left, right: left + width, top: y, bottom: y + height };
}

function overlapping(labels: readonly Label[], places: ReadonlyMap<string, LabelPlace>): readonly string[] {
  const boxes = labels.flatMap((one) => {
    const place = places.get(one.id);
    return place === undefined ? [] : [{ id: one.id, ...boxOf(place, one) }];
  });
  return boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.id} on ${b.id}`),
  );
}

describe('labels', () => {
  test('stand right of a marker that is alone', () => {
    expect(placeLabels([label('a', 100, 100)], [], screen).get('a')).toEqual({
      x: 114,
      y: 85,
      side: 'start',
      off: false,
      height: 30,
    });
  });

  test('stand left of a marker at the right edge', () => {
    expect(placeLabels([label('a', 390, 100)], [], screen).get('a')?.side).toBe('end');
  });

  test('do not cover each other in a crowd, and the first in rank has one', () => {
    const crowd = Array.from({ length: 40 }, (_, i) =>
      label(`l${i}`, 100 + (i % 8) * 26, 80 + Math.floor(i / 8) * 26, 9 + i),
    );
    const labels = [...crowd, label('first', 200, 140, 0)];
    const places = placeLabels(labels, crowd, screen);
    expect(overlapping(labels, places)).toEqual([]);
    expect(places.size).toBeGreaterThan(4);
    expect(places.size).toBeLessThan(labels.length);
  });

  test('that are urgent stand a little off when all places beside the marker are taken', () => {
    const around = (...eighths: number[]) =>
      eighths.map((i) => ({
        x: 200 + Math.cos((i * Math.PI) / 4) * 24,
        y: 150 + Math.sin((i * Math.PI) / 4) * 24,
        radius: 12,
      }));
    const open = around(0, 1, 2, 3, 4, 5, 7); // but for the north
    expect(placeLabels([label('calm', 200, 150, 9)], open, screen).has('calm')).toBe(false);
    expect(placeLabels([label('home', 200, 150, 0)], open, screen).get('home')).toMatchObject({
      off: true,
      side: 'middle',
    });
    // No line leads over another marker.
    const closed = around(0, 1, 2, 3, 4, 5, 6, 7);
    expect(placeLabels([label('home', 200, 150, 0)], closed, screen).has('home')).toBe(false);
  });

  test('do not leave the screen', () => {
    expect(placeLabels([label('a', -30, 100), label('b', 100, 299)], [], screen).get('a')).toBeUndefined();
    const [place, one] = [placeLabels([label('b', 100, 290)], [], screen).get('b'), label('b', 100, 290)];
    expect(place === undefined ? 999 : boxOf(place, one).bottom).toBeLessThanOrEqual(300);
  });
});
