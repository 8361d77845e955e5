import type { MapObject } from '../wire.ts';
import { objectFlags, text } from './text.ts';

/** How the chosen object stands, and the way back to all. */
export function ObjectHead({ object, onAll }: { readonly object: MapObject; readonly onAll: () => void }) {
  const { phase, reason, summary } = object;
  return (
    <div class="object-head">
      <BackButton onAll={onAll} />
      <p>
        <strong class="number">{summary}</strong> {phase}
        {reason !== '' && reason !== phase && <span class="under"> {reason}</span>}
        {objectFlags(object).map((flag) => (
          <span key={flag} class="flag">
            {flag}
          </span>
        ))}
      </p>
    </div>
  );
}

function BackButton({ onAll }: { readonly onAll: () => void }) {
  return (
    <button type="button" class="back" onClick={onAll}>
      <svg viewBox="-10 -10 20 20" aria-hidden="true">
        <path d="M3,-6L-3,0L3,6" />
      </svg>
      {text.all}
    </button>
  );
}

/** In place of an object that is not there, or not yet. */
export function Missing({
  name,
  synced,
  onAll,
}: {
  readonly name: string;
  readonly synced: boolean;
  readonly onAll: () => void;
}) {
  return (
    <div class="object-head">
      <BackButton onAll={onAll} />
      <p class="empty">{synced ? text.notThere(name) : `${text.loading}…`}</p>
    </div>
  );
}
