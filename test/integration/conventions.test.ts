/**
 * What a real API server makes of the CRD, against the Kubernetes API conventions; the sentences in quotation marks are
 * theirs.
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiVersion, group, kind, plural, type RegistryReplication } from '../../src/api/registryreplication.ts';
import { reasons } from '../../src/domain/reasons.ts';
import { phases } from '../../src/telemetry/inventory.ts';
import { kubectlCells, kubectlLines, type Table } from '../sandbox/demo/tables.ts';
import { controlPlane } from '../support/cluster.ts';
import { crdSchema, fields, type Schema, shippedCrd } from '../support/crd-schema.ts';

const cluster = controlPlane();
const { kube } = cluster;
let namespace: string;
beforeAll(async () => {
  namespace = await kube.createNamespace('conventions');
});
afterAll(() => cluster.close());

const spec = { registry: { name: 'contoso', resourceGroup: 'registries' }, regions: [{ location: 'japaneast' }] };
const manifest = (name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec: { ...spec, ...more },
});
const collection = () => `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
const pathOf = (name: string) => `${collection()}/${name}`;
const stored = async (name: string) => await kube.get<RegistryReplication>(pathOf(name));
const writeStatus = (name: string, status: object) =>
  kube.request<RegistryReplication>('PATCH', `${pathOf(name)}/status`, { status }, merge());
const merge = (query: Readonly<Record<string, string>> = {}) => ({
  contentType: 'application/merge-patch+json',
  query: { fieldManager: 'conventions', ...query },
});

describe('the resource', () => {
  test('is accepted as structural, with all its names, and nothing has to be converted', async () => {
    const crd = await kube.get<{ status: Record<string, unknown> }>(
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`,
    );
    const conditions = crd?.status['conditions'] as { readonly type: string; readonly status: string }[];
    const said = conditions.map(({ type, status }) => `${type}=${status}`).sort();
    expect(said).toEqual(['Established=True', 'NamesAccepted=True']); // no NonStructuralSchema
    expect(crd?.status).toMatchObject({ storedVersions: ['v1alpha1'] });
  });

  test('has names that no other resource has: "unpredictable behavior when short names collide"', async () => {
    const { groups } = await kube.request<Groups>('GET', '/apis');
    const lists = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
    const all = (await Promise.all(lists.map((path) => kube.request<Resources>('GET', path)))).flatMap(
      ({ groupVersion, resources }) => resources.map((resource) => ({ ...resource, groupVersion })),
    );
    const mine = all.filter(({ groupVersion, name }) => groupVersion === apiVersion && !name.includes('/'));
    expect(mine).toMatchObject([{ name: plural, singularName: kind.toLowerCase(), namespaced: true }]);
    const { shortNames = [], categories = [] } = mine[0] ?? {};
    expect([shortNames, categories]).toEqual([['acrrep'], ['azure']]);
    const others = all.filter(({ groupVersion }) => groupVersion !== apiVersion);
    const taken = others.flatMap(({ name, singularName = '', shortNames: short = [] }) => [
      name,
      singularName,
      ...short,
    ]);
    expect([plural, kind.toLowerCase(), ...shortNames, ...categories].filter((name) => taken.includes(name))).toEqual(
      [],
    );
  });

  test('is explained by kubectl explain --recursive with type and description, field by field', async () => {
    const { components } = await kube.request<{ components: { schemas: Record<string, Schema> } }>(
      'GET',
      `/openapi/v3/apis/${apiVersion}`,
    );
    const published = Object.entries(components.schemas).find(([name]) => name.endsWith(`.${kind}`))?.[1];
    for (const part of ['spec', 'status'] as const) {
      const shown = fields(published?.properties?.[part] ?? { type: 'missing' }, part);
      const explained = shown.map(([path, { type, description = '' }]) => `${path} ${type} ${description.trim()}`);
      const shipped = fields(crdSchema(part), part);
      expect(explained.toSorted()).toEqual(
        shipped.map(([path, { type, description = '' }]) => `${path} ${type} ${description.trim()}`).toSorted(),
      );
    }
  });
});

describe('the same once more changes nothing, neither resourceVersion nor generation', () => {
  const again: readonly (readonly [string, (name: string) => Promise<RegistryReplication>])[] = [
    ['kubectl apply --server-side', (name) => kube.apply<RegistryReplication>(manifest(name))],
    [
      'kubectl apply',
      (name) => {
        const configuration = `${JSON.stringify(manifest(name))}\n`;
        const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': configuration };
        return kube.request('PATCH', pathOf(name), { metadata: { annotations }, spec }, merge());
      },
    ],
    [
      'kubectl replace',
      async (name) => {
        const { resourceVersion } = (await stored(name))?.metadata ?? {};
        const { metadata, ...rest } = manifest(name);
        const body = { ...rest, metadata: { ...metadata, resourceVersion } };
        return await kube.request('PUT', pathOf(name), body, { query: { fieldManager: 'conventions' } });
      },
    ],
    ["the operator's status", (name) => writeStatus(name, seen())],
  ];
  test.each(again)('%s', async (what, write) => {
    const name = what.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    await kube.apply(manifest(name));
    await writeStatus(name, seen());
    const first = await write(name);
    const second = await write(name);
    expect(second).toEqual(first);
    expect(second.metadata.generation).toBe(1);
  });
});

describe('spec and status are apart', () => {
  test('"The PUT and POST verbs on objects MUST ignore the status values"', async () => {
    await kube.apply(manifest('apart'));
    await writeStatus('apart', seen());
    const { status, ...rest } = (await stored('apart')) ?? {};
    await kube.request('PUT', pathOf('apart'), { ...rest, status: { ...status, phase: 'Failed' } });
    expect((await stored('apart'))?.status).toEqual(status);
  });

  test('who writes the status cannot change the spec, and counts as no new generation', async () => {
    await kube.apply(manifest('spec'));
    const changed = { spec: { ...spec, suspend: true }, status: seen() };
    const after = await kube.request<RegistryReplication>('PATCH', `${pathOf('spec')}/status`, changed, merge());
    expect([after.spec, after.metadata.generation]).toEqual([spec, 1]);
    expect(after.status).toEqual(seen());
  });

  test('an object that was stored before the status had a default has it when it is read', async () => {
    const older = crdOf('conventions.example', undefined);
    await kube.applyAll([older]);
    const path = `/apis/conventions.example/v1alpha1/namespaces/${namespace}/${plural}`;
    const item = { ...manifest('old'), apiVersion: 'conventions.example/v1alpha1' };
    await expect.poll(() => kube.get(path), slow).toBeDefined();
    await kube.request('POST', path, item);
    expect(await kube.get(`${path}/old`)).not.toHaveProperty('status');
    await kube.applyAll([crdOf('conventions.example', { observedGeneration: -1 })]);
    const read = async () => (await kube.get<RegistryReplication>(`${path}/old`))?.status;
    await expect.poll(read, slow).toEqual({ observedGeneration: -1 });
    // While a CRD changes the API server answers 429 at times.
    const listed = async () => (await kube.list<RegistryReplication>(path).catch(() => [])).map(({ status }) => status);
    await expect.poll(listed, slow).toEqual([{ observedGeneration: -1 }]);
    await kube.delete(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${older.metadata.name}`);
  });
});

describe('a field that is not in the schema', () => {
  const places: readonly (readonly [string, object])[] = [
    ['in the spec', { spec: { ...spec, replicas: 3 } }],
    ['in a region', { spec: { ...spec, regions: [{ location: 'japaneast', zone: 1 }] } }],
    ['in the registry', { spec: { ...spec, registry: { ...spec.registry, sku: 'Premium' } } }],
    ['beside the spec', { data: { a: 'b' } }],
  ];
  const post = (name: string, more: object, fieldValidation: string) =>
    kube.request<RegistryReplication>(
      'POST',
      collection(),
      { ...manifest(name), ...more },
      { query: { fieldValidation } },
    );

  test.each(places)(
    '%s is refused where kubectl asks for strict validation, as it does by default',
    async (_, more) => {
      await expect(post('unknown', more, 'Strict')).rejects.toThrow(/unknown field/);
      expect(await stored('unknown')).toBeUndefined();
    },
  );

  test.each(places)('%s is dropped otherwise', async (where, more) => {
    const name = where.replaceAll(' ', '-');
    const { spec: kept } = await post(name, more, 'Ignore');
    expect(kept).toEqual(spec);
    expect(Object.keys((await stored(name)) ?? {}).sort()).toEqual([
      'apiVersion',
      'kind',
      'metadata',
      'spec',
      'status',
    ]);
  });
});

describe('a dry run writes nothing', () => {
  const dry = { dryRun: 'All' };
  const writes: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['create', () => kube.request('POST', collection(), manifest('not-there'), { query: dry })],
    ['patch', () => kube.request('PATCH', pathOf('dry'), { spec: { suspend: true } }, merge(dry))],
    ['status', () => kube.request('PATCH', `${pathOf('dry')}/status`, { status: { phase: 'Failed' } }, merge(dry))],
    ['delete', () => kube.request('DELETE', pathOf('dry'), undefined, { query: dry })],
  ];
  test.each(writes)('%s', async (_, write) => {
    await kube.apply(manifest('dry'));
    const before = await stored('dry');
    await write();
    expect([await stored('dry'), await stored('not-there')]).toEqual([before, undefined]);
  });
});

describe('kubectl get', () => {
  const print = async (name: string) =>
    kubectlLines(
      kubectlCells(
        await kube.request<Table<unknown>>('GET', pathOf(name), undefined, {
          accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
        }),
      ),
    );
  const longest = (words: readonly string[]) => words.reduce((a, b) => (b.length > a.length ? b : a));

  test('prints an object and a registry with names of 30 characters, in any state, within 120', async () => {
    const name = 'n'.repeat(30);
    await kube.apply(manifest(name, { registry: { name: 'r'.repeat(30), resourceGroup: 'registries' } }));
    const reason = longest(Object.keys(reasons));
    const [ready] = seen().conditions;
    const conditions = [{ ...ready, status: 'False', reason }];
    await writeStatus(name, { ...seen(), phase: longest(phases), summary: '64/64', conditions });
    const [header = '', row = ''] = await print(name);
    expect(header.split(/ +/)).toEqual(['NAME', 'REGISTRY', 'REGIONS', 'STATUS', 'REASON', 'AGE']);
    expect(row).toMatch(new RegExp(`^n+ +r+ +64/64 +\\w+ +${reason} +\\d+s$`));
    const age = '364d12h'.length; // the longest that kubectl prints
    expect(row.lastIndexOf(' ') + 1 + age).toBeLessThanOrEqual(120);
  });

  test('leaves empty what nobody looked at yet', async () => {
    await kube.apply(manifest('unseen'));
    const [, row = ''] = await print('unseen');
    expect(row).toMatch(/^unseen +contoso +\d+s$/);
  });
});

const slow = { timeout: 20_000, interval: 50 };

interface Groups {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

interface Resources {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly singularName?: string;
    readonly namespaced: boolean;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  }[];
}

/** A status as the operator writes it. */
function seen() {
  const condition = { type: 'Ready', status: 'True', reason: 'InSync', message: 'The region is ready.' };
  const at = { observedGeneration: 1, lastTransitionTime: '2026-09-10T06:44:50Z' };
  return { observedGeneration: 1, phase: 'Ready', summary: '1/1', conditions: [{ ...condition, ...at }] };
}

/** The shipped CRD in another group, so that the shared one stays as it is. */
function crdOf(other: string, byDefault: object | undefined) {
  const crd = structuredClone(shippedCrd());
  const versions = crd.spec.versions.map((version) => {
    const { properties = {}, ...schema } = version.schema.openAPIV3Schema;
    const { default: _, ...status } = properties['status'] ?? {};
    const given = byDefault === undefined ? status : { ...status, default: byDefault };
    return { ...version, schema: { openAPIV3Schema: { ...schema, properties: { ...properties, status: given } } } };
  });
  const names = { ...crd.spec.names, shortNames: [], categories: [] };
  return { ...crd, metadata: { name: `${plural}.${other}` }, spec: { ...crd.spec, group: other, names, versions } };
}
