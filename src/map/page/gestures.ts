import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { panned, planeSize, type Size, type View, zoomed } from './viewport.ts';

type Point = { readonly x: number; readonly y: number };

/** Pixels that a pointer may move before a click becomes a pan. */
const clickPx = 5;

/** The size of the map in pixels, and how large a pixel of the design is: with the root's text, everything grows. */
export function useSize(frame: { readonly current: HTMLDivElement | null }): {
  readonly size: Size;
  readonly unit: number;
} {
  const [measured, setMeasured] = useState<{ size: Size; unit: number }>({ size: planeSize, unit: 1 });
  useLayoutEffect(() => {
    const { current } = frame;
    if (current === null) return;
    const measure = (): void => {
      const { width, height } = current.getBoundingClientRect();
      const text = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
      // On a wall the signs are seen from further away than the panel is read.
      const unit = text * Math.min(Math.max(width / (1_100 * text), 1), 1.5);
      if (width > 0 && height > 0) setMeasured({ size: { width, height }, unit });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, []);
  return measured;
}

/** The wheel zooms; where the page itself scrolls, only with Ctrl, as two fingers on a pad do. */
export function useWheel(
  frame: { readonly current: HTMLDivElement | null },
  zoom: (factor: number, at: Point) => void,
): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const { current } = frame;
    if (current === null) return;
    const onWheel = (event: WheelEvent): void => {
      const scrolls = document.documentElement.scrollHeight > innerHeight + 1;
      if (scrolls && !event.ctrlKey) return;
      event.preventDefault();
      const { left, top } = current.getBoundingClientRect();
      const steps = event.deltaMode === 1 ? event.deltaY * 20 : event.deltaY;
      const pace = event.ctrlKey ? 0.01 : 0.002;
      latest.current(Math.exp(-Math.min(Math.max(steps, -300), 300) * pace), {
        x: event.clientX - left,
        y: event.clientY - top,
      });
    };
    current.addEventListener('wheel', onWheel, { passive: false });
    return () => current.removeEventListener('wheel', onWheel);
  }, []);
}

interface PointersOf {
  readonly latest: { readonly current: View };
  readonly size: Size;
  readonly show: (view: View) => void;
}

/** One pointer pans, two pinch. */
export function usePointers(given: PointersOf) {
  const ways = useRef(given);
  ways.current = given;
  const down = useRef(new Map<number, Point>());
  const moved = useRef(0);
  const [handlers] = useState(() => {
    const at = ({ clientX, clientY }: PointerEvent): Point => ({ x: clientX, y: clientY });
    const up = ({ pointerId }: PointerEvent): void => {
      down.current.delete(pointerId);
    };
    return {
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0) return;
        if (down.current.size === 0) moved.current = 0;
        down.current.set(event.pointerId, at(event));
      },
      onPointerMove: (event: PointerEvent) => {
        const before = down.current.get(event.pointerId);
        if (before === undefined) return;
        const now = at(event);
        const others = [...down.current].filter(([id]) => id !== event.pointerId);
        const by = { x: now.x - before.x, y: now.y - before.y };
        moved.current += Math.hypot(by.x, by.y);
        down.current.set(event.pointerId, now);
        if (moved.current < clickPx) return;
        const plane = event.currentTarget as SVGSVGElement;
        if (!plane.hasPointerCapture(event.pointerId)) plane.setPointerCapture(event.pointerId);
        const { latest, size, show } = ways.current;
        const view = latest.current;
        const other = others[0]?.[1];
        if (other === undefined) {
          show(panned(view, size, by));
          return;
        }
        const { left, top } = plane.getBoundingClientRect();
        const factor =
          Math.hypot(now.x - other.x, now.y - other.y) /
          Math.max(Math.hypot(before.x - other.x, before.y - other.y), 1);
        const middle = { x: (now.x + other.x) / 2 - left, y: (now.y + other.y) / 2 - top };
        show(panned(zoomed(view, size, factor, middle), size, { x: by.x / 2, y: by.y / 2 }));
      },
      onPointerUp: up,
      onPointerCancel: up,
    };
  });
  return { handlers, wasPan: () => moved.current >= clickPx };
}
