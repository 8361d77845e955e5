import { isDeleting, type RegistryReplication } from '../../api/registryreplication.ts';
import { type Region, regionOf } from '../../domain/region.ts';
import { Problem } from '../command.ts';
import {
  type DrainEntry,
  isClaimed,
  isLastRouted,
  isListReplaced,
  isStated,
  othersStating,
  type Place,
  stateDrains,
  takeOut,
  withDrain,
  withoutDrain,
} from './drains.ts';
import { gitToolOf } from './git.ts';

interface When {
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** What keeps a drain, or its end, from having an effect, or from lasting. */
export interface Caution {
  readonly text: string;
  /** What helps. */
  readonly cure?: string;
}

/** Takes a region of the object out of routing for a while. */
export async function beginDrain(
  place: Place,
  object: RegistryReplication,
  drain: DrainEntry,
  { now, signal }: When,
): Promise<readonly Caution[]> {
  const { metadata, spec } = object;
  const { name } = metadata;
  if (isDeleting(object)) throw new Problem(`${name} is being deleted: it drains nothing any more`);
  const stored = await stateDrains(place, name, (last) => withDrain(last, drain, now()), signal);
  const cautions: readonly (readonly [boolean, string])[] = [
    [spec.suspend === true, `${name} is suspended: no drain begins or ends until it is resumed.`],
    [spec.mode === 'Observe', `${name} has mode: Observe: nothing is changed in Azure.`],
    [isClaimed(object), `another object manages the registry of ${name}: nothing is drained here.`],
    [
      isLastRouted(object, regionOf(drain.location)),
      `no other region of ${name} is in routing: the drain waits until one is.`,
    ],
    [
      isListReplaced(stored),
      `the file that ${name} was applied from has spec.drains, whose list replaces this one at its next apply: write this drain into it, too.`,
    ],
  ];
  return cautions.flatMap(([isSo, text]) => (isSo ? [{ text }] : []));
}

/** Ends the drain of a region of the object, whoever states it; undefined: the region is not drained. */
export async function endDrain(
  place: Place,
  object: RegistryReplication,
  region: Region,
  { now, signal }: When,
): Promise<readonly Caution[] | undefined> {
  const { metadata, spec } = object;
  const { name } = metadata;
  if (!isStated(object, region)) return undefined;
  const stored = await stateDrains(place, name, (last) => withoutDrain(last, region, now()), signal);
  const others = othersStating(stored, region);
  await takeOut(place, stored, region, signal);
  const tool = gitToolOf(stored);
  return [
    ...(others.length === 0
      ? []
      : [
          {
            text: `${others.join(', ')} stated this drain, too: a file that has it brings it back.`,
            cure: `take it out of that file${tool === undefined ? '' : `, or ${tool.pause}`}`,
          },
        ]),
    ...(spec.suspend === true ? [{ text: `${name} is suspended: nothing is put back until it is resumed.` }] : []),
  ];
}
