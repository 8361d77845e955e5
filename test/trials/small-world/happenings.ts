import { requestedAt, type Spec } from '../../../src/api/registryreplication.ts';
import type { Key } from '../../../src/domain/key.ts';
import type { Region } from '../../../src/domain/region.ts';
import { ownerOf, type Replica, type Switch, type Tags } from '../../../src/domain/replication.ts';
import { afterApply, afterDelete } from '../../support/memory-store.ts';
import { replicaText } from './tell.ts';
import {
  type Actor,
  type Budget,
  drainedIn,
  type Happening,
  isBusy,
  isLeaving,
  newcomer,
  objectOf,
  ownTag,
  recreateAnnotation,
  replicaIn,
  type World,
  withReplicas,
} from './world.ts';

/** How what Azure is busy with can end. Applied to a replica that Azure has no such end for, nothing happens. */
export const fates = {
  well: ended,
  syncing: (replica) => (isNew(replica) ? { ...replica, state: 'Succeeded', status: 'Syncing' } : ended(replica)),
  Failed: (replica) => ({ ...replica, state: 'Failed' }),
  Canceled: (replica) => ({ ...replica, state: 'Canceled' }),
  vanish: (replica) => (isNew(replica) ? undefined : ended(replica)),
  /** A DELETE that was accepted is not done. */
  asBefore: (replica) => ({ ...replica, state: 'Succeeded', status: 'Ready' }),
} as const satisfies Record<string, (replica: Replica) => Replica | undefined>;
export type Fate = keyof typeof fates;

function isNew({ state }: Replica): boolean {
  return state === 'Creating';
}

function ended(replica: Replica): Replica | undefined {
  return replica.state === 'Deleting' ? undefined : { ...replica, state: 'Succeeded', status: 'Ready' };
}

function happening(says: string, costs: Budget | undefined, to: (world: World) => World): Happening {
  return { kind: 'happening', says, costs, to };
}

/** Azure comes to the end of what it is doing in a region. An update or a deletion that fails is a mishap. */
export function progress(region: Region, fate: Fate, costs?: Budget): Happening {
  return happening(`Azure goes on in ${region}: ${fate}`, costs, (world) => {
    const replica = world.replicas.get(region);
    return replica === undefined || !isBusy(replica) ? world : withReplica(world, region, fates[fate](replica));
  });
}

/** Only a replica that serves can break by itself. */
export function breaks(region: Region): Happening {
  return happening(`the replica in ${region} fails by itself`, 'mishaps', (world) => {
    const replica = world.replicas.get(region);
    return replica?.state !== 'Succeeded' ? world : withReplica(world, region, { ...replica, state: 'Failed' });
  });
}

/** Longest time for which reads do not show what was written. */
const lagMs = 60_000;

/** Reads show at last what was written long enough ago. */
export function later(ms: number): Happening {
  return happening(`${ms / 1_000} s later`, undefined, (world) => {
    const now = world.now + ms;
    if (world.hidden.size === 0) return { ...world, now };
    return { ...world, now, hidden: new Map([...world.hidden].filter(([, sinceMs]) => now < sinceMs + lagMs)) };
  });
}

export function restart(): Happening {
  return happening('the operator restarts', 'edits', forgetful);
}

/** The operator starts again with another CLUSTER_NAME. */
export function rename(cluster: string): Happening {
  return happening(`the operator starts again as cluster ${cluster}`, 'edits', (world) => ({
    ...forgetful(world),
    cluster,
  }));
}

/** What one process remembers is lost with it. */
function forgetful(world: World): World {
  const { readAt } = world;
  const known = readAt === Number.POSITIVE_INFINITY ? readAt : undefined;
  return withActors({ ...world, readAt: known, readAs: undefined }, (actor) => ({ ...actor, retries: 0 }));
}

export function apply(key: Key, spec: Spec): Happening {
  return happening(`${key} is applied: ${JSON.stringify(spec)}`, 'edits', (world) => {
    const [, name = ''] = key.split('/');
    if (!world.actors.has(key)) {
      const actors = new Map(world.actors).set(key, newcomer(objectOf(spec, name)));
      // What an earlier object of this name has made is not this one's.
      const made = new Map([...world.made].filter(([, maker]) => maker !== key));
      return { ...world, actors, made };
    }
    return withActors(
      world,
      (actor) => ({
        ...changed(actor, afterApply(actor.object, { ...actor.object, spec }), world.past),
        tries: new Map(),
      }),
      key,
    );
  });
}

/** Somebody annotates the object; each time with a new value. */
export function ask(key: Key): Happening {
  return annotate(key, requestedAt, (value) => String(Number(value ?? 0) + 1));
}

/** Somebody wants the replica made anew. */
export function recreate(key: Key, region: Region): Happening {
  return annotate(key, recreateAnnotation, () => region);
}

function annotate(key: Key, name: string, valueAfter: (value: string | undefined) => string): Happening {
  return happening(`${key} is annotated with ${name}`, 'edits', (world) =>
    withActors(
      world,
      (actor) => {
        const { metadata } = actor.object;
        const annotations = { ...metadata.annotations, [name]: valueAfter(metadata.annotations?.[name]) };
        const object = { ...actor.object, metadata: { ...metadata, annotations } };
        return { ...changed(actor, object, world.past), tries: new Map() };
      },
      key,
    ),
  );
}

