import type { State } from '../wire.ts';
import { drafted, free, house, type Sign, signs } from './signs.ts';

/** The lines of one sign; its group's class gives the colour. */
function Shape({ sign: { fill, line, cut }, name }: { readonly sign: Sign; readonly name: string }) {
  return (
    <g class={`sign ${name}`}>
      {fill !== undefined && <path class="fill" d={fill} />}
      {line !== undefined && <path class="line" d={line} />}
      {cut !== undefined && <path class="cut" d={cut} />}
    </g>
  );
}

interface StateShapeProps {
  readonly state: State | undefined;
  readonly home: boolean;
  /** Whether home that is not ready has its state beside it; on the map it is drawn above all markers instead. */
  readonly badge?: boolean;
}

/** How a replica, or home, is shown. */
export function StateShape({ state, home, badge = true }: StateShapeProps) {
  if (state === undefined) return home ? <Shape sign={house} name="ready" /> : <Shape sign={free} name="free" />;
  if (!home) return <Shape sign={signs[state]} name={state} />;
  return (
    <>
      <Shape sign={house} name={state === 'ready' ? 'ready' : 'plain'} />
      {badge && state !== 'ready' && <Badge state={state} />}
    </>
  );
}

/** A small sign at the upper right of a larger one. */
export function Badge({ state }: { readonly state: State }) {
  return (
    <g class="badge" transform="translate(10,-9.5) scale(0.6)">
      <circle class="ground" r="12.5" />
      <Shape sign={signs[state]} name={state} />
    </g>
  );
}

export function DraftShape({ draft }: { readonly draft: 'add' | 'remove' }) {
  return <Shape sign={drafted[draft]} name={`draft-${draft}`} />;
}

/** A sign in a text. What it says stands beside it in words. */
export function Icon({ state, home = false }: { readonly state: State | undefined; readonly home?: boolean }) {
  return (
    <svg class="icon" viewBox="-13 -13 26 26" aria-hidden="true">
      <StateShape state={state} home={home} />
    </svg>
  );
}
