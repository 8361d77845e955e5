import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { command } from '../../sandbox/command.ts';
import { type KubeObject, parseManifests } from '../../sandbox/manifests.ts';
import { obtainTool } from '../../sandbox/tool.ts';
import { controlPlane } from '../../support/cluster.ts';
import { everything } from './everything.ts';
import { kustomized, renderedText, type Values } from './programs.ts';
import { schemasOfCrds, schemasOfServer } from './schemas.ts';

/**
 * What programs that judge manifests say of ours. Others are in test/trials/judges (`npm run test:judges`): checkov, which is
 * Python, and Kyverno, which takes longer to build than all others together. kube-linter is not among them: its module is not
 * served everywhere where these tests have to run.
 */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-replication-judges-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string, name: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, text);
  return file;
}

describe('kube-score', () => {
  /** Each finding that is left as it is, and why. */
  const left = {
    'Ephemeral Storage limit is not set':
      'all that is written is the log, which the kubelet rotates: a limit would evict the pod for a setting of the node',
    'CPU limit is not set':
      'a limit throttles the pod while cores are idle; its request says what it gets when none are',
    'ImagePullPolicy is not set to Always':
      'a tag of a release never moves, and its chart names a digest: an operator must be able to restart while a registry is away',
  };
  const byDefault = {
    ...left,
    'Deployment does not have a host podAntiAffinity set':
      'topologySpreadConstraints spread the pods over nodes, and go on where there is one node only',
    'The pod does not have a matching NetworkPolicy':
      'networkPolicy.enabled makes it: what the pods must reach (a proxy, the port of the API server) only the cluster knows',
  };

  test.each<readonly [string, Values, Readonly<Record<string, string>>]>([
    ['the defaults', {}, byDefault],
    ['everything at once', everything, left],
  ])('finds in %s what is known, and nothing else', async (_, values, known) => {
    expect(await kubeScore(await renderedText(values))).toEqual(Object.keys(known).toSorted());
  });

  test('is awake: it finds what is worse', async () => {
    const found = await kubeScore(await renderedText({ podSecurityContext: { runAsUser: 100 } }));
    const more = found.filter((finding) => !(finding in byDefault));
    expect(more).toEqual(['The container is running with a low user ID']);
  });
});

interface Score {
  readonly checks: readonly {
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly summary: string }[] | null;
  }[];
}
const wellGrade = 10;

async function kubeScore(text: string): Promise<readonly string[]> {
  const file = await fileOf(text, `score-${crypto.randomUUID()}`);
  const optional = ['container-seccomp-profile', 'container-ports-check'].flatMap((name) => [
    '--enable-optional-test',
    name,
  ]);
  const args = ['score', '--output-format', 'json', ...optional, file];
  const { stdout } = await command(await obtainTool('kube-score'), args, {
    env: {},
    signal: AbortSignal.timeout(60_000),
  });
  const checks = (JSON.parse(stdout) as readonly Score[]).flatMap((object) => object.checks);
  expect(checks.length).toBeGreaterThan(20);
  const found = checks.filter(({ grade, skipped }) => !skipped && grade < wellGrade);
  return [...new Set(found.flatMap(({ comments }) => (comments ?? []).map(({ summary }) => summary)))].toSorted();
}

describe('kubeconform, strict, by the schemas of the API server and of the CRDs', () => {
  let schemas: string;
  beforeAll(async () => {
    schemas = join(folder, 'schemas');
    await mkdir(schemas);
    const { kube } = controlPlane();
    const files = [
      ...(await schemasOfServer(kube)),
      ...(await schemasOfCrds([
        'crds/registryreplications.acr-replication.dev.yaml',
        'test/integration/install/data/prometheus-operator/crds.yaml',
        'test/integration/install/data/gateway-api/httproutes.yaml',
      ])),
    ];
    await kube.close();
    for (const [name, schema] of files) await writeFile(join(schemas, name), JSON.stringify(schema));
  });

  async function conform(file: string): Promise<readonly string[]> {
    const location = join(schemas, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
    const args = ['-strict', '-output', 'json', '-summary', '-schema-location', location, file];
    const { stdout } = await command(await obtainTool('kubeconform'), args, {
      env: {},
      signal: AbortSignal.timeout(60_000),
    });
    const { resources, summary } = JSON.parse(stdout) as Conformity;
    expect(summary.valid + summary.invalid + summary.errors).toBeGreaterThan(0);
    return (resources ?? []).map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`);
  }

  test.each<readonly [string, Values]>([
    ['the defaults', {}],
    ['everything at once', everything],
  ])('finds nothing wrong in %s', async (name, values) => {
    expect(await conform(await fileOf(await renderedText(values), `conform-${name.replaceAll(' ', '-')}`))).toEqual([]);
  });

  test.each(['deploy', 'deploy/map', 'deploy/monitoring', 'deploy/network-policy'])(
    'finds nothing wrong in what kustomize makes of %s',
    async (source) => {
      const objects = await kustomized(source).catch(() => overlaid(source));
      const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
      expect(await conform(await fileOf(text, source.replace('/', '-')))).toEqual([]);
    },
  );

  test('finds nothing wrong in the objects of samples, examples and credentials', async () => {
    const wanted = ['samples', 'credentials', 'examples/images', 'examples/argocd/contoso', 'examples/flux/registries'];
    for (const source of wanted) {
      const names = (await readdir(join('deploy', source))).filter((name) => name.endsWith('.yaml'));
      expect(names.length, source).toBeGreaterThan(0);
      for (const name of names) expect(await conform(join('deploy', source, name)), `${source}/${name}`).toEqual([]);
    }
  });

  test('finds nothing wrong in the example that the chart gives Artifact Hub', async () => {
    const { annotations } = parse(await readFile('deploy/chart/Chart.yaml', 'utf8')) as {
      readonly annotations: Readonly<Record<string, string>>;
    };
    const [example] = parse(annotations['artifacthub.io/crdsExamples'] ?? '') as readonly object[];
    expect(await conform(await fileOf(JSON.stringify(example), 'example'))).toEqual([]);
  });

  test('is awake: it finds a field that there is not, and a wrong type', async () => {
    const text = await readFile('deploy/deployment.yaml', 'utf8');
    const wrong = text
      .replace('terminationGracePeriodSeconds: 20', 'terminationGraceSeconds: 20')
      .replace('replicas: 2', 'replicas: two');
    const [said = ''] = await conform(await fileOf(wrong, 'wrong'));
    expect(said).toMatch(/^Deployment acr-replication-operator: /);
    expect(said).toContain("additional properties 'terminationGraceSeconds' not allowed");
    expect(said).toMatch(/replicas.*want (null or )?integer/);
    const sample = await readFile('deploy/samples/contoso.yaml', 'utf8');
    const [misspelt = ''] = await conform(await fileOf(sample.replace('- location:', '- region:'), 'misspelt'));
    expect(misspelt).toContain("additional properties 'region' not allowed");
  });
});

/** A component is nothing by itself. */
async function overlaid(component: string): Promise<readonly KubeObject[]> {
  const files = (await readdir(component)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  const texts = await Promise.all(files.map((name) => readFile(join(component, name), 'utf8')));
  return texts.flatMap((text) => parseManifests(text));
}

interface Conformity {
  readonly resources: readonly { readonly kind: string; readonly name: string; readonly msg: string }[] | null;
  readonly summary: { readonly valid: number; readonly invalid: number; readonly errors: number };
}
