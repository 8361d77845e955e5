import type { Drain } from '../../view/drains.ts';
import type { MapReplica } from '../wire.ts';
import { elapsed, roughly } from './elapsed.ts';
import { text } from './text.ts';

/**
 * How a drain stands. `out`: the region is out of routing until its end; `ending`: the drain is over or was taken back, and
 * routing is still to be put back; `waiting`: it has not begun.
 */
export type DrainStand = 'out' | 'ending' | 'waiting';

/** How a drain stands at `now`; undefined: it is over, and nothing is left of it. */
export function standOf({ until, reason, out }: Drain, now: Date): DrainStand | undefined {
  const isDue = reason !== undefined && Date.parse(until) > now.getTime();
  if (out) return isDue ? 'out' : 'ending';
  return isDue ? 'waiting' : undefined;
}

type Drained = Pick<MapReplica, 'state' | 'drain'>;

/** `1 h 59 min left`, `drain waits`; undefined: nothing is to be told of a drain. */
export function drainLine(replica: Drained | undefined, now: Date): string | undefined {
  return lineOf(replica, now, (since, end) => elapsed(since, end).replace(/ \d+ s$/, ''));
}

/** The same for who listens, who is not told each minute: `1 hour left`. */
export function drainSpoken(replica: Drained | undefined, now: Date): string | undefined {
  return lineOf(replica, now, roughly);
}

function lineOf({ state, drain }: Partial<Drained> = {}, now: Date, lasts: typeof elapsed): string | undefined {
  const stand = drain && standOf(drain, now);
  if (drain === undefined || stand === undefined) return undefined;
  if (stand === 'waiting') return text.drain.waiting;
  const line = stand === 'out' ? text.drain.left(lasts(now.toISOString(), new Date(drain.until))) : text.drain.ending;
  // Beside another state it must be said what is left.
  return state === 'drained' ? line : text.drain.drained(line);
}
