import type { Standing } from '../../view/replicas.ts';

/** One character for how a region stands, `home` for the registry's own. */
export type Mark = Standing | 'home';

const symbols: Readonly<Record<Mark, readonly [unicode: string, ascii: string]>> = {
  home: ['◆', 'H'],
  ready: ['●', '@'],
  busy: ['◐', '~'],
  bad: ['✕', 'X'],
  missing: ['○', 'o'],
  unlisted: ['◇', '?'],
};

export function markOf(mark: Mark, isUnicode: boolean): string {
  return symbols[mark][isUnicode ? 0 : 1];
}
