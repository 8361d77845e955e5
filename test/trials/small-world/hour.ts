import type { Region } from '../../../src/domain/region.ts';
import { regionOf } from '../../../src/domain/region.ts';
import type { Replica, ReplicaState } from '../../../src/domain/replication.ts';
import { answers, lies } from './answers.ts';
import { isWrite } from './faults.ts';
import { apply, breaks, type Fate, later, progress, remove } from './happenings.ts';
import { type Operator, runPass } from './pass.ts';
import { brokenBy } from './properties.ts';
import { key } from './scope.ts';
import {
  type Answer,
  type Asked,
  type Fault,
  type Hit,
  isBusy,
  objectOf,
  replicaIn,
  specOf,
  type World,
  worldOf,
} from './world.ts';

const hourMs = 3_600_000;
const tokyo = regionOf('japaneast');
const london = regionOf('uksouth');

/** So many writes to one region in an hour are the most that a lasting fault may cost. */
export const mostWrites = {
  /** What is accepted and does not stick, and what breaks again and again. */
  unstuck: 8,
  /** Refusals that last until somebody changes something. */
  refused: 20,
  /** Refusals that often pass by themselves within minutes of a change: the operator looks again soon for five minutes. */
  settling: 21,
  /** Errors that pass by themselves. */
  passing: 70,
} as const;

/** One thing that is wrong for a whole hour. */
interface Lasting {
  readonly name: string;
  readonly kind: keyof typeof mostWrites;
  readonly hit?: (asked: Asked) => Hit | undefined;
  /** What Azure Resource Graph shows all the time. */
  readonly glanced?: Fault['glanced'];
  /** How operations end in this hour, by the state of what is busy; undefined: well. `stuck`: they do not. */
  readonly ends?: Partial<Record<ReplicaState, Fate | 'stuck'>>;
  /** Replicas break so long after they came to serve. */
  readonly breaksAfterMs?: number;
  readonly world?: Partial<World>;
}

const toWrites =
  (hit: Hit) =>
  ({ verb }: Asked): Hit | undefined =>
    isWrite(verb) ? hit : undefined;
const answering = (answer: Answer): Hit => ({ kind: 'answer', answer, carriedOut: false });

const lasting: readonly Lasting[] = [
  { name: 'a policy rewrites the tags', kind: 'unstuck', world: { policy: { team: 'shared' } } },
  { name: 'updates are accepted and fail', kind: 'unstuck', ends: { Updating: 'Failed' } },
  { name: 'updates are accepted and canceled', kind: 'unstuck', ends: { Updating: 'Canceled' } },
  { name: 'deletions are accepted and fail', kind: 'unstuck', ends: { Deleting: 'Failed' } },
  { name: 'deletions are accepted and leave all as before', kind: 'unstuck', ends: { Deleting: 'asBefore' } },
  {
    name: 'whatever is there takes every call and stays as it is',
    kind: 'unstuck',
    hit: toWrites({ kind: 'ignored' }),
  },
  { name: 'creations fail', kind: 'unstuck', ends: { Creating: 'Failed' } },
  { name: 'creations vanish', kind: 'unstuck', ends: { Creating: 'vanish' } },
  { name: 'replicas break ten seconds after they came to serve', kind: 'unstuck', breaksAfterMs: 10_000 },
  { name: 'creations never end', kind: 'unstuck', ends: { Creating: 'stuck' } },
  { name: 'what was created is not shown for a minute', kind: 'unstuck', hit: toWrites({ kind: 'hidden' }) },
  {
    name: 'Resource Graph shows nothing',
    kind: 'unstuck',
    glanced: { kind: 'shows', listed: () => new Map() },
  },
  {
    name: 'Resource Graph shows as failed what serves',
    kind: 'unstuck',
    glanced: {
      kind: 'shows',
      listed: (real) => new Map([...real].map(([region, one]) => [region, { ...one, state: 'Failed' }])),
    },
  },
  { name: 'Resource Graph answers later, without end', kind: 'unstuck', glanced: { kind: 'later' } },
  { name: 'a lock', kind: 'refused', hit: toWrites(answering(answers.locked)) },
  { name: 'no rights', kind: 'settling', hit: toWrites(answering(answers.forbidden)) },
  { name: 'requests are rejected', kind: 'refused', hit: toWrites(answering(answers.rejected)) },
  { name: 'writes find no registry', kind: 'settling', hit: toWrites(answering(lies.noRegistry)) },
  {
    name: 'requests about one region are forbidden while another is created for an hour',
    kind: 'settling',
    ends: { Creating: 'stuck' },
    hit: (asked) => (isWrite(asked.verb) && asked.region === london ? answering(answers.forbidden) : undefined),
  },
  { name: 'no answer to writes', kind: 'passing', hit: toWrites(answering(answers.timeout)) },
  { name: 'writes are throttled', kind: 'passing', hit: toWrites(answering(answers.throttled)) },
  { name: 'nothing is answered', kind: 'passing', hit: () => answering(answers.timeout) },
  {
    name: 'writes are carried out and not answered',
    kind: 'passing',
    hit: toWrites({ kind: 'answer', answer: answers.timeout, carriedOut: true }),
  },
  {
    name: 'Azure says without end that there is no subscription',
    kind: 'refused',
    hit: () => answering(lies.noSubscription),
  },
  { name: 'Azure says 404 and nothing else', kind: 'refused', hit: () => answering(lies.nothing) },
];

