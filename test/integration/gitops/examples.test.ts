import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KubeObject, readManifestFile } from '../../sandbox/manifests.ts';
import { controlPlane } from '../../support/cluster.ts';

/** Kinds of Argo CD and Flux, which no API server here serves: only their YAML is read. */
const foreign = ['Application', 'GitRepository', 'Kustomization', 'OCIRepository'];

const folders = ['deploy/examples', 'deploy/samples', 'deploy/argocd'];
const files = (await Promise.all(folders.map((folder) => readdir(folder, { recursive: true })))).flatMap((names, i) =>
  names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(folders[i] ?? '', name)),
);
const manifests = files.filter((file) => !/testdata|(health|action)_test\.yaml$|\/pull-requests\//.test(file)).sort();

const { kube } = controlPlane();
let namespace = '';
beforeAll(async () => {
  namespace = await kube.createNamespace('examples');
});
afterAll(() => kube.close());

describe('the API server takes every manifest that is shipped as an example', () => {
  test.each(manifests)('%s', async (file) => {
    for (const object of await readManifestFile(file)) {
      if (foreign.includes(object.kind)) {
        expect(object.apiVersion).toMatch(/^(argoproj\.io|(kustomize|source)\.toolkit\.fluxcd\.io)\//);
        continue;
      }
      const placed = object.kind === 'Namespace' ? object : { ...object, metadata: { ...object.metadata, namespace } };
      const query = { fieldManager: 'examples', dryRun: 'All', fieldValidation: 'Strict' };
      const options = { query, contentType: 'application/apply-patch+yaml' };
      const taken = await kube.request<KubeObject>('PATCH', await kube.pathOf(placed), placed, options);
      expect(taken['spec']).toMatchObject((object['spec'] as object | undefined) ?? {});
    }
  });
});

describe('the examples fit together', () => {
  test('Argo CD applies what pulls from the registry in a later wave than the registry', async () => {
    const objects = await all('deploy/examples/argocd/contoso');
    const wave = (kind: string) =>
      Number(objects.find((o) => o.kind === kind)?.metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    expect(wave('RegistryReplication')).toBeLessThan(wave('Deployment'));
  });

  test('Flux checks the health of objects that it applies, and depends on what there is', async () => {
    const objects = await all('deploy/examples/flux');
    const names = (kind: string) => objects.filter((o) => o.kind === kind).map((o) => o.metadata.name);
    const syncs = objects.filter((o) => o.kind === 'Kustomization').map((o) => o['spec'] as FluxSpec);
    for (const { sourceRef, healthChecks = [], dependsOn = [] } of syncs) {
      expect(names(sourceRef.kind)).toContain(sourceRef.name);
      for (const { kind, name } of healthChecks) expect(names(kind)).toContain(name);
      for (const { name } of dependsOn) expect(names('Kustomization')).toContain(name);
    }
    expect(syncs.flatMap(({ healthChecks = [] }) => healthChecks.map(({ kind }) => kind))).toContain(
      'RegistryReplication',
    );
  });

  test('images come from the registry that the objects replicate, by its one name', async () => {
    const text = await Promise.all(manifests.map((file) => readFile(file, 'utf8')));
    const images = [...text.join('\n').matchAll(/image: (\S+)/g)].map(([, image = '']) => image);
    expect(images.length).toBeGreaterThan(2);
    for (const image of images) expect(image).toMatch(/^contoso\.azurecr\.io\//);
    const objects = (await Promise.all(manifests.map(readManifestFile))).flat();
    const registries = objects
      .filter(({ kind }) => kind === 'RegistryReplication')
      .map((o) => (o['spec'] as { readonly registry: { readonly name: string } }).registry.name);
    expect(new Set(registries)).toEqual(new Set(['contoso']));
  });
});

interface FluxSpec {
  readonly sourceRef: { readonly kind: string; readonly name: string };
  readonly dependsOn?: readonly { readonly name: string }[];
  readonly healthChecks?: readonly { readonly kind: string; readonly name: string }[];
}

async function all(folder: string): Promise<readonly KubeObject[]> {
  return (await Promise.all(manifests.filter((file) => file.startsWith(folder)).map(readManifestFile))).flat();
}
