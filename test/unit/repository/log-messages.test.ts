import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];

interface Message {
  readonly level: Level;
  readonly text: string;
  readonly file: string;
}

/** Every call of a log: on one level or, in brackets, on one of several; with its first argument. */
const call = /\b[lL]og(?:\.(debug|info|warn|error)|\[([^\]]+)\])\(\s*('(?:[^'\\]|\\.)*'|[^,)]*)/g;

/** The texts that the first argument can be: a literal, or a name whose value is looked up in a table of literals. */
function textsOf(argument: string, source: string): readonly string[] {
  if (argument.startsWith("'")) return [argument.slice(1, -1)];
  const [, table = ''] = new RegExp(`const ${argument} = [^;]*?\\b(\\w+)\\[`).exec(source) ?? [];
  const [, rows = ''] = new RegExp(`const ${table} = \\{([^}]*)\\}`).exec(source) ?? [];
  return [...rows.matchAll(/: '([^']*)'/g)].map(([, text = '']) => text);
}

function messagesIn(file: string): readonly Message[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(call)].flatMap(([whole, one, several = '', argument = '']) => {
    const texts = textsOf(argument, source);
    if (texts.length === 0) throw new Error(`${file}: ${whole} has no constant message`);
    const on = levels.filter((level) => level === one || several.includes(`'${level}'`));
    return on.flatMap((level) => texts.map((text) => ({ level, text, file })));
  });
}

const messages = globSync('src/**/*.ts').flatMap(messagesIn);

const page = readFileSync('docs/monitoring.md', 'utf8');
const section = (level: Level): string => page.split(/^### /m).find((part) => part.startsWith(`${level}\n`)) ?? '';
const rows = (level: Level): readonly string[] =>
  [...section(level).matchAll(/^\| `([^`]+)` \|/gm)].map(([, text = '']) => text);

describe('the messages of the log', () => {
  test('are found at all', () => {
    expect(new Set(messages.map(({ level }) => level))).toEqual(new Set(levels));
    expect(messages.length).toBeGreaterThan(25);
  });

  test('are of one style: they begin in lower case and end without a period', () => {
    for (const { text, file } of messages) {
      expect(text, file).toMatch(/^[a-z].*[^.!: ]$/);
    }
  });

  for (const level of levels) {
    test(`are told of in docs/monitoring.md: those of level ${level}, and no others`, () => {
      const inCode = messages.filter((message) => message.level === level).map(({ text }) => text);
      expect(rows(level).toSorted()).toEqual([...new Set(inCode)].toSorted());
    });

    test(`have examples on level ${level} that are lines of this level`, () => {
      const lines = [...section(level).matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line) as object);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line).toMatchObject({ timestamp: expect.stringMatching(/^\d{4}-.*Z$/), level });
        expect(rows(level)).toContain((line as { readonly message?: unknown }).message);
      }
    });
  }
});
