import { useState } from 'preact/hooks';
import type { Drained, DrainRequest, MapObject, Refusal, UndrainRequest } from '../wire.ts';
import { ask, refusalOf } from './requests.ts';

/** What came of beginning or ending a drain. */
interface DrainOutcome {
  readonly key: string;
  readonly region: string;
  readonly said?: readonly string[];
  readonly refusal?: Refusal;
}

/** Drains of one region of the chosen object, and what came of the last one. */
export interface Draining {
  readonly isDoing: boolean;
  readonly outcome: DrainOutcome | undefined;
  /** Resolves to whether it was done. */
  readonly drain: (length: string, reason: string) => Promise<boolean>;
  readonly undrain: () => Promise<boolean>;
  readonly dismiss: () => void;
}

/** Begins and ends drains; `onDone` is told of each that the server has written. */
export function useDraining(
  object: MapObject | undefined,
  region: string | undefined,
  onDone: () => void,
): Draining | undefined {
  const [isDoing, setDoing] = useState(false);
  const [outcome, setOutcome] = useState<DrainOutcome>();
  if (object === undefined || region === undefined) return undefined;
  const { key, namespace, name } = object;
  const of = { namespace, name, region };

  const send = async (kind: 'drain' | 'undrain', body: DrainRequest | UndrainRequest): Promise<boolean> => {
    setDoing(true);
    try {
      const { said } = await ask<Drained>(`/api/${kind}`, new AbortController().signal, body);
      setOutcome({ key, region, said });
      onDone();
      return true;
    } catch (error) {
      setOutcome({ key, region, refusal: refusalOf(error) });
      return false;
    } finally {
      setDoing(false);
    }
  };

  return {
    isDoing,
    outcome: outcome?.key === key && outcome.region === region ? outcome : undefined,
    drain: (length, reason) => send('drain', { ...of, for: length, reason }),
    undrain: () => send('undrain', of),
    dismiss: () => setOutcome(undefined),
  };
}
