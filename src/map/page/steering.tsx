import { useEffect, useRef, useState } from 'preact/hooks';
import type { Applied, ApplyRequest, Draft, DraftRequest, MapObject, Refusal, UndoRequest } from '../wire.ts';
import { changedPart } from './diff-lines.ts';
import { type Changes, isEmpty, regionsWith } from './draft-set.ts';
import { ask, refusalOf } from './requests.ts';
import { text } from './text.ts';

const draftAfterMs = 200;
/** When only the object's status has moved, the plan, which reads Azure, is made anew after so long. */
const planAfterMs = 5_000;

/** What the server says of the draft: which regions it was asked about, and the answer. */
interface Answer {
  readonly asked: string;
  readonly draft?: Draft;
  readonly refusal?: Refusal;
}

interface Steering {
  readonly answer: Answer | undefined;
  /** Whether the answer is about another draft than the one that is shown. */
  readonly stale: boolean;
  readonly doing: 'apply' | 'undo' | undefined;
  /** What came of the last apply or undo of this object. */
  readonly outcome: Outcome | undefined;
  readonly apply: () => void;
  readonly undo: () => void;
  readonly dismiss: () => void;
}

interface Outcome {
  readonly key: string;
  readonly applied?: Applied;
  readonly refusal?: Refusal;
}

/** Asks for the draft whenever it or the object changes, and does what the buttons say. Answers that come late are dropped. */
export function useSteering(object: MapObject | undefined, changes: Changes, onApplied: () => void): Steering {
  const [answer, setAnswer] = useState<Answer>();
  const [doing, setDoing] = useState<'apply' | 'undo'>();
  const [outcome, setOutcome] = useState<Outcome>();
  const idle = object === undefined || isEmpty(changes);
  const request = idle
    ? undefined
    : { namespace: object.namespace, name: object.name, regions: regionsWith(object, changes) };
  const asked = request === undefined ? '' : JSON.stringify(request);
  const current = useRef(asked);
  current.current = asked;
  const version = object?.version;
  const [again, setAgain] = useState(0);

  useEffect(() => {
    if (asked === '') {
      setAnswer(undefined);
      return;
    }
    const gone = new AbortController();
    const askNow = async (): Promise<void> => {
      const body = JSON.parse(asked) as DraftRequest;
      try {
        const draft = await ask<Draft>('/api/draft', gone.signal, body);
        if (!gone.signal.aborted) setAnswer({ asked, draft });
      } catch (error) {
        if (!gone.signal.aborted) setAnswer({ asked, refusal: refusalOf(error) });
      }
    };
    const timer = setTimeout(() => void askNow(), draftAfterMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [asked, again]);

  const planned = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (current.current === '') return;
    planned.current ??= setTimeout(() => {
      planned.current = undefined;
      setAgain((count) => count + 1);
    }, planAfterMs);
  }, [version]);

  const act = async (kind: 'apply' | 'undo', key: string, body: ApplyRequest | UndoRequest): Promise<void> => {
    setDoing(kind);
    try {
      const applied = await ask<Applied>(`/api/${kind}`, new AbortController().signal, body);
      setOutcome({ key, applied });
      if (kind === 'apply') onApplied();
    } catch (error) {
      setOutcome({ key, refusal: refusalOf(error) });
      setAgain((count) => count + 1); // somebody may have edited the object
    } finally {
      setDoing(undefined);
    }
  };

  const draft = answer?.draft;
  return {
    answer,
    stale: answer !== undefined && answer.asked !== asked,
    doing,
    outcome: outcome !== undefined && outcome.key === object?.key ? outcome : undefined,
    apply: () => {
      if (object === undefined || request === undefined || draft === undefined || answer?.asked !== current.current)
        return;
      void act('apply', object.key, { ...request, version: draft.version });
    },
    undo: () => {
      if (object !== undefined) void act('undo', object.key, { namespace: object.namespace, name: object.name });
    },
    dismiss: () => setOutcome(undefined),
  };
}

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

function RefusalBox({ refusal: { error, cure }, title }: { readonly refusal: Refusal; readonly title: string }) {
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

const copiedMs = 2_500;

function ManifestButtons({ draft, object }: { readonly draft: Draft; readonly object: MapObject }) {
  const [copied, setCopied] = useState<string>();
  useEffect(() => {
    if (copied === undefined) return;
    const timer = setTimeout(() => setCopied(undefined), copiedMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(draft.manifest);
      setCopied(text.draft.copied);
    } catch {
      setCopied(text.draft.copyFailed);
    }
  };
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
      <button type="button" onClick={() => void copy()}>
        <span role="status">{copied ?? text.draft.copy}</span>
      </button>
      <button type="button" onClick={download}>
        {text.draft.download}
      </button>
    </>
  );
}
