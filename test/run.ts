/**
 * What `npm test` runs; `--help` says what there is. Each step is one line, with its output only when it fails; the last line
 * counts everything: `N passed, N failed`. A check counts as one test. All steps run, whatever fails before.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Counts, countsOf, noCounts, plus, summary } from './support/counts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
/** Building the programs takes twenty minutes on two cores, the first time; no suite takes half as long. */
const stepLimitMs = 60 * 60_000;
const stillRunningMs = 20_000;

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** The vitest project whose tests are counted; without it the step counts as one. */
  readonly project?: string;
}

const checks: readonly Step[] = [
  { name: 'format', command: ['biome', 'check', '--linter-enabled=false', '--colors=off', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'unused code', command: ['knip', '--no-progress'] },
  { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
  { name: 'generated files', command: ['node', 'crds/generate.ts', '--check'] },
  { name: 'bundle', command: ['npm', 'run', '--silent', 'build'] },
  { name: 'programs', command: ['node', 'test/programs.ts'] },
];

/** Side by side, each about as long: the tests of the first and the last lane mostly wait, for Azure and for intervals. */
const lanes: readonly (readonly Step[])[] = [
  ['e2e'],
  ['unit', 'tools', 'emulator', 'release', 'gitops', 'install', 'monitoring', 'browser'],
  ['integration', 'pages'],
].map((projects) =>
  projects.map((project) => ({
    name: `${project} tests`,
    command: ['vitest', 'run', '--project', project],
    project,
  })),
);

const usage = 'Usage: npm test, or npm test -- STEP… for some of the steps';
const names = [...checks, ...lanes.flat()].map(({ name }) => name);
const help = `All checks and tests, step after step, and at the end how many passed.

${usage}

Checks:
${checks.map(({ name, command }) => `  ${name.padEnd(18)} ${command.join(' ').replace(/ --(?:colors|pretty).*/, '')}`).join('\n')}
Tests, in lanes side by side:
${lanes.map((lane) => `  ${lane.map(({ name }) => name).join(', ')}`).join('\n')}

One file of tests, after npm run build:  npx vitest run --project unit test/unit/domain/plan.test.ts
A step's output is shown when it fails; all steps run, whatever fails before. The first run loads or builds kube-apiserver,
etcd and other programs, which takes minutes; later ones take about ten minutes on two cores. Suites that are not part of
this have a command of their own: CONTRIBUTING.md. Exit code: 0 when all passed, 1 when not, 2 for wrong arguments.
`;
const wanted = wantedSteps(process.argv.slice(2));

/** The names of the steps that the arguments choose; all when there are none. Ends the program when it was asked for help. */
function wantedSteps(args: readonly string[]): ReadonlySet<string> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(help);
    process.exit(0);
  }
  const chosen = args.map((arg) => ({ arg, name: names.find((name) => name === arg || name === `${arg} tests`) }));
  const unknown = chosen.filter(({ name }) => name === undefined).map(({ arg }) => arg);
  if (unknown.length > 0) {
    process.stderr.write(`There is no step ${unknown.join(', ')}: there is ${names.join(', ')}.\n${usage}\n`);
    process.exit(2);
  }
  return new Set(args.length === 0 ? names : chosen.flatMap(({ name }) => name ?? []));
}

const running = new Set<ChildProcess>();
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopped = true;
    for (const child of running) child.kill('SIGTERM');
  });
}

const folder = await mkdtemp(join(tmpdir(), 'acr-replication-test-'));
let total: Counts = noCounts;
async function runAll(steps: readonly Step[]): Promise<void> {
  for (const step of steps.filter(({ name }) => wanted.has(name))) {
    if (stopped) break;
    const counts = await runStep(step);
    total = plus(total, counts);
  }
}
try {
  await runAll(checks);
  await Promise.all(lanes.map(runAll));
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (stopped) total = plus(total, { ...noCounts, failed: 1 });
process.stdout.write(`${summary(total)}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runStep(step: Step): Promise<Counts> {
  const report = join(folder, `${step.project ?? 'check'}.json`);
  const began = performance.now();
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code, output } = await run(step, step.project === undefined ? [] : reporters);
  const json = step.project === undefined ? undefined : await readFile(report, 'utf8').catch(() => '');
  const counts = countsOf(code, json);

  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  if (counts.failed > 0) process.stdout.write(`${output.trimEnd()}\n`);
  const tests = step.project === undefined ? '' : `  (${summary(counts)})`;
  for (const why of counts.failed > 0 ? [] : (output.match(/^skipped: .*$/gm) ?? [])) process.stdout.write(`${why}\n`);
  process.stdout.write(
    `${step.name.padEnd(18)} ${counts.failed > 0 ? 'FAILED' : 'ok'.padEnd(6)} ${seconds} s${tests}\n`,
  );
  return counts;
}

/** Says now and then that it is alive, with the last line the step has printed. */
function run(step: Step, more: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const [command, ...args] = step.command;
  const child = spawn(command, [...args, ...more], {
    cwd: root,
    env: { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const began = performance.now();
  const alive = setInterval(() => {
    const last =
      String(chunks.at(-1) ?? '')
        .trim()
        .split(/[\r\n]/)
        .at(-1) ?? '';
    const seconds = Math.round((performance.now() - began) / 1_000);
    process.stdout.write(`${step.name.padEnd(18)} …      ${seconds} s  ${last.slice(0, 80)}\n`);
  }, stillRunningMs);
  const limit = setTimeout(() => {
    chunks.push(Buffer.from(`\nstopped after ${stepLimitMs / 60_000} minutes\n`));
    child.kill('SIGTERM');
  }, stepLimitMs);
  return new Promise((resolve) => {
    const end = (code: number): void => {
      clearInterval(alive);
      clearTimeout(limit);
      running.delete(child);
      resolve({ code, output: Buffer.concat(chunks).toString() });
    };
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${command}: ${error.message}\n`));
      end(1);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}
