import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiVersion, kind, type RegistryReplication, requestedAt } from '../../../src/api/registryreplication.ts';
import { scene, sharedWorld } from '../../support/registry-scene.ts';
import { healthFolder, runAction } from './judges.ts';

const folder = join(healthFolder, 'actions');
const yamlOf = async (file: string): Promise<unknown> => parse(await readFile(join(folder, file), 'utf8'));

interface Offered {
  readonly name: string;
}
interface ActionTests {
  readonly discoveryTests: readonly { readonly inputPath: string; readonly result: readonly Offered[] }[];
  readonly actionTests: readonly {
    readonly action: string;
    readonly inputPath: string;
    readonly expectedOutputPath: string;
  }[];
}
const { discoveryTests, actionTests } = (await yamlOf('action_test.yaml')) as ActionTests;

/** What Argo CD offers for the object, sorted as it sorts. */
async function offered(object: object): Promise<readonly Offered[]> {
  const found = (await runAction('discovery.lua', object)) as Readonly<Record<string, object>>;
  return Object.keys(found)
    .toSorted()
    .map((name) => ({ name, ...found[name] }));
}

const act = (action: string, object: object) =>
  runAction(`${action}/action.lua`, object) as Promise<RegistryReplication>;

describe("Argo CD's own tests of the actions, by its own interpreter", () => {
  test.each(discoveryTests)('$inputPath', async ({ inputPath, result }) => {
    expect(await offered((await yamlOf(inputPath)) as object)).toEqual(result);
  });

  test.each(actionTests)('$action of $inputPath', async ({ action, inputPath, expectedOutputPath }) => {
    const input = (await yamlOf(inputPath)) as object;
    const made = await act(action, input);
    expect(input).toMatchObject({ apiVersion, kind });
    // Argo CD's own tests leave what is a time out of the comparison, too.
    const time = made.metadata.annotations?.[requestedAt];
    if (action === 'reconcile') expect(time).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const text = JSON.stringify(made).replace(JSON.stringify(time), '"0001-01-01T00:00:00Z"');
    expect(JSON.parse(text)).toEqual(await yamlOf(expectedOutputPath));
  });

  test('have every action that is offered, and use every file of the test data', async () => {
    const names = new Set(discoveryTests.flatMap(({ result }) => result.map(({ name }) => name)));
    expect(new Set(actionTests.map(({ action }) => action))).toEqual(names);
    const files = (await readdir(join(folder, 'testdata'))).map((file) => `testdata/${file}`);
    const used = [
      ...discoveryTests.map(({ inputPath }) => inputPath),
      ...actionTests.flatMap(({ inputPath, expectedOutputPath }) => [inputPath, expectedOutputPath]),
    ];
    expect(new Set(used)).toEqual(new Set(files));
  });
});

const world = sharedWorld();

/** Argo CD sends what an action changed as a merge patch. */
async function press(action: string, name: string): Promise<void> {
  const { kube } = world().cluster;
  const path = world().path(name);
  const object = await kube.get<RegistryReplication>(path);
  if (object === undefined) throw new Error(`there is no ${name}`);
  const { spec, metadata } = await act(action, object);
  const suspend = spec.suspend ?? null;
  await kube.patch(path, { metadata: { annotations: metadata.annotations ?? null }, spec: { suspend } });
}

test('the operator does what was pressed: stops, goes on, and looks at once', async () => {
  const it = await scene(world(), 'pressed');
  await it.apply({ regions: [{ location: 'japaneast' }], interval: '24h' });
  await it.untilReady();
  await press('suspend', it.name);
  expect(await offered(await it.until('suspended', ({ status }) => status?.phase === 'Suspended'))).toMatchObject([
    { name: 'reconcile', disabled: true },
    { name: 'resume', disabled: false },
    { name: 'suspend', disabled: true },
  ]);
  await press('resume', it.name);
  const resumed = await it.untilReady();
  expect(resumed.spec).not.toHaveProperty('suspend');
  const before = (await it.calls()).length;
  await press('reconcile', it.name);
  const looked = await it.until('looked at', ({ status }) => status?.lastHandledRequest !== undefined);
  expect(looked.status?.lastHandledRequest).toBe(looked.metadata.annotations?.[requestedAt]);
  expect((await it.calls()).length).toBeGreaterThan(before);
});
