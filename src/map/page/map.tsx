import { useMemo, useRef, useState } from 'preact/hooks';
import { usePointers, useSize, useWheel } from './gestures.ts';
import { lineEnd } from './labels.ts';
import { type Bounds, type Spot, spread } from './layout.ts';
import { useLabels } from './map-labels.ts';
import { Marker, Tip } from './marker.tsx';
import { badgeOf, type Mark, rankOf } from './marks.ts';
import { type Direction, nearestIn } from './nearest.ts';
import { Badge } from './sign.tsx';
import { text } from './text.ts';
import { labelOf, spokenOf } from './told.ts';
import {
  isWholeWorld,
  kept,
  maxZoom,
  panned,
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
  const origin = seenAt({ x: 0, y: 0 }, view, size);
  const whole = isWholeWorld(view);
  const stands = useMemo(
    () => spread(spots, hit, whole ? boundsIn(size, origin, hit) : undefined),
    [spots, hit, whole, size],
  );
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
  const isMoving = whole ? 'whole' : 'part';
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
          {/* Above all markers: a neighbour may cover a ring, and never a state. */}
          <g class="badges" aria-hidden="true">
            {targets.map(({ id, mark, x, y }) => {
              const state = badgeOf(mark);
              return state === undefined ? null : (
                <g key={id} transform={`translate(${x.toFixed(1)},${y.toFixed(1)}) scale(${unit.toFixed(3)})`}>
                  <Badge state={state} />
                </g>
              );
            })}
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

function spotsOf(marks: readonly Mark[], scale: number, canAdd: boolean): readonly Spot[] {
  return marks.flatMap(({ region: { name, at }, kind, state, home, nodes, draft }) => {
    if (at === undefined) return [];
    const firm = kind !== 'free' || draft !== undefined || nodes > 0;
    if (!firm && !canAdd) return [];
    return [{ id: name, x: at.x * scale, y: at.y * scale, rank: home ? 0 : 1 + rankOf(state), optional: !firm }];
  });
}

type Point = { readonly x: number; readonly y: number };

/** Where targets are wholly in sight, from the origin of the plane. */
function boundsIn({ width, height }: Size, { x, y }: Point, hit: number): Bounds {
  const margin = hit / 2 + 1;
  return { left: margin - x, top: margin - y, right: width - margin - x, bottom: height - margin - y };
}

const pointText = ({ x, y }: Point): string => `${x.toFixed(1)},${y.toFixed(1)}`;

/** A line from home that is bowed to the north, as flights are drawn. */
function arcPath(from: Point, to: Point): string {
  const far = Math.hypot(to.x - from.x, to.y - from.y);
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - far * 0.22 };
  return `M${pointText(from)}Q${pointText(middle)} ${pointText(to)}`;
}
