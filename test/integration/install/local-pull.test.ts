import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject } from '../../sandbox/manifests.ts';
import { blocksOf } from '../../support/pages.ts';
import { chart, kustomized, name, rendered, run } from './programs.ts';

const apiGroup = 'admissionregistration.k8s.io';
const values = [
  'localPull.enabled=true',
  'localPull.region=westeurope',
  'localPull.objects[0].namespace=platform',
  'localPull.objects[0].name=contoso',
].map((value) => `--set=${value}`);

/** What the chart makes for a cluster of that version, which is not asked what it serves unless `served` says it. */
function renderedFor(kubeVersion: string, ...served: readonly string[]): Promise<string> {
  const capabilities = [`--kube-version=${kubeVersion}`, ...served.map((api) => `--api-versions=${api}`)];
  const what = ['--show-only', 'templates/local-pull.yaml'];
  return run('helm', ['template', name, chart, '-n', 'acr-replication-system', ...what, ...capabilities, ...values]);
}

for (const version of ['1.34', '1.35', '1.36']) {
  test(`the policy for Kubernetes ${version} is the one on record`, async () => {
    // Helm leaves lines empty that the formatter of this repository takes away.
    const rendered = (await renderedFor(`${version}.0`)).replaceAll(/\n{2,}(?=---|$)/g, '\n');
    await expect(rendered).toMatchFileSnapshot(`data/local-pull/${version}.yaml`);
  });
}

describe('the version of the API is', () => {
  const policy = (version: string) => `${apiGroup}/${version}/MutatingAdmissionPolicy`;
  const cases: readonly {
    readonly what: string;
    readonly kube: string;
    readonly served?: readonly string[];
    readonly version: string;
  }[] = [
    { what: 'v1 from Kubernetes 1.36 on', kube: '1.36.0', version: 'v1' },
    { what: 'v1 in versions of AKS', kube: '1.37.1', version: 'v1' },
    { what: 'v1beta1 before', kube: '1.35.9', version: 'v1beta1' },
    {
      what: 'what the cluster serves: v1beta1 in a newer one',
      kube: '1.36.0',
      served: ['v1/Pod', policy('v1beta1')],
      version: 'v1beta1',
    },
    {
      what: 'v1 where the cluster serves both',
      kube: '1.36.0',
      served: ['v1/Pod', policy('v1beta1'), policy('v1')],
      version: 'v1',
    },
  ];
  for (const { what, kube, served = [], version } of cases) {
    test(what, async () => {
      const kinds = (await renderedFor(kube, ...served)).match(/^apiVersion: .*$/gm);
      expect(kinds).toEqual([`apiVersion: ${apiGroup}/${version}`, `apiVersion: ${apiGroup}/${version}`]);
    });
  }

  test('missing, which is said, where Kubernetes is older', async () => {
    await expect(renderedFor('1.33.4')).rejects.toThrow(/Kubernetes v1\.33\.4 has no MutatingAdmissionPolicy/);
  });

  test('missing, which is said with the cure, where the cluster does not serve it', async () => {
    await expect(renderedFor('1.35.0', 'v1/Pod')).rejects.toThrow(
      /this cluster \(v1\.35\.0\) serves no MutatingAdmissionPolicy.*--feature-gates=MutatingAdmissionPolicy=true/,
    );
  });
});

