import type { ReplicaRow, Standing } from '../../view/replicas.ts';
import type { Colour } from './terminal.ts';

/** One character for how a region stands: `home` for the registry's own, `drained` for one that a drain keeps out of routing. */
export type Mark = Standing | 'home' | 'drained';

const symbols: Readonly<Record<Mark, readonly [unicode: string, ascii: string]>> = {
  home: ['◆', 'H'],
  ready: ['●', '@'],
  busy: ['◐', '~'],
  drained: ['⊘', '/'],
  bad: ['✕', 'X'],
  missing: ['○', 'o'],
  unlisted: ['◇', '?'],
};

export const colours: Readonly<Record<Mark, Colour>> = {
  home: 'good',
  ready: 'good',
  busy: 'busy',
  drained: 'busy',
  bad: 'bad',
  missing: 'busy',
  unlisted: 'faint',
};

/** The mark of a region; a drain is seen where nothing else is amiss. */
export function markFor({ managed, standing, drained }: Pick<ReplicaRow, 'managed' | 'standing' | 'drained'>): Mark {
  if (standing !== 'ready') return standing;
  return drained === undefined ? (managed === 'Home' ? 'home' : 'ready') : 'drained';
}

export function markOf(mark: Mark, isUnicode: boolean): string {
  return symbols[mark][isUnicode ? 0 : 1];
}
