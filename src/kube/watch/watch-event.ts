import { KubeError } from '../http/error.ts';
import type { KubeObject } from './object.ts';

/** One page of a list, with the fields that a reflector reads. */
export interface ListPage {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[];
}

/** The event in one line of a watch. Throws a KubeError when the line is no JSON. */
export function parseEvent(line: string, request: string): { readonly type: string; readonly object: unknown } {
  try {
    return JSON.parse(line) as { type: string; object: unknown };
  } catch {
    // The cause is left out, because it quotes the event, which may hold a Secret.
    throw new KubeError({ request, status: 0, reason: 'InvalidResponse', message: 'an event is no JSON' });
  }
}

/** What a bookmark says: all changes up to its version were sent. */
export function bookmarkOf(object: unknown): {
  readonly resourceVersion: string;
  readonly annotations?: Readonly<Record<string, string>>;
} {
  return (object as KubeObject).metadata;
}
