import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lineEnd, placeLabels } from './labels.ts';
import { type Spot, spread } from './layout.ts';
import { type Mark, rankOf } from './marks.ts';
import { type Direction, nearestIn } from './nearest.ts';
import { Badge, DraftShape, StateShape } from './sign.tsx';
import { text } from './text.ts';
import { labelOf, spokenOf } from './told.ts';
import {
  isWholeWorld,
  kept,
  maxZoom,
  panned,
  planeSize,
  revealed,
  type Size,
  scaleOf,
  seenAt,
  type View,
  wholeWorld,
  zoomed,
} from './viewport.ts';
import { world } from './world.tsx';

interface Props {
  readonly marks: readonly Mark[];
  /** Whether regions without a replica can be chosen. */
  readonly canAdd: boolean;
  readonly selected: string | undefined;
  readonly view: View | undefined;
  readonly now: Date;
  readonly onView: (view: View | undefined) => void;
  /** A region is clicked, or chosen by Enter. */
  readonly onChoose: (region: string) => void;
  /** Space on a region. */
  readonly onToggle: (region: string) => void;
}

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** The other way through the regions: in the order in which they are read. */
const steps: Readonly<Record<string, (at: number, count: number) => number>> = {
  PageDown: (at, count) => Math.min(at + 1, count - 1),
  PageUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** Pixels that a pointer may move before a click becomes a pan. */
const clickPx = 5;

export function WorldMap(props: Props) {
  const { marks, canAdd, selected, now, onView, onChoose, onToggle } = props;
  const frame = useRef<HTMLDivElement>(null);
  const { size, unit } = useSize(frame);
  const view = kept(props.view ?? wholeWorld, size);
  const [active, setActive] = useState<string>();
  const [focused, setFocused] = useState<string>();
  // Wheel and fingers move faster than the page is drawn: each move goes on from the last.
  const latest = useRef(view);
  latest.current = view;
  const show = (next: View): void => {
    latest.current = next;
    onView(isWholeWorld(next) ? undefined : next);
  };

  const hit = (size.width < 700 ? 25 : 29) * unit;
  const scale = scaleOf(size, view.zoom);
  const spots = useMemo(() => spotsOf(marks, scale, canAdd), [marks, scale, canAdd]);
  const stands = useMemo(() => spread(spots, hit), [spots, hit]);
  const origin = seenAt({ x: 0, y: 0 }, view, size);
  const places = useMemo(
    () =>
      marks.flatMap((mark) => {
        if (mark.region.at === undefined) return [];
        const [x, y] = [mark.region.at.x * scale, mark.region.at.y * scale];
        const stand = stands.get(mark.region.name) ?? { x, y, target: false, moved: false };
        const own = { x: x + origin.x, y: y + origin.y };
        return [{ mark, id: mark.region.name, x: stand.x + origin.x, y: stand.y + origin.y, own, stand }];
      }),
    [marks, stands, scale, origin.x, origin.y],
  );
  const targets = places.filter(({ stand }) => stand.target);
  const home = targets.find(({ mark }) => mark.home && mark.kind === 'replica');
  const labels = useLabels({ places, selected, size, unit, hit, now, zoom: view.zoom });
  const tabStop = targets.find(({ id }) => id === focused) ?? targets.find(({ id }) => id === selected) ?? targets[0];

  useWheel(frame, (factor, at) => show(zoomed(latest.current, size, factor, at)));
  const { handlers, wasPan } = usePointers({ latest, size, show });

  const focusOn = (id: string): void => {
    const place = targets.find((one) => one.id === id);
    if (place === undefined) return;
    if (!isWholeWorld(view)) {
      const at = { x: (place.x - origin.x) / scale, y: (place.y - origin.y) / scale };
      show(revealed(view, size, at, hit));
    }
    frame.current?.querySelector<SVGGElement>(`[data-region="${id}"]`)?.focus();
  };
  const zoomBy = (factor: number): void => {
    const at = targets.find(({ id }) => id === (focused ?? selected)) ?? { x: size.width / 2, y: size.height / 2 };
    show(zoomed(view, size, factor, at));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = arrows[event.key];
    const from = targets.find(({ id }) => id === focused);
    if (direction !== undefined && event.shiftKey) {
      const step = { left: [80, 0], right: [-80, 0], up: [0, 80], down: [0, -80] }[direction];
      show(panned(view, size, { x: step[0] ?? 0, y: step[1] ?? 0 }));
    } else if (direction !== undefined) {
      const next = from === undefined ? tabStop?.id : nearestIn(direction, from, targets);
      if (next !== undefined) focusOn(next);
    } else if (event.key in steps) {
      const at = tabStop === undefined ? -1 : targets.indexOf(tabStop);
      const next = targets[(steps[event.key] ?? ((i) => i))(at, targets.length)];
      if (next !== undefined) focusOn(next.id);
    } else if (event.key === '+' || event.key === '=') zoomBy(1.6);
    else if (event.key === '-') zoomBy(1 / 1.6);
    else if (event.key === '0') onView(undefined);
    else if (event.key === 'Enter' && from !== undefined) onChoose(from.id);
    else if (event.key === ' ' && from !== undefined) onToggle(from.id);
    else return;
    event.preventDefault();
  };

  const tip = places.find(({ id }) => id === active);
  const isMoving = isWholeWorld(view) ? 'whole' : 'part';
  return (
    <>
      <div class={`map ${isMoving}`} ref={frame}>
        <svg
          class="plane"
          width={size.width}
          height={size.height}
          role="group"
          aria-label={`${text.map}. ${text.mapSays}${canAdd ? ` ${text.mapDrafts}` : ''}`}
          onKeyDown={onKeyDown}
          {...handlers}
        >
          <g
            class="world"
            transform={`translate(${origin.x.toFixed(2)},${origin.y.toFixed(2)}) scale(${scale.toFixed(5)})`}
          >
            {world}
          </g>
          {home !== undefined && (
            <g class="arcs">
              {targets
                .filter(({ mark, id }) => id !== home.id && (mark.kind === 'replica' || mark.draft === 'add'))
                .map(({ mark, id, x, y }) => (
                  <path key={id} class={`arc ${mark.draft ?? mark.state ?? ''}`} d={arcPath(home, { x, y })} />
                ))}
            </g>
          )}
          <g class="leaders">
            {targets
              .filter(({ stand }) => stand.moved)
              .map(({ id, own, x, y }) => (
                <g key={id}>
                  <path class="leader" d={`M${own.x.toFixed(1)},${own.y.toFixed(1)}L${x.toFixed(1)},${y.toFixed(1)}`} />
                  <circle class="foot" cx={own.x} cy={own.y} r={1.6 * unit} />
                </g>
              ))}
          </g>
          <g class="dots">
            {places
              .filter(({ stand }) => !stand.target)
              .map(({ id, mark, own }) => (
                <circle
                  key={id}
                  class="dot"
                  data-dot={id}
                  cx={own.x}
                  cy={own.y}
                  r={2.6 * unit}
                  onPointerEnter={() => setActive(mark.region.name)}
                  onPointerLeave={() => setActive(undefined)}
                />
              ))}
          </g>
          <g class="leaders">
            {labels
              .filter(({ place }) => place.off)
              .map(({ id, place, at }) => (
                <path
                  key={id}
                  class="leader"
                  d={`M${at.x.toFixed(1)},${at.y.toFixed(1)}L${pointText(lineEnd(place, at))}`}
                />
              ))}
          </g>
          <g class="labels" aria-hidden="true" font-size={12.5 * unit}>
            {labels.map(({ id, lines, place, strong }) => (
              <text key={id} class={strong ? 'strong' : 'quiet'} text-anchor={place.side} x={place.x} y={place.y}>
                {lines.map((line, i) => (
                  <tspan
                    key={String(i)}
                    class={i === 0 ? 'name' : 'more'}
                    x={place.x}
                    dy={i === 0 ? 12 * unit : 14 * unit}
                  >
                    {line}
                  </tspan>
                ))}
              </text>
            ))}
          </g>
          <g class="marks">
            {targets.map(({ id, mark, x, y }) => (
              <g
                key={id}
                class={`mark ${mark.kind} ${mark.draft === undefined ? '' : `draft-${mark.draft}`}`}
                data-region={id}
                data-state={mark.state ?? 'free'}
                transform={`translate(${x.toFixed(1)},${y.toFixed(1)})`}
                role="button"
                tabindex={id === tabStop?.id ? 0 : -1}
                aria-label={spokenOf(mark, now)}
                aria-pressed={selected === id}
                onClick={() => {
                  if (!wasPan()) onChoose(id);
                }}
                onFocus={() => {
                  setFocused(id);
                  setActive(id);
                }}
                onBlur={() => setActive(undefined)}
                onPointerEnter={() => setActive(id)}
                onPointerLeave={() => setActive(undefined)}
              >
                <circle class="hit" r={hit / 2} />
                <g transform={`scale(${unit.toFixed(3)})`}>
                  <Marker
                    mark={mark}
                    turn={mark.state === 'syncing' && !mark.home ? (now.getSeconds() % 12) * 30 : 0}
                  />
                </g>
              </g>
            ))}
          </g>
          {tip !== undefined && !labels.some(({ id }) => id === tip.id) && (
            <Tip lines={labelOf(tip.mark, now)} x={tip.x} y={tip.y} unit={unit} size={size} radius={hit / 2} />
          )}
        </svg>
      </div>
      <div class="zoom" role="group" aria-label={text.zoom}>
        <button type="button" aria-label={text.zoomIn} disabled={view.zoom >= maxZoom} onClick={() => zoomBy(1.8)}>
          <ZoomSign d="M-6,0H6M0,-6V6" />
        </button>
        <button type="button" aria-label={text.zoomOut} disabled={isWholeWorld(view)} onClick={() => zoomBy(1 / 1.8)}>
          <ZoomSign d="M-6,0H6" />
        </button>
        <button type="button" aria-label={text.zoomAll} disabled={isWholeWorld(view)} onClick={() => onView(undefined)}>
          <ZoomSign d="M-6,-2V-6H-2M2,-6H6V-2M6,2V6H2M-2,6H-6V2" />
        </button>
      </div>
    </>
  );
}

function ZoomSign({ d }: { readonly d: string }) {
  return (
    <svg viewBox="-10 -10 20 20" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

interface MarkerProps {
  readonly mark: Mark;
  /**
   * Degrees by which the sign is turned: as a clock's hand, once a second. An animation would have the browser draw the
   * map sixty times a second, on a wall that hangs for months.
   */
  readonly turn: number;
}

function Marker({ mark: { kind, state, home, nodes, draft, count }, turn }: MarkerProps) {
  return (
    <>
      <circle class="halo" r="16" />
      {nodes > 0 && <circle class="nodes" r="13.8" />}
      {kind === 'fleet' ? (
        <>
          <circle class={`disc ${state ?? ''}`} r="11.4" />
          <text class="count" text-anchor="middle" y={count > 99 ? 3.4 : 4} font-size={count > 99 ? 9.5 : 11.5}>
            {count > 999 ? `${Math.floor(count / 1_000)}k` : count}
          </text>
          {state !== undefined && state !== 'ready' && <Badge state={state} />}
        </>
      ) : draft === 'add' ? (
        <DraftShape draft="add" />
      ) : (
        <>
          <g class="turning" transform={`rotate(${turn})`}>
            <StateShape state={state} home={home} />
          </g>
          {draft === 'remove' && <DraftShape draft="remove" />}
        </>
      )}
    </>
  );
}

interface TipProps {
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly unit: number;
  readonly size: Size;
  readonly radius: number;
}

function Tip({ lines, x, y, unit, size, radius }: TipProps) {
  const width = widest(lines, unit) + 16 * unit;
  const height = (lines.length * 15 + 8) * unit;
  const left = Math.min(Math.max(x - width / 2, 4), size.width - width - 4);
  const top = y - radius - height - 4 < 4 ? y + radius + 4 : y - radius - height - 4;
  return (
    <g class="tip" aria-hidden="true" font-size={12.5 * unit}>
      <rect x={left} y={top} width={width} height={height} rx={6 * unit} />
      <text x={left + 8 * unit} y={top}>
        {lines.map((line, i) => (
          <tspan key={String(i)} class={i === 0 ? 'name' : 'more'} x={left + 8 * unit} dy={(i === 0 ? 16 : 15) * unit}>
            {line}
          </tspan>
        ))}
      </text>
    </g>
  );
}

function spotsOf(marks: readonly Mark[], scale: number, canAdd: boolean): readonly Spot[] {
  return marks.flatMap(({ region: { name, at }, kind, state, home, nodes, draft }) => {
    if (at === undefined) return [];
    const firm = kind !== 'free' || draft !== undefined || nodes > 0;
    if (!firm && !canAdd) return [];
    return [{ id: name, x: at.x * scale, y: at.y * scale, rank: home ? 0 : 1 + rankOf(state), optional: !firm }];
  });
}

type Point = { readonly x: number; readonly y: number };

const pointText = ({ x, y }: Point): string => `${x.toFixed(1)},${y.toFixed(1)}`;

/** A line from home that is bowed to the north, as flights are drawn. */
function arcPath(from: Point, to: Point): string {
  const far = Math.hypot(to.x - from.x, to.y - from.y);
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - far * 0.22 };
  return `M${pointText(from)}Q${pointText(middle)} ${pointText(to)}`;
}

interface LabelsOf {
  readonly places: readonly {
    readonly mark: Mark;
    readonly id: string;
    readonly x: number;
    readonly y: number;
    readonly stand: { readonly target: boolean };
  }[];
  readonly selected: string | undefined;
  readonly size: Size;
  readonly unit: number;
  readonly hit: number;
  readonly now: Date;
  readonly zoom: number;
}

const isFree = ({ kind, draft, nodes }: Mark): boolean => kind === 'free' && draft === undefined && nodes === 0;

/** From this zoom on, regions that could be had are named, too. */
const namedFrom = 2.5;

function useLabels({ places, selected, size, unit, hit, now, zoom }: LabelsOf) {
  const seen = places.filter(
    ({ x, y, stand }) => stand.target && x > -hit && y > -hit && x < size.width + hit && y < size.height + hit,
  );
  const wanted = seen.filter(({ mark }) => !isFree(mark) || zoom >= namedFrom);
  const lines = new Map(wanted.map(({ id, mark }) => [id, labelOf(mark, now)]));
  const sizes = wanted.map(({ id, mark, x, y }) => {
    const text = lines.get(id) ?? [];
    const rank = id === selected ? -1 : mark.home ? 0 : mark.draft !== undefined ? 1 : 2 + rankOf(mark.state);
    // Digits that run do not move what stands around them: a label's width is that of its longest time.
    const width = widest(
      text.map((line) => line.replaceAll(/\d/g, '0')),
      unit,
    );
    return { id, x, y, radius: hit / 2 + unit, width, height: (text.length * 14 + 3) * unit, rank };
  });
  const key = JSON.stringify([sizes, size]);
  const found = useMemo(
    () =>
      placeLabels(
        sizes,
        seen.map(({ x, y, mark }) => ({ x, y, radius: isFree(mark) ? 5 * unit : hit / 2 })),
        size,
      ),
    [key],
  );
  return wanted.flatMap(({ id, mark, x, y }) => {
    const place = found.get(id);
    const strong = id === selected || mark.kind !== 'free' || mark.draft !== undefined;
    return place === undefined ? [] : [{ id, place, strong, at: { x, y }, lines: lines.get(id) ?? [] }];
  });
}

const widths = new Map<string, number>();
let pen: CanvasRenderingContext2D | null | undefined;

/** The width of the widest line in pixels. */
function widest(lines: readonly string[], unit: number): number {
  pen ??= document.createElement('canvas').getContext('2d');
  const width = (line: string, i: number): number => {
    const key = `${i === 0}${line}`;
    const had = widths.get(key);
    if (had !== undefined) return had;
    if (pen !== null && pen !== undefined) pen.font = `${i === 0 ? 600 : 400} 100px system-ui, sans-serif`;
    const measured = (pen?.measureText(line).width ?? line.length * 60) / 100;
    if (widths.size > 5_000) widths.clear();
    widths.set(key, measured);
    return measured;
  };
  return Math.max(0, ...lines.map(width)) * 12.5 * unit;
}

/** The size of the map in pixels, and how large a pixel of the design is: with the root's text, everything grows. */
function useSize(frame: { readonly current: HTMLDivElement | null }): { readonly size: Size; readonly unit: number } {
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
function useWheel(frame: { readonly current: HTMLDivElement | null }, zoom: (factor: number, at: Point) => void): void {
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
function usePointers(given: PointersOf) {
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
