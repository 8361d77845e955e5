import { expect, test } from 'vitest';
import { shortened, wrapped } from './wrap.ts';

test('a line that fits stays as it is, blanks and all', () => {
  expect(wrapped('NAME      REGIONS', 17)).toEqual(['NAME      REGIONS']);
  expect(wrapped('', 17)).toEqual(['']);
});

test('a longer one is broken between words, and goes on two further where it is indented', () => {
  expect(wrapped('one two three four', 11)).toEqual(['one two', 'three four']);
  expect(wrapped('  one two three four', 13)).toEqual(['  one two', '    three', '    four']);
});

test('a word that is longer than the line stays whole', () => {
  expect(wrapped('see http://127.0.0.1:8443/a/path now', 12)).toEqual(['see', 'http://127.0.0.1:8443/a/path', 'now']);
});

test('a command goes on after a backslash, as a shell reads it', () => {
  expect(wrapped('$ az acr replication list --output table', 26)).toEqual([
    '$ az acr replication \\',
    '  list --output table',
  ]);
});

test('a line that may not be two is cut between words', () => {
  expect(shortened('one two three', 13)).toBe('one two three');
  expect(shortened('one two three', 11)).toBe('one two…');
  expect(shortened('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`);
});
