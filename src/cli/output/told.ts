import { wrapped } from '../help.ts';
import type { Colour, Terminal } from './terminal.ts';

const colours = { 'error:': 'bad', 'warning:': 'busy', 'try:': 'faint' } as const satisfies Record<string, Colour>;

/** A sentence on lines that fit the terminal; after `error:` and `warning:` they are indented. */
export function told({ paint, columns }: Terminal, text: string, word?: 'error:' | 'warning:'): string {
  const indent = word === undefined ? '' : ' '.repeat(word.length + 1);
  const lines = wrapped(text, (columns() ?? Number.POSITIVE_INFINITY) - indent.length);
  const lead = word === undefined ? '' : `${paint(colours[word], word)} `;
  return `${lead}${lines.join(`\n${indent}`)}\n`;
}

/** What helps, on one line however long, so that it can be pasted. */
export function cured({ paint }: Terminal, cure: string): string {
  return `${paint(colours['try:'], 'try:')} ${cure}\n`;
}
