import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffOf } from '../../../../src/cli/map/diff.ts';

const shown = (before: string, after: string) => diffOf(before, after).map(({ sign, text }) => `${sign}${text}`);

test.each([
  ['nothing', 'a\nb\n', 'a\nb\n', [' a', ' b']],
  ['a line more', 'a\nc\n', 'a\nb\nc\n', [' a', '+b', ' c']],
  ['a line fewer', 'a\nb\nc\n', 'a\nc\n', [' a', '-b', ' c']],
  ['a line that changes', 'a\nb\n', 'a\nc\n', [' a', '-b', '+c']],
  ['lines that look alike', 'x:\n- a\n- a\ny\n', 'x:\n- a\ny\n', [' x:', ' - a', '- - a'.replace('- - ', '-- '), ' y']],
  ['the longest part that stays', 'a\nb\nc\nd\n', 'c\na\nb\nd\n', ['+c', ' a', ' b', '-c', ' d']],
])('%s', (_, before, after, lines) => expect(shown(before, after)).toEqual(lines));

test('read without what comes it is the old text, and without what goes the new one', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1 }).map((lines) => `${lines.join('\n')}.\n`);
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffOf(before, after);
      const without = (sign: string) =>
        `${lines.flatMap((line) => (line.sign === sign ? [] : [line.text])).join('\n')}\n`;
      expect([without('+'), without('-')]).toEqual([before, after]);
    }),
  );
});
