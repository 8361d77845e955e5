import { commands } from '../src/cli/catalog.ts';
import type { Command, Option } from '../src/cli/command.ts';
import { globalOptions } from '../src/cli/global-options.ts';
import { optionText, program, usageOf } from '../src/cli/help.ts';

/** docs/cli.md: what --help says of every command, as one page. */
export function cliPage(): string {
  return [
    '<!-- Made from src/cli/commands by `npm run generate`. Do not edit. -->',
    `# ${program}`,
    '',
    'Azure Container Registry replications, seen and steered from the terminal: with your own kubeconfig and rights, and for what reads Azure with your own login.',
    '',
    '| command | what it does |',
    '|---|---|',
    ...commands.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${cell(summary)} |`),
    '',
    ...commands.flatMap(section),
    '## Options of all commands',
    '',
    ...optionRows(globalOptions),
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '|---|---|',
    '| 0 | well |',
    '| 1 | not well: the error and what helps are on standard error |',
    '| 2 | the command line cannot be understood |',
    '| 130 | ended by Ctrl-C |',
    '',
  ].join('\n');
}

function section(command: Command): readonly string[] {
  const { name, summary, details = [], options, examples, needs } = command;
  return [
    `## ${name}`,
    '',
    ...[summary, ...details].flatMap((text) => [text, '']),
    '```sh',
    usageOf(command),
    '```',
    '',
    'Examples:',
    '',
    '```sh',
    ...examples.flatMap(({ does, line }) => [`# ${does}`, `${program} ${line}`]),
    '```',
    '',
    ...(options.length === 0 ? [] : [...optionRows(options), '']),
    `Needs: ${needs}`,
    '',
  ];
}

function optionRows(options: readonly Option[]): readonly string[] {
  return [
    '| option | what it does |',
    '|---|---|',
    ...options.map((option) => `| \`${cell(optionText(option).trim())}\` | ${cell(option.says)} |`),
  ];
}

/** A text as a cell of a table, where | would begin another. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
