/** What `npm run test:small-world` runs: the small worlds to exhaustion, then a random walk through larger ones. */
import { reconcile } from '../../../src/controller/reconcile.ts';
import { runProgram } from '../../support/command-line.ts';
import { coveredRow } from '../../support/covered.ts';
import { explore } from './explore.ts';
import { safety } from './properties.ts';
import { type Scope, scopes } from './scope.ts';
import { settled } from './settled.ts';
import { linesOf, linesOfStart } from './tell.ts';
import { walk } from './walk.ts';

const help = `Looks for a state in which the real pass breaks a property.

Usage: npm run test:small-world -- [options]

  --only TEXT  what has this in its name; default: all
  --seed N     of the walk; default 1
  --steps N    of the walk, 1 to 1000000000; default 1000000
  --help       this text

Names:
${[...scopes.map(({ name }) => name), 'walk'].map((name) => `  ${name}\n`).join('')}
Exit code 1: a property was broken; the shortest way there is told.
`;

const properties = Object.keys(safety).length + Object.keys(settled).length;

interface Options {
  readonly only: string;
  readonly seed: number;
  readonly steps: number;
}

async function smallWorld({ only, seed, steps }: Options): Promise<number> {
  const rows: (string | undefined)[] = [];
  for (const scope of scopes.filter(({ name }) => name.includes(only))) rows.push(await exhausted(scope));
  if ('walk'.includes(only)) rows.push(await walked(seed, steps));
  tell(rows.filter((row) => row !== undefined));
  return rows.includes(undefined) ? 1 : 0;
}

/** The row of a small world; undefined when a property was broken, which is told at once. */
async function exhausted(scope: Scope): Promise<string | undefined> {
  const began = performance.now();
  tell([`${scope.name} …`]);
  const { violation, ...counts } = await explore(scope, reconcile);
  if (violation === undefined)
    return row(`Small world: ${scope.name}`, { ...counts, properties }, `--only '${scope.name}'`, began);
  const { property, detail, start, trace } = violation;
  tell([`broken: ${property}, ${detail}`, ...linesOfStart(start), ...linesOf(trace)]);
  return undefined;
}

/** The same for the random walk. */
async function walked(seed: number, steps: number): Promise<string | undefined> {
  const began = performance.now();
  tell([`random walk, seed ${seed} …`]);
  const { bug, ...counts } = await walk(seed, steps, reconcile);
  if (bug === undefined)
    return row('Random walk: 8 regions, up to 3 objects', { ...counts, properties, seed }, '--only walk', began);
  tell([`broken: ${bug.property}, ${bug.detail} (--seed ${seed} --steps ${steps})`, ...linesOf(bug.trace)]);
  return undefined;
}

function row(what: string, counts: Readonly<Record<string, number>>, flags: string, began: number): string {
  return coveredRow({
    what,
    counts,
    held: 'no property broken',
    command: `npm run test:small-world -- ${flags}`,
    seconds: (performance.now() - began) / 1_000,
  });
}

function tell(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

await runProgram({
  help,
  flags: ['only', 'seed', 'steps'],
  read: ({ number, text }) => ({
    only: text('only') ?? '',
    seed: number('seed', 1, 0, 1_000_000_000),
    steps: number('steps', 1_000_000, 1, 1_000_000_000),
  }),
  main: smallWorld,
});
