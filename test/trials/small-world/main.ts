/** What `npm run test:small-world` runs: the small worlds to exhaustion, then a random walk through larger ones. */
import { runProgram } from '../../support/command-line.ts';
import { coveredRow } from '../../support/covered.ts';
import { explore } from './explore.ts';
import { hours, mostWrites, tooMany } from './hour.ts';
import { operator } from './operator.ts';
import { planted } from './planted.ts';
import { operatorWith } from './planted-operator.ts';
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
${[...scopes.map(({ name }) => name), 'hour', 'walk', 'planted'].map((name) => `  ${name}\n`).join('')}
Exit code 1: a property was broken; the shortest way there is told.
`;

/** Those of passes and of ends; that of an hour stands by itself. */
const properties = Object.keys(safety).length + Object.keys(settled).length;

interface Options {
  readonly only: string;
  readonly seed: number;
  readonly steps: number;
}

async function smallWorld({ only, seed, steps }: Options): Promise<number> {
  const rows: (string | undefined)[] = [];
  for (const scope of scopes.filter(({ name }) => name.includes(only))) rows.push(await exhausted(scope));
  if ('hour'.includes(only)) rows.push(await lastingHours());
  if ('walk'.includes(only)) rows.push(await walked(seed, steps));
  tell(rows.filter((row) => row !== undefined));
  const missed = 'planted'.includes(only) ? await soughtAll() : 0;
  return rows.includes(undefined) || missed > 0 ? 1 : 0;
}

/** The row of a small world; undefined when a property was broken, which is told at once. */
async function exhausted(scope: Scope): Promise<string | undefined> {
  const began = performance.now();
  tell([`${scope.name} …`]);
  const { violations, ...counts } = await explore(scope, operator, () => false);
  const [violation] = violations;
  if (violation === undefined)
    return row(`Small world: ${scope.name}`, { ...counts, properties }, `--only '${scope.name}'`, began);
  for (const { property, detail, start, trace } of violations)
    tell([`broken: ${property}, ${detail}`, ...linesOfStart(start), ...linesOf(trace)]);
  return undefined;
}

/** The same for an hour of every lasting fault. */
async function lastingHours(): Promise<string | undefined> {
  const began = performance.now();
  tell(['an hour of every lasting fault …']);
  const all = await hours(operator);
  const wrong = all.flatMap(
    (hour) => tooMany(hour) ?? hour.broken.map((name) => `${name}: ${hour.fault}, ${hour.start}`),
  );
  tell(wrong.map((what) => `broken: ${what}`));
  if (wrong.length > 0) return undefined;
  const most = Object.keys(mostWrites) as (keyof typeof mostWrites)[];
  const counts = most.map((kind) => [
    `writes, ${kind}`,
    Math.max(...all.filter((h) => h.kind === kind).map((h) => h.writes)),
  ]);
  const passes = all.reduce((sum, hour) => sum + hour.passes, 0);
  return row(
    'An hour of every lasting fault',
    { hours: all.length, passes, ...Object.fromEntries(counts) },
    '--only hour',
    began,
  );
}

/** Puts each bug in by itself, tells by which suite it is found and in how many seconds, and says how many are not. */
async function soughtAll(): Promise<number> {
  tell(['', '| planted bug | found by | property | seconds |', '|---|---|---|---|']);
  let missed = 0;
  for (const bug of planted) {
    const worse = await operatorWith(bug);
    for (const { suite, find } of bug.searches) {
      const began = performance.now();
      const property = await find(worse);
      if (property === undefined) missed += 1;
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      tell([`| ${bug.id}: ${bug.says} | ${suite} | ${property ?? '**not found**'} | ${seconds} |`]);
    }
  }
  return missed;
}

/** The same for the random walk. */
async function walked(seed: number, steps: number): Promise<string | undefined> {
  const began = performance.now();
  tell([`random walk, seed ${seed} …`]);
  const { bug, ...counts } = await walk(seed, steps, operator);
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
