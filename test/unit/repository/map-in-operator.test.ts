import { readFileSync } from 'node:fs';
import type { Metafile } from 'esbuild';
import { expect, test } from 'vitest';
import { metafileOf } from '../../../deploy/release/bundled.ts';

/** What of each module is in the operator's program, as esbuild told when it made it. */
const metafile = JSON.parse(readFileSync(metafileOf('dist/main.js'), 'utf8')) as Metafile;
const inputs = metafile.outputs['dist/main.js']?.inputs ?? {};
const modules = Object.keys(inputs).filter((path) => path.startsWith('src/'));

test('the operator has of the map only what reads: no draft, no apply, no undo, and nothing of the plugin', () => {
  expect(modules.length).toBeGreaterThan(100);
  expect(modules.filter((path) => path.startsWith('src/cli/'))).toEqual([]);
  expect(modules.filter((path) => path.startsWith('src/map/')).toSorted()).toEqual(
    [
      'audience',
      'followers',
      'node-regions',
      'page-files',
      'reply',
      'request',
      'roll',
      'scene',
      'server',
      'sign-in',
      'wire',
    ].map((name) => `src/map/${name}.ts`),
  );
});

test('what of the map is in the operator writes nothing to Kubernetes: it asks two reviews and reads', () => {
  const program = readFileSync('src/operator/map-server.ts', 'utf8');
  expect(program).not.toMatch(/posts|PATCH|PUT|DELETE|writeStatus|fence/);
  for (const path of modules.filter((name) => name.startsWith('src/map/'))) {
    expect(readFileSync(path, 'utf8'), path).not.toMatch(/'(PATCH|PUT|DELETE)'|writeStatus|addFinalizer|fieldManager/);
  }
});

test('nothing of the map is run where it is not served: it is loaded by the one import that is run then', () => {
  // The plugin is built along with it, and has the same list of what imports what.
  const importers = modules.flatMap((path) =>
    (metafile.inputs[path]?.imports ?? [])
      .filter((one) => one.path === 'src/operator/map-server.ts' || one.path.startsWith('src/map/'))
      .map(({ kind }) => `${path} ${kind}`),
  );
  const outside = importers.filter((line) => !/^src\/(map\/|operator\/map-server\.ts)/.test(line));
  expect(outside).toEqual(['src/operator/operator.ts dynamic-import']);
});
