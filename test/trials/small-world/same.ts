import { type RegistryReplication, requestedAt } from '../../../src/api/registryreplication.ts';
import type { Region } from '../../../src/domain/region.ts';
import type { Replica } from '../../../src/domain/replication.ts';
import { type Actor, isLeaving, recreateAnnotation, statedIn, type World, wantedBy } from './world.ts';

/** A moment within the longest pause counts as new: so much later than it, everything that waits is due. */
const newMs = 600_000;
/** More failures in a row make no difference to what a pass decides, only to when the next one comes. */
const mostRetries = 4;

/**
 * Two worlds with one object each are the same when this text is: it holds everything a pass decides from, and what the
 * properties ask for. Left out are messages, why Azure could not be read, and times; of a time, only whether the longest pause is over. Regions other
 * than home are told apart by what they are, not by name.
 */
export function keyOfState(world: World, regions: readonly Region[], left: string): string {
  const [actor] = world.actors.values();
  const objects = actor === undefined ? [] : [actor.object, ...actor.history];
  const wanted = objects.map(wantedBy);
  const places = regions.map((region) => {
    const replica = world.replicas.get(region);
    const tries = actor?.tries.get(region);
    const marks = [
      wanted.map((set) => (set.has(region) ? '+' : '')).join('/'),
      world.registry.home === region ? 'H' : '',
      world.made.has(region) ? 'm' : '',
      world.hidden.has(region) ? 'h' : '',
      actor?.listed.has(region) === true ? 'l' : '',
      actor?.provisioned.has(region) === true ? 'p' : '',
      tries === undefined ? '' : `${tries.creations}.${tries.deletions}${tries.unanswered?.slice(0, 1) ?? ''}`,
    ];
    return [replicaKey(region, replica), ...objects.map((object) => known(object, region, world.now)), ...marks].join(
      '|',
    );
  });
  const { registry, cluster, now, readAt = now, policy } = world;
  return [
    places.sort().join(';'),
    actor === undefined ? '' : about(actor, now),
    actor === undefined ? '' : drainsKey(actor, world),
    world.replicas.size > 0 ? 'H' : '',
    registry.home,
    registry.sku,
    world.readAs?.home ?? '',
    cluster,
    Object.keys(policy).length > 0 ? 'P' : '',
    world.readAt === undefined ? 'u' : now - readAt < newMs ? '' : 'o',
    left,
  ].join(';');
}

function replicaKey(region: Region, replica: Replica | undefined): string {
  if (replica === undefined) return '-';
  const { name, state, status, routing, tags } = replica;
  const owner = tags['acr-replication-owner'] ?? '';
  const rest = Object.entries(tags).filter(([tag]) => tag !== 'acr-replication-owner' && tag !== 'managed-by');
  return `${state.slice(0, 2)}${name === region ? '' : name}${status.slice(0, 1)}${routing.slice(0, 1)}${owner}${rest.join()}`;
}

/** All that a status says of one region, but texts for people. */
function known({ status }: RegistryReplication, region: Region, now: number): string {
  const entry = status?.replicas?.find(({ location }) => location === region);
  if (entry === undefined) return '-';
  const { location: _, message: _message, note: _note, name, error, ...rest } = entry;
  return `${name === region ? '=' : (name ?? '')}${error?.code ?? ''}${digest(rest, now)}`;
}

function digest(value: object, now: number): string {
  return JSON.stringify(value, (name, part: unknown) => {
    if (name === 'message' || name === 'summary') return undefined;
    if (typeof part !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(part)) return part;
    const ageMs = now - Date.parse(part);
    return ageMs < 0 ? 'to come' : ageMs < newMs ? 'new' : 'old';
  });
}

/** What was ready for long may be looked at by Resource Graph. */
function isOld(status: RegistryReplication['status'], now: number): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready !== undefined && now - Date.parse(ready.lastTransitionTime) >= newMs;
}

/** What matters only where there are drains: of home too, and what routing is meant to be. */
function drainsKey({ object, history }: Actor, { now, replicas, registry, meant }: World): string {
  const all = [object, ...history];
  const isDrained = all.some(({ spec, status }) => spec.drains || status?.replicas?.some(({ drained }) => drained));
  if (!isDrained) return '';
  const { home } = registry;
  return [
    ...all.map(({ spec }) => digest(spec.drains ?? [], now)),
    ...all.map((one) => `${known(one, home, now)}${statedIn(one, home) ?? ''}`),
    replicaKey(home, replicas.get(home)),
    JSON.stringify([...meant].sort(([a], [b]) => (a < b ? -1 : 1))),
    JSON.stringify(object.spec.regions.map(({ routing }) => routing)),
  ].join('|');
}

function about(actor: Actor, now: number): string {
  const { metadata, spec, status } = actor.object;
  const past = actor.history.map((object) => {
    const { regions: _, registry: _registry, ...other } = object.spec;
    const { conditions: _conditions, replicas: _replicas, plan: _plan, ...told } = object.status ?? {};
    const { registry: known, readError: _readError, ...rest } = told;
    return digest([other, object.metadata, rest, known?.homeRegion], now);
  });
  const { conditions: _, replicas: _replicas, plan: _plan, phase, observedGeneration, ...rest } = status ?? {};
  const { lastHandledRequest = '', registry, readError: _readError, ...more } = rest;
  return [
    spec.prune ?? '',
    spec.mode ?? '',
    spec.deletionPolicy ?? '',
    spec.readyWhen ?? '',
    spec.suspend === true ? 's' : '',
    spec.tags === undefined ? '' : 't',
    isLeaving(actor) ? 'd' : '',
    metadata.finalizers === undefined ? '' : 'f',
    status === undefined ? '-' : observedGeneration === metadata.generation ? '' : 'n',
    (metadata.annotations?.[requestedAt] ?? '') === lastHandledRequest ? '' : 'a',
    metadata.annotations?.[recreateAnnotation] ?? '',
    phase === 'Ready' ? (isOld(status, now) ? 'R' : 'r') : phase === 'Deleting' ? 'D' : '',
    registry?.homeRegion ?? '',
    digest(more, now),
    Math.min(actor.retries, mostRetries),
    ...past,
  ].join(',');
}
