import { KubeError } from '../http/error.ts';
import type { KubeObject } from './object.ts';

/** Of a paged list. */
export interface ListPage {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[];
}

/** One line of a watch. Throws a KubeError when it is no JSON. */
export function parseEvent(line: string, request: string): { readonly type: string; readonly object: unknown } {
  try {
    return JSON.parse(line) as { type: string; object: unknown };
  } catch {
    // Without its cause, which quotes the event: it may be a Secret.
    throw new KubeError({ request, status: 0, reason: 'InvalidResponse', message: 'an event is no JSON' });
  }
}

export function bookmarkOf(object: unknown): {
  readonly resourceVersion: string;
  readonly annotations?: Readonly<Record<string, string>>;
} {
  return (object as KubeObject).metadata;
}
