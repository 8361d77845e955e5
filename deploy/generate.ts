/**
 * Writes what is made from the chart: the files that kustomize users apply, as the real `helm template` renders them, and
 * in the chart the copy of the CRD and the version. With --check only says which of them differ. Builds helm the first
 * time, which takes minutes.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { obtainTool } from '../test/sandbox/tool.ts';

const chart = fileURLToPath(new URL('chart', import.meta.url));
const name = 'acr-replication-operator';
/** Of the cluster that the files are for: it says in which versions of Kubernetes' APIs some of them are written. */
const kubeVersion = '1.36.0';
const crd = 'registryreplications.acr-replication.dev';

/** Folders of kustomize, the values that they are rendered with, and the templates that they take. */
const folders = [
  {
    folder: '',
    values: [],
    templates: [
      'service-account',
      'cluster-role',
      'cluster-role-binding',
      'aggregated-roles',
      'metrics-reader',
      'role',
      'role-binding',
      'pod-disruption-budget',
      'deployment',
    ],
  },
  {
    folder: 'monitoring/',
    values: ['metrics.podMonitor.enabled=true', 'prometheusRule.enabled=true', 'dashboard.enabled=true'],
    templates: ['pod-monitor', 'prometheus-rule', 'dashboard'],
  },
  { folder: 'metrics-token/', values: ['metrics.requireToken=true'], templates: ['metrics-auth'] },
  { folder: 'map/', values: ['map.enabled=true', 'map.requireToken=true'], templates: ['map'] },
  { folder: 'network-policy/', values: ['networkPolicy.enabled=true'], templates: ['network-policy'] },
  { folder: 'namespaced/', values: ['watch.namespaces={platform}'], templates: ['watched-namespaces'] },
  {
    folder: 'local-pull/',
    values: [
      'localPull.enabled=true',
      'localPull.region=westeurope',
      'localPull.objects[0].namespace=platform',
      'localPull.objects[0].name=contoso',
    ],
    templates: ['local-pull'],
  },
] as const;

const check = process.argv.includes('--check');
let differing = 0;
await put('chart/Chart.yaml', versioned(await readFile(new URL('chart/Chart.yaml', import.meta.url), 'utf8')));
const crdText = versionedCrd(await readFile(new URL(`../crds/${crd}.yaml`, import.meta.url), 'utf8'));
await put(`../crds/${crd}.yaml`, crdText);
await put('chart/templates/crd.yaml', crdTemplate(crdText));
const helm = await obtainTool('helm');
for (const { folder, values, templates } of folders) {
  const rendered = await render(values);
  for (const template of templates) {
    const text = rendered.get(template);
    if (text === undefined)
      throw new Error(`the chart renders no ${template}.yaml with ${values.join() || 'its defaults'}`);
    await put(`${folder}${template}.yaml`, `# Made from the chart by \`npm run generate\`. Do not edit.\n${text}`);
  }
}
if (differing > 0) {
  console.error('run `npm run generate` and commit what it writes');
  process.exitCode = 1;
}

async function put(path: string, wanted: string): Promise<void> {
  const file = new URL(path, import.meta.url);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === wanted) return;
  if (!check) return writeFile(file, wanted);
  differing++;
  console.error(`deploy/${path} is not what the chart, crds/ and package.json make of it`);
}

/** The documents of each template, by its name without ending, comments included. */
async function render(values: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const args = ['template', name, chart, '--namespace', 'acr-replication-system', `--kube-version=${kubeVersion}`];
  const { stdout } = await promisify(execFile)(helm, [...args, ...values.map((v) => `--set=${v}`)], {
    maxBuffer: 64 << 20,
  });
  const rendered = new Map<string, string>();
  for (const document of stdout.split(/^---\n/m)) {
    const [, template, text] = /^# Source: [^/]+\/templates\/(\S+)\.yaml\n([^]*)$/.exec(document) ?? [];
    if (template === undefined || text === undefined) continue;
    const before = rendered.get(template);
    rendered.set(template, `${before === undefined ? '' : `${before}---\n`}${text.trim()}\n`);
  }
  return rendered;
}

function crdTemplate(text: string): string {
  const named = `metadata:\n  name: ${crd}\n  labels:\n    app.kubernetes.io/version: ${manifest.version}\n`;
  if (text.includes('{{')) throw new Error(`crds/${crd}.yaml has {{, which a template cannot have as it is`);
  if (!text.includes(named)) throw new Error(`crds/${crd}.yaml does not begin as it did`);
  const own = '(dict "app.kubernetes.io/version" .Chart.AppVersion)';
  const labels = `  labels:\n    {{- include "acr.texts" (merge ${own} .Values.commonLabels) | nindent 4 }}\n`;
  const keep = '  {{- if .Values.crds.keep }}\n  annotations:\n    helm.sh/resource-policy: keep\n  {{- end }}\n';
  return `{{- if .Values.crds.enabled }}\n${text.replace(named, `metadata:\n  name: ${crd}\n${labels}${keep}`)}{{- end }}\n`;
}

/** The CRD, whose label says which version of the operator it came with. */
function versionedCrd(text: string): string {
  return text.replace(/^( {4}app\.kubernetes\.io\/version: ).*$/m, `$1${manifest.version}`);
}

/** Chart.yaml, with the version of the package: the chart's own, and that of the image that it names for Artifact Hub. */
function versioned(text: string): string {
  return text
    .replaceAll(/^(version|appVersion): .*$/gm, `$1: ${manifest.version}`)
    .replaceAll(/^( +image: \S+:).*$/gm, `$1${manifest.version}`);
}
