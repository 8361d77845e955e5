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

/** The first page: what there is to do. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Azure Container Registry replications, seen and steered from the terminal.',
    '',
    'Usage:',
    `  ${program} COMMAND [options]`,
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options of all commands:',
    ...optionLines(globalOptions),
    '',
    `${program} COMMAND --help tells more of a command, with examples and the rights it needs.`,
    '',
  ].join('\n');
}

/** All about one command. */
export function helpOf(command: Command): string {
  const { summary, details = [], options, examples, needs } = command;
  return [
    summary,
    ...details.flatMap((text) => ['', ...wrapped(text)]),
    '',
    'Usage:',
    `  ${usageOf(command)}`,
    '',
    'Examples:',
    ...examples.flatMap(({ does, line }) => [`  # ${does}`, `  ${program} ${line}`]),
    '',
    ...(options.length === 0 ? [] : ['Options:', ...optionLines(options), '']),
    'Options of all commands:',
    ...optionLines(globalOptions),
    '',
    ...wrapped(`Needs: ${needs}`),
    '',
  ].join('\n');
}

/** `-n, --namespace NAME`. */
export function optionText({ name, short, value }: Option): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

const optionWidth = 30;

function optionLines(options: readonly Option[]): string[] {
  return options.flatMap((option) => {
    const text = `  ${optionText(option)}`;
    const [first = '', ...more] = wrapped(option.says, 100 - optionWidth);
    const indented = more.map((line) => ' '.repeat(optionWidth) + line);
    return text.length > optionWidth - 2
      ? [text, ' '.repeat(optionWidth) + first, ...indented]
      : [text.padEnd(optionWidth) + first, ...indented];
  });
}

/** Lines of at most `width` characters, broken between words. */
export function wrapped(text: string, width = 100): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
