import { drainLine, drainSpoken } from './drain.ts';
import { elapsed, roughly } from './elapsed.ts';
import type { Mark } from './marks.ts';
import { passing, spoken, stateWords, text } from './text.ts';

/** The lines of a mark's label: its name, then what is not as it should be. */
export function labelOf(mark: Mark, now: Date): readonly string[] {
  const { region, kind, state, replica, draft, counts, nodes } = mark;
  const more: string[] = [];
  const drained = drainLine(replica, now);
  if (draft === 'add') more.push(text.draftedAdd);
  else if (draft === 'remove') more.push(text.draftedRemove);
  else if (kind === 'fleet') {
    const [worst] = counts;
    if (worst !== undefined && worst[0] !== 'ready') more.push(text.counts(worst[1], stateWords[worst[0]].word));
  } else if (state !== undefined && state !== 'ready') {
    const { word } = stateWords[state];
    const { since } = replica ?? {};
    const said = since !== undefined && passing.has(state) ? `${word} ${elapsed(since, now)}` : word;
    more.push(drained === undefined ? said : `${said}, ${drained}`);
  } else if (drained !== undefined) more.push(capital(drained));
  else if (nodes > 0) more.push(text.nodesHere(nodes));
  return [region.label, ...more];
}

/** A mark in words, for who cannot see it. */
export function spokenOf({ region, kind, state, home, replica, draft, counts, count, nodes }: Mark, now: Date): string {
  const drained = drainSpoken(replica, now);
  const facts = [
    ...(drained === undefined ? [] : [drained]),
    ...(home ? [spoken.home] : []),
    ...(replica?.since === undefined || state === undefined || !passing.has(state)
      ? []
      : [spoken.since(roughly(replica.since, now))]),
    ...(nodes > 0 ? [spoken.nodes(nodes)] : []),
    ...(draft === 'add' ? [spoken.add] : draft === 'remove' ? [spoken.remove] : []),
  ];
  if (kind === 'fleet') {
    const states = [...counts].map(([one, many]) => text.counts(many, stateWords[one].word));
    return [spoken.fleet(region.label, count, states), ...facts].join(', ');
  }
  if (state === undefined) return [spoken.free(region.label), ...facts].join(', ');
  return spoken.replica(region.label, state, facts);
}

function capital(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
