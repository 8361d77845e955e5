import type { Spec } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import type { Region } from '../../../src/domain/region.ts';
import type { Replica, ReplicaState } from '../../../src/domain/replication.ts';
import type { Call } from './azure.ts';
import { replicaText } from './tell.ts';
import {
  type Answer,
  type Asked,
  type Fault,
  type Hit,
  recreateAnnotation,
  replicaIn,
  tagsOf,
  type Verb,
  type World,
} from './world.ts';

/** A pass as it goes without a fault, and what the faults of the scope are about. */
export interface Calm {
  readonly world: World;
  readonly key: Key;
  readonly calls: readonly Call[];
  readonly regions: readonly Region[];
}

/** Every fault of one kind that can be put into a pass. */
export type FaultsIn = (calm: Calm) => Fault[];

function hitAt(nth: number, says: string, hit: Hit): Fault {
  return { says: `call ${nth} ${says}`, hit: (asked: Asked) => (asked.nth === nth ? hit : undefined) };
}

export function isWrite(verb: Verb): boolean {
  return verb === 'PUT' || verb === 'PATCH' || verb === 'DELETE';
}

function callsOf({ calls }: Calm, ...verbs: readonly Verb[]): number[] {
  return calls.flatMap(({ verb }, nth) => (verbs.length === 0 || verbs.includes(verb) ? [nth] : []));
}

export function says(nth: number, answer: Answer): Fault {
  const { status = '', code = '' } = answer;
  return hitAt(nth, `is answered ${status} ${code}`, { kind: 'answer', answer, carriedOut: false });
}

/** The write is carried out, and no answer comes. */
export function lost(nth: number): Fault {
  return hitAt(nth, 'is carried out, and not answered', { kind: 'answer', answer: {}, carriedOut: true });
}

/** The write is accepted, and nothing comes of it. */
function ignored(nth: number): Fault {
  return hitAt(nth, 'is accepted and not carried out', { kind: 'ignored' });
}

/** The creation is accepted, and for a while no read shows the replica. */
function hidden(nth: number): Fault {
  return hitAt(nth, 'is carried out, and no read shows it yet', { kind: 'hidden' });
}

export function omits(region: Region): Fault {
  return { says: `LIST leaves out ${region}`, listed: (real) => new Map([...real].filter(([r]) => r !== region)) };
}

function showsNothing(): Fault {
  return { says: 'LIST shows nothing at all', listed: () => new Map() };
}

export function shows(replica: Replica): Fault {
  return {
    says: `LIST shows ${replicaText(replica)}`,
    listed: (real) => new Map(real).set(replica.region, replica),
  };
}

type Change = NonNullable<Fault['edit']>['change'];

/** Somebody changes the object right after a call of the pass, and the operator's watch tells it at once or not. */
function changes(after: number, says: string, change: Change): Fault[] {
  return [true, false].map((seen) => {
    const how = seen ? '' : ', which no watch tells,';
    return { says: `after call ${after} somebody${how} ${says}`, edit: { after, change, seen } };
  });
}

function to(spec: Spec): Change {
  return (object) => ({
    ...object,
    spec,
    metadata: { ...object.metadata, generation: object.metadata.generation + 1 },
  });
}

const withoutAnnotations: Change = (object) => ({ ...object, metadata: { ...object.metadata, annotations: {} } });

/** The cache shows the object as it was some versions ago. */
function behind(versions: number): Fault {
  return { says: `the cache is ${versions} versions behind`, behind: versions };
}

/** Resource Graph says nothing, as in every pass with another fault: the pass goes as it would without it. */
export const withoutGraph: Fault = { says: 'Resource Graph says nothing' };

function graphShows(what: string, listed: NonNullable<Fault['listed']>): Fault {
  return { says: `Resource Graph shows ${what}`, glanced: { kind: 'shows', listed } };
}

/** What Resource Graph showed when status was written: a drift since then is not in it. */
function remembered({ world, key }: Calm): Fault {
  const last = world.actors.get(key)?.object.status?.replicas ?? [];
  return graphShows('what status remembers', (real) => {
    const before = last.map(({ location, name = location, managed }) => {
      const region = location as Region;
      const tags = real.get(region)?.tags ?? tagsOf(managed === 'Created' ? 'ours' : 'none');
      const replica = { ...replicaIn(region, 'Succeeded', 'none', name), tags };
      return [region, real.get(region)?.state === 'Succeeded' ? (real.get(region) ?? replica) : replica] as const;
    });
    const { home } = world.registry;
    return new Map([[home, real.get(home) ?? replicaIn(home, 'Succeeded', 'none')], ...before]);
  });
}

/**
 * Every way in which a glance can come out otherwise than with what there is. Each row of Resource Graph has an age of its
 * own, without a bound, so it may show any mixture of what was: here all of it as it was when status was written, or one
 * row as it was or not at all.
 */
