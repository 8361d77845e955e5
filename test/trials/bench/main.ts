/** What `npm run bench` runs: the operator's figures, on API servers and Azures of its own. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { startProgress } from '../../sandbox/progress.ts';
import { type Given, runProgram } from '../../support/command-line.ts';
import { measureBulk } from './bulk.ts';
import { type Against, type Contender, other, ours, podMemoryMiB } from './contender.ts';
import { measureEdits } from './edits.ts';
import { measureFleet, startFleet } from './fleet.ts';
import { goalLines } from './goals.ts';
import type { Bench } from './lab.ts';
import { measureLoop } from './loop.ts';
import { thisMachine } from './machine.ts';
import { withTable } from './page.ts';
import { profiled, profileLines } from './profile.ts';
import { projection } from './projection.ts';
import { measureReady } from './ready.ts';
import { coloured, documentOf, plain, table } from './report.ts';
import type { Section } from './section.ts';
import { measureShardedBulk, measureShardedRestart } from './shards.ts';
import { measureStart } from './start.ts';

const help = `Measures the operator, and another one beside it: prints a table, with medians, least and most.

Usage: npm run bench -- [options]

  --only LIST             of the scenarios below, with commas; default: start,ready,bulk,idle,restart at 1 and 1,000 objects
  --runs N                runs of each, 1 to 100; default 3
  --objects N             objects of bulk, 1 to 10000; default 1000
  --sizes LIST            objects of idle, restart, loop and edits, with commas; default 1,1000
  --settle SECONDS        rest before idle figures are taken, 2 to 600; default 20
  --pace PERCENT          share of Azure's times in ready and bulk, 1 to 100, for trying the bench itself; default 100
  --node-options TEXT     NODE_OPTIONS of the operator, in place of those of deploy/
  --against COMMAND       another operator's command, for a shell: it runs in turn with ours, on the same servers
  --against-name TEXT     its name in the table; default: other
  --against-crd FILE      its CRD; default: ours, as for another build of this operator
  --against-template FILE a manifest of its objects with placeholders; default: ours
  --against-ready RULE    when its object is ready: condition:TYPE or PATH=VALUE below status; default condition:Ready
  --profile FOLDER        ours leaves CPU profiles and heaps there, and the table says what took the time; figures are worth less
  --json FILE             writes all figures to this file
  --page FILE             puts the table into this Markdown file, between its two comments "bench"
  --help                  this text

Scenarios
  start     process start → first status of one waiting object
  ready     apply → Ready of five regions, beyond Azure's own 15 s
  bulk      many new objects of three regions at once
  idle      memory and CPU of an operator with nothing to do
  restart   process start → each of the converged objects was looked at
  loop      scrapes and event loop at so many objects
  edits     edit → first call about its registry, while all are looked at again; also beside a subscription in trouble
  shards    bulk and restart by two processes of ours that share the objects

  npm run bench                                             about ten minutes on two processors
  npm run bench -- --only restart --sizes 10000             about five
  npm run bench -- --only all --sizes 1,1000,10000 --page docs/performance.md --json bench.json
                                                            all that docs/performance.md says: an hour

The real program (dist/main.js) runs against a real API server and an emulated Azure, each a process of its own, with 20
registries to a subscription, so that Azure's request limits play no part. The figures are those of this machine at this
moment: leave it alone meanwhile. CPU and memory need Linux. test/trials/bench/README.md is the contract for --against.
`;

const scenarios = ['start', 'ready', 'bulk', 'idle', 'restart', 'loop', 'edits', 'shards'] as const;
type Scenario = (typeof scenarios)[number];
const usual: readonly Scenario[] = ['start', 'ready', 'bulk', 'idle', 'restart'];

interface Options {
  readonly only: readonly Scenario[];
  readonly runs: number;
  readonly objects: number;
  readonly sizes: readonly number[];
  readonly settleMs: number;
  /** Part of the times of Azure in `ready`, in percent. */
  readonly pace: number;
  readonly nodeOptions: string | undefined;
  readonly against: Against | undefined;
  readonly profile: string | undefined;
  readonly json: string | undefined;
  readonly page: string | undefined;
}

