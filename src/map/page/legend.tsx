import { states } from '../wire.ts';
import { Icon } from './sign.tsx';
import { stateWords, text } from './text.ts';

interface LegendProps {
  /** Whether the map shows all registries. */
  readonly fleet: boolean;
  /** Whether it shows where the cluster's nodes are. */
  readonly nodes: boolean;
  readonly open: boolean;
}

/** What the signs mean, from well to bad. */
export function Legend({ fleet, nodes, open }: LegendProps) {
  return (
    <details class="legend" open={open}>
      <summary>{text.legend}</summary>
      <ul>
        {fleet ? (
          <li>
            <svg class="icon" viewBox="-13 -13 26 26" aria-hidden="true">
              <circle class="disc ready" r="11" />
              <text class="count" text-anchor="middle" y="5" font-size="14">
                3
              </text>
            </svg>
            {text.fleetCount}
          </li>
        ) : (
          <li title={text.homeSays}>
            <Icon state="ready" home />
            {text.home}
          </li>
        )}
        {states.toReversed().map((state) => (
          <li key={state} title={stateWords[state].says}>
            <Icon state={state} />
            {stateWords[state].word}
          </li>
        ))}
        <li title={text.freeSays}>
          <Icon state={undefined} />
          {text.free}
        </li>
        {nodes && (
          <li>
            <svg class="icon" viewBox="-13 -13 26 26" aria-hidden="true">
              <circle class="nodes" r="11" />
            </svg>
            {text.nodes}
          </li>
        )}
      </ul>
    </details>
  );
}
