import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { frame, openScreen } from '../../../../src/cli/output/screen.ts';
import { painter } from '../../../../src/cli/output/terminal.ts';

test('a picture is drawn over the last one, line by line', () => {
  expect(frame('a\nb\n', 24)).toBe('\u001b[Ha\u001b[K\r\nb\u001b[K\u001b[J');
});

test('a picture that is higher than the terminal says how much is left out', () => {
  expect(frame('a\nb\nc\nd\n', 3).split('\r\n').map(stripVTControlCharacters)).toEqual(['a', 'b', '... 2 more lines']);
});

test('a screen that is closed has given back the cursor and what was on the terminal', () => {
  let written = '';
  const terminal = {
    out: (text: string) => {
      written += text;
    },
    err: () => {},
    ask: undefined,
    isTerminal: true,
    columns: () => 80,
    paint: painter(false),
    isUnicode: true,
  };
  {
    using screen = openScreen(terminal, () => 'x');
    screen.changed();
  }
  expect(written).toBe('\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?7h\u001b[?25h\u001b[?1049l');
});
