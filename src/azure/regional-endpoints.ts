import { registryKey } from '../domain/desired.ts';
import { type Failure, type Outcome, waitsItsTurn } from '../domain/failure.ts';
import type { RegistryRef } from '../domain/replication.ts';
import type { ReplicationApi } from '../ports/azure.ts';
import type { Clock } from '../time/clock.ts';
import { deadline } from '../time/deadline.ts';
import { mapOfUsed } from './limits/used.ts';

/** What Azure last said of a registry. */
interface Entry {
  /** Whether it has regional endpoints; undefined: Azure could not be asked. */
  readonly has: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly keptAtMs: number;
}

/** An entry that no pass has asked for this long is dropped: longer than the longest interval, which is a day. */
const unusedMs = 25 * 3_600_000;

/** Where Azure could not be asked, it is asked again after this long, also for objects at rest. */
const hourMs = 3_600_000;

/**
 * How long the answer is waited for. Other requests have 30 s; this one would keep a pass from what it is there for, and
 * ARM answers most GETs within a second.
 */
export const usualPatienceMs = 3_000;

/** Gives Azure that remembers which registries have regional endpoints. All passes of one identity share one memory. */
export function endpointMemory(clock: Clock, patienceMs = usualPatienceMs): (api: ReplicationApi) => ReplicationApi {
  const nowMs = (): number => clock.now().getTime();
  const entries = mapOfUsed<Entry>(nowMs, unusedMs);
  const keep = (ref: RegistryRef, has: boolean | undefined): boolean | undefined => {
    entries.set(registryKey(ref), { has, keptAtMs: nowMs() });
    return has;
  };
  return (api) => {
    const { readEndpoints } = api;
    if (readEndpoints === undefined) return api;
    return {
      ...api,
      async endpoints(ref, known, maxAgeMs, signal) {
        const entry = entries.get(registryKey(ref));
        if (known !== undefined) {
          if (entry === undefined) return keep(ref, known); // a restart costs no GET
          const ageMs = entry.has === undefined ? Math.min(maxAgeMs, hourMs) : maxAgeMs;
          if (nowMs() < entry.keptAtMs + ageMs) return entry.has;
        }
        const read = await within(patienceMs, signal, (limited) => readEndpoints(ref, limited));
        if (read === undefined) return keep(ref, undefined);
        if (read.ok) return keep(ref, read.value);
        if (waitsItsTurn(read.failure)) return undefined; // Azure was not asked
        return keep(ref, isPassing(read.failure) ? undefined : false);
      },
    };
  };
}

/** What Azure answers in that time; undefined: nothing. The request is broken off then. */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Outcome<T>>,
): Promise<Outcome<T> | undefined> {
  using limit = deadline(signal, ms, () => new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
  try {
    return await ask(limit.signal);
  } catch (error) {
    if (limit.signal.aborted && !signal.aborted) return undefined;
    throw error;
  }
}

/** Whether the next answer may be another one, so that this one tells nothing of the registry. */
function isPassing(failure: Failure): boolean {
  return failure.kind === 'throttled' || (failure.kind === 'retryable' && failure.pace === 'soon');
}
