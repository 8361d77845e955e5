import { isDeepStrictEqual } from 'node:util';
import type { RegistryReplication, Status } from '../../../src/api/registryreplication.ts';
import type { createReplicationApi } from '../../../src/azure/replications.ts';
import type { Next, reconcile } from '../../../src/controller/reconcile.ts';
import type { Occurrence } from '../../../src/domain/events.ts';
import { ok } from '../../../src/domain/failure.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import type { Facts } from '../../../src/domain/pass.ts';
import type { Region } from '../../../src/domain/region.ts';
import { ownerOf, type Replica } from '../../../src/domain/replication.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import { clockAt } from '../../support/clock.ts';
import { azureOf, type Call } from './azure.ts';
import { withoutGraph } from './faults.ts';
import { passStore } from './store.ts';
import {
  type Actor,
  drainedIn,
  type Fault,
  home,
  ownTag,
  recreatedBy,
  serves,
  statedIn,
  type Tries,
  unseen,
  type World,
} from './world.ts';

/** The part of the operator that is tried: the real one, or one with a bug in it. */
export interface Operator {
  readonly reconcile: typeof reconcile;
  readonly createReplicationApi: typeof createReplicationApi;
}

/** One pass of one object, as somebody outside sees it. */
export interface Step {
  readonly key: Key;
  readonly before: World;
  readonly after: World;
  readonly actor: Actor;
  /** The object as the operator saw it when the pass began. */
  readonly seen: RegistryReplication;
  readonly calls: readonly Call[];
  /** What LIST and GET have shown. */
  readonly told: ReadonlyMap<Region, Replica>;
  /** The status written, if any. */
  readonly status: Status | undefined;
  /** Number of writes to Kubernetes, without a status that only says when a refused change may be tried again. */
  readonly stores: number;
  readonly facts: Facts | undefined;
  /** The Events of the pass. */
  readonly events: readonly Occurrence[];
  /** When the operator comes back. */
  readonly next: Next;
  /** The same pass without Resource Graph; undefined where nothing was looked at by it. */
  readonly byProvider: Step | undefined;
  /** Whether what Resource Graph showed was what there is. */
  readonly isGraphTrue: boolean;
}

const { signal } = new AbortController();
/** What the controller does after a pass that Kubernetes has refused. */
const refused: Next = { kind: 'look', inMs: 1_000, failed: true };

/** Runs the real pass over one world, with at most one fault. */
export async function runPass(
  world: World,
  key: Key,
  fault: Fault | undefined,
  operator: Operator,
): Promise<Step | undefined> {
  const { reconcile, createReplicationApi } = operator;
  const actor = world.actors.get(key);
  if (actor === undefined) return undefined;
  const isAboutGraph = fault === undefined || fault.glanced !== undefined;
  let facts: Facts | undefined;
  const events: Occurrence[] = [];
  const others = [...world.actors.values()].flatMap(({ object }) => (keyOf(object) === key ? [] : [object]));
  const behind = fault?.behind === undefined ? undefined : actor.history[fault.behind - 1];
  const kube = passStore(key, actor.object, others, behind);
  const azure = azureOf(world, key, fault, kube, createReplicationApi);
  const ports: Ports = {
    store: kube.store,
    azure: { as: async () => ok(azure.api) },
    namesakes: () => [...world.actors.keys()].flatMap((k) => kube.store.get(k) ?? []),
    clock: clockAt(() => new Date(world.now)),
    random: () => 0,
    observer: (seen) => {
      facts = seen;
    },
    announce: (_object, occurrences) => events.push(...occurrences),
    settings: {
      clusterName: world.cluster,
      subscriptionId: undefined,
      maxConcurrentWrites: 8,
      seesAllOf: (namespace) => namespace !== unseen,
    },
  };
  const next = await reconcile(key, actor.retries, ports, signal).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'KubeError') return refused;
    throw error;
  });
  const { calls } = azure;
  const actors = new Map(world.actors);
  const object = kube.newest();
  const left = azure.world();
  if (object === undefined) actors.delete(key);
  else {
    const retries = next.kind === 'look' && next.failed ? actor.retries + 1 : 0;
    const seen = behind ?? actor.object;
    const known = remember(world, actor, seen, calls, azure.told, left.replicas);
    // Who saw an old status counts from there.
    const tries = behind === undefined && fault?.edit === undefined ? known.tries : new Map<Region, Tries>();
    const past = [...kube.versions(), ...actor.history].slice(0, world.past);
    // What Azure shows in a pass that it fails in the end, or whose status Kubernetes refuses, is not kept anywhere.
    const isKept = next !== refused && facts?.finding.kind !== 'unobserved';
    const { provisioned, listed } = isKept ? known : actor;
    actors.set(key, { object, history: past, retries, ...known, tries, listed, provisioned });
  }
  const meant = meantAfter(
    left,
    { key, seen: behind ?? actor.object, object, isBehind: behind !== undefined },
    azure.calls,
  );
  const after = { ...left, meant, actors, readAt: await azure.readAt(), readAs: azure.readAs() };
  return {
    key,
    before: world,
    after,
    actor,
    seen: behind ?? actor.object,
    calls,
    told: azure.told,
    status: kube.status(),
    stores: kube.writes() - (isOnlyLater(kube.status(), actor.object.status) ? 1 : 0),
    facts,
    events,
    next,
    byProvider: isAboutGraph && azure.glanced() ? await runPass(world, key, withoutGraph, operator) : undefined,
    isGraphTrue: fault === undefined,
  };
}

