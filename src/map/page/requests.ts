import type { Refusal } from '../wire.ts';
import { text } from './text.ts';

/** What the server refused, and what helps. */
export class Refused extends Error implements Refusal {
  readonly error: string;
  readonly cure?: string;
  constructor({ error, cure }: Refusal) {
    super(error);
    this.name = 'Refused';
    this.error = error;
    if (cure !== undefined) this.cure = cure;
  }
}

/** Asks the server of this page: a GET, or with a body a POST. Throws `Refused`, also when there is no answer. */
export async function ask<T>(path: string, signal: AbortSignal, body?: unknown): Promise<T> {
  const request: RequestInit =
    body === undefined
      ? { signal }
      : { signal, method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Refused({ error: text.unreachable });
  }
  const told = await response.text();
  if (response.ok) return JSON.parse(told) as T;
  throw new Refused(refusalIn(told) ?? { error: `${response.status} ${response.statusText}` });
}

/** The refusal in an answer's text; undefined: it is none. */
export function refusalIn(told: string): Refusal | undefined {
  try {
    const value = JSON.parse(told) as Partial<Refusal>;
    return typeof value.error === 'string' ? (value as Refusal) : undefined;
  } catch {
    return undefined;
  }
}

export function refusalOf(error: unknown): Refusal {
  return error instanceof Refused ? error : { error: error instanceof Error ? error.message : String(error) };
}
