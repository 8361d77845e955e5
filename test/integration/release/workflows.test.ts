import { execFile } from 'node:child_process';
import { glob, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Platform, platforms } from '../../../deploy/release/platforms.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { obtainTool } from '../../sandbox/tool.ts';
import { instructions, root } from './dockerfile.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: object;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: {
    readonly matrix: { readonly suite?: readonly string[]; readonly include?: readonly Platform[] };
  };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions?: object;
  readonly concurrency?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const names = (await readdir(join(root, '.github/workflows'))).map((file) => `.github/workflows/${file}`);
const texts = new Map(
  await Promise.all(
    [...names, '.github/actions/setup/action.yaml'].map(
      async (name) => [name, await readFile(join(root, name), 'utf8')] as const,
    ),
  ),
);
const workflows = names.map((name) => [name, parse(texts.get(name) ?? '') as Workflow] as const);
const jobs = workflows.flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => [`${file}: ${name}`, job] as const),
);
const steps = jobs.flatMap(([, job]) => job.steps);
const goModules: string[] = [];
for await (const file of glob('test/**/go.mod', { cwd: root })) goModules.push(file);
const runs = steps.flatMap(({ run = '' }) => run);

/** What actionlint prints, for people; without shellcheck and pyflakes, which may or may not be there. */
async function actionlint(files: readonly string[]): Promise<string> {
  const program = await obtainTool('actionlint');
  const args = ['-no-color', '-oneline', '-shellcheck=', '-pyflakes=', ...files];
  return promisify(execFile)(program, args, { cwd: root }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { readonly stdout: string }) => stdout,
  );
}

test('chart and manifests name the image that a release pushes', async () => {
  const [, image = ''] = /^ {2}IMAGE: (.*)$/m.exec(texts.get('.github/workflows/release.yaml') ?? '') ?? [];
  const repository = new URL(manifest.homepage).pathname.slice(1);
  const pushed = image.replace('${{ github.repository }}', repository);
  const values = parse(await readFile(join(root, 'deploy/chart/values.yaml'), 'utf8')) as {
    readonly image: { readonly repository: string; readonly tag: string };
  };
  expect(pushed).toMatch(/^ghcr\.io\/[a-z-]+\/[a-z-]+$/);
  expect(values.image).toMatchObject({ repository: pushed, tag: '' });
  const deployment = await readFile(join(root, 'deploy/deployment.yaml'), 'utf8');
  expect(deployment).toContain(`image: "${pushed}:${manifest.version}"`);
});

