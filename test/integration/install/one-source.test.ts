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

test('an overlay with deploy/namespaced has what the chart makes of watch.namespaces', async () => {
  await using overlay = await overlayOf('deploy', 'deploy/namespaced');
  const [ofChart, ofOverlay] = await Promise.all([
    rendered({ watch: { namespaces: ['platform'] } }),
    kustomized(overlay.folder),
  ]);
  expect(differences(ofChart, ofOverlay)).toEqual(differences(await rendered(), await kustomized('deploy')));
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

test('rule and dashboard are the files of the chart, word for word', async () => {
  const [alerts, dashboard] = await Promise.all(
    ['alerts.yaml', 'dashboard.json'].map((file) => readFile(`${chart}/files/${file}`, 'utf8')),
  );
  const objects = await rendered({ prometheusRule: { enabled: true }, dashboard: { enabled: true } });
  const made = (kind: string): KubeObject | undefined => objects.find((object) => object.kind === kind);
  expect(made('PrometheusRule')?.['spec']).toEqual(parse(alerts ?? ''));
  expect(made('ConfigMap')?.['data']).toEqual({ [`${name}.json`]: dashboard?.trimEnd() });
});

/** A folder with an overlay of a base and a component. */
async function overlayOf(base: string, component: string): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-overlay-'));
  const from = (path: string): string => relative(folder, resolve(path));
  const text = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  await writeFile(
    join(folder, 'kustomization.yaml'),
    JSON.stringify({ ...text, resources: [from(base)], components: [from(component)] }),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
