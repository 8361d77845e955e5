import { PassThrough } from 'node:stream';
import type { Output } from '../sandbox/demo/screen.ts';

/** An output that remembers what was written, and what a terminal would show of it. */
export interface Terminal {
  readonly output: Output;
  readonly written: () => string;
  /**
   * The lines on the screen, scrolled-off ones included. Understands what the demo writes and fails at anything else.
   */
  readonly lines: () => readonly string[];
}

export function terminal(columns: number | undefined): Terminal {
  const stream = new PassThrough({ encoding: 'utf8' });
  let text = '';
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  const output = columns === undefined ? stream : Object.assign(stream, { isTTY: true, columns });
  return { output, written: () => text, lines: () => rendered(text) };
}

function rendered(text: string): readonly string[] {
  const lines = [''];
  let row = 0;
  let column = 0;
  for (const [part, up] of text.replaceAll('\x1b', '␛').matchAll(/␛\[(\d+)A|␛\[J|␛\[\d+m|␛[^]*|\r|\n|[^␛\r\n]+/g)) {
    if (up !== undefined) row -= Number(up);
    else if (part === '\r') column = 0;
    else if (part === '␛[J') lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column));
    else if (part === '\n') {
      row++;
      column = 0;
      lines[row] ??= '';
    } else if (!part.startsWith('␛')) {
      const old = lines[row] ?? '';
      lines[row] = old.slice(0, column).padEnd(column) + part + old.slice(column + part.length);
      column += part.length;
    } else if (!part.endsWith('m')) throw new Error(`a terminal would not know ${JSON.stringify(part)}`);
  }
  return lines;
}
