import { type Hello, type MapObject, type MapReplica, type State, states } from '../wire.ts';
import type { Changes } from './draft-set.ts';
import type { Region } from './geography.ts';

/** What stands at a region, on the map and in the table. */
export interface Mark {
  readonly region: Region;
  /** `replica`: of the chosen object; `fleet`: of all objects; `free`: a replica could be had here. */
  readonly kind: 'replica' | 'fleet' | 'free';
  /** The worst of them. */
  readonly state?: State;
  readonly home: boolean;
  readonly replica?: MapReplica;
  /** How many replicas of the fleet are in which state. */
  readonly counts: ReadonlyMap<State, number>;
  readonly count: number;
  /** How many of the cluster's own nodes are here. */
  readonly nodes: number;
  /** What the draft makes of it. */
  readonly draft?: 'add' | 'remove';
}

const ranks = new Map<State, number>(states.map((state, rank) => [state, rank]));

/** 0 is the worst. */
export function rankOf(state: State | undefined): number {
  return state === undefined ? states.length : (ranks.get(state) ?? states.length);
}

type Nodes = NonNullable<Hello['nodes']>;

interface Seen {
  readonly regions: ReadonlyMap<string, Region>;
  readonly nodes: Nodes;
}

/** The marks of one object: its replicas, and every other region. */
export function marksOfObject(object: MapObject, draft: Changes, { regions, nodes }: Seen): readonly Mark[] {
  const replicas = new Map(object.replicas.map((replica) => [replica.region, replica]));
  return [...regions.values()].map((region): Mark => {
    const replica = replicas.get(region.name);
    const change = draft.add.has(region.name) ? 'add' : draft.remove.has(region.name) ? 'remove' : undefined;
    return {
      region,
      kind: replica === undefined ? 'free' : 'replica',
      ...(replica === undefined ? {} : { state: replica.state, replica }),
      home: replica?.home === true || object.home === region.name,
      counts: new Map(replica === undefined ? [] : [[replica.state, 1]]),
      count: replica === undefined ? 0 : 1,
      nodes: nodes[region.name] ?? 0,
      ...(change === undefined ? {} : { draft: change }),
    };
  });
}

/** The marks of all objects together: how many replicas are in each region, and how they are. */
export function marksOfFleet(objects: Iterable<MapObject>, { regions, nodes }: Seen): readonly Mark[] {
  const counts = new Map<string, Map<State, number>>();
  for (const { replicas } of objects) {
    for (const { region, state } of replicas) {
      const here = counts.get(region) ?? new Map<State, number>();
      here.set(state, (here.get(state) ?? 0) + 1);
      counts.set(region, here);
    }
  }
  return [...regions.values()].map((region): Mark => {
    const here = counts.get(region.name) ?? new Map<State, number>();
    const [worst] = [...here.keys()].sort((a, b) => rankOf(a) - rankOf(b));
    return {
      region,
      kind: worst === undefined ? 'free' : 'fleet',
      ...(worst === undefined ? {} : { state: worst }),
      home: false,
      counts: new Map([...here].sort(([a], [b]) => rankOf(a) - rankOf(b))),
      count: [...here.values()].reduce((sum, one) => sum + one, 0),
      nodes: nodes[region.name] ?? 0,
    };
  });
}

/** Every region that some object has, or some node is in. */
export function usedRegions(objects: Iterable<MapObject>, nodes: Nodes): ReadonlySet<string> {
  const used = new Set(Object.keys(nodes));
  for (const { replicas, home } of objects) {
    if (home !== undefined) used.add(home);
    for (const { region } of replicas) used.add(region);
  }
  return used;
}

/** In the order of the table: what is drafted, the worst, home among its equals first, then as regions are read. */
export function tableOrder(marks: readonly Mark[]): readonly Mark[] {
  const shown = marks.filter(({ kind, draft }) => kind !== 'free' || draft !== undefined);
  return shown.toSorted(
    (a, b) =>
      Number(b.draft === 'add') - Number(a.draft === 'add') ||
      rankOf(a.state) - rankOf(b.state) ||
      Number(b.home) - Number(a.home) ||
      b.count - a.count,
  );
}

/** The state that a marker shows by a small sign upon it: of many replicas the worst, and of home its own. */
export function badgeOf({ kind, home, state, draft }: Mark): State | undefined {
  const isUpon = kind === 'fleet' || (home && draft !== 'add');
  return isUpon && state !== 'ready' ? state : undefined;
}
