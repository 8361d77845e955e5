import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
    'kubectl-acr_replication',
    'kubectl_complete-acr_replication',
  ]);
});

test('npx runs it without installing it', async () => {
  const cached = { ...env, npm_config_cache: join(folder, 'cache') };
  const args = ['--yes', `--package=${archive}`, '--', 'kubectl-acr_replication', 'version'];
  expect(await run('npx', args, cached)).toMatchObject({ code: 0, out: expect.stringContaining(manifest.version) });
});

test('it holds the program, CRD, pages and licences, and asks for no other package', async () => {
  const { out } = await run('tar', ['-tzf', archive]);
  const files = out
    .trim()
    .split('\n')
    .map((path) => path.replace('package/', ''));
  const pages = (await readdir('docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`);
  const crds = (await readdir('crds')).filter((file) => file.endsWith('.yaml')).map((file) => `crds/${file}`);
  const programs = ['dist/kubectl-acr_replication.mjs', 'dist/kubectl_complete-acr_replication.mjs'];
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

test('a Node older than 22 is told so in a sentence, before anything that it does not know is used', async () => {
  // Node 20.15 has no process.getBuiltinModule, with which the bundle loads nearly everything.
  const old = `const versions = { ...process.versions, node: '20.15.1' };
    Object.defineProperty(process, 'versions', { value: versions });
    Object.defineProperty(process, 'version', { value: 'v20.15.1' });
    process.getBuiltinModule = undefined;`;
  const preload = `--import=data:text/javascript,${encodeURIComponent(old)}`;
  expect(await run(process.execPath, [preload, 'dist/kubectl-acr_replication.mjs', '--help'])).toEqual({
    code: 2,
    out: '',
    err: 'kubectl acr-replication needs Node 22 or newer; this is v20.15.1.\n',
  });
  // What is written in it is no newer than Node 18.
  expect(await readFile('build.ts', 'utf8')).toMatch(/^const oldestReader = 'node18';$/m);
});
