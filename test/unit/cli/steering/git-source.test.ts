import { describe, expect, test } from 'vitest';
import type { Keeper } from '../../../../src/cli/steering/git.ts';
import { sourceOf } from '../../../../src/cli/steering/git-source.ts';
import type { KubeClient } from '../../../../src/kube/http/client.ts';
import { KubeError } from '../../../../src/kube/http/error.ts';

/** Asks a cluster that has these objects, by the end of their path, and refuses all others with this status. */
async function source(keeper: Keeper, specs: Readonly<Record<string, object>>, status = 404) {
  const call: KubeClient['call'] = async ({ path }) => {
    const found = Object.entries(specs).find(([end]) => path === `/apis/${end}`);
    if (found !== undefined) return { spec: found[1] };
    throw new KubeError({ request: `GET ${path}`, status, reason: 'x' });
  };
  return await sourceOf({ client: { call } }, keeper, new AbortController().signal);
}

const apps: Keeper = { kind: 'Kustomization', name: 'apps', namespace: 'flux-system' };
const kustomization = 'kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps';
const flux = (plural: string, name: string, namespace = 'flux-system', version = 'v1') =>
  `source.toolkit.fluxcd.io/${version}/namespaces/${namespace}/${plural}/${name}`;

describe('Flux', () => {
  test('a Kustomization of a Git repository', async () => {
    const specs = {
      [kustomization]: { path: './apps', sourceRef: { kind: 'GitRepository', name: 'fleet' } },
      [flux('gitrepositories', 'fleet')]: { url: 'https://git.example/fleet', ref: { branch: 'main' } },
    };
    expect(await source(apps, specs)).toEqual({
      says: 'Its source is ./apps in https://git.example/fleet (branch main).',
    });
  });

  test('a Kustomization of an OCI repository elsewhere, of an older version', async () => {
    const specs = {
      [kustomization]: { sourceRef: { kind: 'OCIRepository', name: 'fleet', namespace: 'sources' } },
      [flux('ocirepositories', 'fleet', 'sources', 'v1beta2')]: {
        url: 'oci://r.example/fleet',
        ref: { tag: '1', digest: 'x' },
      },
    };
    expect(await source(apps, specs)).toEqual({ says: 'Its source is ./ in oci://r.example/fleet (tag 1, digest x).' });
  });

  test('a Kustomization of a bucket', async () => {
    const specs = {
      [kustomization]: { path: 'a', sourceRef: { kind: 'Bucket', name: 'b' } },
      [flux('buckets', 'b')]: { endpoint: 's3.example', bucketName: 'fleet' },
    };
    expect(await source(apps, specs)).toEqual({ says: 'Its source is a in s3.example/fleet.' });
  });

  test('a source that may not be read is named', async () => {
    const specs = { [kustomization]: { path: 'a', sourceRef: { kind: 'GitRepository', name: 'fleet' } } };
    expect(await source(apps, specs, 403)).toEqual({ says: 'Its source is a in GitRepository flux-system/fleet.' });
  });

  test.each([
    [
      {
        chart: { spec: { chart: 'registries', version: '1.x', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
      },
      'It comes from chart registries 1.x in https://charts.example, with the values of the HelmRelease.',
    ],
    [
      { chartRef: { kind: 'OCIRepository', name: 'oci', namespace: 'sources' } },
      'It comes from the chart in oci://r.example/chart (semver 2), with the values of the HelmRelease.',
    ],
  ])('a HelmRelease', async (spec, says) => {
    const specs = {
      'helm.toolkit.fluxcd.io/v2/namespaces/shop/helmreleases/shop': spec,
      [flux('helmrepositories', 'charts', 'shop')]: { url: 'https://charts.example' },
      [flux('ocirepositories', 'oci', 'sources')]: { url: 'oci://r.example/chart', ref: { semver: '2' } },
    };
    expect(await source({ kind: 'HelmRelease', name: 'shop', namespace: 'shop' }, specs)).toEqual({ says });
  });
});

describe('Argo CD', () => {
  const application = (namespace: string) => `argoproj.io/v1alpha1/namespaces/${namespace}/applications/shop`;
  test.each([
    [
      { source: { repoURL: 'https://git.example/fleet', path: 'shop', targetRevision: 'main' } },
      'Its source is shop in https://git.example/fleet (main).',
    ],
    [
      {
        sources: [
          { repoURL: 'https://charts.example', chart: 'registries', targetRevision: '1.2.3' },
          { repoURL: 'https://git.example/v' },
        ],
      },
      'Its source is chart registries in https://charts.example (1.2.3), and https://git.example/v.',
    ],
  ])('an Application', async (spec, says) => {
    expect(await source({ kind: 'Application', name: 'shop' }, { [application('argocd')]: spec })).toEqual({ says });
    const elsewhere = { [application('team')]: spec };
    expect(await source({ kind: 'Application', name: 'shop', namespace: 'team' }, elsewhere)).toEqual({ says });
  });
});

describe('what may not be read, or nothing names', () => {
  test.each([
    [apps, 'kubectl get kustomization apps -n flux-system -o yaml'],
    [{ kind: 'Kustomization' }, 'kubectl get kustomization NAME -n NAMESPACE -o yaml'],
    [{ kind: 'HelmRelease', name: 'shop', namespace: 'shop' }, 'kubectl get helmrelease shop -n shop -o yaml'],
    [{ kind: 'Application', name: 'shop' }, 'argocd app get shop'],
    [{ kind: 'Application', name: 'shop', namespace: 'team' }, 'argocd app get team/shop'],
  ] as const)('of %j is shown by a command', async (keeper, shownBy) => {
    for (const status of [403, 404]) expect(await source(keeper, {}, status)).toEqual({ shownBy });
  });

  test('an API server that does not answer is no refusal', async () => {
    await expect(source(apps, {}, 500)).rejects.toThrow('500');
  });

  test.each([{}, { sourceRef: 1 }, { sourceRef: { kind: 'constructor', name: 'x' } }])(
    'odd fields: %j',
    async (spec) => {
      const answer = await source(apps, { [kustomization]: spec });
      expect(Object.keys(answer)).toHaveLength(1);
    },
  );
});
