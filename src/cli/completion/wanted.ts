import type { Command, Completed, Option } from '../command.ts';
import { optionsOf } from '../parse.ts';

/** What the last word of an unfinished command line may become. */
export interface Wanted {
  /** `option`: a name of an option. Undefined: nothing that can be said. */
  readonly completes: Completed | 'option' | undefined;
  /** What is typed of it. */
  readonly prefix: string;
  /** What stands before it in the same word: `--output=`. */
  readonly lead: string;
  readonly command: Command | undefined;
  /** The words before that are no options. */
  readonly args: readonly string[];
  /** The last value that was given to an option, by its name. */
  readonly values: ReadonlyMap<string, string>;
}

/** Reads the words after the program's name; the last is the one to complete, and may be empty. */
export function wantedAt(commands: readonly Command[], words: readonly string[]): Wanted {
  const prefix = words.at(-1) ?? '';
  const [name = '', ...rest] = words.slice(0, -1);
  const nothing = { prefix, lead: '', command: undefined, args: [], values: new Map<string, string>() };
  if (name === '') return { ...nothing, completes: 'command' };
  if (name === 'help') return { ...nothing, completes: rest.length === 0 ? 'command' : undefined };
  const command = commands.find((one) => one.name === name);
  if (command === undefined) return { ...nothing, completes: undefined };
  return { command, ...lastOf(command, rest, prefix) };
}

function lastOf(command: Command, before: readonly string[], prefix: string): Omit<Wanted, 'command'> {
  const options = optionsOf(command);
  const args: string[] = [];
  const values = new Map<string, string>();
  let open: Option | undefined; // whose value comes next
  let onlyArgs = false;
  for (const word of before) {
    if (open !== undefined) {
      values.set(open.name, word);
      open = undefined;
    } else if (onlyArgs || !/^-./.test(word)) args.push(word);
    else if (word === '--') onlyArgs = true;
    else {
      const { option, value } = optionIn(options, word);
      if (option?.value === undefined) continue;
      if (value === undefined) open = option;
      else values.set(option.name, value);
    }
  }
  const seen = { args, values };
  if (open !== undefined) return { ...seen, completes: open.completes, prefix, lead: '' };
  if (!onlyArgs && prefix.startsWith('-')) {
    const { option, value } = optionIn(options, prefix);
    if (value === undefined) return { ...seen, completes: 'option', prefix, lead: '' };
    const lead = prefix.slice(0, prefix.length - value.length);
    return { ...seen, completes: option?.completes, prefix: value, lead };
  }
  const last = command.args.at(-1);
  const argument = command.args[args.length] ?? (last?.many === true ? last : undefined);
  return { ...seen, completes: argument?.completes, prefix, lead: '' };
}

/** The option of a word, and its value when it is in the same word: `--output=json`, `-ojson`. */
function optionIn(
  options: readonly Option[],
  word: string,
): { option?: Option | undefined; value?: string | undefined } {
  const [, long, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (long !== undefined) return { option: options.find(({ name }) => name === long), value };
  const option = options.find(({ short }) => short !== undefined && short === word[1]);
  if (option?.value === undefined || word.length <= 2) return { option };
  return { option, value: word.slice(2).replace(/^=/, '') };
}
