import { parseArgs } from 'node:util';
import { nearest } from '../domain/nearest.ts';
import { type Command, misused, type Option, Problem } from './command.ts';
import { globalOptions } from './global-options.ts';

/** What was typed after the name of a command. */
export interface Parsed {
  readonly args: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
}

/** As `list -o name` and kubectl write an object: `registryreplication.acr-replication.dev/contoso`. */
const typePrefix = /^(?:registryreplications?|acrrep)(?:\.acr-replication\.dev)?\//i;

/** The options of a command, those of all commands among them. */
export function optionsOf({ options }: Pick<Command, 'options'>): readonly Option[] {
  return [...options, ...globalOptions];
}

/** The command's name, and the words of the command; options of all commands may stand before the name, as with kubectl. */
export function split(words: readonly string[]): {
  readonly name: string | undefined;
  readonly rest: readonly string[];
} {
  let before = 0;
  for (let word = words[before]; word !== undefined; word = words[before]) {
    const option = globalOptions.find(({ name, short, value }) => {
      return value !== undefined && (word === `-${short}` || word === `--${name}` || word.startsWith(`--${name}=`));
    });
    if (option === undefined) break;
    before += word.includes('=') ? 1 : 2;
  }
  return { name: words[before], rest: [...words.slice(0, before), ...words.slice(before + 1)] };
}

/** Reads the words after the command's name. Throws a Problem that says what is wrong and how it is right. */
export function parse(command: Command, words: readonly string[]): Parsed {
  const options = optionsOf(command);
  const help = `kubectl acr-replication ${command.name} --help`;
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      options.map(({ name, short, value }) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) } as const,
      ]),
    ),
    strict: false, // strict stops at the first problem, with a message of its own
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const args: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      args.push(token.value);
      continue;
    }
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) {
      const near = nearest(
        token.name,
        options.map(({ name }) => name),
      );
      throw new Problem(
        `${token.rawName} is not an option of ${command.name}${near === undefined ? '' : `; did you mean --${near}?`}`,
        help,
        misused,
      );
    }
    if (option.value !== undefined && (token.value === undefined || token.value === '')) {
      throw new Problem(`${token.rawName} needs a value: ${token.rawName} ${option.value}`, help, misused);
    }
    if (option.value === undefined && token.value !== undefined && !/^(true|false)$/.test(token.value)) {
      throw new Problem(`${token.rawName} takes no value`, help, misused);
    }
    const values = given.get(option.name) ?? [];
    given.set(option.name, option.many === true ? [...values, token.value ?? ''] : [token.value ?? 'true']);
    checkChoice(option, token.value, help);
  }
  checkArguments(command, args, help);
  return {
    args: args.map((word, i) => {
      const { completes } = command.args[i] ?? command.args.at(-1) ?? {};
      return completes === 'object' ? word.replace(typePrefix, '') : word;
    }),
    flag: (name) => given.has(name) && given.get(name)?.[0] !== 'false',
    text: (name) => given.get(name)?.[0],
    texts: (name) => given.get(name) ?? [],
  };
}

function checkChoice({ name, completes }: Option, value: string | undefined, help: string): void {
  if (!Array.isArray(completes) || value === undefined || completes.includes(value)) return;
  throw new Problem(`--${name} is ${value}, and can be ${completes.join(', ')}`, help, misused);
}

function checkArguments({ name, args }: Command, given: readonly string[], help: string): void {
  const missing = args.find(({ optional }, i) => given[i] === '' || (optional !== true && given[i] === undefined));
  if (missing !== undefined) throw new Problem(`${name} needs ${missing.name}`, help, misused);
  const surplus = given[args.length];
  if (surplus !== undefined && args.at(-1)?.many !== true) {
    throw new Problem(`${name} does not know what to do with ${JSON.stringify(surplus)}`, help, misused);
  }
}
