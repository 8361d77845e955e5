import type { Status } from '../../../src/api/registryreplication.ts';
import type { reconcile } from '../../../src/controller/reconcile.ts';
import { ok } from '../../../src/domain/failure.ts';
import { type Key, keyOf } from '../../../src/domain/key.ts';
import type { Facts } from '../../../src/domain/pass.ts';
import type { Region } from '../../../src/domain/region.ts';
import { ownerOf, type Replica } from '../../../src/domain/replication.ts';
import { clockAt } from '../../support/clock.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { azureOf, type Call } from './azure.ts';
import { type Actor, type Fault, home, objectOf, specOf, type Tries, type World } from './world.ts';

export type Reconcile = typeof reconcile;

/** One pass of one object, from outside. */
export interface Step {
  readonly key: Key;
  readonly before: World;
  readonly after: World;
  readonly actor: Actor;
  readonly calls: readonly Call[];
  /** The status written, if any. */
  readonly status: Status | undefined;
  /** Writes to Kubernetes. */
  readonly stores: number;
  readonly facts: Facts | undefined;
}

const idle = objectOf(specOf([home], { mode: 'Observe' }), 'neighbour');
const { signal } = new AbortController();

/** The real pass over one world, with at most one fault. */
export async function runPass(
  world: World,
  key: Key,
  fault: Fault | undefined,
  reconcile: Reconcile,
): Promise<Step | undefined> {
  const actor = world.actors.get(key);
  if (actor === undefined) return undefined;
  let written: Status | undefined;
  let facts: Facts | undefined;
  const keys = [...world.actors.keys()];
  const store = memoryStore([idle, ...[...world.actors.values()].map(({ object }) => object)], (_object, status) => {
    written = status;
  });
  const { api, calls, replicas, told } = azureOf(world, fault, () => store.get(key));
  const next = await reconcile(
    key,
    actor.retries,
    {
      store,
      azure: { as: async () => ok(api) },
      namesakes: () => keys.flatMap((k) => store.get(k) ?? []),
      clock: clockAt(() => new Date(world.now)),
      random: () => 0,
      observer: (seen) => {
        facts = seen;
      },
      announce: () => {},
      settings: { clusterName: 'test', subscriptionId: undefined, maxConcurrentWrites: 8, seesAllOf: () => true },
    },
    signal,
  );
  const actors = new Map(world.actors);
  const object = store.get(key);
  if (object === undefined) actors.delete(key);
  else {
    const retries = next.kind === 'look' && next.failed ? Math.min(actor.retries + 1, 4) : 0;
    actors.set(key, { object, retries, ...remember(actor, calls, told) });
  }
  const after = { ...world, actors, replicas };
  return { key, before: world, after, actor, calls, status: written, stores: store.writes(), facts };
}

/** What the onlooker keeps after a pass. */
function remember(actor: Actor, calls: readonly Call[], told: ReadonlyMap<Region, Replica>) {
  if (calls.length === 0) return { listed: actor.listed, tries: actor.tries };
  const wanted = actor.object.spec.regions.map(({ location }) => location as Region);
  const ours = [...told.values()].filter((replica) => ownerOf(replica) === `test/${keyOf(actor.object)}`);
  const known = [...wanted, ...ours.map(({ region }) => region)];
  const listed = known.every((region) => actor.listed.has(region))
    ? actor.listed
    : new Set([...actor.listed, ...known]);
  const tries = new Map<Region, Tries>();
  for (const region of wanted) {
    if (region === home) continue;
    const { state } = told.get(region) ?? {};
    const fine = state === 'Succeeded' || state === 'Updating';
    const before = fine ? undefined : actor.tries.get(region);
    let { creations, deletions, unanswered } = before ?? { creations: 0, deletions: 0, unanswered: false };
    if (unanswered && told.has(region)) {
      creations += 1;
      unanswered = false;
    }
    for (const { verb, region: where, carriedOut, answered } of calls) {
      if (where !== region || !carriedOut) continue;
      if (verb === 'PUT' && answered) creations += 1;
      if (verb === 'PUT') unanswered = !answered;
      if (verb === 'DELETE') deletions += 1;
    }
    if (creations + deletions > 0 || unanswered) tries.set(region, { creations, deletions, unanswered });
  }
  return { listed, tries };
}
