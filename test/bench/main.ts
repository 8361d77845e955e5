/** What `npm run bench` runs: the operator's figures, on a control plane and an Azure of its own. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startControlPlane } from '../sandbox/apiserver.ts';
import { startProgress } from '../sandbox/progress.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { document, type Section, table } from './report.ts';
import { measureScale } from './scale.ts';
import { measureStart } from './start.ts';
import type { Bench } from './world.ts';

const help = `Measures the operator: prints a table, then one JSON document.

Usage: npm run bench -- [options]

  --only LIST          of start, memory, latency, scale, with commas; default: all (about five minutes)
  --runs N             runs of start, memory and latency, 1 to 100; default 5
  --objects N          objects of scale, 1 to 10000; default 1000, as the reference
  --node-options TEXT  NODE_OPTIONS of the operator, in place of those of deploy/
  --json FILE          writes the JSON document to this file too
  --help               this text

The real program (dist/main.js) runs against a real Kubernetes API server and an emulated Azure. The figures are those of
this machine at this moment: leave it alone meanwhile. Memory and CPU time need Linux.
`;

const measurements = ['start', 'memory', 'latency', 'scale'] as const;
type Measurement = (typeof measurements)[number];

interface Options {
  readonly only: readonly Measurement[];
  readonly runs: number;
  readonly objects: number;
  readonly nodeOptions: string | undefined;
  readonly json: string | undefined;
}

function optionsOf(args: readonly string[]): Options | 'help' | readonly string[] {
  const text = { type: 'string' } as const;
  const options = { only: text, runs: text, objects: text, 'node-options': text, json: text } as const;
  let values: Readonly<Partial<Record<keyof typeof options | 'help', string | boolean>>>;
  try {
    ({ values } = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  if (values.help === true) return 'help';
  const problems: string[] = [];
  const number = (flag: 'runs' | 'objects', standard: number, most: number) => {
    const value = Number(values[flag] ?? standard);
    if (!Number.isInteger(value) || value < 1 || value > most)
      problems.push(`--${flag} must be a whole number from 1 to ${most}`);
    return value;
  };
  const named = values.only === undefined ? [...measurements] : String(values.only).split(',');
  for (const name of named)
    if (!measurements.some((known) => known === name))
      problems.push(`--only knows ${measurements.join(', ')}, not '${name}'`);
  const given = (flag: 'node-options' | 'json') => (values[flag] === undefined ? undefined : String(values[flag]));
  const read: Options = {
    only: measurements.filter((name) => named.includes(name)),
    runs: number('runs', 5, 100),
    objects: number('objects', 1_000, 10_000),
    nodeOptions: given('node-options'),
    json: given('json'),
  };
  return problems.length > 0 ? problems : read;
}

async function measureAll({ only, runs, objects, nodeOptions, json }: Options): Promise<void> {
  const progress = startProgress(process.stderr);
  const sections: Section[] = [];
  try {
    progress.now('starting the control plane');
    await using plane = await startPlane();
    const bench: Bench = { cluster: plane.cluster, runs, nodeOptions, say: (activity) => progress.now(activity) };
    for (const name of only) {
      switch (name) {
        case 'start':
          sections.push(await measureStart(bench));
          break;
        case 'memory':
          sections.push(await measureMemory(bench));
          break;
        case 'latency':
          sections.push(await measureLatency(bench));
          break;
        case 'scale':
          sections.push(await measureScale(bench, objects));
      }
    }
  } finally {
    progress.stop();
  }
  const text = `${JSON.stringify(document(sections, nodeOptions), null, 2)}\n`;
  process.stdout.write(`${table(sections)}\n\n${text}`);
  if (json !== undefined) await writeFile(json, text);
}

async function startPlane() {
  const cluster = await startControlPlane({ auditLog: true });
  try {
    await cluster.kube.installCrds('crds');
    await cluster.kube.applyKustomization('deploy');
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return { cluster, [Symbol.asyncDispose]: () => cluster.stop() };
}

const options = optionsOf(process.argv.slice(2));
if (options === 'help') process.stdout.write(help);
else if ('runs' in options) await measureAll(options);
else {
  process.stderr.write(`${options.join('\n')}\n\nSee --help.\n`);
  process.exitCode = 2;
}
