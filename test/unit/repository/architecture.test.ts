import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * The floors of src, from the ground up: what stands on one may import what stands on the floors below it, and nothing
 * beside it but its own room.
 */
const floors: readonly (readonly string[])[] = [
  ['api', 'time', 'version.ts', 'old-node.ts'],
  ['domain'],
  ['ports'],
  ['azure', 'kube', 'http', 'telemetry', 'controller'],
  ['view'],
  ['map'],
  ['operator', 'cli'],
  ['main.ts'],
];

/** Inside these rooms there are wings; each may import those that stand before it, and the room's own files. */
const wings: Readonly<Record<string, readonly string[]>> = {
  azure: ['limits', 'wire', 'refusals', 'identity', 'graph'],
  kube: ['http', 'watch', 'election', 'credentials'],
};

const nowhere = /^$/;

/** Where an SDK may be known; the first line that fits counts. */
const owners: readonly (readonly [RegExp, RegExp])[] = [
  [/^@azure\/arm-containerregistry(\/|$)/, /^src\/azure\/wire\/(client|registry-calls)\.ts$/],
  [/^@azure\/(identity|msal-node)$/, /^src\/(azure\/identity\/|cli\/azure\.ts$)/],
  [/^@azure\/core-rest-pipeline$/, /^src\/(azure\/(wire|refusals|identity)\/|cli\/azure\.ts$)/],
  [/^@azure\//, nowhere],
  [/^@kubernetes\//, /^src\/kube\//],
  [/^js-yaml$/, /^src\/(kube\/http|cli)\//],
  [/^preact(\/|$)/, /^src\/map\/page\//],
  [/^(d3-geo|topojson-client)$/, /^src\/map\/world\//],
  [/^(prom-client|winston)$/, /^src\/telemetry\//],
];

const files = globSync('src/**/*.{ts,tsx}');
const roomOf = (file: string): string => file.split('/')[1] ?? '';
const floorOf = (file: string): number => floors.findIndex((rooms) => rooms.includes(roomOf(file)));

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, target]) => target ?? '');
}

/** What stands in the way of an import; undefined when its place allows it. */
function objectionTo(file: string, target: string): string | undefined {
  if (!target.startsWith('.')) {
    const [, place = /./] = owners.find(([name]) => name.test(target)) ?? [];
    return place.test(file) ? undefined : 'an SDK outside its wing';
  }
  const other = normalize(join(dirname(file), target));
  if (!other.startsWith('src/')) return roomOf(file) === 'version.ts' ? undefined : 'outside src';
  if (roomOf(other) !== roomOf(file)) return floorOf(other) < floorOf(file) ? undefined : 'not on a lower floor';
  const order = wings[roomOf(file)] ?? [];
  const [own, others] = [file, other].map((path) => order.indexOf(path.split('/')[2] ?? ''));
  if (own === undefined || others === undefined || own === -1 || others === -1) return undefined;
  return others <= own ? undefined : 'a wing behind its own';
}

describe('the structure of src', () => {
  test('is read at all', () => expect(files.length).toBeGreaterThan(100));

  test('has a floor for everything in it', () => {
    expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
  });

  for (const file of files) {
    test(`${file} imports only what its place allows`, () => {
      const objections = importsOf(file).map((target) => [target, objectionTo(file, target)]);
      expect(objections.filter(([, objection]) => objection !== undefined)).toEqual([]);
    });
  }

  test('domain neither waits nor looks at the clock', () => {
    for (const file of globSync('src/domain/*.ts')) {
      expect(readFileSync(file, 'utf8'), file).not.toMatch(
        /\bawait\b|Date\.now\(|new Date\(\)|Math\.random|setTimeout|process\.env/,
      );
    }
  });

  test('only the clock reads the time, and everybody else is given a clock', () => {
    const reading = files.filter((file) =>
      /Date\.now\(|new Date\(\)|performance\.now\(/.test(readFileSync(file, 'utf8')),
    );
    expect(reading).toEqual(['src/time/clock.ts']);
  });

  test('only the configuration and the entry programs read the environment', () => {
    for (const file of files.filter((name) => !/^src\/(cli\/)?main\.ts$/.test(name)))
      expect(readFileSync(file, 'utf8'), file).not.toMatch(/process\.env/);
  });
});

/** Unit tests that are about more than one file of src, and what each is about. */
const acrossFiles: Readonly<Record<string, string>> = {
  'api/conventions': 'the CRD that src/api is generated from, and the words of its conditions and events',
  'api/conventions-fields': 'the fields of that CRD',
  'azure/floods': 'endless and senseless answers, from the connection to what a pass is told',
  'azure/nonsense': 'senseless answers, from the SDK to what fits into a status',
  'azure/refusals/answers': 'real answers, from the wire to what people are told',
  'azure/refusals/lasting': 'an answer that lasts, from the wire to what the object says and when it is tried again',
  'azure/strangers': 'where tokens and secrets go, through all of src/azure',
  'azure/wire/connection': 'the adapter over a real connection',
  'cli/convert/notations': 'the three notations, from their text to the manifest',
  'cli/import': 'the manifests of what exists, and that they are those of the same replicas',
  'cli/regions': 'the table of regions, from what Azure says to its columns',
  'controller/convergence': 'many passes in a row',
  'controller/drains': 'drains from their beginning to their end, in whole passes',
  'controller/endpoints': 'what passes make of regional endpoints',
  'controller/neighbours':
    'that what hangs, throttles or merely waits holds up no other: controller, pass and limits together',
  'controller/no-harm': 'what is not deleted, overwritten or fought, in whole passes',
  'controller/old-data': 'many passes in a row, on what Resource Graph shows of any age',
  'kube/http/access': 'the ways to the API server, from the kubeconfig to the request',
  'kube/strangers': 'where the token goes, through all of src/kube',
};

describe('the places of files', () => {
  const everything = [...files, ...globSync('test/**/*.ts')];

  test('no name is both a file and a folder', () => {
    const folders = new Set(everything.flatMap(foldersOf));
    expect(everything.filter((file) => folders.has(file.slice(0, -'.ts'.length)))).toEqual([]);
  });

  const tested = globSync('test/unit/**/*.test.ts')
    .map((file) => file.slice('test/unit/'.length, -'.test.ts'.length))
    .filter((name) => !name.startsWith('repository/'));
  const withoutFile = tested.filter((name) => !files.includes(`src/${name}.ts`));

  test('each unit test stands where its file of src does, unless it is about more than one', () => {
    expect(tested.length).toBeGreaterThan(40);
    expect(withoutFile.toSorted()).toEqual(Object.keys(acrossFiles).toSorted());
  });

  test('the emulator and the reference model of the misuse trial know no code of the operator', () => {
    const independent = [
      ...globSync('test/sandbox/emulator/*.ts').filter((file) => !file.endsWith('.test.ts')),
      'test/trials/misuse/model.ts',
      'test/trials/misuse/wishes.ts',
    ];
    expect(independent.length).toBeGreaterThan(30);
    for (const file of independent) {
      const imported = importsOf(file).filter((target) => target.includes('/src/') && !target.includes('/src/api/'));
      expect(imported, file).toEqual([]);
    }
  });
});

/** Every folder on the way to a file, in full: `src`, `src/kube` and so on. */
function foldersOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}
