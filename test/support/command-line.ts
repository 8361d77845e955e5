import { parseArgs } from 'node:util';

/** What was given on a command line; whatever is wrong with it is kept and told at once. */
export interface Given<F extends string> {
  /** The option's value, a whole number from `least` to `most`; `standard` when it was not given. */
  readonly number: (flag: F, standard: number, least: number, most: number) => number;
  /** The option's value; undefined when it was not given. */
  readonly text: (flag: F) => string | undefined;
  /** Tells of an option that is wrong in a way of its own. */
  readonly problem: (text: string) => void;
}

export interface Program<F extends string, O> {
  readonly help: string;
  /** Names of the options, each of which takes a value. */
  readonly flags: readonly F[];
  readonly read: (given: Given<F>) => O;
  /** Resolves to the exit code. */
  readonly main: (options: O) => Promise<number>;
}

/** Runs a program by this process's command line. `--help` prints the help; wrong options end it with exit code 2. */
export async function runProgram<F extends string, O>({ help, main, ...how }: Program<F, O>): Promise<void> {
  const read = readOptions(process.argv.slice(2), how);
  switch (read.kind) {
    case 'help':
      process.stdout.write(help);
      break;
    case 'wrong':
      process.stderr.write(`${read.problems.join('\n')}\n\nSee --help.\n`);
      process.exitCode = 2;
      break;
    case 'given':
      process.exitCode = await main(read.options);
  }
}

type Read<O> =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'given'; readonly options: O };

function readOptions<F extends string, O>(
  args: readonly string[],
  { flags, read }: Pick<Program<F, O>, 'flags' | 'read'>,
): Read<O> {
  const known = {
    ...Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }])),
    help: { type: 'boolean' as const, short: 'h' },
  };
  let values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...args], options: known }));
  } catch (error) {
    return { kind: 'wrong', problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values['help'] === true) return { kind: 'help' };
  const problems: string[] = [];
  const options = read({
    number: (flag, standard, least, most) => {
      const value = Number(values[flag] ?? standard);
      if (!Number.isInteger(value) || value < least || value > most)
        problems.push(`--${flag} must be a whole number from ${least} to ${most}`);
      return value;
    },
    text: (flag) => (values[flag] === undefined ? undefined : String(values[flag])),
    problem: (text) => void problems.push(text),
  });
  return problems.length > 0 ? { kind: 'wrong', problems } : { kind: 'given', options };
}
