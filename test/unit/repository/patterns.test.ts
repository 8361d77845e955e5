import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import biome from '../../../biome.json' with { type: 'json' };
import knip from '../../../knip.json' with { type: 'json' };
import manifest from '../../../package.json' with { type: 'json' };
import tsconfig from '../../../tsconfig.json' with { type: 'json' };
import suites from '../../../vitest.config.ts';
import { pages } from '../../support/pages.ts';
import stryker from '../../trials/mutation/stryker.config.json' with { type: 'json' };
import mutation from '../../trials/mutation/vitest.config.ts';

interface Suite {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly globalSetup?: readonly string[];
}

const projects = (suites.test?.projects ?? []).map((project) => (project as { readonly test: Suite }).test);
const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n');
/** Folders that are not in the repository: a pattern may name them all the same. */
const made = linesOf('.gitignore').map((line) => line.replace(/\/$/, ''));
const oxlint = JSON.parse(readFileSync('.oxlintrc.json', 'utf8')) as { readonly ignorePatterns: readonly string[] };

/** A pattern that matches nothing is a hole that nobody sees: tests that are not run, files that are not looked at. */
const patterns: Readonly<Record<string, readonly string[]>> = {
  'vitest.config.ts': projects.flatMap(({ include, exclude = [], globalSetup = [] }) => [
    ...include,
    ...exclude,
    ...globalSetup,
  ]),
  'biome.json': biome.files.includes.map((pattern) => pattern.replace(/^!/, '')),
  '.oxlintrc.json': oxlint.ignorePatterns,
  'knip.json': knip.entry,
  'tsconfig.json': tsconfig.include,
  '.dockerignore': linesOf('.dockerignore').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])),
  'stryker.config.json': [...stryker.mutate, ...stryker.ignorePatterns, stryker.vitest.configFile],
  'vitest.config.ts of the mutation trial': mutation.test?.include ?? [],
};

describe('every pattern matches something', () => {
  test.each(Object.entries(patterns))('of %s', (_file, all) => {
    expect(all.length).toBeGreaterThan(1);
    const exclude = (path: string) => /(^|\/)node_modules(\/|$)/.test(path);
    expect(all.filter((pattern) => !made.includes(pattern) && globSync(pattern, { exclude }).length === 0)).toEqual([]);
  });

  test('that a page of the documentation names as a path', () => {
    const named = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/`((?:src|test|deploy|crds)\/[^`\s]*)`/g)].map(([, path = '']) => path),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => globSync(path).length === 0)).toEqual([]);
  });
});

describe('every test is run', () => {
  const run = readFileSync('test/run.ts', 'utf8');
  const filesOf = ({ include, exclude = [] }: Suite) =>
    globSync([...include]).filter((file) => !globSync([...exclude]).includes(file));

  test('by exactly one project', () => {
    const all = globSync(['test/**/*.test.ts', 'test/**/*.trial.ts']);
    expect(projects.flatMap(filesOf).toSorted()).toEqual(all.toSorted());
  });

  test.each(projects.map((project) => [project.name, project] as const))('%s', (name, project) => {
    const isTrial = filesOf(project).every((file) => file.endsWith('.trial.ts'));
    if (isTrial) expect(Object.values(manifest.scripts).join('\n')).toMatch(new RegExp(`--project ${name}\\b`));
    else expect(run).toContain(`'${name}'`);
  });
});
