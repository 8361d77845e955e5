import type { Argument, Command, Option } from './command.ts';
import { globalOptions } from './global-options.ts';

/** How users call the program. */
export const program = 'kubectl acr-replication';

export function usageOf({ name, args }: Pick<Command, 'name' | 'args'>): string {
  return [program, name, ...args.map(argumentText), '[options]'].join(' ');
}

function argumentText({ name, optional, many }: Argument): string {
  const text = many === true ? `${name}...` : name;
  return optional === true ? `[${text}]` : text;
}

/** In characters, as far as the terminal is so wide. */
const widest = 100;

/** The first page: what there is to do. */
export function overview(commands: readonly Command[], columns = widest): string {
  const width = Math.min(columns, widest);
  const indent = Math.max(...commands.map(({ name }) => name.length)) + 4;
  return [
    ...wrapped('Azure Container Registry replications, seen and steered from the terminal.', width),
    '',
    'Usage:',
    `  ${program} COMMAND [options]`,
    '',
    'Commands:',
    ...commands.flatMap(({ name, summary }) => indented(`  ${name}`, summary, { indent, width })),
    '',
    'Options of all commands:',
    ...optionLines(globalOptions, width),
    '',
    ...wrapped(`${program} COMMAND --help tells more of a command, with examples and the rights it needs.`, width),
    '',
  ].join('\n');
}

/** All about one command. */
export function helpOf(command: Command, columns = widest): string {
  const width = Math.min(columns, widest);
  const { summary, details = [], options, examples, needs } = command;
  return [
    ...wrapped(summary, width),
    ...details.flatMap((text) => ['', ...wrapped(text, width)]),
    '',
    'Usage:',
    `  ${usageOf(command)}`,
    '',
    'Examples:',
    ...examples.flatMap(({ does, line }) => [`  # ${does}`, `  ${program} ${line}`]),
    '',
    ...(options.length === 0 ? [] : ['Options:', ...optionLines(options, width), '']),
    'Options of all commands:',
    ...optionLines(globalOptions, width),
    '',
    ...wrapped(`Needs: ${needs}`, width),
    '',
  ].join('\n');
}

/** `-n, --namespace NAME`. */
export function optionText({ name, short, value }: Option): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

/** In characters; beside it there must be room for a sentence, else the sentence goes below. */
const optionWidth = 30;
const leastBeside = 40;

function optionLines(options: readonly Option[], width: number): string[] {
  const indent = width - optionWidth < leastBeside ? 8 : optionWidth;
  return options.flatMap((option) => indented(`  ${optionText(option)}`, option.says, { indent, width }));
}

/** A word, and beside it, or below where there is no room, what it means. */
function indented(word: string, says: string, { indent, width }: { indent: number; width: number }): string[] {
  const [first = '', ...more] = wrapped(says, width - indent).map((line) => `${' '.repeat(indent)}${line}`);
  return word.length > indent - 2 ? [word, first, ...more] : [word.padEnd(indent) + first.slice(indent), ...more];
}

/** Lines of at most `width` characters, broken between words. */
export function wrapped(text: string, width = widest): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
