import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Imports point one way: a folder may import from itself and from those named here. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  api: [],
  domain: ['api'],
  controller: ['api', 'domain'],
  azure: ['controller', 'domain'],
  kube: ['api', 'controller', 'domain'],
  telemetry: ['api', 'controller', 'domain'],
};

/** Who may know which SDK. */
const owners: readonly (readonly [RegExp, string])[] = [
  [/^@azure\//, 'azure'],
  [/^@kubernetes\//, 'kube'],
  [/^(prom-client|winston)$/, 'telemetry'],
];

const files = globSync('src/*/**/*.ts');

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, target]) => target ?? '');
}

describe('the structure of src', () => {
  test('is read at all', () => expect(files.length).toBeGreaterThan(20));

  for (const file of files) {
    const folder = file.split('/')[1] ?? '';
    test(`${file} imports only what its place allows`, () => {
      for (const target of importsOf(file)) {
        if (target.startsWith('.')) {
          const other = normalize(join(dirname(file), target)).split('/')[1] ?? '';
          expect([folder, ...(mayImport[folder] ?? [])], target).toContain(other);
        }
        for (const [name, owner] of owners) if (name.test(target)) expect(folder, target).toBe(owner);
      }
    });
  }

  test('domain neither waits nor looks at the clock', () => {
    for (const file of globSync('src/domain/*.ts')) {
      expect(readFileSync(file, 'utf8'), file).not.toMatch(
        /\bawait\b|Date\.now\(|new Date\(\)|Math\.random|setTimeout|process\.env/,
      );
    }
  });

  test('only the configuration and the entry program read the environment', () => {
    for (const file of files) expect(readFileSync(file, 'utf8'), file).not.toMatch(/process\.env/);
  });
});
