import { describe, expect, test } from 'vitest';
import {
  isWholeWorld,
  kept,
  maxZoom,
  panned,
  revealed,
  seenAt,
  wholeWorld,
  zoomed,
} from '../../../../src/map/page/viewport.ts';

const size = { width: 900, height: 500 };
const near = (point: { x: number; y: number }) => ({ x: Math.round(point.x), y: Math.round(point.y) });

describe('the view', () => {
  test('keeps what is under the pointer there when it zooms', () => {
    const view = zoomed(wholeWorld, size, 3, { x: 450, y: 250 });
    const pointer = { x: 500, y: 200 };
    const before = { x: view.x + (pointer.x - 450) / 3, y: view.y };
    const next = zoomed(view, size, 2, pointer);
    const scale = (v: typeof view) => seenAt({ x: 1, y: 0 }, v, size).x - seenAt({ x: 0, y: 0 }, v, size).x;
    const under = { x: view.x + (pointer.x - 450) / scale(view), y: view.y + (pointer.y - 250) / scale(view) };
    expect(near(seenAt(under, next, size))).toEqual(pointer);
    expect(next.zoom).toBe(6);
    expect(before.x).toBeGreaterThan(view.x);
  });

  test('neither shrinks below the whole world nor grows for ever', () => {
    expect(isWholeWorld(zoomed(wholeWorld, size, 0.2, { x: 0, y: 0 }))).toBe(true);
    expect(zoomed(wholeWorld, size, 1_000, { x: 0, y: 0 }).zoom).toBe(maxZoom);
  });

  test('does not pan the world out of sight', () => {
    const view = panned({ ...wholeWorld, zoom: 4 }, size, { x: 100_000, y: -100_000 });
    expect(seenAt({ x: 80, y: 420 }, view, size)).toEqual({ x: expect.closeTo(0, 3), y: expect.closeTo(500, 3) });
    expect(kept({ x: -999, y: 9_999, zoom: 1 }, size)).toMatchObject({ zoom: 1 });
  });

  test('moves only as far as it takes to show a place', () => {
    const view = { x: 300, y: 200, zoom: 5 };
    const inside = { x: 310, y: 205 };
    expect(revealed(view, size, inside, 30)).toEqual(view);
    const outside = { x: 480, y: 200 };
    const next = revealed(view, size, outside, 30);
    expect(near(seenAt(outside, next, size)).x).toBe(870);
    expect(next.y).toBeCloseTo(200);
  });
});
