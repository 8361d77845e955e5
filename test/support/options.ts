import { parseArgs } from 'node:util';

/** What was given on a command line; whatever is wrong with it is kept and told at once. */
export interface Given<F extends string> {
  /** A whole number within bounds. */
  readonly number: (flag: F, standard: number, least: number, most: number) => number;
  /** Undefined: not given. */
  readonly text: (flag: F) => string | undefined;
  readonly problem: (text: string) => void;
}

/** Options that take a value each, and --help; every problem when there is one. */
export function readOptions<F extends string, O>(
  args: readonly string[],
  flags: readonly F[],
  read: (given: Given<F>) => O,
): O | 'help' | readonly string[] {
  const options = {
    ...Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }])),
    help: { type: 'boolean' as const, short: 'h' },
  };
  let values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  if (values['help'] === true) return 'help';
  const problems: string[] = [];
  const result = read({
    number: (flag, standard, least, most) => {
      const value = Number(values[flag] ?? standard);
      if (!Number.isInteger(value) || value < least || value > most)
        problems.push(`--${flag} must be a whole number from ${least} to ${most}`);
      return value;
    },
    text: (flag) => (values[flag] === undefined ? undefined : String(values[flag])),
    problem: (text) => void problems.push(text),
  });
  return problems.length > 0 ? problems : result;
}
