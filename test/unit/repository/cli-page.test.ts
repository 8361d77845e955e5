import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cliPage } from '../../../docs/cli.ts';
import { commands } from '../../../src/cli/catalog.ts';
import { parse } from '../../../src/cli/parse.ts';

const page = readFileSync('docs/cli.md', 'utf8');

test('docs/cli.md is what the table of commands makes of it; npm run generate writes it', () => {
  expect(page).toBe(cliPage());
});

describe.each(commands)('$name', (command) => {
  const { name, examples } = command;
  test('has a section', () => expect(page).toContain(`\n## ${name}\n`));

  test('has examples that can be typed', () => {
    for (const { line } of examples) {
      // What follows a pipe or a redirection is the shell's.
      const [first, ...words] = line.split(/ [|>] /)[0]?.split(' ') ?? [];
      expect(first).toBe(name);
      expect(() => parse(command, words)).not.toThrow();
    }
  });
});
