import { useEffect, useRef, useState } from 'preact/hooks';
import type { Applied, ApplyRequest, Draft, DraftRequest, MapObject, Refusal, UndoRequest } from '../wire.ts';
import { type Changes, isEmpty, noChanges, regionsWith } from './draft-set.ts';
import { ask, refusalOf } from './requests.ts';

const draftAfterMs = 200;
/** When only the object's status has moved, the plan, which reads Azure, is made anew after so long. */
const planAfterMs = 5_000;

/** What the server says of the draft: which regions it was asked about, and the answer. */
interface Answer {
  readonly asked: string;
  readonly draft?: Draft;
  readonly refusal?: Refusal;
}

export interface Steering {
  readonly answer: Answer | undefined;
  /** Whether the answer is about another draft than the one that is shown. */
  readonly stale: boolean;
  readonly doing: 'apply' | 'undo' | undefined;
  /** What came of the last apply or undo of this object. */
  readonly outcome: Outcome | undefined;
  readonly apply: () => void;
  readonly undo: () => void;
  readonly dismiss: () => void;
  /** Has the draft made anew: the object was edited by this page otherwise. */
  readonly renew: () => void;
}

/** What came of an apply or undo of the object `key`. */
export interface Outcome {
  readonly key: string;
  /** The regions that were asked for. */
  readonly regions: readonly string[];
  readonly applied?: Applied;
  readonly refusal?: Refusal;
}

/** Asks for the draft whenever it or the object changes, and does what the buttons say. Answers that come late are dropped. */
export function useSteering(
  object: MapObject | undefined,
  changes: Changes,
  onApplied: (key: string, made: Changes) => void,
): Steering {
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

  const act = async (
    kind: 'apply' | 'undo',
    key: string,
    body: ApplyRequest | UndoRequest,
    made = noChanges,
  ): Promise<void> => {
    setDoing(kind);
    try {
      const applied = await ask<Applied>(`/api/${kind}`, new AbortController().signal, body);
      setOutcome({ key, regions: body.regions, applied });
      onApplied(key, made);
    } catch (error) {
      setOutcome({ key, regions: body.regions, refusal: refusalOf(error) });
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
      void act('apply', object.key, { ...request, version: draft.version }, changes);
    },
    undo: () => {
      if (object === undefined || outcome?.key !== object.key) return;
      const { namespace, name } = object;
      void act('undo', object.key, { namespace, name, regions: outcome.regions });
    },
    dismiss: () => setOutcome(undefined),
    renew: () => setAgain((count) => count + 1),
  };
}
