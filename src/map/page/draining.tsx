import { useState } from 'preact/hooks';
import type { Drain } from '../../view/drains.ts';
import type { Mark } from './marks.ts';
import { RefusalBox } from './steering.tsx';
import { text } from './text.ts';
import type { Draining } from './use-draining.ts';

/** For how long a region may be drained from the map; the command takes any length, and a moment. */
const lengths = ['15m', '30m', '1h', '2h', '4h', '8h', '1d', '2d', '7d', '30d'] as const;

interface Props {
  readonly mark: Mark;
  readonly draining: Draining;
}

/** Begins a drain of the region of the panel, gives it another end, or ends it. */
export function DrainControls({ mark: { replica, home }, draining }: Props) {
  const { isDoing, outcome, dismiss } = draining;
  const drain = replica?.drain;
  const isStated = drain?.reason !== undefined;
  const canDrain = home || replica?.wanted === true;
  if (!canDrain && !isStated) return null;
  return (
    <>
      {outcome?.refusal !== undefined && (
        <div role="alert">
          <RefusalBox refusal={outcome.refusal} title={text.draft.refused} />
        </div>
      )}
      {outcome?.said !== undefined && (
        <div class="outcome" role="status">
          {outcome.said.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      )}
      {canDrain && <DrainForm drain={drain} draining={draining} />}
      <div class="buttons">
        {isStated && (
          <button type="button" disabled={isDoing} onClick={() => void draining.undrain()}>
            {text.drain.end}
          </button>
        )}
        {outcome !== undefined && (
          <button type="button" onClick={dismiss}>
            {text.draft.dismiss}
          </button>
        )}
      </div>
    </>
  );
}

function DrainForm({ drain, draining }: { readonly drain: Drain | undefined; readonly draining: Draining }) {
  const [length, setLength] = useState<string>('2h');
  const [reason, setReason] = useState(drain?.reason ?? '');
  const [isOpen, setOpen] = useState(false);
  const isStated = drain?.reason !== undefined;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await draining.drain(length, reason)) setOpen(false);
  };
  return (
    <details class="drain-form" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{isStated ? text.drain.change : text.drain.begin}</summary>
      <form onSubmit={(event) => void submit(event)}>
        <p class="under">{text.drain.says}</p>
        <div class="field">
          <label for="drain-for">{text.drain.for}</label>
          <select id="drain-for" value={length} onChange={({ currentTarget }) => setLength(currentTarget.value)}>
            {lengths.map((one) => (
              <option key={one} value={one}>
                {text.drain.length(one)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="drain-reason">{text.drain.reason}</label>
          <input
            id="drain-reason"
            type="text"
            required
            maxLength={200}
            placeholder={text.drain.example}
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </div>
        <div class="buttons">
          <button type="submit" class="primary" disabled={draining.isDoing || reason.trim() === ''}>
            {draining.isDoing ? `${text.drain.doing}…` : text.drain.do}
          </button>
        </div>
      </form>
    </details>
  );
}
