import { createHash } from 'node:crypto';
import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Announce, Occurrence } from '../domain/events.ts';
import type { Log } from '../ports/log.ts';
import type { Clock } from '../time/clock.ts';
import { deadline } from '../time/deadline.ts';
import type { KubeClient } from './http/client.ts';
import { KubeError } from './http/error.ts';

/** Limits of events.k8s.io/v1. Source: pkg/apis/core/validation/events.go of Kubernetes. */
const limits = { noteBytes: 1024, instanceBytes: 128 } as const;
/** Kept while the API server is slow; what comes on top is dropped. About 1 MB at most. */
const maxWaiting = 1_000;
const writesAtOnce = 4;

export interface EventsOptions {
  readonly client: Pick<KubeClient, 'call'>;
  /** Who reports: the pod's name. */
  readonly instance: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Of one write. Default 10 000. */
  readonly timeoutMs?: number;
}

export interface Events {
  /** Returns at once and never throws; an Event that cannot be written is lost. One POST each. */
  readonly announce: Announce;
  /** Waits for what was announced, at most `withinMs`, then gives up the rest. */
  close(withinMs: number): Promise<void>;
}

interface Waiting {
  readonly object: RegistryReplication;
  readonly occurrence: Occurrence;
  readonly at: Date;
}

/** Writes Events. The name says what happened to which version of the object: told twice, it is one Event. */
export function createEvents({ client, instance, log, clock, timeoutMs = 10_000 }: EventsOptions): Events {
  const waiting: Waiting[] = [];
  const complained = new Set<string>();
  const end = new AbortController();
  const workers = new Set<Promise<void>>();

  function complain(reason: string, error?: unknown): void {
    if (complained.has(reason) || end.signal.aborted) return;
    complained.add(reason);
    // A namespace that is going takes its objects along, and no new ones.
    const expected = isNamespaceGoing(error);
    log[expected ? 'debug' : 'warn']('event not written; others for this reason are not reported', { reason, error });
  }

  async function writeEvent({ object, occurrence, at }: Waiting): Promise<void> {
    const { namespace } = object.metadata;
    const path = `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/events`;
    const body = eventFor(object, occurrence, at, instance);
    using limit = deadline(end.signal, timeoutMs, () => new Error(`no answer within ${timeoutMs / 1000} s`));
    try {
      const request = { method: 'POST', path, body } as const;
      await client.call(request, limit.signal).catch((error: unknown) => {
        // Perhaps only a kept connection that the server had closed; if not, the name keeps it from being two Events.
        if (error instanceof KubeError && error.status === 0) return client.call(request, limit.signal);
        throw error;
      });
    } catch (error) {
      if (!(error instanceof KubeError)) complain('Timeout', error);
      else if (error.status !== 409) complain(error.reason, error);
    }
  }

  async function writeWaiting(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await writeEvent(next);
  }

  return {
    announce(object, occurrences) {
      const at = clock.now();
      for (const occurrence of occurrences) {
        if (waiting.length >= maxWaiting) complain('QueueFull');
        else if (!end.signal.aborted) waiting.push({ object, occurrence, at });
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

function eventFor(object: RegistryReplication, occurrence: Occurrence, at: Date, instance: string): object {
  const { apiVersion, kind, metadata } = object;
  const { namespace, name, uid, resourceVersion } = metadata;
  const { type, reason, action } = occurrence;
  const note = truncatedToBytes(occurrence.note, limits.noteBytes);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace, name: eventName([uid, resourceVersion, reason, note], name) },
    eventTime: at.toISOString().replace('Z', '000Z'), // MicroTime
    regarding: { apiVersion, kind, namespace, name, uid, resourceVersion },
    type,
    reason,
    action,
    note,
    reportingController: 'acr-replication.dev/operator',
    reportingInstance: truncatedToBytes(instance, limits.instanceBytes),
  };
}

/** A DNS subdomain of at most 253 characters, the object's name in front as is the custom. */
function eventName(facts: readonly string[], objectName: string): string {
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
  return `${objectName.slice(0, 200).replace(/[-.]+$/, '')}.${hash}`;
}

/** At most so many bytes of UTF-8. */
function truncatedToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const kept = bytes.subarray(0, maxBytes - Buffer.byteLength('…'));
  return `${kept.toString().replace(/\uFFFD+$/, '')}…`;
}

function isNamespaceGoing(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return error.status === 404 || (error.details?.causes?.some((c) => c.reason === 'NamespaceTerminating') ?? false);
}