export const glances: FaultsIn = (calm) => {
  const { world, regions, key } = calm;
  const replicas = regions.flatMap((region) => misread(world, region, key));
  return [
    withoutGraph,
    { says: 'Resource Graph is not asked: the flag has no effect', glanced: { kind: 'ignored' } },
    { says: 'Resource Graph answers later', glanced: { kind: 'later' } },
    remembered(calm),
    graphShows('nothing at all', () => new Map()),
    ...[...world.replicas.keys()].map((region) =>
      graphShows(`all but ${region}`, (real) => new Map([...real].filter(([r]) => r !== region))),
    ),
    ...replicas.map((one) => graphShows(replicaText(one), (real) => new Map(real).set(one.region, one))),
  ];
};

/** Every kind of fault that needs no more to be said; a scope names those that can happen in it. */
export const faults = {
  lost: ({ calls }) => calls.flatMap(({ verb }, nth) => (isWrite(verb) ? [lost(nth)] : [])),
  ignored: ({ calls }) =>
    calls.flatMap(({ verb, region, truth }, nth) =>
      isWrite(verb) && region !== undefined && truth.has(region) ? [ignored(nth)] : [],
    ),
  hidden: (calm) => callsOf(calm, 'PUT').map(hidden),
  omits: ({ world }) => [...world.replicas.keys()].map(omits),
  showsNothing: ({ world }) => (world.replicas.size === 0 ? [] : [showsNothing()]),
  stale: ({ world, regions, key }) => regions.flatMap((region) => misread(world, region, key).map(shows)),
  behind: ({ world, key }) => (world.actors.get(key)?.history ?? []).map((_, i) => behind(i + 1)),
} as const satisfies Record<string, FaultsIn>;

/** Any call is answered so. */
export function answered(...answers: readonly Answer[]): FaultsIn {
  return (calm) => callsOf(calm).flatMap((nth) => answers.map((answer) => says(nth, answer)));
}

/** LIST leaves a region out, and each GET of it is answered so. */
export function unseen(...answers: readonly Answer[]): FaultsIn {
  return ({ world }) =>
    [...world.replicas.keys()].flatMap((region) =>
      answers.map((answer) => {
        const { status = '', code = '' } = answer;
        return {
          ...omits(region),
          says: `LIST leaves out ${region}, and a GET is answered ${status} ${code}`,
          hit: (asked: Asked): Hit | undefined =>
            asked.verb === 'GET' && asked.region === region ? { kind: 'answer', answer, carriedOut: false } : undefined,
        };
      }),
    );
}

/** After any call but the last, on which nothing hangs any more, the spec becomes one of these. */
export function edited(...specs: readonly Spec[]): FaultsIn {
  return (calm) =>
    callsOf(calm)
      .slice(0, -1)
      .flatMap((nth) => specs.flatMap((spec) => changes(nth, `applies ${JSON.stringify(spec)}`, to(spec))));
}

/** After any call but the last somebody takes back what was asked for by annotation. */
export const withdrawn: FaultsIn = (calm) => {
  if (calm.world.actors.get(calm.key)?.object.metadata.annotations?.[recreateAnnotation] === undefined) return [];
  return callsOf(calm)
    .slice(0, -1)
    .flatMap((nth) => changes(nth, 'takes its annotations away', withoutAnnotations));
};

/** Every single fault of a pass; it has none when it makes no calls. */
export function faultsOf(calm: Calm, kinds: readonly FaultsIn[]): Fault[] {
  return calm.calls.length === 0 ? [] : kinds.flatMap((kind) => kind(calm));
}

function drains(world: World, who: Key): boolean {
  const object = world.actors.get(who)?.object;
  return (
    (object?.spec.drains?.length ?? 0) > 0 ||
    object?.status?.replicas?.some(({ drained }) => drained !== undefined) === true
  );
}

/** What a LIST behind its time shows of one region: what it showed before, or a replica before it failed or went. */
function misread(world: World, region: Region, who: Key): Replica[] {
  if (world.hidden.has(region)) return []; // that it is denied already is how far behind reads are
  const real = world.replicas.get(region);
  const last = world.actors.get(who)?.object.status?.replicas?.find(({ location }) => location === region);
  const before = last?.provisioningState as ReplicaState | undefined;
  const shown = new Set<ReplicaState>(before === undefined ? [] : [before]);
  shown.add(real?.state === 'Succeeded' ? 'Failed' : 'Succeeded');
  if (real !== undefined) shown.delete(real.state);
  const tags = real?.tags ?? tagsOf(last?.managed === 'Created' ? 'ours' : 'none');
  const base = real ?? replicaIn(region, 'Succeeded', 'none');
  // No LIST shows two replicas of one name.
  if (real === undefined && [...world.replicas.values()].some(({ name }) => name === base.name)) return [];
  // Before somebody, or a drain, set routing.
  const rerouted: Replica[] =
    real?.state === 'Succeeded' && drains(world, who)
      ? [{ ...real, routing: real.routing === 'Enabled' ? 'Disabled' : 'Enabled' }]
      : [];
  const replicas = [
    ...rerouted,
    ...[...shown].map((state) => ({ ...base, tags, state, status: state === 'Succeeded' ? 'Ready' : '' })),
  ];
  // Before its owner tagged it, or an earlier replica of the region.
  return real === undefined || Object.keys(tags).length === 0 ? replicas : [...replicas, { ...real, tags: {} }];
}
