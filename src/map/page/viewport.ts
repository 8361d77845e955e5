import type { Address } from './address.ts';
import { plane } from './world.generated.ts';

/** The part of the plane that is seen: its middle, and how many times the whole world is enlarged. */
export type View = NonNullable<Address['view']>;

export interface Size {
  readonly width: number;
  readonly height: number;
}

type Point = { readonly x: number; readonly y: number };

/** Where regions are and people live: what a view of the whole world shows. Antarctica can be left out. */
const world = { left: 80, right: 955, top: 10, bottom: 420 } as const;
export const wholeWorld: View = {
  x: (world.left + world.right) / 2,
  y: (world.top + world.bottom) / 2,
  zoom: 1,
};

export const maxZoom = 24;

/** Pixels per unit of the plane. */
export function scaleOf({ width, height }: Size, zoom: number): number {
  return Math.min(width / (world.right - world.left), height / (world.bottom - world.top)) * zoom;
}

/** Where a point of the plane is seen. */
export function seenAt(point: Point, view: View, size: Size): Point {
  const scale = scaleOf(size, view.zoom);
  return { x: size.width / 2 + (point.x - view.x) * scale, y: size.height / 2 + (point.y - view.y) * scale };
}

/** Keeps the zoom in its bounds, and the world in sight. */
export function kept(view: View, size: Size): View {
  const zoom = Math.min(Math.max(view.zoom, 1), maxZoom);
  const scale = scaleOf(size, zoom);
  return {
    x: between(view.x, size.width / 2 / scale, world.left, world.right),
    y: between(view.y, size.height / 2 / scale, world.top, world.bottom),
    zoom,
  };
}

function between(middle: number, half: number, low: number, high: number): number {
  return high - low <= 2 * half ? (low + high) / 2 : Math.min(Math.max(middle, low + half), high - half);
}

/** Enlarges by a factor; what is seen at `at` stays there. */
export function zoomed(view: View, size: Size, factor: number, at: Point): View {
  const zoom = Math.min(Math.max(view.zoom * factor, 1), maxZoom);
  const before = scaleOf(size, view.zoom);
  const after = scaleOf(size, zoom);
  const off = { x: at.x - size.width / 2, y: at.y - size.height / 2 };
  return kept({ x: view.x + off.x / before - off.x / after, y: view.y + off.y / before - off.y / after, zoom }, size);
}

/** Moves what is seen by pixels. */
export function panned(view: View, size: Size, by: Point): View {
  const scale = scaleOf(size, view.zoom);
  return kept({ ...view, x: view.x - by.x / scale, y: view.y - by.y / scale }, size);
}

/** Moves as little as it takes until a point of the plane is seen, `margin` pixels from the edge. */
export function revealed(view: View, size: Size, point: Point, margin: number): View {
  const { x, y } = seenAt(point, view, size);
  const inside = (value: number, length: number): number =>
    Math.min(Math.max(value, Math.min(margin, length / 2)), Math.max(length - margin, length / 2));
  return panned(view, size, { x: inside(x, size.width) - x, y: inside(y, size.height) - y });
}

export function isWholeWorld({ zoom }: View): boolean {
  return zoom === 1;
}

/** The plane's size is what the world is drawn in. */
export const planeSize: Size = plane;