describe('the values', () => {
  const object = { namespace: 'platform', name: 'contoso' };
  const good = { enabled: true, region: 'westeurope', objects: [object] };
  const made = async (localPull: object): Promise<readonly KubeObject[]> => {
    const objects = await rendered({ localPull: { ...good, ...localPull } });
    return objects.filter(({ kind }) => kind.startsWith('MutatingAdmission'));
  };

  test('may spell the region as the portal does', async () => {
    expect(await made({ region: 'West Europe' })).toEqual(await made({}));
  });

  test('may name several objects: one policy, and a binding for each', async () => {
    const objects = [object, { namespace: 'platform', name: 'fabrikam' }, { namespace: 'shop', name: 'contoso' }];
    expect((await made({ objects })).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      `MutatingAdmissionPolicy ${name}-local-pull`,
      ...objects.map((one) => `MutatingAdmissionPolicyBinding ${name}-local-pull.${one.namespace}.${one.name}`),
    ]);
  });

  test('choose namespaces and Pods by labels, whose values --set may take for booleans', async () => {
    const matchExpressions = [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }];
    const [, binding] = await made({
      namespaceSelector: { matchLabels: { pull: true } },
      objectSelector: { matchExpressions },
    });
    expect(binding?.['spec']).toMatchObject({
      matchResources: {
        namespaceSelector: { matchLabels: { pull: 'true' } },
        objectSelector: { matchExpressions },
      },
    });
  });

  test('choose as usual where a selector is empty or null', async () => {
    const usual = await made({});
    expect(await made({ namespaceSelector: {}, objectSelector: null })).toEqual(usual);
    expect(await made({ namespaceSelector: { matchLabels: {} }, objectSelector: { matchExpressions: [] } })).toEqual(
      usual,
    );
  });

  const refused: readonly { readonly what: string; readonly values: object; readonly says: RegExp }[] = [
    { what: 'no region', values: { region: '' }, says: /name this cluster's region in localPull.region, such as / },
    {
      what: 'a region as nobody spells it',
      values: { region: 'west-europe' },
      says: /localPull.region is "west-europe", and can be a region as Azure names it, such as westeurope/,
    },
    {
      what: 'what would end the text in an expression',
      values: { region: "x'] + ['westeurope" },
      says: /can be a region as Azure names it/,
    },
    { what: 'no object', values: { objects: [] }, says: /localPull.objects, such as \[\{namespace: platform, name/ },
    { what: 'an object without its namespace', values: { objects: [{ name: 'x' }] }, says: /objects\/0.*'namespace'/ },
    { what: 'an object as one text', values: { objects: ['platform/contoso'] }, says: /objects\/0.*want object/ },
    { what: 'an object twice', values: { objects: [object, object] }, says: /objects.*items at 0 and 1 are equal/ },
    {
      what: 'labels in place of a selector, which would choose every namespace',
      values: { namespaceSelector: { team: 'shop' } },
      says: /namespaceSelector.*'team' not allowed/,
    },
    {
      what: 'an operator that there is not',
      values: { objectSelector: { matchExpressions: [{ key: 'team', operator: 'Equals' }] } },
      says: /objectSelector\/matchExpressions\/0\/operator.*'In'/,
    },
  ];
  for (const { what, values, says } of refused) {
    test(`are refused with ${what}`, async () => {
      await expect(made(values)).rejects.toThrow(says);
    });
  }
});

describe('with kustomize', () => {
  test('another region and object are named by the lines that the file gives', async () => {
    const file = await readFile('deploy/local-pull/kustomization.yaml', 'utf8');
    const sample = parse([...file.matchAll(/^# {3}(.*)$/gm)].map(([, line]) => line).join('\n')) as Overlay;
    const [policy, binding] = await policiesOf(sample);
    const text = JSON.stringify(policy);
    expect(text).not.toContain('westeurope');
    expect(text.match(/\['japaneast'\]/g)).toHaveLength(2);
    expect(policy?.metadata.annotations).toEqual({ 'acr-replication.dev/region': 'japaneast' });
    expect(binding?.['spec']).toMatchObject({ paramRef: { namespace: 'registries', name: 'fabrikam' } });
  });

  test('namePrefix and nameSuffix leave the binding at its policy', async () => {
    const [policy, binding] = await policiesOf({
      components: ['deploy/local-pull'],
      namePrefix: 'prod-',
      nameSuffix: '-blue',
    });
    expect(policy?.metadata.name).toBe('prod-acr-replication-operator-local-pull-blue');
    expect(binding?.['spec']).toMatchObject({ policyName: policy?.metadata.name });
  });

  test('the component v1beta1 changes the version of the API and nothing else', async () => {
    const components = ['acr-replication-operator/deploy/local-pull'];
    const newer = await policiesOf({ components });
    const older = await policiesOf({ components: [...components, `${components[0]}/v1beta1`] });
    expect(newer).toHaveLength(2);
    expect(older).toEqual(newer.map((object) => ({ ...object, apiVersion: `${apiGroup}/v1beta1` })));
  });
});

describe('the page', () => {
  const setIn = (heading: string): readonly string[] => {
    const [text = ''] = blocksOf('docs/local-pull.md').flatMap((block) =>
      block.heading === heading && block.text.startsWith('helm') ? [block.text] : [],
    );
    return [...text.matchAll(/--set '?([^\s']+)'?/g)].map(([, value]) => `--set=${value}`);
  };
  const renderedBy = (heading: string) => run('helm', ['template', name, chart, ...setIn(heading)]);

  test('switches on by its command what the chart makes of these values', async () => {
    expect(setIn('Switch it on').toSorted()).toEqual(values.toSorted());
  });

  test('has people give namespaces the label that the binding asks for', async () => {
    const [, , label] = blocksOf('docs/local-pull.md').filter(({ heading }) => heading === 'Switch it on');
    const [key = '', value = ''] = /label namespace \S+ (\S+)/.exec(label?.text ?? '')?.[1]?.split('=') ?? [];
    const [, binding] = await policiesOf({ components: ['deploy/local-pull'] });
    expect(binding?.['spec']).toMatchObject({
      matchResources: { namespaceSelector: { matchLabels: { [key]: value } } },
    });
  });

  test('switches it off again by the other one', async () => {
    expect(setIn('Switch it off')).toHaveLength(1);
    expect(await renderedBy('Switch it on')).toContain('kind: MutatingAdmissionPolicy');
    expect(await renderedBy('Switch it off')).not.toContain('kind: MutatingAdmissionPolicy');
  });
});

interface Overlay {
  readonly components: readonly string[];
  readonly [field: string]: unknown;
}

/** What an overlay makes of the policy, with the components where they are here. */
async function policiesOf({ components, ...rest }: Overlay): Promise<readonly KubeObject[]> {
  const folder = await mkdtemp(join(tmpdir(), 'acr-replication-local-pull-'));
  try {
    const here = components.map((path) => relative(folder, resolve(path.replace('acr-replication-operator/', ''))));
    const overlay = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      ...rest,
      resources: [],
      components: here,
    };
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(overlay));
    return await kustomized(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