export function remove(key: Key): Happening {
  return happening(`${key} is deleted`, 'edits', (world) => {
    const actor = world.actors.get(key);
    if (actor === undefined || isLeaving(actor)) return world;
    const object = afterDelete(actor.object, world.now);
    const actors = new Map(world.actors);
    if (object === undefined) actors.delete(key);
    else actors.set(key, changed(actor, object, world.past));
    if (object !== undefined) return { ...world, actors };
    // With the object goes what is on record of its drains.
    const meant = new Map([...world.meant].filter(([region]) => drainedIn(actor.object, region) === undefined));
    return { ...world, actors, meant };
  });
}

/** Somebody else puts a replica there, or takes it away, but not at home. Names are unique within a registry. */
export function hand(region: Region, replica: Replica | undefined): Happening {
  const what = replica === undefined ? `removes ${region}` : `puts ${replicaText(replica)}`;
  return happening(`somebody ${what}`, 'hands', (world) => {
    const taken = [...world.replicas.values()].some((r) => r.name === replica?.name && r.region !== region);
    if (taken || region === world.registry.home) return world;
    const made = new Map(world.made);
    made.delete(region);
    // With the tag of an object the replica counts as made by it; with one from before its cluster was renamed, where
    // its status remembers that tag and it has made one there.
    const owner = replica === undefined ? undefined : ownerOf(replica);
    for (const [key, { object }] of world.actors) {
      const isFormer = owner !== undefined && owner === object.status?.owner && world.made.get(region) === key;
      if (owner === ownTag(world, key) || isFormer) made.set(region, key);
    }
    const { home } = world.registry;
    const changed = { ...withReplica(world, region, replica), made };
    const whole =
      changed.replicas.size > 0 && !changed.replicas.has(home)
        ? withReplica(changed, home, replicaIn(home, 'Succeeded', 'none'))
        : changed;
    const meant = whole === changed ? world.meant : new Map(world.meant).set(home, 'Enabled');
    return withActors(rerouted({ ...whole, meant }, region, replica?.routing), (actor) => startAnew(actor, region));
  });
}

/** Somebody else sets routing, at home too. While a drain is on record nothing of it counts. */
export function reroute(region: Region, routing: Switch): Happening {
  return happening(`somebody sets routing of ${region} ${routing}`, 'hands', (world) => {
    const replica = world.replicas.get(region);
    if (replica === undefined || replica.state !== 'Succeeded') return world;
    return rerouted(withReplica(world, region, { ...replica, routing }), region, routing);
  });
}

function rerouted(world: World, region: Region, routing: Switch | undefined): World {
  if ([...world.actors.values()].some(({ object }) => drainedIn(object, region) !== undefined)) return world;
  const meant = new Map(world.meant);
  if (routing === undefined) meant.delete(region);
  else meant.set(region, routing);
  return { ...world, meant };
}

/** Somebody else sets a tag on a replica. */
export function retag(region: Region, tags: Tags): Happening {
  return happening(`somebody tags ${region} ${JSON.stringify(tags)}`, 'hands', (world) => {
    const replica = world.replicas.get(region);
    if (replica === undefined) return world;
    return withReplica(world, region, { ...replica, tags: { ...replica.tags, ...tags } });
  });
}

/** The registry is deleted and made again elsewhere, zone-redundant: LIST shows its home replica from the start. */
export function rehome(home: Region): Happening {
  return happening(`the registry is made again in ${home}`, 'hands', (world) => {
    const only = withReplicas(world, new Map([[home, replicaIn(home, 'Succeeded', 'none')]]));
    return withActors(
      { ...only, made: new Map(), meant: new Map([[home, 'Enabled']]), registry: { ...only.registry, home } },
      (actor) => ({
        ...actor,
        tries: new Map(),
        provisioned: new Set<Region>(),
      }),
    );
  });
}

export function sku(name: 'Premium' | 'Standard'): Happening {
  return happening(`the registry becomes ${name}`, 'hands', (world) => ({
    ...world,
    registry: { ...world.registry, sku: name },
  }));
}

function withReplica(world: World, region: Region, replica: Replica | undefined): World {
  const replicas = new Map(world.replicas);
  if (replica === undefined) replicas.delete(region);
  else replicas.set(region, replica);
  return withReplicas(world, replicas);
}

function withActors(world: World, change: (actor: Actor) => Actor, only?: string): World {
  const actors = new Map(
    [...world.actors].map(([key, actor]) => [key, only === undefined || only === key ? change(actor) : actor]),
  );
  return { ...world, actors };
}

/** The object after an edit; what it was stays known as far as the world shows anything old. */
function changed(actor: Actor, object: Actor['object'], past: number): Actor {
  return { ...actor, object, history: [actor.object, ...actor.history].slice(0, past) };
}

function startAnew(actor: Actor, region: Region): Actor {
  if (!actor.tries.has(region) && !actor.provisioned.has(region)) return actor;
  const tries = new Map(actor.tries);
  tries.delete(region);
  return { ...actor, tries };
}
