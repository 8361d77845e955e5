import { describe, expect, test } from 'vitest';
import { expressionIn, parsed, plainString, textOf } from '../../../../../src/cli/convert/arm/expression.ts';

describe('a string of a template', () => {
  test.each([
    ['contoso', 'contoso'],
    ['[[not an expression]', '[not an expression]'],
    ['[open', '[open'],
    ['', ''],
  ])('%s stands for itself', (text, meant) => {
    expect(expressionIn(text)).toBeUndefined();
    expect(plainString(text)).toBe(meant);
  });

  test('between brackets is an expression', () => {
    expect(expressionIn("[parameters('x')]")).toEqual({
      kind: 'call',
      name: 'parameters',
      args: [{ kind: 'literal', value: 'x' }],
    });
  });
});

test.each([
  ["concat( 'a' ,'it''s', -1 )", "concat('a', 'it''s', -1)"],
  ['resourceGroup().location', 'resourceGroup().location'],
  ["parameters('x')['odd name'][0].y", "parameters('x')['odd name'][0].y"],
  ["parameters('x')['y']", "parameters('x').y"],
  ["__bicep.nameOf('a')", "__bicep.nameOf('a')"],
  ["first(split('a/b', '/'))\n", "first(split('a/b', '/'))"],
  ['createArray()', 'createArray()'],
])('%s is read, and written in one spelling', (text, written) => {
  expect(textOf(parsed(text))).toBe(written);
  expect(textOf(parsed(written))).toBe(written);
});

test.each(["concat('a'", "concat('a' 'b')", "concat('a", 'a.b', 'concat()]', "x('a').", '', "'a' 'b'", 'concat(,)'])(
  '%s is refused',
  (text) => expect(() => parsed(text)).toThrow(SyntaxError),
);
