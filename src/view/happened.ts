import { kind, type RegistryReplication } from '../api/registryreplication.ts';
import { plainText } from '../domain/text.ts';
import type { KubeClient } from '../kube/http/client.ts';
import { KubeError } from '../kube/http/error.ts';

/** Something that happened to an object, as an Event tells it. */
export interface Happened {
  /** When it was last. Empty: nobody says. */
  readonly time: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** An Event of the core API, as which those of events.k8s.io are shown, too. */
export interface CoreEvent {
  readonly metadata: { readonly name: string; readonly creationTimestamp?: string };
  readonly eventTime?: string | null;
  readonly lastTimestamp?: string | null;
  readonly series?: { readonly lastObservedTime?: string } | null;
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The Events of one object, oldest first; those of one moment in the order of their names, in which ours rise. */
export function happenedIn(events: readonly CoreEvent[]): readonly Happened[] {
  return events
    .map((event) => ({ event, time: timeOf(event) }))
    .sort((a, b) => compared(a.time, b.time) || compared(a.event.metadata.name, b.event.metadata.name))
    .map(({ event: { type = '', reason = '', message = '' }, time }) => ({
      time,
      type: plainText(type, 20),
      reason: plainText(reason, 60),
      message: plainText(message, 1_024),
    }));
}

/** In whole seconds: the core API has no finer ones in lastTimestamp. */
function timeOf({ series, lastTimestamp, eventTime, metadata }: CoreEvent): string {
  const text = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
  return text.replace(/\.\d+Z$/, 'Z');
}

function compared(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Where the Events of the object are, and which they are. */
export function eventsAbout({ metadata: { namespace, name, uid } }: RegistryReplication) {
  return {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`,
    fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${name},involvedObject.uid=${uid}`,
  } as const;
}

/**
 * Reads the Events of the object, one LIST per 500; a text when that is refused to `who`, which is no reason to show
 * nothing.
 */
export async function readHappened(
  { client }: { readonly client: KubeClient },
  object: RegistryReplication,
  signal: AbortSignal,
  who = 'you',
): Promise<readonly Happened[] | string> {
  const { path, fieldSelector } = eventsAbout(object);
  const events: CoreEvent[] = [];
  let more: string | undefined;
  try {
    do {
      const query = { fieldSelector, limit: '500', ...(more === undefined ? {} : { continue: more }) };
      const page = (await client.call({ path, query }, signal)) as {
        readonly metadata?: { readonly continue?: string };
        readonly items?: readonly CoreEvent[];
      };
      events.push(...(page.items ?? []));
      more = page.metadata?.continue || undefined;
    } while (more !== undefined);
  } catch (error) {
    return refusalText(error, who);
  }
  return happenedIn(events);
}

/** Why Events cannot be read; throws what is no answer of the API server. */
export function refusalText(error: unknown, who = 'you'): string {
  if (!(error instanceof KubeError)) throw error;
  return error.status === 403 ? `${who} may not list Events` : error.message;
}
