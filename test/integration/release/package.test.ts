import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { run } from '../../support/run.ts';

/** Nobody is asked for packages, and the user's own npm is left alone. */
const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  npm_config_registry: 'http://127.0.0.1:1/',
};
let folder: string;
let archive: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-npm-'));
  const { out } = await run(process.execPath, ['deploy/release/package.ts', '--output', folder], env);
  archive = out.trim();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('npm i -g puts the plugin where kubectl finds it, and installs nothing else', async () => {
  const prefix = join(folder, 'global');
  const { code, err } = await run('npm', ['install', '--global', `--prefix=${prefix}`, archive], env);
  expect([code, err]).toEqual([0, '']);
  expect(await readdir(join(prefix, 'lib/node_modules'))).toEqual(['kubectl-acr_replication']);
  const installed = await run(join(prefix, 'bin/kubectl-acr_replication'), ['version'], env);
  expect(installed).toMatchObject({ code: 0, out: expect.stringContaining(manifest.version) });
  expect((await readdir(join(prefix, 'bin'))).toSorted()).toEqual([
    'acr-emulator',
    'kubectl-acr_replication',
    'kubectl_complete-acr_replication',
  ]);
});

test('npx runs it without installing it', async () => {
  const cached = { ...env, npm_config_cache: join(folder, 'cache') };
  const args = ['--yes', `--package=${archive}`, '--', 'kubectl-acr_replication', 'version'];
  expect(await run('npx', args, cached)).toMatchObject({ code: 0, out: expect.stringContaining(manifest.version) });
});

test('npx runs the emulator of it, which serves Azure until it is stopped', async () => {
  const cached = { ...env, npm_config_cache: join(folder, 'cache') };
  const args = ['--yes', `--package=${archive}`, '--', 'acr-emulator', '--json'];
  const child = spawn('npx', args, { env: cached, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'close');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, caFile } = JSON.parse(line) as { readonly url: string; readonly caFile: string };
  const asked = await run('curl', ['-s', '--cacert', caFile, '-d', '"contoso"', `${url}/_emulator/replicas`], env);
  expect(asked).toMatchObject({ code: 0, out: '[]' });
  process.kill(-(child.pid ?? 0), 'SIGINT'); // as a terminal does, to all of it
  await ended;
  expect(existsSync(caFile)).toBe(false);
});

test('it holds the program, CRD, pages and licences, and asks for no other package', async () => {
  const { out } = await run('tar', ['-tzf', archive]);
  const files = out
    .trim()
    .split('\n')
    .map((path) => path.replace('package/', ''));
  const pages = (await readdir('docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`);
  const crds = (await readdir('crds')).filter((file) => file.endsWith('.yaml')).map((file) => `crds/${file}`);
  const programs = [
    'dist/acr-emulator.mjs',
    'dist/kubectl-acr_replication.mjs',
    'dist/kubectl_complete-acr_replication.mjs',
  ];
  const own = ['LICENSE', 'README.md', 'dist/THIRD-PARTY-NOTICES.txt', ...programs];
  expect(files.toSorted()).toEqual([...own, 'package.json', ...crds, ...pages].toSorted());
  const packed = JSON.parse((await run('tar', ['-xOzf', archive, 'package/package.json'])).out);
  expect(packed).toMatchObject({ version: manifest.version, license: 'MIT', engines: { node: '>=22' } });
  expect(Object.keys(packed).filter((field) => /depend|scripts|private/i.test(field))).toEqual([]);
});

test('npm pack makes an archive of the same files', async () => {
  const { out } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], env);
  const [{ files }] = JSON.parse(out) as [{ files: readonly { readonly path: string }[] }];
  const { out: ours } = await run('tar', ['-tzf', archive]);
  expect(files.map(({ path }) => `package/${path}`).toSorted()).toEqual(ours.trim().split('\n').toSorted());
});

/** A Node of another version, as far as a program asks: 20.15 has no process.getBuiltinModule, by which bundles load. */
const preloadOf = (version: string): string => {
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    Object.defineProperty(process, 'version', { value: 'v${version}' });
    process.getBuiltinModule = undefined;`;
  return `--import=data:text/javascript,${encodeURIComponent(old)}`;
};

describe('an old Node is told so in a sentence, before anything that it does not know is used', () => {
  for (const [program, file] of [
    ['acr-replication-operator', 'dist/main.js'],
    ['kubectl acr-replication', 'dist/kubectl-acr_replication.mjs'],
    ['acr-emulator', 'dist/acr-emulator.mjs'],
  ] as const)
    test(program, async () => {
      expect(await run(process.execPath, [preloadOf('20.15.1'), file, '--help'])).toEqual({
        code: 2,
        out: '',
        err: `${program} needs Node 22 or newer; this is v20.15.1.\n`,
      });
      // What is written in it is no newer than Node 18.
      expect(await readFile('build.ts', 'utf8')).toMatch(/^const oldestReader = 'node18';$/m);
    });

  test('every npm script that runs Node', async () => {
    const scripts = Object.values(manifest.scripts).join('\n');
    const started = [...scripts.matchAll(/\bnode (\S+) (\S+)/g)].map(([, starter, file]) => [starter, file] as const);
    expect(started).toHaveLength([...scripts.matchAll(/\bnode /g)].length);
    expect(started.map(([, file]) => file)).toEqual(
      expect.arrayContaining(['build.ts', 'test/run.ts', 'test/sandbox/demo/main.ts', 'test/trials/bench/main.ts']),
    );
    for (const [starter, file = ''] of started) {
      expect([starter, existsSync(file)], file).toEqual(['start.mjs', true]);
    }
    expect(await run(process.execPath, [preloadOf('20.15.1'), 'start.mjs', 'test/run.ts'])).toEqual({
      code: 2,
      out: '',
      err: 'This needs Node 24 or newer, and this is v20.15.1; npm ci brings one that npm run and npm test use.\n',
    });
    expect(manifest.engines.node).toBe('>=24');
  });
});

test('a program that is started so sees its arguments as ever', async () => {
  const { out } = await run(process.execPath, ['start.mjs', 'test/run.ts', '--help'], env);
  expect(out).toMatch(/^Usage: npm test/m);
});
