import { parseArgs } from 'node:util';
import { nearest } from '../domain/nearest.ts';
import { version } from '../version.ts';
import { flagOf, type Setting, settings } from './settings.ts';
import { helpText } from './settings-table.ts';
import { type Wrong, wrong } from './values.ts';

/** What the command line says: values by the flag's name without dashes, or something to print instead of running. */
export type Flags =
  | {
      readonly kind: 'ok';
      readonly values: ReadonlyMap<string, string | Wrong>;
      readonly problems: readonly string[];
    }
  | { readonly kind: 'help' | 'version'; readonly text: string };

const settingOf: ReadonlyMap<string, Setting<unknown>> = new Map(
  Object.values<Setting<unknown>>(settings).map((setting) => [flagOf(setting), setting]),
);
/** The flags that are taken: a secret has none. */
const flagNames = [...settingOf].filter(([, { secret }]) => secret === undefined).map(([flag]) => flag);

/** Reads the arguments that follow the program's name. Help and version win over mistakes. */
export function parseFlags(argv: readonly string[]): Flags {
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(flagNames.map((flag) => [flag, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
    strict: false, // strict stops at the first problem
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string | Wrong>();
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      // Not shown: it may be a secret that belongs to the flag before it.
      problems.push(`argument ${token.index + 1} belongs to no flag; --help lists the flags`);
    } else if (token.name === 'help') return { kind: 'help', text: helpText() };
    else if (token.name === 'version') return { kind: 'version', text: `acr-replication-operator ${version}` };
    else if (!flagNames.includes(token.name)) problems.push(strangeFlag(token));
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
      const { example } = settingOf.get(token.name) ?? {};
      problems.push(`${token.rawName} has no value. Example: ${token.rawName}=${example}`);
      values.set(token.name, wrong);
    } else values.set(token.name, token.value);
  }
  return { kind: 'ok', values, problems };
}

/** Says why a flag is none, with the likely one if there is one. */
function strangeFlag({ name, rawName }: { readonly name: string; readonly rawName: string }): string {
  const variable = settingOf.get(name)?.name;
  if (variable !== undefined) {
    return `${rawName} is not a flag, because other processes can read the command line; set ${variable}`;
  }
  const near = nearest(name, flagNames);
  return `${rawName} is not a flag; ${near === undefined ? '--help lists the flags' : `did you mean --${near}?`}`;
}
