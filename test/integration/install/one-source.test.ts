import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { command } from '../../sandbox/command.ts';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { differences } from './differences.ts';
import { chart, kustomized, name, rendered, run, type Values } from './programs.ts';

const crd = 'CustomResourceDefinition /registryreplications.acr-replication.dev';

test('deploy/ has what the chart makes of its defaults, and the namespace; the chart keeps the CRD when it goes', async () => {
  expect(differences(await rendered(), await kustomized('deploy'))).toEqual([
    '+ Namespace /acr-replication-system',
    `- ${crd} metadata.annotations.helm.sh/resource-policy`,
  ]);
});

test('a chart that need not keep the CRD has the very one of crds/', async () => {
  const isCrd = ({ kind }: KubeObject): boolean => kind === 'CustomResourceDefinition';
  const [ofChart, ofCrds] = await Promise.all([rendered({ crds: { keep: false } }), kustomized('crds')]);
  expect(ofChart.filter(isCrd)).toEqual(ofCrds);
});

test('every file that is made from the chart, crds/ and package.json is up to date', async () => {
  const { end, stderr } = await command(process.execPath, ['deploy/generate.ts', '--check'], { env: process.env });
  expect(stderr).toBe('');
  expect(end).toBe('0');
});

const folders: readonly { readonly folder: string; readonly values: Values }[] = [
  { folder: 'deploy/network-policy', values: { networkPolicy: { enabled: true } } },
  {
    folder: 'deploy/monitoring',
    values: {
      metrics: { podMonitor: { enabled: true } },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
    },
  },
];

for (const { folder, values } of folders) {
  test(`${folder} has what ${JSON.stringify(values)} adds`, async () => {
    const [without, all, own] = await Promise.all([rendered(), rendered(values), kustomized(folder)]);
    expect(own.length).toBeGreaterThan(0);
    expect(differences([...without, ...own], all)).toEqual([]);
  });
}

const components: readonly { readonly component: string; readonly values: Values }[] = [
  { component: 'deploy/namespaced', values: { watch: { namespaces: ['platform'] } } },
  { component: 'deploy/client-secret', values: { azure: { credential: 'client-secret' } } },
  { component: 'deploy/metrics-token', values: { metrics: { requireToken: true } } },
  {
    component: 'deploy/local-pull',
    values: {
      localPull: { enabled: true, region: 'westeurope', objects: [{ namespace: 'platform', name: 'contoso' }] },
    },
  },
  { component: 'deploy/map', values: { map: { enabled: true, requireToken: true } } },
];

for (const { component, values } of components) {
  test(`an overlay with ${component} has what the chart makes of ${JSON.stringify(values)}`, async () => {
    await using overlay = await overlayOf({ resources: ['deploy'], components: [component] });
    const [ofChart, ofOverlay] = await Promise.all([rendered(values), kustomized(overlay.folder)]);
    expect(differences(ofChart, ofOverlay)).toEqual(differences(await rendered(), await kustomized('deploy')));
  });
}

test('in another namespace the component binds in the watched one still, by the lines that its file gives', async () => {
  const file = await readFile('deploy/namespaced/kustomization.yaml', 'utf8');
  const samples = [...file.matchAll(/(?:^# {3}.*\n)+/gm)].map(
    ([text]) => parse(text.replaceAll(/^# {3}/gm, '')) as object,
  );
  const sample = samples.find((text) => 'replacements' in text);
  await using overlay = await overlayOf({ resources: ['deploy'], components: ['deploy/namespaced'] }, sample);
  const objects = await kustomized(overlay.folder);
  const [binding] = objects.filter(({ metadata }) => metadata.name === `${name}-objects`);
  expect(binding).toMatchObject({
    metadata: { namespace: 'platform' },
    subjects: [{ kind: 'ServiceAccount', name, namespace: 'elsewhere' }],
  });
  const namespaces = objects.flatMap(({ metadata }) => metadata.namespace ?? []);
  expect(new Set(namespaces)).toEqual(new Set(['elsewhere', 'platform']));
  expect(objects.filter(({ kind }) => kind === 'ClusterRoleBinding')).toEqual([]);
});

test('kubectl kustomize makes of each folder what kustomize makes of it', async () => {
  for (const folder of ['deploy', ...folders.map((f) => f.folder)]) {
    expect(await run('kubectl', ['kustomize', folder]), folder).toBe(await run('kustomize', ['build', folder]));
  }
});

test('helm lint, strict, finds nothing wrong, and the chart has the version of the package', async () => {
  expect(await run('helm', ['lint', '--strict', chart])).toMatch(/ 0 chart\(s\) failed/);
  expect(parse(await run('helm', ['show', 'chart', chart]))).toMatchObject({
    version: manifest.version,
    appVersion: manifest.version,
  });
});

test('what the chart tells Artifact Hub is what it installs', async () => {
  const { annotations } = parse(await run('helm', ['show', 'chart', chart])) as Annotated;
  const told = (what: string): unknown => parse(annotations[`artifacthub.io/${what}`] ?? '');
  const objects = await rendered();
  const of = (kind: string) => objects.find((object) => object.kind === kind) as unknown as Installed;
  const { spec, metadata } = of('CustomResourceDefinition');
  const [version] = spec.versions;
  expect(told('crds')).toMatchObject([{ kind: spec.names.kind, name: metadata.name, version: version?.name }]);
  expect(told('images')).toMatchObject([{ image: of('Deployment').spec.template.spec.containers[0].image }]);
  const examples = told('crdsExamples') as readonly KubeObject[];
  expect(examples).toMatchObject([{ kind: spec.names.kind, apiVersion: `${spec.group}/${version?.name}` }]);
});

interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
}
/** What is read of a CRD and of a Deployment. */
interface Installed {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string }[];
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } };
  };
}

test('rule and dashboard are the files of the chart, word for word', async () => {
  const [alerts, dashboard] = await Promise.all(
    ['alerts.yaml', 'dashboard.json'].map((file) => readFile(`${chart}/files/${file}`, 'utf8')),
  );
  const objects = await rendered({ prometheusRule: { enabled: true }, dashboard: { enabled: true } });
  const made = (kind: string): KubeObject | undefined => objects.find((object) => object.kind === kind);
  expect(made('PrometheusRule')?.['spec']).toEqual(parse(alerts ?? ''));
  expect(made('ConfigMap')?.['data']).toEqual({ [`${name}.json`]: dashboard?.trimEnd() });
});

/** A folder with an overlay of the folders that each field names. */
async function overlayOf(
  folders: Readonly<Record<string, readonly string[]>>,
  more: object = {},
): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-overlay-'));
  const from = (path: string): string => relative(folder, resolve(path));
  const fields = Object.entries(folders).map(([field, paths]) => [field, paths.map(from)]);
  const text = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  await writeFile(
    join(folder, 'kustomization.yaml'),
    JSON.stringify({ ...text, ...more, ...Object.fromEntries(fields) }),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