/** What routing is meant to be after a pass: what a spec states and no drain overrides was carried out, or came back. */
function meantAfter(
  { meant, replicas }: World,
  {
    key,
    seen,
    object,
    isBehind,
  }: {
    readonly key: Key;
    readonly seen: RegistryReplication;
    readonly object: RegistryReplication | undefined;
    readonly isBehind: boolean;
  },
  calls: readonly Call[],
): World['meant'] {
  const next = new Map(meant);
  for (const { verb, region, routing, carriedOut, truth } of calls) {
    if (region === undefined || !carriedOut || (verb !== 'PUT' && verb !== 'PATCH')) continue;
    const stated = statedIn(seen, region);
    if (verb === 'PUT' && !truth.has(region) && drainedIn(seen, region) === undefined)
      next.set(region, stated ?? 'Enabled');
    else if (
      stated !== undefined &&
      replicas.get(region)?.routing === stated &&
      routing === stated &&
      drainedIn(seen, region) === undefined
    )
      next.set(region, stated);
  }
  for (const { location } of seen.status?.replicas?.filter(({ drained }) => drained !== undefined) ?? []) {
    const region = location as Region;
    // Who goes with a drain, or knows nothing of it any more, leaves routing as it is.
    if (object === undefined || isBehind) next.delete(region);
    else if (drainedIn(object, region) === undefined) {
      const stated = statedIn(seen, region);
      if (stated !== undefined) next.set(region, stated);
    }
  }
  for (const region of next.keys())
    if (
      !replicas.has(region) &&
      object !== undefined &&
      keyOf(object) === key &&
      drainedIn(object, region) === undefined
    )
      next.delete(region);
  return next;
}

/** Whether a status differs from the one before only in when a refused change may be tried again. */
function isOnlyLater(status: Status | undefined, before: Status | undefined): boolean {
  const bare = (one: Status | undefined) => one?.replicas?.map((entry) => ({ ...entry, notBefore: '' }));
  const isBare = status !== undefined && !isDeepStrictEqual(status.replicas, before?.replicas);
  return isBare && isDeepStrictEqual({ ...status, replicas: bare(status) }, { ...before, replicas: bare(before) });
}

/** The onlooker's notes on an object, brought up to date after a pass. */
function remember(
  world: World,
  actor: Actor,
  seen: RegistryReplication,
  calls: readonly Call[],
  told: ReadonlyMap<Region, Replica>,
  left: ReadonlyMap<Region, Replica>,
): Pick<Actor, 'listed' | 'tries' | 'provisioned'> {
  const { listed, tries, provisioned } = actor;
  if (calls.length === 0) return { listed, tries, provisioned };
  const own = ownTag(world, keyOf(actor.object));
  const wanted = seen.spec.regions.map(({ location }) => location as Region);
  const ours = [...told.values()].filter((replica) => ownerOf(replica) === own);
  const asked = recreatedBy(seen);
  const givenUp = new Set(calls.flatMap(({ verb, region }) => (verb === 'DELETE' && region ? [region] : [])));
  const isOld = (region: Region) =>
    world.replicas.has(region) && left.has(region) && !(asked.has(region) && givenUp.has(region));
  const known = [...wanted, ...ours.map(({ region }) => region)];
  return {
    listed: known.every((region) => listed.has(region)) ? listed : new Set([...listed, ...known]),
    tries: triesAfter(actor, wanted, calls, told, asked),
    provisioned: provisionedAfter(actor, seen, told, isOld),
  };
}

/** What the operator was told of replicas that the pass found and left: they serve, or are broken at first sight. */
function provisionedAfter(
  { provisioned }: Actor,
  { status }: RegistryReplication,
  told: ReadonlyMap<Region, Replica>,
  isOld: (region: Region) => boolean,
): ReadonlySet<Region> {
  const known = new Set(
    status?.replicas?.flatMap(({ location, provisioningState }) => (provisioningState === undefined ? [] : [location])),
  );
  const seenSo = [...told.values()].filter(
    (replica) => serves(replica) || (replica.state !== 'Creating' && !known.has(replica.region)),
  );
  return new Set([...provisioned, ...seenSo.map(({ region }) => region)].filter(isOld));
}

function triesAfter(
  actor: Actor,
  wanted: readonly Region[],
  calls: readonly Call[],
  told: ReadonlyMap<Region, Replica>,
  asked: ReadonlySet<Region>,
): ReadonlyMap<Region, Tries> {
  const tries = new Map<Region, Tries>();
  for (const region of wanted) {
    if (region === home) continue;
    const before = serves(told.get(region)) ? undefined : actor.tries.get(region);
    let { creations, deletions, unanswered } = before ?? { creations: 0, deletions: 0, unanswered: undefined };
    if (unanswered === 'creation' && told.has(region)) {
      creations += 1;
      unanswered = undefined;
    }
    if (unanswered === 'deletion' && calls.some(({ verb, answered }) => verb === 'LIST' && answered)) {
      const state = told.get(region)?.state;
      if (state === undefined || state === 'Deleting') deletions += 1;
      unanswered = undefined; // a deletion that has failed before anybody looked leaves no trace
    }
    for (const { verb, region: where, truth, carriedOut, answered } of calls) {
      if (where !== region || !carriedOut) continue;
      // A PUT over a replica that is there makes none.
      if (verb === 'PUT' && answered && !truth.has(region)) creations += 1;
      if (verb === 'PUT') unanswered = answered ? undefined : 'creation';
      if (verb !== 'DELETE' || asked.has(region)) continue;
      if (answered) deletions += 1;
      else unanswered = 'deletion';
    }
    if (creations + deletions > 0 || unanswered !== undefined) tries.set(region, { creations, deletions, unanswered });
  }
  return tries;
}
