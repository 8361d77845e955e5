/**
 * `npm run test:small-world`: the small worlds to exhaustion, then a random walk through larger ones.
 * Flags: --seed 1 --steps 1000000 --only <part of a scope's name, or walk>. Exits 1 when a property is broken.
 */
import { parseArgs } from 'node:util';
import { reconcile } from '../../../src/controller/reconcile.ts';
import { coveredRow } from '../../support/covered.ts';
import { explore } from './explore.ts';
import { safety } from './properties.ts';
import { scopes } from './scope.ts';
import { settled } from './settled.ts';
import { linesOf, linesOfStart } from './tell.ts';
import { walk } from './walk.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  const names = [...scopes.map(({ name }) => `  ${name}`), '  walk'];
  const flags = '--seed N (1)  --steps N (1000000)  --only PART-OF-A-NAME (all)';
  process.stdout.write(`npm run test:small-world -- ${flags}\nNames:\n${names.join('\n')}\n`);
  process.exit();
}
const [seed, steps] = [Number(values.seed), Number(values.steps)];
const properties = Object.keys(safety).length + Object.keys(settled).length;
const rows: string[] = [];
let broken = false;

for (const scope of scopes.filter(({ name }) => name.includes(values.only))) {
  const began = performance.now();
  process.stdout.write(`${scope.name} …\n`);
  const { violation, ...counts } = await explore(scope, reconcile);
  if (violation === undefined) {
    rows.push(row(`Small world: ${scope.name}`, { ...counts, properties }, `--only '${scope.name}'`, began));
    continue;
  }
  broken = true;
  tell([
    `broken: ${violation.property}, ${violation.detail}`,
    ...linesOfStart(violation.start),
    ...linesOf(violation.trace),
  ]);
}
if ('walk'.includes(values.only) || values.only === '') {
  const began = performance.now();
  process.stdout.write(`random walk, seed ${seed} …\n`);
  const { bug, ...counts } = await walk(seed, steps, reconcile);
  if (bug === undefined) {
    rows.push(row('Random walk: 8 regions, up to 3 objects', { ...counts, properties, seed }, '--only walk', began));
  } else {
    broken = true;
    tell([`broken: ${bug.property}, ${bug.detail} (--seed ${seed} --steps ${steps})`, ...linesOf(bug.trace)]);
  }
}
tell(rows);
process.exitCode = broken ? 1 : 0;

function row(what: string, counts: Readonly<Record<string, number>>, flags: string, began: number): string {
  const command = `npm run test:small-world -- ${flags}`;
  return coveredRow({
    what,
    counts,
    held: 'no property broken',
    command,
    seconds: (performance.now() - began) / 1_000,
  });
}

function tell(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
