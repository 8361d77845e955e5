/** What `npm run bench` runs: the operator's figures, on a control plane and an Azure of its own. */
import { writeFile } from 'node:fs/promises';
import { startInstalledCluster } from '../../sandbox/installed-cluster.ts';
import { startProgress } from '../../sandbox/progress.ts';
import { runProgram } from '../../support/command-line.ts';
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

async function measureAll({ only, runs, objects, nodeOptions, json }: Options): Promise<number> {
  const progress = startProgress(process.stderr);
  const sections: Section[] = [];
  try {
    progress.now('starting the control plane');
    const cluster = await startInstalledCluster({ auditLog: true });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => cluster.stop());
    const bench: Bench = { cluster, runs, nodeOptions, say: (activity) => progress.now(activity) };
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
  return 0;
}

await runProgram({
  help,
  flags: ['only', 'runs', 'objects', 'node-options', 'json'],
  read: ({ number, text, problem }) => {
    const named = text('only')?.split(',') ?? [...measurements];
    for (const name of named)
      if (!measurements.some((known) => known === name))
        problem(`--only knows ${measurements.join(', ')}, not '${name}'`);
    return {
      only: measurements.filter((name) => named.includes(name)),
      runs: number('runs', 5, 1, 100),
      objects: number('objects', 1_000, 1, 10_000),
      nodeOptions: text('node-options'),
      json: text('json'),
    };
  },
  main: measureAll,
});
