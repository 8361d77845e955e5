/** What `npm run test:misuse` runs. */
import { startInstalledCluster } from '../../sandbox/installed-cluster.ts';
import { startProgress } from '../../sandbox/progress.ts';
import { runProgram } from '../../support/command-line.ts';
import { coveredRow } from '../../support/covered.ts';
import { run } from './run.ts';
import { startWorld } from './world.ts';

const help = `Misuses objects in every way their schema allows, and in those it forbids.

Usage: npm run test:misuse -- [options]

  --steps N       steps of all lanes together, 1 to 1000000; default 2000 (about a quarter of an hour)
  --seed N        what is done, in which order; default 1
  --lanes N       registries side by side, 1 to 32; default 8. Each has one object and a sequence of its own
  --lane N        only this one of the lanes, counted from 0: to replay a failure
  --program FILE  another build of the operator than dist/main.js
  --help          this text

The real program runs against a real Kubernetes API server and an emulated Azure. Fields of the object are set, changed,
removed, put at their bounds and beyond them, also several at once; objects are deleted and made again; somebody else
changes replicas, and an hour passes, a policy rewrites tags, operations fail, the SKU changes, the registry is made anew
elsewhere, the cluster is renamed, replicas are asked to be made anew. After each step the API server's answer, Azure and
the status are compared with a model. The last line is a row of the table in docs/reliability.md.
Exit code 1: something was not as the model says; 130: stopped by Ctrl-C.
`;

interface Options {
  readonly steps: number;
  readonly seed: number;
  readonly lanes: number;
  readonly lane: number | undefined;
  readonly program: string | undefined;
}

async function misuse({ steps, seed, lanes, lane, program }: Options): Promise<number> {
  const began = Date.now();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const progress = startProgress(process.stderr);
  progress.now('starting the control plane');
  let cluster: Awaited<ReturnType<typeof startInstalledCluster>> | undefined;
  let world: Awaited<ReturnType<typeof startWorld>> | undefined;
  try {
    cluster = await startInstalledCluster({ signal: stop.signal });
    world = await startWorld({ cluster, lanes, program });
    let count = 0;
    const { covered, failures } = await run({
      world,
      seed,
      steps,
      only: lane,
      deadlineMs: 60_000,
      signal: stop.signal,
      tell: (what) => progress.now(`${++count} of ${steps} steps; ${what}`),
    });
    progress.stop();
    for (const failure of failures) process.stdout.write(`${failure}\n\n`);
    const row = coveredRow({
      what: 'Schema-driven misuse',
      counts: {
        steps: covered.steps,
        accepted: covered.accepted,
        refused: covered.refused,
        'fields × kinds of change': covered.share,
        seed,
      },
      held:
        failures.length > 0
          ? 'FAILED'
          : 'answers of the API server, Azure and status as a reference model says after each step',
      command: `npm run test:misuse -- --steps ${steps} --seed ${seed}`,
      seconds: (Date.now() - began) / 1_000,
    });
    const note = stop.signal.aborted ? `Stopped after ${covered.steps} of ${steps} steps.\n` : '';
    process.stdout.write(`${covered.table()}\n\n${note}${row}\n`);
    return failures.length > 0 ? 1 : stop.signal.aborted ? 130 : 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 130;
  } finally {
    progress.stop();
    await world?.end();
    await cluster?.stop();
  }
}

await runProgram({
  help,
  flags: ['steps', 'seed', 'lanes', 'lane', 'program'],
  read: ({ number, text }) => {
    const lanes = number('lanes', 8, 1, 32);
    return {
      steps: number('steps', 2_000, 1, 1_000_000),
      seed: number('seed', 1, 0, 1_000_000),
      lanes,
      lane: text('lane') === undefined ? undefined : number('lane', 0, 0, lanes - 1),
      program: text('program'),
    };
  },
  main: misuse,
});
