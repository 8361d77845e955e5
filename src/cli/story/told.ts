import type { Story } from '../../view/story.ts';
import { stateText } from './story-text.ts';

/** What a story says without ages, a line each, by what it is about. */
export function toldBy({ phase, summary, sentences, regions, events }: Story): ReadonlyMap<string, string> {
  return new Map([
    ['phase', `${phase}, ${summary} regions ready`],
    ...sentences.map(({ says, reason, message }): [string, string] => [
      says,
      `${says}${reason === undefined ? '' : ` (${reason})`}: ${message}`,
    ]),
    ...regions.map((region): [string, string] => [region.location, `${region.location}: ${stateText(region)}`]),
    ...(typeof events === 'string' ? [] : events).map(({ time, reason, message }): [string, string] => [
      `${time} ${reason}`,
      `${reason}: ${message}`,
    ]),
  ]);
}

/** The lines that were not told before. */
export function news(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly string[] {
  return [...now].filter(([about, line]) => before.get(about) !== line).map(([, line]) => line);
}
