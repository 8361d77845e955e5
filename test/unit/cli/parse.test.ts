import { describe, expect, test } from 'vitest';
import { commands } from '../../../src/cli/catalog.ts';
import { helpOf, overview } from '../../../src/cli/help.ts';
import { parse, split } from '../../../src/cli/parse.ts';

const command = (name: string) => commands.find((one) => one.name === name) ?? expect.fail(`no command ${name}`);

describe('options of all commands may stand before the name of the command', () => {
  test.each([
    [['list', '-n', 'a'], 'list', ['-n', 'a']],
    [['-n', 'a', 'list', '-w'], 'list', ['-n', 'a', '-w']],
    [['--namespace=a', '--context', 'prod', 'list'], 'list', ['--namespace=a', '--context', 'prod']],
    [['--as', 'x', '--as-group=g', 'list', '--', '-n'], 'list', ['--as', 'x', '--as-group=g', '--', '-n']],
    [['--help'], '--help', []],
    [['-x', 'list'], '-x', ['list']],
    [['-n', 'a'], undefined, ['-n', 'a']],
    [[], undefined, []],
  ] as const)('%j', (words, name, rest) => expect(split(words)).toEqual({ name, rest }));
});

describe('an object is named as kubectl and list -o name write it', () => {
  test.each([
    'contoso',
    'registryreplication/contoso',
    'registryreplications/contoso',
    'registryreplication.acr-replication.dev/contoso',
    'acrrep/contoso',
  ])('%s', (word) => {
    expect(parse(command('status'), [word]).args).toEqual(['contoso']);
    expect(parse(command('plan'), [word, word]).args).toEqual(['contoso', 'contoso']);
  });
  test('what is of another kind stays, and is not found', () => {
    const other = 'registryreplication.containerregistry.azure.com/contoso';
    expect(parse(command('status'), [other]).args).toEqual([other]);
  });
});

describe.each([60, 80, 200])('help at %i columns', (columns) => {
  const isExample = (line: string) => /^ {2}(#|kubectl acr-replication) /.test(line);
  const tooLong = (text: string) => text.split('\n').filter((line) => line.length > columns && !isExample(line));
  test('the overview fits', () => expect(tooLong(overview(commands, columns))).toEqual([]));
  test.each(commands)('that of $name fits, but for what is to be pasted', (one) => {
    expect(tooLong(helpOf(one, columns))).toEqual([]);
  });
});
