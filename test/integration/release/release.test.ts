import { execFile } from 'node:child_process';
import { cp, glob, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { NotReleasable, release } from '../../../deploy/release/release.ts';
import { compareVersions, latest } from '../../../deploy/release/version.ts';
import { root } from './dockerfile.ts';

const run = promisify(execFile);
let folder: string;
let copy: string;
const said: string[] = [];
const ran: string[] = [];

/** A repository with one commit, of everything here but tests; the first is made once and copied for each test. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-release-'));
  copy = join(folder, 'first');
  const left = new Set(['node_modules', 'dist', 'coverage', '.git', '.stryker-tmp', '.ci', 'test']);
  for (const name of await readdir(root)) {
    if (!left.has(name)) await cp(join(root, name), join(copy, name), { recursive: true });
  }
  // What a release writes to, and what npm run generate imports.
  for (const name of ['sandbox', 'integration/install/data', 'unit/azure/refusals']) {
    await cp(join(root, 'test', name), join(copy, 'test', name), { recursive: true });
  }
  await git('init', '--quiet', '--initial-branch=main');
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  await writeFile(join(copy, '.git/info/exclude'), 'node_modules\n');
  await git('config', 'user.name', 'Somebody');
  await git('config', 'user.email', 'somebody@example.com');
  await edit('CHANGELOG.md', (text) => text.replace(/^## Unreleased$/m, '## Unreleased\n\n### Fixed\n\n- A thing.'));
  await commit();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

let number = 0;
beforeEach(async () => {
  const next = join(folder, `copy-${number++}`);
  await cp(join(folder, 'first'), next, { recursive: true, verbatimSymlinks: true });
  copy = next;
  said.length = 0;
  ran.length = 0;
});

async function git(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  return (await run('git', args, { cwd: copy, env })).stdout.trim();
}

async function commit(): Promise<void> {
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Somebody was here');
}

const text = (path: string): Promise<string> => readFile(join(copy, path), 'utf8');

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(join(copy, path), change(await text(path)));
}

interface Options {
  readonly dryRun?: boolean;
  /** What npm test does in place of testing. */
  readonly tests?: () => Promise<void>;
}

/** npm test is left out; everything else is done. */
async function released(version: string, { dryRun = false, tests = () => Promise.resolve() }: Options = {}) {
  await release({
    root: copy,
    version,
    day: '2027-01-31',
    dryRun,
    say: (line) => void said.push(line),
    async run(command, args) {
      ran.push([command, ...args].join(' '));
      if (command === 'npm' && args[0] === 'test') return tests();
      const { npm_config_registry: _registry, ...env } = process.env;
      await run(command, args, { cwd: copy, env });
    },
  });
}

async function problems(version: string): Promise<readonly string[]> {
  const error = await released(version).catch((thrown: unknown) => thrown);
  expect(ran).toEqual([]);
  return error instanceof NotReleasable ? error.problems : [`no problem: ${String(error)}`];
}

