import { createHash } from 'node:crypto';
import type { Announce } from '../domain/events.ts';
import type { EventResult } from '../ports/event-result.ts';
import type { Log } from '../ports/log.ts';
import type { Clock } from '../time/clock.ts';
import { deadline } from '../time/deadline.ts';
import {
  type Backlog,
  dropLeast,
  eventsToWrite,
  join,
  type Regarding,
  takeNext,
  type WaitingEvent,
} from './event-backlog.ts';
import type { KubeClient } from './http/client.ts';
import { isNotFound, KubeError } from './http/error.ts';

/** Limits of an Event's fields. Source: pkg/apis/core/validation/events.go of Kubernetes. */
const limits = { noteBytes: 1024, instanceBytes: 128 } as const;
/** How many Events wait at most, about 1 MB. Then the least of them is dropped for each further one. */
const maxWaiting = 1_000;
/** How many Events are written at once. */
const writesAtOnce = 4;
/**
 * How many Events of all objects are written without a pause, and how many in a second after that: a change of thousands
 * of objects takes 1 % of one CPU of the API server for its Events (0.6 ms each). client-go's clients allow 10 and 5 by
 * default (rest.DefaultBurst, DefaultQPS), and its EventCorrelator 25 and one in five minutes for each object.
 */
const pace = { burst: 50, perSecond: 10 } as const;

export interface EventsOptions {
  readonly client: Pick<KubeClient, 'call'>;
  /** The reporter's name in each Event: the pod's. */
  readonly instance: string;
  readonly log: Log;
  readonly clock: Clock;
  /** How long one write may take. Default 10 000. */
  readonly timeoutMs?: number;
  /** Called for each occurrence that was announced. */
  readonly onResult?: (result: EventResult) => void;
}

export interface Events {
  /**
   * Returns at once and never throws; a POST for each Event follows, within the pace that all objects share. Those of one
   * object and reason that still wait become one. An Event that cannot be written is lost.
   */
  readonly announce: Announce;
  /** Waits until all Events are written, as fast as that goes and at most `withinMs`, and drops the rest. */
  close(withinMs: number): Promise<void>;
}

/**
 * Writes Events of the core API. That of events.k8s.io/v1 is the same Event, but refuses one with a lastTimestamp, by
 * which `kubectl describe` and `kubectl get events --sort-by=.lastTimestamp` sort. An Event's name is made from its
 * facts, so that one that is announced twice is written once, and the names of later Events follow those of earlier ones.
 */
export function createEvents(options: EventsOptions): Events {
  const { client, instance, log, clock, timeoutMs = 10_000, onResult } = options;
  const waiting: Backlog = new Map();
  const complained = new Set<string>();
  const end = new AbortController();
  const writes = new Set<Promise<void>>();
  let allowed: Allowance = { left: pace.burst, atMs: clock.monotonicMs() };
  let isClosing = false;
  let wake: NodeJS.Timeout | undefined;

  function complain(reason: string, error?: unknown): void {
    if (complained.has(reason) || end.signal.aborted) return;
    complained.add(reason);
    // A namespace that is being deleted takes no new objects, and its objects go with it.
    const expected = reason === 'QueueFull' || isNamespaceGoing(error);
    log[expected ? 'debug' : 'warn']('event not written; others for this reason are not reported', { reason, error });
  }

  async function write(event: WaitingEvent): Promise<EventResult> {
    const message = `no answer within ${timeoutMs / 1000} s`;
    const late = new KubeError({ request: 'POST events', status: 0, reason: 'Timeout', message });
    using limit = deadline(end.signal, timeoutMs, () => late);
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(event.regarding.namespace)}/events`;
      const request = { method: 'POST', path, body: eventFor(event, instance) } as const;
      await client.call(request, limit.signal).catch((error: unknown) => {
        // Perhaps the server had only closed a kept connection. If it wrote the Event, it refuses a second one (409).
        if (error instanceof KubeError && error.status === 0) return client.call(request, limit.signal);
        throw error;
      });
    } catch (error) {
      if (!(error instanceof KubeError)) complain('Unexpected', error);
      else if (error.status === 409) return 'written';
      else complain(error.reason, error);
      return end.signal.aborted ? 'dropped' : 'refused';
    }
    return 'written';
  }

  /** Writes what may be written now, and comes back when the next may be. */
  function proceed(): void {
    clearTimeout(wake);
    if (end.signal.aborted) return;
    const { left, atMs } = refilled(allowed, clock.monotonicMs());
    const free = writesAtOnce - writes.size;
    const taken = takeNext(waiting, isClosing ? free : Math.min(free, Math.floor(left)));
    allowed = { left: left - taken.length, atMs };
    for (const next of taken) {
      const writing = write(next).then((result) => {
        onResult?.(result);
        writes.delete(writing);
        proceed();
      });
      writes.add(writing);
    }
    if (waiting.size > 0 && writes.size < writesAtOnce) wake = setTimeout(proceed, 1_000 / pace.perSecond);
  }

  function add(event: WaitingEvent): void {
    if (join(waiting, event)) onResult?.('joined');
    if (waiting.size <= maxWaiting) return;
    dropLeast(waiting);
    onResult?.('dropped');
    complain('QueueFull');
  }

  return {
    announce(object, occurrences) {
      if (end.signal.aborted || occurrences.length === 0) return;
      for (const event of eventsToWrite(object, occurrences, clock.now())) add(event);
      proceed();
    },
    async close(withinMs) {
      isClosing = true;
      const timer = setTimeout(() => end.abort(), withinMs);
      proceed();
      while (writes.size > 0) await Promise.race(writes);
      clearTimeout(timer);
      end.abort();
      for (const _ of waiting.values()) onResult?.('dropped');
      waiting.clear();
    },
  };
}

/** How many Events may be written at a moment of the monotonic clock. */
interface Allowance {
  readonly left: number;
  readonly atMs: number;
}

function refilled({ left, atMs }: Allowance, nowMs: number): Allowance {
  return { left: Math.min(pace.burst, left + ((nowMs - atMs) / 1_000) * pace.perSecond), atMs: nowMs };
}

function eventFor(
  { regarding, type, reason, action, notes, place, first, last, count }: WaitingEvent,
  instance: string,
) {
  const { namespace, uid, resourceVersion } = regarding;
  const message = truncatedToBytes(notes.join(' '), limits.noteBytes);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: eventName(regarding, place, [uid, resourceVersion, reason, message]) },
    eventTime: first.toISOString().replace('Z', '000Z'), // MicroTime
    firstTimestamp: second(first),
    lastTimestamp: second(last),
    count,
    involvedObject: regarding,
    type,
    reason,
    action,
    message,
    source: { component: reporter },
    reportingComponent: reporter,
    reportingInstance: truncatedToBytes(instance, limits.instanceBytes),
  };
}

function second(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The name of this program in its Events. */
const reporter = 'acr-replication.dev/operator';

/**
 * The name of an Event: a DNS subdomain of at most 253 characters that begins with the object's name, as is the custom.
 * What follows rises with the version of the object and with the Event's place among those of one pass. client-go's
 * names rise with the time, but two processes that tell the same thing would not choose the same time. A version that is
 * no number has no order: Events about it come first, in any order.
 */
function eventName({ name, resourceVersion }: Regarding, place: number, facts: readonly string[]): string {
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
