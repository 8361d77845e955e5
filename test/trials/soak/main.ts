/** What `npm run soak` runs: the real operator through a bad hour, on a control plane and an Azure of its own. */
import { writeFile } from 'node:fs/promises';
import { runProgram } from '../../support/command-line.ts';
import { hour } from './hour.ts';
import { holds, report } from './report.ts';

const help = `A bad hour: random edits, every fault of the emulated Azure, API server outages and deaths of the operator; then quiet.

Usage: npm run soak -- [options]

  --minutes N   how long in all, 1 to 1440; default 60. The last 15 % (8 minutes at most) are quiet: no faults, no
                edits. If not all agree by then, up to 12 minutes are waited for it
  --objects N   objects, 20 to 2000; default 200. One edit per second for each 200
  --seed N      whole number; the same seed makes the same choices. Default: by the clock
  --samples F   writes memory, files and connections of each life of the operator, every 5 s, as JSON to this file
  --help        this text

The real program (a copy of dist/main.js), a real kube-apiserver and etcd, the emulator. At the end Azure must have what
each object's spec says, and each status must say so. Each deletion must be justified by the spec of its time, memory, file
handles and connections must be flat, every warning and error in the log of a known class. Ctrl-C ends it with the report so
far. Exit code: 0 when all holds, 1 when not (with the evidence), 2 for wrong options, 130 after Ctrl-C. Needs Linux.
`;

interface Options {
  readonly minutes: number;
  readonly objects: number;
  readonly seed: number;
  readonly samples: string | undefined;
}

async function soak(options: Options): Promise<number> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const result = await hour({ ...options, say, signal: interruption.signal });
  if (options.samples !== undefined) await writeFile(options.samples, JSON.stringify(result.lives.all));
  process.stdout.write(report(result, options));
  if (!holds(result)) return 1;
  return result.interrupted ? 130 : 0;
}

await runProgram({
  help,
  flags: ['minutes', 'objects', 'seed', 'samples'],
  read: ({ number, text }) => ({
    minutes: number('minutes', 60, 1, 1_440),
    objects: number('objects', 200, 20, 2_000),
    seed: number('seed', Date.now() % 1_000_000, 0, 1_000_000),
    samples: text('samples'),
  }),
  main: soak,
});
process.exit(); // a request that nobody waits for any more may still be open
