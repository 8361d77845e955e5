import type { Mark } from './marks.ts';
import { DraftShape, StateShape } from './sign.tsx';
import { widest } from './text-width.ts';
import type { Size } from './viewport.ts';

interface MarkerProps {
  readonly mark: Mark;
  /**
   * Degrees by which the sign is turned: as a clock's hand, once a second. An animation would have the browser draw the
   * map sixty times a second, on a wall that hangs for months.
   */
  readonly turn: number;
}

export function Marker({ mark: { kind, state, home, nodes, draft, count }, turn }: MarkerProps) {
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
        </>
      ) : draft === 'add' ? (
        <DraftShape draft="add" />
      ) : (
        <>
          <g class="turning" transform={`rotate(${turn})`}>
            <StateShape state={state} home={home} badge={false} />
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

/** The name of a region without a label, while it is pointed at. */
export function Tip({ lines, x, y, unit, size, radius }: TipProps) {
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
