import type { MapObject, MapReplica } from '../wire.ts';
import type { Fleet } from './fleet.ts';
import { newsText } from './text.ts';

const most = 3;

/**
 * What has become of the fleet, for who listens to the page: a sentence each, at most three and how many more. With a
 * chosen object only its own regions are told; else only objects whose worst state became another.
 */
export function newsOf(
  before: Fleet,
  now: Fleet,
  chosen: string | undefined,
  labelOf: (region: string) => string,
): readonly string[] {
  if (before.link !== now.link) {
    if (now.link === 'lost') return [newsText.lost];
    if (before.link === 'lost') return [newsText.back];
  }
  if (!before.synced) return [];
  const told = chosen === undefined ? fleetNews(before.objects, now.objects) : objectNews(before, now, chosen, labelOf);
  return told.length <= most ? told : [...told.slice(0, most), newsText.more(told.length - most)];
}

type Objects = ReadonlyMap<string, MapObject>;

function fleetNews(before: Objects, now: Objects): readonly string[] {
  const changed = [...now.values()].flatMap(({ key, worst }) => {
    const old = before.get(key);
    return old === undefined || old.worst === worst ? [] : [newsText.object(key, worst)];
  });
  return changed;
}

function objectNews(before: Fleet, now: Fleet, chosen: string, labelOf: (region: string) => string) {
  const old = before.objects.get(chosen);
  const object = now.objects.get(chosen);
  if (old === undefined) return [];
  if (object === undefined) return [newsText.gone(chosen)];
  const were = byRegion(old);
  const are = byRegion(object);
  return [
    ...[...are.values()]
      .filter(({ region, state }) => were.get(region)?.state !== state)
      .map(({ region, state }) => newsText.region(labelOf(region), state)),
    ...[...were.keys()].filter((region) => !are.has(region)).map((region) => newsText.regionGone(labelOf(region))),
  ];
}

function byRegion({ replicas }: MapObject): ReadonlyMap<string, MapReplica> {
  return new Map(replicas.map((replica) => [replica.region, replica]));
}
