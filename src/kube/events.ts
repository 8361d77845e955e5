import { createHash } from 'node:crypto';
import type { ObjectMeta, RegistryReplication } from '../api/registryreplication.ts';
import type { Announce, Occurrence } from '../domain/events.ts';
import type { Log } from '../ports/log.ts';
import type { Clock } from '../time/clock.ts';
import { deadline } from '../time/deadline.ts';
import type { KubeClient } from './http/client.ts';
import { isNotFound, KubeError } from './http/error.ts';

/** Limits of an Event's fields. Source: pkg/apis/core/validation/events.go of Kubernetes. */
const limits = { noteBytes: 1024, instanceBytes: 128 } as const;
/** How many Events wait while the API server is slow, about 1 MB at most; further ones are dropped. */
const maxWaiting = 1_000;
/** How many Events are written at once. */
const writesAtOnce = 4;

export interface EventsOptions {
  readonly client: Pick<KubeClient, 'call'>;
  /** The reporter's name in each Event: the pod's. */
  readonly instance: string;
  readonly log: Log;
  readonly clock: Clock;
  /** How long one write may take. Default 10 000. */
  readonly timeoutMs?: number;
}

export interface Events {
  /** Returns at once and never throws; one POST for each Event follows. An Event that cannot be written is lost. */
  readonly announce: Announce;
  /** Waits until all Events are written, at most `withinMs`, and drops the rest. */
  close(withinMs: number): Promise<void>;
}

interface Waiting {
  readonly object: RegistryReplication;
  readonly occurrence: Occurrence;
  /** The occurrence's place among those of the same pass. */
  readonly place: number;
  readonly at: Date;
}

/**
 * Writes Events of the core API. That of events.k8s.io/v1 is the same Event, but refuses one with a lastTimestamp, by
 * which `kubectl describe` and `kubectl get events --sort-by=.lastTimestamp` sort. An Event's name is made from its
 * facts, so that one that is announced twice is written once, and the names of later Events follow those of earlier ones.
 */
export function createEvents({ client, instance, log, clock, timeoutMs = 10_000 }: EventsOptions): Events {
  const waiting: Waiting[] = [];
  const complained = new Set<string>();
  const end = new AbortController();
  const workers = new Set<Promise<void>>();

  function complain(reason: string, error?: unknown): void {
    if (complained.has(reason) || end.signal.aborted) return;
    complained.add(reason);
    // A namespace that is being deleted takes no new objects, and its objects go with it.
    const expected = isNamespaceGoing(error);
    log[expected ? 'debug' : 'warn']('event not written; others for this reason are not reported', { reason, error });
  }

  async function writeEvent(event: Waiting): Promise<void> {
    const message = `no answer within ${timeoutMs / 1000} s`;
    const late = new KubeError({ request: 'POST events', status: 0, reason: 'Timeout', message });
    using limit = deadline(end.signal, timeoutMs, () => late);
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(event.object.metadata.namespace)}/events`;
      const request = { method: 'POST', path, body: eventFor(event, instance) } as const;
      await client.call(request, limit.signal).catch((error: unknown) => {
        // Perhaps the server had only closed a kept connection. If it wrote the Event, it refuses a second one (409).
        if (error instanceof KubeError && error.status === 0) return client.call(request, limit.signal);
        throw error;
      });
    } catch (error) {
      if (!(error instanceof KubeError)) complain('Unexpected', error);
      else if (error.status !== 409) complain(error.reason, error);
    }
  }

  async function writeWaiting(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await writeEvent(next);
  }

  return {
    announce(object, occurrences) {
      const at = clock.now();
      for (const [place, occurrence] of occurrences.entries()) {
        if (waiting.length >= maxWaiting) complain('QueueFull');
        else if (!end.signal.aborted) waiting.push({ object, occurrence, place, at });
      }
      if (waiting.length === 0 || workers.size >= writesAtOnce) return;
      const worker = writeWaiting().finally(() => workers.delete(worker));
      workers.add(worker);
    },
    async close(withinMs) {
      const timer = setTimeout(() => end.abort(), withinMs);
      await Promise.all(workers);
      clearTimeout(timer);
      end.abort();
    },
  };
}

function eventFor({ object, occurrence, place, at }: Waiting, instance: string): object {
  const { apiVersion, kind, metadata } = object;
  const { namespace, name, uid, resourceVersion } = metadata;
  const { type, reason, action } = occurrence;
  const message = truncatedToBytes(occurrence.note, limits.noteBytes);
  const second = at.toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: eventName(metadata, place, [uid, resourceVersion, reason, message]) },
    eventTime: at.toISOString().replace('Z', '000Z'), // MicroTime
    firstTimestamp: second,
    lastTimestamp: second,
    count: 1,
    involvedObject: { apiVersion, kind, namespace, name, uid, resourceVersion },
    type,
    reason,
    action,
    message,
    source: { component: reporter },
    reportingComponent: reporter,
    reportingInstance: truncatedToBytes(instance, limits.instanceBytes),
  };
}

/** The name of this program in its Events. */
const reporter = 'acr-replication.dev/operator';

/**
 * The name of an Event: a DNS subdomain of at most 253 characters that begins with the object's name, as is the custom.
 * What follows rises with the version of the object and with the Event's place among those of one pass. client-go's
 * names rise with the time, but two processes that tell the same thing would not choose the same time. A version that is
 * no number has no order: Events about it come first, in any order.
 */
function eventName({ name, resourceVersion }: ObjectMeta, place: number, facts: readonly string[]): string {
  const version = /^\d{1,19}$/.test(resourceVersion) ? BigInt(resourceVersion).toString(16) : '';
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 8);
  return `${name.slice(0, 200).replace(/[-.]+$/, '')}.${version.padStart(16, '0')}${place.toString(16).padStart(4, '0')}${hash}`;
}

/** The beginning of a text, with an ellipsis if it is cut, in at most `maxBytes` of UTF-8. */
function truncatedToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const kept = bytes.subarray(0, maxBytes - Buffer.byteLength('…'));
  return `${kept.toString().replace(/\uFFFD+$/, '')}…`;
}

function isNamespaceGoing(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return isNotFound(error) || (error.details?.causes?.some((c) => c.reason === 'NamespaceTerminating') ?? false);
}
