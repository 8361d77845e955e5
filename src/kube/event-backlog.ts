import type { RegistryReplication } from '../api/registryreplication.ts';
import type { Occurrence } from '../domain/events.ts';

/** What an Event is about. It holds no object, for a thousand Events may wait. */
export type Regarding = Readonly<
  Record<'apiVersion' | 'kind' | 'namespace' | 'name' | 'uid' | 'resourceVersion', string>
>;

/** One Event that is still to be written. */
export interface WaitingEvent extends Omit<Occurrence, 'note'> {
  readonly regarding: Regarding;
  /** What is told, each note once. */
  readonly notes: readonly string[];
  /** The occurrence's place among those of the same pass. */
  readonly place: number;
  readonly first: Date;
  readonly last: Date;
  /** How many occurrences are told together. */
  readonly count: number;
}

/** What a pass found at `at`, as Events in the order in which it found it. */
export function eventsToWrite(
  object: RegistryReplication,
  occurrences: readonly Occurrence[],
  at: Date,
): WaitingEvent[] {
  const { apiVersion, kind, metadata } = object;
  const { namespace, name, uid, resourceVersion } = metadata;
  const regarding = { apiVersion, kind, namespace, name, uid, resourceVersion };
  return occurrences.map(({ note, ...occurrence }, place) => {
    return { ...occurrence, regarding, notes: [note], place, first: at, last: at, count: 1 };
  });
}

/** Adds an Event. One of the same object and reason that still waits is joined with it: true. */
export function join(waiting: WaitingEvent[], added: WaitingEvent): boolean {
  const { regarding, reason, notes } = added;
  const known = waiting.findIndex((one) => one.regarding.uid === regarding.uid && one.reason === reason);
  const [earlier] = known === -1 ? [] : waiting.splice(known, 1);
  if (earlier === undefined) {
    waiting.push(added);
    return false;
  }
  const all = [...new Set([...earlier.notes, ...notes])];
  waiting.push({ ...added, notes: all, first: earlier.first, count: earlier.count + added.count });
  return true;
}

/**
 * Takes the Events to be written next, at most `count`: Warnings before all others, and of those first what the object has
 * to tell that was told of last, for that is what somebody looks at while a thousand objects change.
 */
export function takeNext(waiting: WaitingEvent[], count: number): readonly WaitingEvent[] {
  return Array.from({ length: count }).flatMap(() => takeOne(waiting));
}

function takeOne(waiting: WaitingEvent[]): readonly WaitingEvent[] {
  const newest = waiting.findLast(isWarning) ?? waiting.at(-1);
  const next = waiting.findIndex(
    ({ regarding, type }) => regarding.uid === newest?.regarding.uid && type === newest.type,
  );
  return next === -1 ? [] : waiting.splice(next, 1);
}

/** Drops the Event that is missed least: the oldest that is no Warning, or else the oldest. */
export function dropLeast(waiting: WaitingEvent[]): void {
  const oldest = waiting.findIndex((event) => !isWarning(event));
  waiting.splice(Math.max(0, oldest), 1);
}

function isWarning({ type }: WaitingEvent): boolean {
  return type === 'Warning';
}
