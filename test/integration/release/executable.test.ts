import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fileOf, nameOf, platforms } from '../../../deploy/release/platforms.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { obtainTool } from '../../sandbox/tool.ts';
import { run } from '../../support/run.ts';

const { arch, platform, execPath } = process;
const own = platforms.find((one) => one.os === platform && one.arch === (arch === 'x64' ? 'amd64' : arch));
let folder: string;
let executable: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-executable-test-'));
  executable = join(folder, 'kubectl-acr_replication');
  const made = await run(execPath, ['deploy/release/executable.ts', '--output', executable]);
  expect(made.code, made.err).toBe(0);
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the single executable', () => {
  test('does what the plugin does, with no Node in reach', async () => {
    for (const args of [['--help'], ['list', '--help'], ['version']]) {
      const plain = await run(execPath, ['dist/kubectl-acr_replication.mjs', ...args]);
      expect(await run(executable, args, {})).toEqual(plain);
    }
  });

  test('fails as the plugin does', async () => {
    const env = { HOME: folder };
    const plain = await run(execPath, ['dist/kubectl-acr_replication.mjs', 'list'], env);
    expect(plain).toMatchObject({ code: 1, err: expect.stringContaining('there is no kubeconfig') });
    expect(await run(executable, ['list'], env)).toEqual(plain);
    expect(await run(executable, ['lst'], env)).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean list'),
    });
  });
});

describe('Krew', () => {
  let archives: string;
  let file: string;

  /** Archives as a release has them; of the other platforms with a file that is no program. */
  beforeAll(async () => {
    archives = join(folder, 'archives');
    file = join(archives, 'acr-replication.yaml');
    const executables = join(folder, 'executables');
    await mkdir(executables);
    for (const one of platforms) {
      if (one === own) await copyFile(executable, join(executables, nameOf(one)));
      else await writeFile(join(executables, nameOf(one)), 'for another machine');
    }
    const license = join(folder, 'of-node');
    await writeFile(license, 'Node.js is licensed for use as follows:');
    const args = ['--executables', executables, '--output', archives, '--node-license', license];
    const packed = await run(execPath, ['deploy/release/archives.ts', ...args]);
    expect(packed).toEqual({ code: 0, out: '', err: '' });
  }, 120_000);

  const install = async (one: (typeof platforms)[number], root: string) =>
    run(
      await obtainTool('krew'),
      ['install', `--manifest=${file}`, `--archive=${join(archives, `${nameOf(one)}.tar.gz`)}`],
      { PATH: process.env['PATH'], HOME: folder, KREW_ROOT: root, KREW_OS: one.os, KREW_ARCH: one.arch },
    );

  test('takes the manifest, by its own validator', async () => {
    const program = await obtainTool('validate-krew-manifest');
    const valid = await run(program, ['-manifest', file, '-skip-install']);
    expect(valid).toMatchObject({ code: 0, err: expect.stringContaining('structural validation OK') });
    const wrong = join(folder, 'acr-replication.yaml');
    await writeFile(wrong, (await readFile(file, 'utf8')).replace(/sha256: ./, 'sha256: x'));
    const refused = await run(program, ['-manifest', wrong, '-skip-install']);
    expect([refused.code === 0, refused.err]).toEqual([false, expect.stringContaining('`sha256` value')]);
  });

  test('installs each platform its program with the licences of what is in it', { timeout: 120_000 }, async () => {
    for (const one of platforms) {
      const root = join(folder, nameOf(one));
      const { code, err } = await install(one, root);
      expect(code, err).toBe(0);
      expect(await readdir(join(root, 'bin'))).toEqual([fileOf(one)]);
      const store = await readdir(join(root, 'store/acr-replication', `v${manifest.version}`));
      expect(store.toSorted()).toEqual(['LICENSE', 'LICENSE-node.txt', 'THIRD-PARTY-NOTICES.txt', fileOf(one)]);
    }
  });

  test.skipIf(own === undefined)('and kubectl runs it', { timeout: 300_000 }, async () => {
    if (own === undefined) return;
    const root = join(folder, 'used');
    await install(own, root);
    const bin = join(root, 'bin');
    const env = { PATH: bin, HOME: folder };
    const kubectl = await obtainTool('kubectl');
    expect((await run(kubectl, ['plugin', 'list'], env)).out).toContain(join(bin, 'kubectl-acr_replication'));
    const version = await run(kubectl, ['acr-replication', 'version'], env);
    expect(version).toMatchObject({ code: 0, out: expect.stringContaining(manifest.version) });
  });

  test('is given archives where the release puts them', async () => {
    const { spec } = parse(await readFile(file, 'utf8')) as {
      readonly spec: { readonly platforms: readonly { readonly uri: string; readonly sha256: string }[] };
    };
    const { homepage, version } = manifest;
    const base = `${homepage.replace('#readme', '')}/releases/download/v${version}`;
    expect(spec.platforms.map(({ uri }) => uri)).toEqual(platforms.map((one) => `${base}/${nameOf(one)}.tar.gz`));
    for (const one of platforms) await stat(join(archives, `${nameOf(one)}.tar.gz`));
  });

  test.skipIf(own?.os !== 'linux')(
    'and npm and curl: docs/install.md says how, word for word',
    { timeout: 300_000 },
    async () => {
      const page = await readFile('docs/install.md', 'utf8');
      const block = /```sh\n(RELEASE=.*\n[^`]*)```/.exec(page)?.[1] ?? '';
      const npx = /^npx .* -- kubectl-acr_replication /m.exec(page)?.[0] ?? '';
      const [release = ''] = /(?<=^RELEASE=).*/.exec(block) ?? [];
      expect(release).toBe(`${manifest.homepage.replace('#readme', '')}/releases/download/v${manifest.version}`);
      expect(await run(execPath, ['deploy/release/package.ts', '--output', archives])).toMatchObject({ code: 0 });

      await using server = createServer((request, response) => {
        const bytes = readFileSync(join(archives, basename(request.url ?? '')));
        const isManifest = request.url?.endsWith('.yaml') === true;
        response.end(isManifest ? String(bytes).replaceAll(release, here()) : bytes);
      }).listen(0, '127.0.0.1');
      const here = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await once(server, 'listening');
      const home = join(folder, 'home');
      const bin = join(home, 'bin');
      for (const made of [bin, join(home, '.local/bin'), join(home, 'index/plugins')]) {
        await mkdir(made, { recursive: true });
      }
      await symlink(await obtainTool('kubectl'), join(bin, 'kubectl'));
      await symlink(await obtainTool('krew'), join(bin, 'kubectl-krew'));
      const indexed =
        'cd ~/index && git init -q && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m index';
      const lines = block.replaceAll('amd64', own?.arch ?? '').replace(release, here());
      const script = ['set -eo pipefail', `(${indexed})`, lines, `${npx} version`].join('\n');
      const installed = await run('bash', ['-c', script], {
        HOME: home,
        PATH: `${bin}:${dirname(execPath)}:${process.env['PATH']}`,
        npm_config_prefix: join(home, 'npm'),
        KREW_DEFAULT_INDEX_URI: join(home, 'index'),
      });
      expect(installed.code, installed.err).toBe(0);
      expect(installed.out).toMatch(new RegExp(`^plugin +${manifest.version.replaceAll('.', '\\.')}`, 'm'));
      for (const place of ['npm/bin', '.krew/bin', '.local/bin']) {
        const program = join(home, place, 'kubectl-acr_replication');
        expect(await run(program, ['version'], { PATH: dirname(execPath) }), place).toMatchObject({ code: 0 });
      }
    },
  );
});
