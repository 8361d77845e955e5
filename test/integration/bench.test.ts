import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../support/run.ts';

/** A minute on a machine with nothing else to do. */
const limitMs = 360_000;
const program = ['start.mjs', 'test/trials/bench/main.ts'];

/** A folder for all that the bench makes: what is left in it is what the bench leaves behind. */
async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test(
  'every scenario gives its figures, beside another build of the operator, and leaves nothing behind',
  async () => {
    const [folder, results] = [await ownFolder(), await ownFolder()];
    const json = join(results, 'bench.json');
    const small = ['--runs', '1', '--objects', '2', '--sizes', '3', '--settle', '2', '--pace', '1'];
    const against = ['--against', `'${process.execPath}' '${resolve('dist/main.js')}'`, '--against-name', 'again'];
    const args = [...program, '--only', 'all', ...small, ...against, '--json', json];
    const env = { ...process.env, TMPDIR: folder };
    const { stdout: out } = await promisify(execFile)(process.execPath, args, { env, timeout: limitMs });
    expect(out.split('\n').filter((line) => line.length > 120)).toEqual([]);
    const { sections } = JSON.parse(await readFile(json, 'utf8')) as { sections: readonly SectionJson[] };
    expect(sections.map(({ id }) => id)).toEqual([
      'start',
      'ready',
      'bulk.2',
      'shards.bulk',
      'restart.3',
      'idle.3',
      'loop.3',
      'shards.restart.3',
      'edits.3.none',
      'edits.3.throttled',
      'edits.3.hanging',
    ]);
    for (const { id, results: contenders } of sections)
      for (const { contender, figures } of contenders) {
        const taken = figures.filter(({ runs }) => runs === 1).map((figure) => figure.id);
        expect(taken.length, `${id} of ${contender}`).toBeGreaterThan(0);
      }
    const medians = (id: string) =>
      Object.fromEntries(sections.find((one) => one.id === id)?.results[0]?.figures.map((f) => [f.id, f.median]) ?? []);
    expect(medians('restart.3')).toMatchObject({ armWrites: 0, kubeWrites: 0, kubeEvents: 0 });
    expect(medians('bulk.2')['kubeWrites']).toBeGreaterThanOrEqual(4);
    expect(await readdir(folder)).toEqual([]);
  },
  limitMs,
);

test('Ctrl-C ends all that was started, and removes it', async () => {
  const folder = await ownFolder();
  const bench = spawn(process.execPath, [...program, '--only', 'ready'], {
    env: { ...process.env, TMPDIR: folder },
    stdio: 'ignore',
  });
  const ended = once(bench, 'exit');
  onTestFinished(() => void bench.kill('SIGKILL'));
  await expect.poll(() => programsIn(folder), { timeout: 60_000, interval: 100 }).toContain('main.js');
  bench.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
  await expect.poll(() => programsIn(folder), { timeout: 10_000 }).toBe('');
  expect(await readdir(folder)).toEqual([]);
}, 120_000);

/** The command lines of processes that have something to do with the folder. */
async function programsIn(folder: string): Promise<string> {
  const { out } = await run('ps', ['-ww', '-e', '-o', 'args=', 'e']);
  return out
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('bench/main.ts'))
    .join('\n');
}

interface SectionJson {
  readonly id: string;
  readonly results: readonly {
    readonly contender: string;
    readonly figures: readonly { readonly id: string; readonly runs: number; readonly median?: number }[];
  }[];
}
