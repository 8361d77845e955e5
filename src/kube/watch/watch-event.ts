import { KubeError } from '../http/error.ts';

/** One page of a list, with the fields that a reflector reads. */
interface ListPage {
  readonly version: bigint;
  /** Undefined or empty: it is the last page. */
  readonly continue: string | undefined;
  readonly items: readonly unknown[];
}

/** Parses one page of a list. Throws a KubeError when it is none: an empty list would be believed. */
export function pageOf(answer: unknown, request: string): ListPage {
  const { metadata, items } = answer as { readonly metadata?: ListMeta | null; readonly items?: unknown };
  const { resourceVersion, continue: next } = metadata ?? {};
  if (items !== null && !Array.isArray(items)) throw senseless(request, 'it is no list');
  return { version: versionIn(resourceVersion, request), continue: next, items: items ?? [] };
}

interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
}

/** The event in one line of a watch. Throws a KubeError when the line is none. */
export function parseEvent(line: string, request: string): { readonly type: string; readonly object: unknown } {
  let event: { readonly type?: unknown; readonly object?: unknown } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    // The cause is left out, because it quotes the event, which may hold a Secret.
    throw senseless(request, 'an event is no JSON');
  }
  const { type, object } = event ?? {};
  if (typeof type !== 'string' || !eventTypes.has(type)) throw senseless(request, 'an event is of no known type');
  return { type, object };
}

const eventTypes: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);

/** What a bookmark says: all changes up to its version were sent. Throws a KubeError when it has no version. */
export function bookmarkOf(object: unknown, request: string): Reached {
  const { metadata } = (object ?? {}) as { readonly metadata?: BookmarkMeta | null };
  const { resourceVersion, annotations } = metadata ?? {};
  return { version: versionIn(resourceVersion, request), annotations: annotations ?? {} };
}

interface BookmarkMeta {
  readonly resourceVersion?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Reached {
  readonly version: bigint;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The version of a list or a bookmark. Throws a KubeError when it is no number: the order of two answers could not be
 * told then.
 */
function versionIn(text: unknown, request: string): bigint {
  if (typeof text === 'string' && /^\d+$/.test(text)) return BigInt(text);
  throw senseless(request, 'it has no resourceVersion that is a number');
}

function senseless(request: string, message: string): KubeError {
  return new KubeError({ request, status: 0, reason: 'InvalidResponse', message });
}
