import type { MapObject } from '../wire.ts';
import { rankOf } from './marks.ts';
import { objectFlags, stateWords } from './text.ts';

/** All objects, the worst first, then by namespace and name. */
export function byNeed(objects: Iterable<MapObject>): readonly MapObject[] {
  return [...objects].sort((a, b) => rankOf(a.worst) - rankOf(b.worst) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/**
 * Those in which each of the words is found: in the namespace, name, registry, phase, reason, state, a region or the reason
 * of a drain. Their order is kept.
 */
export function found(objects: readonly MapObject[], search: string): readonly MapObject[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return objects;
  return objects.filter((object) => {
    const text = textOf(object);
    return words.every((word) => text.includes(word));
  });
}

function textOf(object: MapObject): string {
  const { key, registry, loginServer = '', phase, reason, worst, replicas } = object;
  const states = [worst, ...replicas.map(({ state }) => state)].map((state) => stateWords[state].word);
  const regions = replicas.map(({ region }) => region);
  const drains = replicas.flatMap(({ drain }) =>
    drain === undefined ? [] : [drain.out ? stateWords.drained.word : '', drain.reason ?? ''],
  );
  return [key, registry, loginServer, phase, reason, ...states, ...drains, ...regions, ...objectFlags(object)]
    .join('\n')
    .toLowerCase();
}
