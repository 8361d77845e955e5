import { turnsOf, type Urgency, urgencies } from '../../domain/urgency.ts';

/** One call that a caller wants to make, now or when its turn comes. */
export interface Call {
  /** Names whoever comes back for the same call. */
  readonly caller: string;
  /** Requests that the call makes. */
  readonly cost: number;
  readonly urgency: Urgency;
}

/** A caller that waits; times in milliseconds since 1970. */
interface Place {
  readonly cost: number;
  readonly sinceMs: number;
  /** The place is given up when its caller has not come back by then. */
  readonly leavesMs: number;
  readonly turn: Turn;
}

/** Where a call stands among those of all kinds: it takes the room from `from` to `to`, and those with a lower `to` go first. */
interface Turn {
  readonly from: number;
  readonly to: number;
}

/** The callers of one kind, first come, first served, so that their turns rise. */
interface Rank {
  readonly places: Map<string, Place>;
  /** Requests of all of them. */
  cost: number;
  /** Where the turn of the next one begins. */
  nextTurn: number;
}

/** What stands before a call. */
export interface Ahead {
  /** Requests of all callers that come before. */
  readonly cost: number;
  /** Nobody who is steady comes before, and the call is not steady itself. */
  readonly isUrgent: boolean;
}

/**
 * The callers that wait for a quota. Kinds of urgency share it by weighted fair queueing (Demers, Keshav and Shenker 1989,
 * SIGCOMM, with the virtual time of start-time fair queueing, Goyal, Vin and Cheng 1996): a call takes the more room the
 * less urgent it is, from where the last of its kind ends or from where the first who waits begins, whichever is later.
 * So an edit stands before ten thousand looks, and a look behind no more than 16 edits and 4 polls.
 */
export interface Line {
  /** What stands before the call; for one that has no place yet, before the place that it would get. */
  ahead(call: Call, nowMs: number): Ahead;
  /** Gives the call a place, or keeps the one it has unless it has become more urgent; its turn comes at `untilMs`. */
  join(call: Call, untilMs: number, nowMs: number): void;
  /** Takes out a call that is made now, and gives for how long it waited, in milliseconds; undefined when it did not. */
  serve(call: Call, nowMs: number): number | undefined;
}

/**
 * A caller that stays away this long after its turn loses its place, because its object may be gone. Longer than a line
 * for reads takes.
 */
const graceMs = 120_000;

export function createLine(): Line {
  const ranks = Object.fromEntries(
    urgencies.map((urgency) => [urgency, { places: new Map(), cost: 0, nextTurn: 0 }]),
  ) as Record<Urgency, Rank>;
  /** Where the line has come to. */
  let nowTurn = 0;

  function remove(rank: Rank, caller: string): Place | undefined {
    const place = rank.places.get(caller);
    if (place === undefined) return undefined;
    rank.places.delete(caller);
    rank.cost -= place.cost;
    return place;
  }

  /** Gives up the first places of those who stayed away, and finds where the first who waits begins. */
  function settle(nowMs: number): void {
    let first = Number.POSITIVE_INFINITY;
    for (const rank of Object.values(ranks)) {
      for (const [caller, { leavesMs, turn }] of rank.places) {
        if (leavesMs >= nowMs) {
          first = Math.min(first, turn.from);
          break;
        }
        remove(rank, caller);
      }
    }
    if (first < Number.POSITIVE_INFINITY) nowTurn = Math.max(nowTurn, first);
  }

  /** The call's place, among those who are as urgent or more. */
  function placeOf({ caller, urgency }: Call): { readonly at: Urgency; readonly place: Place } | undefined {
    for (const at of urgencies) {
      const place = ranks[at].places.get(caller);
      if (place !== undefined) return { at, place };
      if (at === urgency) return undefined;
    }
    return undefined;
  }

  function turnFor({ cost, urgency }: Call): Turn {
    const from = Math.max(nowTurn, ranks[urgency].nextTurn);
    return { from, to: from + cost / turnsOf[urgency] };
  }

  function takeTurn(call: Call): Turn {
    const turn = turnFor(call);
    ranks[call.urgency].nextTurn = turn.to;
    return turn;
  }

  /** Requests of those in one rank who come before a turn, the caller itself left out. */
  function costBefore(rank: Rank, isBefore: (to: number) => boolean, caller: string): number {
    let cost = 0;
    for (const [name, place] of rank.places) {
      if (name === caller) continue;
      if (!isBefore(place.turn.to)) break;
      cost += place.cost;
    }
    return cost;
  }

  return {
    ahead(call, nowMs) {
      settle(nowMs);
      const known = placeOf(call);
      const own = known?.at ?? call.urgency;
      const mine = (known?.place.turn ?? turnFor(call)).to;
      const costs = urgencies.map((urgency, index) => {
        const rank = ranks[urgency];
        if (known === undefined && urgency === own) return rank.cost; // last of its kind
        const winsTies = index < urgencies.indexOf(own);
        return costBefore(rank, (to) => to < mine || (winsTies && to === mine), call.caller);
      });
      const cost = costs.reduce((sum, one) => sum + one, 0);
      return { cost, isUrgent: own !== 'steady' && costs[urgencies.indexOf('steady')] === 0 };
    },
    join(call, untilMs, nowMs) {
      const leavesMs = untilMs + graceMs;
      const known = placeOf(call);
      if (known !== undefined) {
        ranks[known.at].cost += call.cost - known.place.cost;
        ranks[known.at].places.set(call.caller, { ...known.place, cost: call.cost, leavesMs });
        return;
      }
      const before = Object.values(ranks).map((rank) => remove(rank, call.caller));
      const sinceMs = before.find((place) => place !== undefined)?.sinceMs ?? nowMs;
      ranks[call.urgency].cost += call.cost;
      ranks[call.urgency].places.set(call.caller, { cost: call.cost, sinceMs, leavesMs, turn: takeTurn(call) });
    },
    serve(call, nowMs) {
      settle(nowMs);
      const places = Object.values(ranks).map((rank) => remove(rank, call.caller));
      const place = places.find((one) => one !== undefined);
      const turn = place?.turn ?? takeTurn(call);
      if (Object.values(ranks).every(({ places: { size } }) => size === 0)) nowTurn = Math.max(nowTurn, turn.from);
      return place === undefined ? undefined : nowMs - place.sinceMs;
    },
  };
}
