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

/** The Events that wait, by object and reason; what was told of last comes last. */
export type Backlog = Map<string, WaitingEvent>;

/** Adds an Event. One of the same object and reason that still waits is joined with it: true. */
export function join(waiting: Backlog, added: WaitingEvent): boolean {
  const key = keyOf(added);
  const earlier = waiting.get(key);
  if (earlier === undefined) {
    waiting.set(key, added);
    return false;
  }
  waiting.delete(key);
  const notes = [...new Set([...earlier.notes, ...added.notes])];
  waiting.set(key, { ...added, notes, first: earlier.first, count: earlier.count + added.count });
  return true;
}

/**
 * Takes the Events to be written next, at most `count`: Warnings before all others, and of those first what the object has
 * to tell that was told of last, for that is what somebody looks at while a thousand objects change.
 */
export function takeNext(waiting: Backlog, count: number): readonly WaitingEvent[] {
  return Array.from({ length: Math.min(count, waiting.size) }).flatMap(() => takeOne([...waiting.values()], waiting));
}

function takeOne(events: readonly WaitingEvent[], waiting: Backlog): readonly WaitingEvent[] {
  const newest = events.findLast(isWarning) ?? events.at(-1);
  const next = events.find(({ regarding, type }) => regarding.uid === newest?.regarding.uid && type === newest.type);
  if (next === undefined) return [];
  waiting.delete(keyOf(next));
  return [next];
}

/** Drops the Event that is missed least: the oldest that is no Warning, or else the oldest. */
export function dropLeast(waiting: Backlog): void {
  const least = waiting.values().find((event) => !isWarning(event)) ?? waiting.values().next().value;
  if (least !== undefined) waiting.delete(keyOf(least));
}

function keyOf({ regarding, reason }: WaitingEvent): string {
  return `${regarding.uid} ${reason}`;
}

function isWarning({ type }: WaitingEvent): boolean {
  return type === 'Warning';
}
