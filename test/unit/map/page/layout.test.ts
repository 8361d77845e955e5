import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Spot, type Stand, spread } from '../../../../src/map/page/layout.ts';
import { maxZoom, scaleOf, wholeWorld } from '../../../../src/map/page/viewport.ts';
import { regionTable } from '../../../../src/map/page/world.generated.ts';

const regions = regionTable.filter(([, , , , , cloud]) => cloud === 'AzurePublic');

function spotsAt(scale: number, optional: boolean): readonly Spot[] {
  return regions.map(([id, , , , , , x, y]) => ({ id, x: x * scale, y: y * scale, rank: 1, optional }));
}

/** The distance of the two targets that are nearest to each other. */
function closest(stands: ReadonlyMap<string, Stand>): number {
  const targets = [...stands.values()].filter(({ target }) => target);
  let least = Number.POSITIVE_INFINITY;
  for (const [i, a] of targets.entries())
    for (const b of targets.slice(i + 1)) least = Math.min(least, Math.hypot(a.x - b.x, a.y - b.y));
  return least;
}

const screens = [
  { width: 320, height: 180, size: 24 },
  { width: 360, height: 240, size: 25 },
  { width: 884, height: 560, size: 29 },
  { width: 3_070, height: 1_800, size: 74 },
];
/** The middles of targets that are wholly in sight. */
function boundsOn({ width, height, size }: (typeof screens)[number]) {
  const scale = scaleOf({ width, height }, 1);
  const [x, y] = [width / 2 - wholeWorld.x * scale, height / 2 - wholeWorld.y * scale];
  const margin = size / 2;
  return { left: margin - x, top: margin - y, right: width - margin - x, bottom: height - margin - y };
}
const zooms = [1, 1.3, 2, 3.7, 6, 12, maxZoom];

describe('markers', () => {
  for (const screen of screens)
    test(`of the whole world are all in sight on ${screen.width} × ${screen.height}`, () => {
      const bounds = boundsOn(screen);
      const stands = spread(spotsAt(scaleOf(screen, 1), false), screen.size, bounds);
      expect(closest(stands)).toBeGreaterThanOrEqual(screen.size - 1e-6);
      const outside = [...stands].filter(
        ([, { x, y }]) => x < bounds.left || x > bounds.right || y < bounds.top || y > bounds.bottom,
      );
      expect(outside.map(([id]) => id)).toEqual([]);
    });

  for (const { width, height, size } of screens)
    test(`of all regions never overlap on ${width} × ${height}, however far it is zoomed`, () => {
      for (const zoom of zooms) {
        const stands = spread(spotsAt(scaleOf({ width, height }, zoom), false), size);
        expect(stands.size).toBe(regions.length);
        expect([...stands.values()].every(({ target }) => target)).toBe(true);
        expect(closest(stands), `zoom ${zoom}`).toBeGreaterThanOrEqual(size - 1e-6);
      }
    });

  test('stand where they belong when there is room, whatever else is narrow', () => {
    const spots = spotsAt(scaleOf({ width: 884, height: 560 }, 1), false);
    const stands = spread(spots, 24);
    for (const id of ['brazilsouth', 'southafricanorth', 'newzealandnorth', 'chilecentral']) {
      const spot = spots.find((one) => one.id === id);
      const stand = stands.get(id);
      expect(Math.hypot((stand?.x ?? 0) - (spot?.x ?? 99), (stand?.y ?? 0) - (spot?.y ?? 99)), id).toBeLessThan(15);
    }
  });

  test('at the same place stand side by side, the first in rank nearest to it', () => {
    const at = { x: 100, y: 100, optional: false };
    const stands = spread(
      [
        { id: 'b', ...at, rank: 1 },
        { id: 'a', ...at, rank: 0 },
      ],
      24,
    );
    const far = (id: string): number => Math.hypot((stands.get(id)?.x ?? 0) - 100, (stands.get(id)?.y ?? 0) - 100);
    expect(closest(stands)).toBeGreaterThanOrEqual(24);
    expect(far('a')).toBeLessThan(far('b'));
    expect(stands.get('b')?.moved).toBe(true);
  });

  test('that may do without a target are dots at their own place where there is no room', () => {
    const crowd = Array.from({ length: 30 }, (_, i): Spot => ({ id: `r${i}`, x: i, y: 0, rank: 1, optional: false }));
    const stands = spread([...crowd, { id: 'free', x: 15, y: 0, rank: 9, optional: true }], 24);
    expect(stands.get('free')).toEqual({ x: 15, y: 0, target: false, moved: false });
  });

  test('that may do without a target have one where there is room', () => {
    expect(spread([{ id: 'free', x: 5, y: 5, rank: 9, optional: true }], 24).get('free')).toEqual({
      x: 5,
      y: 5,
      target: true,
      moved: false,
    });
  });

  const anySpots = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      x: fc.integer({ min: 0, max: 200 }),
      y: fc.integer({ min: 0, max: 200 }),
      rank: fc.integer({ min: 0, max: 3 }),
      optional: fc.boolean(),
    }),
    { selector: ({ id }) => id, maxLength: 25 },
  );

  test('never overlap, and all that must have a target have one', () => {
    fc.assert(
      fc.property(anySpots, (spots) => {
        const stands = spread(spots, 24);
        expect(closest(stands)).toBeGreaterThanOrEqual(24 - 1e-6);
        for (const { id, optional } of spots) expect(stands.get(id)?.target || optional).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('stand the same whatever the order in which they are told', () => {
    fc.assert(
      fc.property(anySpots, (spots) => {
        const one = spread(spots, 24);
        const other = spread(spots.toReversed(), 24);
        for (const { id } of spots) expect(other.get(id)).toEqual(one.get(id));
      }),
      { numRuns: 30 },
    );
  });
});
