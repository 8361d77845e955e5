import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { filesIn, textIn } from '../../../src/cli/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'acr-replication-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder stands for its YAML and JSON files, sorted', () => {
  const inside = join(folder, 'inside');
  mkdirSync(inside);
  for (const name of ['b.yml', 'a.json', 'c.yaml', 'README.md']) writeFileSync(join(inside, name), '');
  expect(filesIn(inside)).toEqual(['a.json', 'b.yml', 'c.yaml'].map((name) => join(inside, name)));
  expect(filesIn('-')).toEqual(['-']);
});

test.each([
  ['UTF-8', Buffer.from('{"a": "ä"}')],
  ['UTF-8 with a mark', Buffer.from('\ufeff{"a": "ä"}')],
  ['UTF-16, as PowerShell redirects', Buffer.from('\ufeff{"a": "ä"}', 'utf16le')],
])('%s is read', (called, bytes) => {
  const file = join(folder, `${called}.json`);
  writeFileSync(file, bytes);
  expect(textIn(file)).toBe('{"a": "ä"}');
});

test('a file that is not there is a problem', () => {
  expect(() => textIn(join(folder, 'nothere'))).toThrow(/^there is no .*nothere$/);
});
