import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Spec } from '../../../src/api/registryreplication.ts';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { controlPlane } from '../../support/cluster.ts';
import { leaves } from '../../support/crd-schema.ts';
import { type Block, blocksOf, pages } from '../../support/pages.ts';

const cluster = controlPlane();
const { kube } = cluster;
const api = { apiVersion: 'acr-replication.dev/v1alpha1', kind: 'RegistryReplication' };
let namespace = '';
beforeAll(async () => {
  await kube.installCrds('crds');
  namespace = await kube.createNamespace('examples');
});
afterAll(async () => {
  await kube.delete('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/registryreplications.acr-replication.dev');
  await cluster.close();
});

/** What is left out of an example is as in the first one of the page. */
const [whole] = blocksOf('docs/registryreplication.md');
const { spec: rest } = parse(whole?.text ?? '') as { readonly spec: Spec };

const examples = pages
  .flatMap(blocksOf)
  .filter(({ language }) => language === 'yaml')
  .map((block) => ({ ...block, value: parse(block.text) as Partial<KubeObject> & { readonly spec?: Partial<Spec> } }))
  .filter(({ value }) => value.kind === api.kind || (value.kind === undefined && value.spec !== undefined));

test('every field of the spec has an example under its heading', () => {
  for (const field of leaves('spec')) {
    const [example] = examples.filter(({ heading }) => heading === field);
    expect(example, field).toBeDefined();
    expect(leavesOf(example?.value.spec, 'spec'), field).toContain(field);
  }
});

describe('the API server takes every example of the pages', () => {
  test.each(examples.map((example) => [nameOf(example), example] as const))('%s', async (name, { value }) => {
    const spec = { ...rest, ...value.spec };
    const query = { fieldManager: 'reader', fieldValidation: 'Strict' };
    const taken = await kube.request<KubeObject>(
      'PATCH',
      `/apis/${api.apiVersion}/namespaces/${namespace}/registryreplications/${name}`,
      { ...api, metadata: { name, namespace }, spec },
      { query, contentType: 'application/apply-patch+yaml' },
    );
    expect(taken['spec']).toEqual(spec);
  });
});

function nameOf({ page, heading }: Block): string {
  return `${page} ${heading}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** The paths of what an example states, as the CRD's leaves are called; tags are a map and a leaf. */
function leavesOf(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null || path.endsWith('tags')) return [path];
  if (Array.isArray(value)) return value.flatMap((member) => leavesOf(member, `${path}[]`));
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, `${path}.${key}`));
}