async function main(options: Options): Promise<number> {
  const { profile, json, page } = options;
  const machine = await thisMachine();
  if (profile !== undefined) await mkdir(profile, { recursive: true });
  const mine = await ours(options.nodeOptions);
  const first = profile === undefined ? mine : await profiled(mine, resolve(profile));
  const contenders = options.against === undefined ? [first] : [first, await other(options.against)];
  const sections: Section[] = [];
  const failed = await measure(options, contenders, sections).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const more = [
    goalLines(sections),
    projection(sections, 100_000, { ...given, podMiB: await podMemoryMiB() }),
    profile === undefined ? [] : await profileLines(resolve(profile)),
  ];
  const added = more.flatMap((lines) => (lines.length === 0 ? [] : ['', ...lines])).join('\n');
  const paint = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? coloured : plain;
  process.stdout.write(`${table(sections, machine, paint)}\n${added}\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(documentOf(sections, machine, options), null, 2)}\n`);
  if (failed !== undefined) {
    process.stderr.write(`The rest was not measured: ${failed}\n`);
    return 1;
  }
  if (page !== undefined) {
    const text = `${table(sections, machine)}\n${added}`;
    await writeFile(page, withTable(await readFile(page, 'utf8'), text));
  }
  return 0;
}

/** docs/architecture.md, Requests to Azure; https://etcd.io/docs/v3.6/dev-guide/limit/ */
const given = { readsPerSecond: 25 * 0.8, graphPagesPerSecond: 1.5, intervalS: 300, etcdMiB: 2_048 };

/** Measures, and adds what each scenario gave to `sections` as it ends: what fails later takes nothing away. */
async function measure(options: Options, contenders: readonly Contender[], sections: Section[]): Promise<void> {
  const { only, runs, objects, sizes, settleMs, pace } = options;
  const progress = startProgress(process.stderr);
  const bench: Bench = { contenders, runs, pace: pace / 100, say: (activity) => progress.now(activity) };
  const wants = (...names: readonly Scenario[]) => names.some((name) => only.includes(name));
  try {
    if (wants('start')) sections.push(await measureStart(bench));
    if (wants('ready')) sections.push(await measureReady(bench));
    if (wants('bulk')) sections.push(await measureBulk(bench, objects));
    if (wants('shards')) sections.push(await measureShardedBulk(bench, objects));
    for (const size of wants('idle', 'restart', 'loop', 'edits', 'shards') ? sizes : []) {
      const isLargest = size === Math.max(...sizes);
      if (!isLargest && !wants('idle', 'restart')) continue;
      await using fleet = await startFleet(bench, size);
      if (wants('idle', 'restart')) {
        const [restarts, idle] = await measureFleet(fleet, size, { runs, settleMs });
        sections.push(...(wants('restart') ? [restarts] : []), ...(wants('idle') ? [idle] : []));
      }
      if (!isLargest) continue;
      if (wants('loop')) sections.push(await measureLoop(fleet, size, runs));
      if (wants('shards')) sections.push(await measureShardedRestart(fleet, size, runs));
      if (wants('edits')) sections.push(...(await measureEdits(fleet, size, runs)));
    }
  } finally {
    progress.stop();
  }
}

const flags = [
  'only',
  'runs',
  'objects',
  'sizes',
  'settle',
  'pace',
  'node-options',
  'against',
  'against-name',
  'against-crd',
  'against-template',
  'against-ready',
  'profile',
  'json',
  'page',
] as const;

await runProgram({ help, flags, read: optionsOf, main });

function optionsOf({ number, text, problem }: Given<(typeof flags)[number]>): Options {
  const named: readonly string[] = text('only')?.split(',') ?? usual;
  for (const name of named)
    if (name !== 'all' && !scenarios.some((known) => known === name))
      problem(`--only knows ${scenarios.join(', ')} and all, not '${name}'`);
  const sizes = (text('sizes') ?? '1,1000').split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= 20_000))
    problem('--sizes must be whole numbers from 1 to 20000, with commas');
  const command = text('against');
  const name = text('against-name') ?? 'other';
  const files = { crd: text('against-crd'), template: text('against-template'), ready: text('against-ready') };
  if (files.crd !== undefined && files.template === undefined) problem('--against-crd needs --against-template');
  return {
    only: scenarios.filter((scenario) => named.includes(scenario) || named.includes('all')),
    runs: number('runs', 3, 1, 100),
    objects: number('objects', 1_000, 1, 10_000),
    sizes,
    settleMs: number('settle', 20, 2, 600) * 1_000,
    pace: number('pace', 100, 1, 100),
    nodeOptions: text('node-options'),
    against: command === undefined ? undefined : { command, name, ...files },
    profile: text('profile'),
    json: text('json'),
    page: text('page'),
  };
}