/** Every place that names the version, by what it says. */
async function stated(): Promise<Readonly<Record<string, readonly string[]>>> {
  const lock = JSON.parse(await text('package-lock.json')) as {
    readonly version: string;
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  const chart = parse(await text('deploy/chart/Chart.yaml')) as Readonly<Record<string, string>>;
  const all = async (path: string, pattern: RegExp) => [...(await text(path)).matchAll(pattern)].map(([, v = '']) => v);
  const labels: Record<string, readonly string[]> = {};
  for await (const path of glob('deploy/**/*.yaml', { cwd: copy })) {
    const found = await all(path, /app\.kubernetes\.io\/version: "?([\w.-]+)/g);
    if (found.length > 0) labels[`labels of ${path}`] = found;
  }
  return {
    'package.json': [(JSON.parse(await text('package.json')) as { readonly version: string }).version],
    'package-lock.json': [lock.version, lock.packages['']?.version ?? ''],
    Dockerfile: await all('Dockerfile', /image\.version="(.*?)"/g),
    chart: [chart['version'] ?? '', chart['appVersion'] ?? ''],
    'deploy/deployment.yaml': await all('deploy/deployment.yaml', /image: \S+?:([^"\s]+)/g),
    ...labels,
    crds: await all('crds/registryreplications.acr-replication.dev.yaml', /app\.kubernetes\.io\/version: (\S+)/g),
    'README.md': await all('README.md', /IMAGE:(\d[\w.-]*)/g),
    'docs/install.md': await all(
      'docs/install.md',
      /(?:acr-replication-operator:|acr_replication-|--version )(\d[\w.]*\d)/g,
    ),
    'SECURITY.md': await all('SECURITY.md', /VERSION=(\d[\w.-]*)/g),
    'docs/emulator.md': await all('docs/emulator.md', /(?:acr-emulator:|acr_replication-)(\d[\w.]*\d)/g),
    'what Artifact Hub shows': await all('deploy/chart/Chart.yaml', /image: \S+?:([^"\s]+)/g),
    'the example for Flux': await all('deploy/examples/flux/sync.yaml', /tag: v(\S+)/g),
  };
}

test('all places that name the version agree', async () => {
  const found = await stated();
  const [version] = found['package.json'] ?? [];
  for (const [place, versions] of Object.entries(found)) {
    expect(versions.length, place).toBeGreaterThan(0);
    for (const one of versions) expect(one, place).toBe(version);
  }
});

test('a release sets the version everywhere, keeps the CRD, tests, commits and tags', {
  timeout: 600_000,
}, async () => {
  const before = await git('rev-parse', 'HEAD');
  let tested: Readonly<Record<string, readonly string[]>> = {};
  await released('7.8.9', {
    tests: async () => {
      tested = await stated();
    },
  });
  expect(new Set(Object.values(tested).flat())).toEqual(new Set(['7.8.9']));
  expect(await git('rev-parse', 'HEAD~1', 'v7.8.9^{commit}~1')).toBe(`${before}\n${before}`);
  expect(await git('cat-file', '-t', 'v7.8.9')).toBe('tag');
  expect(await git('log', '-1', '--format=%s')).toBe('Release 7.8.9');
  expect(await git('status', '--porcelain')).toBe('');
  const changelog = await text('CHANGELOG.md');
  expect(changelog).toContain('## Unreleased\n\n## 7.8.9 - 2027-01-31\n\n### Fixed\n\n- A thing.\n');
  expect(await text('test/integration/install/data/previous-crd.yaml')).toBe(
    await text('crds/registryreplications.acr-replication.dev.yaml'),
  );
  expect(ran.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
    'npm run',
    'npm test',
    'git commit',
    'git tag',
  ]);
  expect(said.join('\n')).toContain('git push --atomic origin main v7.8.9');
  const { stdout } = await run(process.execPath, [join(root, 'deploy/release/main.ts'), '--notes'], { cwd: copy });
  expect(stdout).toMatch(/^### Fixed\n\n- A thing\.\n/);
});

describe('nothing is done, and it says what to do instead, when', () => {
  test('the version is none', async () => {
    expect(await problems('v2')).toEqual(['v2 is no version: give one like 1.2.0 or 1.2.0-rc.1']);
  });

  test('there are changes that no commit has', async () => {
    await edit('LICENSE', () => 'mine');
    expect(await problems('7.8.9')).toEqual([
      'There are changes that no commit has: commit them or put them aside.\nM LICENSE',
    ]);
  });

  test('this is not main', async () => {
    await git('switch', '--quiet', '--create', 'elsewhere');
    expect(await problems('7.8.9')).toEqual(['This is elsewhere: releases are made on main, git switch main.']);
  });

  test('the version was released, or a greater one was', async () => {
    for (const tag of ['v7.8.9', 'v7.10.0', 'vague']) await git('tag', tag);
    for (const version of ['7.10.0', '7.9.5', '7.10.0-rc.1']) {
      expect(await problems(version)).toEqual(['7.10.0 is released already: give a greater version than that.']);
    }
  });

  test('the version is less than that of package.json', async () => {
    expect(await problems('0.0.1')).toEqual([
      expect.stringMatching(/^package\.json is at .* already: give that version or a greater one\.$/),
    ]);
  });

  test('the changelog has nothing to say', async () => {
    await edit('CHANGELOG.md', () => '# Changelog\n\n## Unreleased\n\n## 0.0.1 - 2020-01-01\n\n- Old.\n');
    await commit();
    expect(await problems('7.8.9')).toEqual([
      'CHANGELOG.md says nothing under "## Unreleased": write there what changes for users.',
    ]);
  });

  test('several of that: all at once', async () => {
    await git('switch', '--quiet', '--create', 'elsewhere');
    await edit('LICENSE', () => 'mine');
    expect(await problems('0.0.1')).toHaveLength(3);
  });
});

test('when the tests fail there is neither commit nor tag, and it says how to undo the rest', {
  timeout: 600_000,
}, async () => {
  const before = await git('rev-parse', 'HEAD');
  await expect(released('7.8.9', { tests: () => Promise.reject(new Error('3 failed')) })).rejects.toThrow('3 failed');
  expect(await git('rev-parse', 'HEAD')).toBe(before);
  expect(await git('tag', '--list')).toBe('');
  expect(said).toEqual(['Not released. Nothing was pushed; to undo what was done: git restore .']);
  await git('restore', '.');
  expect(await git('status', '--porcelain')).toBe('');
});

test('a dry run changes nothing and says what would be done', async () => {
  await released('7.8.9', { dryRun: true });
  expect(ran).toEqual([]);
  expect(await git('status', '--porcelain')).toBe('');
  expect(said.join('\n')).toMatch(/Would release 7\.8\.9 .*package\.json.*CHANGELOG\.md.*- A thing\./s);
});

test('the program explains itself, and refuses on stderr with exit code 1', async () => {
  const main = join(root, 'deploy/release/main.ts');
  expect((await run(process.execPath, [main, '--help'])).stdout).toContain('npm run release -- <version> [--dry-run]');
  await edit('LICENSE', () => 'mine');
  const refused = run(process.execPath, [main, '7.8.9', '--dry-run'], { cwd: copy });
  await expect(refused).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^There are changes/) });
});

test('versions are ordered as semantic versioning does', () => {
  const order = ['0.9.10', '1.0.0-alpha.9', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.1', '1.2.0', '1.10.0'];
  expect(order.toReversed().toSorted(compareVersions)).toEqual(order);
  expect(latest(['1.2.0', 'ague', '1.10.0'])).toBe('1.10.0');
  expect(latest([])).toBeUndefined();
});
