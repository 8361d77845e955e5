import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiVersion, kind } from '../../../src/api/registryreplication.ts';
import { controlPlane } from '../../support/cluster.ts';
import { healthFolder, judge } from './judges.ts';

interface HealthTests {
  readonly tests: readonly { readonly inputPath: string; readonly healthStatus: object }[];
}

const { tests } = (await yamlOf(join(healthFolder, 'health_test.yaml'))) as HealthTests;

describe("Argo CD's own tests of the health script, by its own interpreter", () => {
  test.each(tests)('$inputPath', async ({ inputPath, healthStatus }) => {
    const object = await yamlOf(join(healthFolder, inputPath));
    expect(object).toMatchObject({ apiVersion, kind });
    const [judgement] = await judge([object as object]);
    expect(judgement?.argocd).toEqual(healthStatus);
  });

  test('every file of the test data is in the tests', async () => {
    const files = (await readdir(join(healthFolder, 'testdata'))).map((file) => `testdata/${file}`);
    expect(tests.map(({ inputPath }) => inputPath).sort()).toEqual(files.sort());
  });
});

/** A status that the API server would not keep shows what never happens. */
test('the API server takes every object of the test data, with its status', async () => {
  const { kube } = controlPlane();
  const namespace = await kube.createNamespace('health');
  for (const { inputPath } of tests) {
    const { spec, status } = (await yamlOf(join(healthFolder, inputPath))) as {
      readonly spec: object;
      readonly status?: object;
    };
    const name = inputPath.replace(/^testdata\/|\.yaml$/g, '').replaceAll('_', '-');
    const path = `/apis/${apiVersion}/namespaces/${namespace}/registryreplications`;
    await kube.request('POST', path, { apiVersion, kind, metadata: { name, namespace }, spec });
    if (status !== undefined) await kube.patch(`${path}/${name}/status`, { status });
    const kept = await kube.get<{ readonly status?: object }>(`${path}/${name}`);
    if (status !== undefined) expect(kept?.status, inputPath).toEqual(status);
  }
  await kube.close();
});

describe('argocd-cm.yaml, for an Argo CD that does not have the scripts yet', () => {
  const [health, actions] = ['health', 'actions'].map(
    (what) => `resource.customizations.${what}.acr-replication.dev_RegistryReplication`,
  ) as [string, string];

  test('holds the scripts as they are', async () => {
    const patch = (await yamlOf('deploy/argocd/argocd-cm.yaml')) as { readonly data: Readonly<Record<string, string>> };
    const scriptOf = (path: string): Promise<string> => readFile(join(healthFolder, path), 'utf8');
    expect(Object.keys(patch.data)).toEqual([health, actions]);
    expect(patch.data[health]).toBe(await scriptOf('health.lua'));
    const held = parse(patch.data[actions] ?? '') as { readonly definitions: readonly { readonly name: string }[] };
    expect(held).toEqual({
      'discovery.lua': await scriptOf('actions/discovery.lua'),
      definitions: await Promise.all(
        ['reconcile', 'suspend', 'resume'].map(async (name) => ({
          name,
          'action.lua': await scriptOf(`actions/${name}/action.lua`),
        })),
      ),
    });
  });

  test('added as a patch it leaves the other settings of Argo CD as they are', async () => {
    const { kube } = controlPlane();
    const namespace = await kube.createNamespace('argocd');
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await kube.request('POST', path, { metadata: { name: 'argocd-cm' }, data: { url: 'https://argocd.example.com' } });
    const { metadata, ...patch } = (await yamlOf('deploy/argocd/argocd-cm.yaml')) as { readonly metadata: object };
    const merged = await kube.patch<{ readonly data: object }>(
      `${path}/argocd-cm`,
      { ...patch, metadata: { ...metadata, namespace } },
      'strategic',
    );
    expect(Object.keys(merged.data).sort()).toEqual([actions, health, 'url']);
    await kube.close();
  });
});

async function yamlOf(file: string): Promise<unknown> {
  return parse(await readFile(file, 'utf8'));
}
