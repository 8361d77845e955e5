import { useEffect, useRef, useState } from 'preact/hooks';
import type { Draft, MapObject, Refusal } from '../wire.ts';
import { CopyButton } from './copy-button.tsx';
import { changedPart } from './diff-lines.ts';
import { type Changes, isEmpty } from './draft-set.ts';
import { text } from './text.ts';
import type { Outcome, Steering } from './use-steering.ts';

interface PanelProps {
  readonly object: MapObject;
  readonly changes: Changes;
  readonly steering: Steering;
  readonly labelOf: (region: string) => string;
  readonly onDiscard: () => void;
}

export function DraftPanel({ object, changes, steering, labelOf, onDiscard }: PanelProps) {
  const { answer, stale, doing, outcome } = steering;
  const drafting = !isEmpty(changes);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (outcome !== undefined) card.current?.scrollIntoView({ block: 'nearest' });
  }, [outcome]);
  if (!drafting && outcome === undefined) return null;
  const draft = answer?.draft;
  const canApply = draft !== undefined && draft.blocked === undefined && !stale && doing === undefined;
  return (
    <section class="card draft" id="draft" ref={card} aria-labelledby="draft-title">
      <header>
        <h3 id="draft-title">{drafting ? text.draft.title : text.draft.done}</h3>
        {drafting && <span class="under">{text.draft.counts(changes.add.size, changes.remove.size)}</span>}
      </header>
      {outcome !== undefined && <OutcomeBox outcome={outcome} steering={steering} />}
      {drafting && (
        <>
          <div class={stale ? 'answer stale' : 'answer'} aria-busy={stale || answer === undefined}>
            {answer === undefined && <p class="under">{text.draft.working}…</p>}
            {answer?.refusal !== undefined && <RefusalBox refusal={answer.refusal} title={text.draft.refused} />}
            {draft !== undefined && <DraftAnswer draft={draft} labelOf={labelOf} />}
          </div>
          <div class="buttons">
            <button type="button" class="primary" disabled={!canApply} onClick={steering.apply}>
              {doing === 'apply' ? `${text.draft.applying}…` : text.draft.apply}
            </button>
            {draft !== undefined && <ManifestButtons draft={draft} object={object} />}
            <button type="button" onClick={onDiscard}>
              {text.draft.discard}
            </button>
          </div>
        </>
      )}
    </section>
  );
}

function OutcomeBox({ outcome, steering }: { readonly outcome: Outcome; readonly steering: Steering }) {
  const { applied, refusal } = outcome;
  if (refusal !== undefined)
    return (
      <div role="alert">
        <RefusalBox refusal={refusal} title={text.draft.refused} />
        <div class="buttons">
          <button type="button" onClick={steering.dismiss}>
            {text.draft.dismiss}
          </button>
        </div>
      </div>
    );
  return (
    <div class="outcome" role="status">
      {applied?.said.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <div class="buttons">
        {applied?.undo === true && (
          <button type="button" disabled={steering.doing !== undefined} onClick={steering.undo}>
            {steering.doing === 'undo' ? `${text.draft.undoing}…` : text.draft.undo}
          </button>
        )}
        <button type="button" onClick={steering.dismiss}>
          {text.draft.dismiss}
        </button>
      </div>
    </div>
  );
}

/** What was refused, and what helps. */
export function RefusalBox({ refusal: { error, cure }, title }: { readonly refusal: Refusal; readonly title: string }) {
  return (
    <div class="refusal">
      <p>
        <strong>{title}</strong>
      </p>
      <p>{error}</p>
      {cure !== undefined && (
        <p class="cure">
          <span class="under">{text.draft.cure}</span>
          <code>{cure}</code>
        </p>
      )}
    </div>
  );
}

interface DraftAnswerProps {
  readonly draft: Draft;
  readonly labelOf: (region: string) => string;
}

function DraftAnswer({ draft: { diff, plan, fears, blocked }, labelOf }: DraftAnswerProps) {
  return (
    <>
      {blocked !== undefined && <RefusalBox refusal={blocked} title={text.draft.blocked} />}
      {fears.length > 0 && (
        <div class="fears">
          <h4>{text.draft.fears}</h4>
          <ul>
            {fears.map((fear) => (
              <li key={fear}>{fear}</li>
            ))}
          </ul>
        </div>
      )}
      <h4>{text.draft.plan}</h4>
      <p>{plan.summary}</p>
      <ul class="plan">
        {plan.lines
          .filter(({ sign }) => sign !== '=')
          .map(({ sign, kind, region, text: line }) => (
            <li key={`${region}${line}`} class={kind}>
              <span class="plan-sign" aria-hidden="true">
                {sign}
              </span>
              <span class="unseen">{text.draft.signs[sign]}: </span>
              <span>
                <strong>{labelOf(region)}</strong> {line === '' ? text.draft.kinds[kind] : line}
              </span>
            </li>
          ))}
      </ul>
      {plan.notes.map((note) => (
        <p key={note} class="under">
          {note}
        </p>
      ))}
      <p class="under">{plan.seen}</p>
      {plan.money.length > 0 && (
        <>
          <h4>{text.draft.money}</h4>
          {plan.money.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </>
      )}
      <h4 id="diff-title">{text.draft.diff}</h4>
      <div class="diff" role="region" aria-labelledby="diff-title" tabIndex={0}>
        {changedPart(diff).map((row, i) =>
          row.sign === '…' ? (
            <span key={String(i)} class="skip">
              {`⋯ ${row.count}`}
            </span>
          ) : (
            <DiffLine key={String(i)} sign={row.sign} line={row.text} />
          ),
        )}
      </div>
    </>
  );
}

function DiffLine({ sign, line }: { readonly sign: ' ' | '+' | '-'; readonly line: string }) {
  const words = `${sign} ${line}`;
  if (sign === '+') return <ins>{words}</ins>;
  if (sign === '-') return <del>{words}</del>;
  return <span>{words}</span>;
}

function ManifestButtons({ draft, object }: { readonly draft: Draft; readonly object: MapObject }) {
  const download = (): void => {
    const address = URL.createObjectURL(new Blob([draft.manifest], { type: 'application/yaml' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `${object.name}.yaml`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <>
      <CopyButton value={draft.manifest} word={text.draft.copy} failed={text.draft.copyFailed} />
      <button type="button" onClick={download}>
        {text.draft.download}
      </button>
    </>
  );
}

/** While a draft is not in sight: how much it changes, and the way to it. */
export function Review({ changes }: { readonly changes: Changes }) {
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    const card = document.getElementById('draft');
    if (card === null) return;
    const observer = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(card);
    return () => observer.disconnect();
  }, []);
  if (seen) return null;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const show = (): void =>
    document.getElementById('draft')?.scrollIntoView({ block: 'start', behavior: calm ? 'auto' : 'smooth' });
  return (
    <button type="button" class="review" onClick={show}>
      {text.draft.counts(changes.add.size, changes.remove.size)} · {text.draft.review}
    </button>
  );
}
