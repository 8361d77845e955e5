import { requestedAt } from '../../../src/api/registryreplication.ts';
import type { Region } from '../../../src/domain/region.ts';
import { type Actor, isLeaving, type World } from './world.ts';

/**
 * Two worlds with one object each are the same when this text is: it holds everything a pass decides from, and what the
 * properties ask for. Left out are messages and times; of a time, only whether the longest pause is over. Regions other
 * than home are told apart by what they are, not by name.
 */
export function keyOfState(world: World, regions: readonly Region[], left: string): string {
  const [actor] = world.actors.values();
  const wanted = new Set(actor?.object.spec.regions.map(({ location }) => location));
  const memory = new Map(actor?.object.status?.replicas?.map((entry) => [entry.location, entry]));
  const places = regions.map((region) => {
    const replica = world.replicas.get(region);
    const last = memory.get(region);
    const tries = actor?.tries.get(region);
    const there =
      replica === undefined
        ? '-'
        : `${replica.state.slice(0, 2)}${replica.name === region ? '' : replica.name}${replica.status.slice(0, 1)}${replica.tags['acr-replication-owner'] ?? ''}`;
    const fresh = last?.since !== undefined && world.now - Date.parse(last.since) < 300_000;
    const known =
      last === undefined
        ? '-'
        : `${last.name === region ? '=' : (last.name ?? '')}/${last.managed ?? ''}/${last.provisioningState?.slice(0, 2) ?? ''}${last.status?.slice(0, 1) ?? ''}/${last.attempts ?? 0}${last.error?.code === 'Vanished' ? 'v' : ''}${fresh ? 'f' : ''}`;
    const seen = `${actor?.listed.has(region) === true ? 'l' : ''}${tries === undefined ? '' : `${tries.creations}.${tries.deletions}${tries.unanswered ? '?' : ''}`}`;
    return `${wanted.has(region) ? '+' : ''}${there}|${known}|${seen}`;
  });
  return `${places.sort().join(';')};${actor === undefined ? '' : about(actor)};${world.replicas.size > 0 ? 'H' : ''};${left}`;
}

function about(actor: Actor): string {
  const { metadata, spec, status } = actor.object;
  return [
    spec.prune ?? '',
    spec.mode ?? '',
    spec.deletionPolicy ?? '',
    spec.suspend === true ? 's' : '',
    isLeaving(actor) ? 'd' : '',
    metadata.finalizers === undefined ? '' : 'f',
    status === undefined ? '-' : status.observedGeneration === metadata.generation ? '' : 'n',
    (metadata.annotations?.[requestedAt] ?? '') === (status?.lastHandledRequest ?? '') ? '' : 'a',
    status?.phase === 'Ready' ? 'R' : '',
    status?.registry === undefined ? '' : 'r',
    actor.retries,
  ].join(',');
}
