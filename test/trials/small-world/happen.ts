import { requestedAt } from '../../../src/api/registryreplication.ts';
import type { Region } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import { afterApply, afterDelete } from '../../support/memory-store.ts';
import {
  type Action,
  type Actor,
  type Fate,
  home,
  isBusy,
  isLeaving,
  newcomer,
  objectOf,
  replicaIn,
  type World,
} from './world.ts';

type Elsewhere = Exclude<Action, { readonly kind: 'pass' }>;

/** What happens outside a pass: Azure goes on, time goes by, people and other programs act. */
export function happen(world: World, action: Elsewhere): World {
  switch (action.kind) {
    case 'progress':
      return progress(world, action);
    case 'later':
      return { ...world, now: world.now + action.ms };
    case 'restart':
      return withActors(world, (actor) => ({ ...actor, retries: 0 }));
    case 'apply': {
      const { key, spec } = action;
      const [, name = ''] = key.split('/');
      if (!world.actors.has(key)) {
        const actors = new Map(world.actors).set(key, newcomer(objectOf(spec, name)));
        return { ...world, actors };
      }
      return withActors(world, (actor) => edited(actor, spec), action.key);
    }
    case 'ask':
      return withActors(world, asked, action.key);
    case 'delete':
      return remove(world, action.key);
    case 'hand': {
      const { region, replica } = action;
      // Names are unique within a registry.
      const taken = [...world.replicas.values()].some((r) => r.name === replica?.name && r.region !== region);
      if (taken) return world;
      const replicas = new Map(world.replicas);
      if (replica === undefined) replicas.delete(region);
      else replicas.set(region, replica);
      if (replicas.size > 0 && !replicas.has(home)) replicas.set(home, replicaIn(home, 'Succeeded', 'none'));
      return withActors({ ...world, replicas }, (actor) => startAnew(actor, region));
    }
  }
}

function progress(world: World, { region, fate }: Elsewhere & { readonly kind: 'progress' }): World {
  const replica = world.replicas.get(region);
  if (replica === undefined || !isBusy(replica)) return world;
  const replicas = new Map(world.replicas);
  const next = outcome(replica, fate);
  if (next === undefined) replicas.delete(region);
  else replicas.set(region, next);
  return { ...world, replicas };
}

/** Only a creation can fail: nothing is known of others that do. */
function outcome(replica: Replica, fate: Fate): Replica | undefined {
  if (replica.state === 'Deleting') return undefined;
  if (replica.state === 'Creating' && fate === 'syncing') return { ...replica, state: 'Succeeded', status: 'Syncing' };
  if (replica.state === 'Creating' && fate === 'vanish') return undefined;
  if (replica.state === 'Creating' && fate === 'Failed') return { ...replica, state: 'Failed' };
  return { ...replica, state: 'Succeeded', status: 'Ready' };
}

function withActors(world: World, change: (actor: Actor) => Actor, only?: string): World {
  const actors = new Map(
    [...world.actors].map(([key, actor]) => [key, only === undefined || only === key ? change(actor) : actor]),
  );
  return { ...world, actors };
}

function edited({ object, ...rest }: Actor, spec: Actor['object']['spec']): Actor {
  return { ...rest, tries: new Map(), object: afterApply(object, { ...object, spec }) };
}

function asked({ object, ...rest }: Actor): Actor {
  const before = Number(object.metadata.annotations?.[requestedAt] ?? 0);
  const metadata = { ...object.metadata, annotations: { [requestedAt]: String(before + 1) } };
  return { ...rest, tries: new Map(), object: { ...object, metadata } };
}

function startAnew(actor: Actor, region: Region): Actor {
  if (!actor.tries.has(region)) return actor;
  const tries = new Map(actor.tries);
  tries.delete(region);
  return { ...actor, tries };
}

function remove(world: World, key: Parameters<World['actors']['get']>[0]): World {
  const actor = world.actors.get(key);
  if (actor === undefined || isLeaving(actor)) return world;
  const actors = new Map(world.actors);
  const object = afterDelete(actor.object, world.now);
  if (object === undefined) actors.delete(key);
  else actors.set(key, { ...actor, object });
  return { ...world, actors };
}