/** What there is when the hour begins; `settled`: an hour of peace comes first. */
interface Start {
  readonly name: string;
  readonly settled?: boolean;
  readonly world: World;
  readonly then?: (world: World) => World;
}

const both = specOf([tokyo, london], { tags: { team: 'platform' } });
const drained = { ...both, drains: [{ location: tokyo, until: '2026-09-20T12:00:00Z', reason: 'drill' }] };
const there = (...replicas: readonly Replica[]) => replicas;
const starts: readonly Start[] = [
  { name: 'two regions to create', world: worldOf([objectOf(both)], []) },
  {
    name: 'one of two there, with other tags',
    world: worldOf([objectOf(both)], there(replicaIn(tokyo, 'Succeeded', 'none'))),
  },
  { name: 'both there', settled: true, world: worldOf([objectOf(both)], []) },
  {
    name: 'one to delete',
    world: worldOf(
      [objectOf(specOf([tokyo]))],
      there(replicaIn(tokyo, 'Succeeded', 'ours'), replicaIn(london, 'Succeeded', 'ours')),
    ),
  },
  {
    name: 'one found failed',
    world: worldOf([objectOf(both)], there(replicaIn(tokyo, 'Failed', 'ours'), replicaIn(london, 'Succeeded', 'ours'))),
  },
  {
    name: 'the object is deleted',
    settled: true,
    world: worldOf([objectOf(both)], []),
    then: (world) => remove(key).to(world),
  },
  {
    name: 'a drain begins',
    settled: true,
    world: worldOf([objectOf(both)], []),
    then: (world) => apply(key, drained).to(world),
  },
  {
    name: 'a drain is ended days before its end',
    settled: true,
    world: worldOf([objectOf(drained)], []),
    then: (world) => apply(key, both).to(world),
  },
];

/** One hour of one fault from one start. */
export interface Hour {
  readonly fault: string;
  readonly start: string;
  readonly kind: keyof typeof mostWrites;
  /** Writes to the region that had most. */
  readonly writes: number;
  readonly region: Region | undefined;
  readonly passes: number;
  /** Properties that were broken on the way. */
  readonly broken: readonly string[];
}

/** Every fault that is asked for, from every start. */
export async function hours(
  operator: Operator,
  isAsked: (fault: string) => boolean = () => true,
): Promise<readonly Hour[]> {
  const all: Hour[] = [];
  for (const fault of lasting.filter(({ name }) => isAsked(name))) {
    for (const start of starts) all.push(await hourOf(fault, start, operator));
  }
  return all;
}

