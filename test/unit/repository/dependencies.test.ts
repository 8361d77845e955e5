import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundles, emulatorBundle, pageScript } from '../../../deploy/release/bundled.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { bundledPackages, directDependencies, licenseOf } from '../../support/dependencies.ts';

/** The cells of each table row of DEPENDENCIES.md that begins with a package's name. */
const rows = readFileSync('DEPENDENCIES.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '));
const rowOf = (name: string) => rows.find(([cell]) => cell === `\`${name}\``) ?? [];
const dependencies = directDependencies();

test('DEPENDENCIES.md has a row for each direct dependency, and for nothing else', () => {
  expect(rows.map(([cell]) => cell)).toEqual(dependencies.map(({ name }) => `\`${name}\``));
});

describe('and states what the lock file and the bundle say', () => {
  for (const { name, kind, license, brings, installScripts, isNative, bundledBytes } of dependencies) {
    test(name, () => {
      const row = rowOf(name);
      expect(row.every((cell) => cell.trim() !== '')).toBe(true);
      expect(row.at(-1)).toBe(license);
      if (kind === 'development') {
        const yes = (holds: boolean): string => (holds ? 'yes' : 'no');
        expect(row.slice(2, 5)).toEqual([String(brings), yes(installScripts.length > 0), yes(isNative)]);
        return;
      }
      expect(row[3]).toBe(String(brings));
      expect([installScripts, isNative]).toEqual([[], false]);
      const [, stated] = /^(\d+) kB$/.exec(row[4] ?? '') ?? [];
      const actual = bundledBytes / 1_000;
      expect(Math.abs(Number(stated) - actual), `${stated} kB, is ${Math.round(actual)}`).toBeLessThan(actual / 10 + 2);
    });
  }
});

test('everything in the bundles is under a licence that lets it be shipped', () => {
  const allowed = new Set(['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD']);
  const bundled = [...bundles, emulatorBundle, pageScript].flatMap((bundle) => [...bundledPackages(bundle).keys()]);
  expect(bundled.length).toBeGreaterThan(20);
  expect(bundled.map((path) => [path, licenseOf(path)]).filter(([, license = '']) => !allowed.has(license))).toEqual(
    [],
  );
});

test('only what DEPENDENCIES.md names may run an install script', () => {
  const running = dependencies.filter(({ installScripts }) => installScripts.length > 0).map(({ name }) => name);
  expect(running.toSorted()).toEqual(Object.keys(manifest.allowScripts).toSorted());
});