describe('each workflow', () => {
  test('is one that GitHub understands', { timeout: 300_000 }, async () => {
    expect(await actionlint([...names, 'deploy/examples/pull-requests/github-actions.yaml'])).toBe('');
  });

  test('would not pass with a mistake', { timeout: 300_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acr-replication-workflow-'));
    try {
      const wrong = join(folder, 'wrong.yaml');
      await writeFile(wrong, (texts.get('.github/workflows/test.yaml') ?? '').replace('matrix.suite', 'matrix.suit'));
      expect(await actionlint([wrong])).toContain('property "suit" is not defined');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('takes every action by its full commit, says of which version that is, and no action in two versions', () => {
    const pins = new Map<string, string>();
    for (const [name, text] of texts) {
      for (const [, used = ''] of text.matchAll(/uses: (.*)$/gm)) {
        if (used.startsWith('./')) continue;
        const [, action = '', pin = ''] =
          /^([\w.-]+\/[\w.-]+)(?:\/[\w/-]+)?@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(used) ?? [];
        expect(action, `${name}: ${used}`).not.toBe('');
        expect(pins.get(action) ?? pin, action).toBe(pin);
        pins.set(action, pin);
      }
    }
    expect(pins.size).toBeGreaterThan(8);
  });

  test('gives its jobs no right that they do not name, and a time to end', () => {
    for (const [file, { permissions, concurrency }] of workflows) {
      expect(permissions, file).toEqual({});
      expect(concurrency, file).toBeDefined();
    }
    for (const [name, job] of jobs) {
      expect(job.permissions, name).toMatchObject({ contents: expect.stringMatching(/^(read|write)$/) });
      expect(job['timeout-minutes'], name).toEqual(expect.any(Number));
    }
  });

  test('leaves no token in the working copy', () => {
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThanOrEqual(jobs.length);
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
  });

  test('puts into no script what other people wrote, such as the name of a branch', () => {
    for (const run of runs) expect(run.replaceAll('${{ matrix.suite }}', '')).not.toContain('${{');
  });
});

test('no job that installs packages may push, sign or write', () => {
  for (const [name, { permissions, steps }] of jobs) {
    const installs = steps.some(({ uses, run = '' }) => uses === './.github/actions/setup' || /npm (ci|i)/.test(run));
    if (installs) expect(permissions, name).toEqual({ contents: 'read' });
  }
});

test('every npm command exists, and every suite that npm test leaves out runs at night', () => {
  const suites = jobs.flatMap(([, job]) => job.strategy?.matrix.suite ?? []);
  const called = runs.flatMap((run) =>
    [...run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name),
  );
  const nightly = suites.map((suite) => suite.replace(/ .*/, ''));
  for (const name of [...called, ...nightly]) expect(Object.keys(manifest.scripts)).toContain(name);
  const slow = Object.keys(manifest.scripts).filter((name) => name.startsWith('test:'));
  expect(nightly.toSorted()).toEqual([...slow, 'soak'].toSorted());
});

test('the Node that tests is the one that ships', async () => {
  const [base = ''] = await instructions('FROM', 'build');
  const [, major] = /node:(\d+)-/.exec(base) ?? [];
  const versions = [...texts.values()].flatMap((text) => [...text.matchAll(/node-version: (.*)/g)].map(([, v]) => v));
  expect(new Set(versions)).toEqual(new Set([major]));
});

test('the Go that builds is one that every module takes', async () => {
  const [, given = ''] = /go-version: "([\d.]+)"/.exec(texts.get('.github/actions/setup/action.yaml') ?? '') ?? [];
  const [, minor = 0] = given.split('.').map(Number);
  expect(goModules.length).toBeGreaterThan(2);
  for (const file of goModules) {
    const [, wanted] = /^go 1\.(\d+)/m.exec(await readFile(join(root, file), 'utf8')) ?? [];
    expect(Number(wanted), file).toBeLessThanOrEqual(minor);
  }
});

test('a release names its image in the chart where the chart reads it', async () => {
  const values = parse(await readFile(join(root, 'deploy/chart/values.yaml'), 'utf8')) as {
    readonly image: Readonly<Record<string, unknown>>;
  };
  const [command = ''] = runs.filter((run) => run.includes('yq '));
  const fields = [...command.matchAll(/\.image\.(\w+) =/g)].map(([, field]) => field);
  expect(fields).toEqual(['repository', 'digest']);
  expect(Object.keys(values.image)).toEqual(expect.arrayContaining(fields));
});

test('a release has an executable for each platform, and publishes what the jobs before it made', () => {
  const { jobs } = parse(texts.get('.github/workflows/release.yaml') ?? '') as Workflow;
  const made = jobs['executable']?.strategy?.matrix.include ?? [];
  expect(made.map(({ os, arch }) => ({ os, arch }))).toEqual(platforms);
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const artifacts = (action: string) => steps.filter(({ uses = '' }) => uses.startsWith(`actions/${action}-artifact@`));
  const uploaded = artifacts('upload').map(({ with: given }) => String(given?.['name']));
  const onlyBetween = ['executable-${{ matrix.os }}-${{ matrix.arch }}', 'for-executables'];
  const published = uploaded.filter((name) => !onlyBetween.includes(name));
  const pattern = String(artifacts('download').at(-1)?.with?.['pattern']);
  expect(pattern.slice(1, -1).split(',').toSorted()).toEqual(published.toSorted());
});

test('Dependabot looks after every place that names versions', async () => {
  const { updates } = parse(await readFile(join(root, '.github/dependabot.yml'), 'utf8')) as {
    readonly updates: readonly {
      readonly 'package-ecosystem': string;
      readonly directory?: string;
      readonly directories?: readonly string[];
    }[];
  };
  const watched = new Map(
    updates.map((update) => [update['package-ecosystem'], update.directories ?? [update.directory ?? '']]),
  );
  expect([...watched.keys()].toSorted()).toEqual(['docker', 'github-actions', 'gomod', 'npm']);
  for (const file of [...goModules, '.github/actions/setup/action.yaml']) {
    const folders = watched.get(file.endsWith('go.mod') ? 'gomod' : 'github-actions') ?? [];
    const folder = `/${dirname(file)}`;
    expect(
      folders.some((glob) => glob === folder || (glob.endsWith('/*') && dirname(folder) === glob.slice(0, -2))),
      file,
    ).toBe(true);
  }
});