/** The property that an hour is about: how it breaks it, if it does. */
export function tooMany({ fault, start, kind, writes, region }: Hour): string | undefined {
  if (writes <= mostWrites[kind]) return undefined;
  return `${fault}, ${start}: ${writes} writes to ${region} instead of at most ${mostWrites[kind]}`;
}

async function hourOf(fault: Lasting, start: Start, operator: Operator): Promise<Hour> {
  const world = { ...start.world, ...fault.world };
  const calm: Lasting = { name: '', kind: 'unstuck' };
  const before = start.settled === true ? (await live(world, calm, operator)).world : world;
  const begun = start.then?.(before) ?? before;
  const { writes, passes, broken } = await live(begun, fault, operator);
  const [region, most = 0] = [...writes].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return { fault: fault.name, start: start.name, kind: fault.kind, writes: most, region, passes, broken: [...broken] };
}

const callMs = 1_000;
const lasts: Partial<Record<ReplicaState, number>> = { Creating: 10_000, Updating: 1_000, Deleting: 8_000 };
const syncMs = 5_000;

/** An hour in which the operator comes back when it says so, and Azure takes its time. */
async function live(start: World, fault: Lasting, operator: Operator) {
  const writes = new Map<Region, number>();
  const broken = new Set<string>();
  const since = new Map<Region, { readonly what: string; readonly atMs: number }>();
  const { name: says, hit, glanced } = fault;
  const injected: Fault | undefined =
    hit === undefined && glanced === undefined ? undefined : { says, ...(hit && { hit }), ...(glanced && { glanced }) };
  let world = start;
  let passes = 0;
  for (const endMs = start.now + hourMs; world.now < endMs; ) {
    const step = await runPass(world, key, injected, operator);
    if (step === undefined) break;
    passes += 1;
    for (const { property } of brokenBy(step)) broken.add(property);
    for (const { verb, region } of step.calls) {
      if (isWrite(verb) && region !== undefined) writes.set(region, (writes.get(region) ?? 0) + 1);
    }
    world = step.after;
    note(world, since);
    if (step.next.kind === 'done') break;
    const untilMs = Math.min(world.now + Math.max(step.next.inMs, callMs), endMs);
    while (world.now < untilMs) {
      const due = dueAt(world, since, fault);
      const atMs = Math.min(due?.atMs ?? untilMs, untilMs);
      world = later(Math.max(atMs - world.now, 0)).to(world);
      if (due === undefined || due.atMs > untilMs) break;
      world = due.change(world);
      note(world, since);
    }
    world = { ...world, now: Math.max(world.now, untilMs) };
  }
  return { world, writes, passes, broken };
}

/** Since when each replica is as it is. */
function note({ replicas, now }: World, since: Map<Region, { readonly what: string; readonly atMs: number }>): void {
  for (const [region, { state, status }] of replicas) {
    const what = `${state} ${status}`;
    if (since.get(region)?.what !== what) since.set(region, { what, atMs: now });
  }
  for (const region of since.keys()) if (!replicas.has(region)) since.delete(region);
}

/** What comes next by itself. */
function dueAt(
  { replicas, registry }: World,
  since: ReadonlyMap<Region, { readonly atMs: number }>,
  { ends = {}, breaksAfterMs }: Lasting,
): { readonly atMs: number; readonly change: (world: World) => World } | undefined {
  const all = [...replicas.values()].flatMap((replica) => {
    const { region, state, status } = replica;
    const atMs = since.get(region)?.atMs ?? 0;
    if (isBusy(replica)) {
      const fate = ends[state] ?? (state === 'Creating' ? 'syncing' : 'well');
      if (fate === 'stuck') return [];
      const lastMs = status === 'Syncing' ? syncMs : (lasts[state] ?? syncMs);
      return [{ atMs: atMs + lastMs, change: progress(region, fate).to }];
    }
    if (breaksAfterMs === undefined || state !== 'Succeeded' || region === registry.home) return [];
    return [{ atMs: atMs + breaksAfterMs, change: breaks(region).to }];
  });
  return all.toSorted((a, b) => a.atMs - b.atMs)[0];
}
